"""Further products, and the life events that open needs for them (R13)."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import AfterValidator

from retsim.parameters import Parameter
from retsim.scenario.fields import Frozen, Model, bounded, described, number, one_or_zero
from retsim.scenario.names import Table
from retsim.state import Life

__all__ = ["LifeEvents", "Product"]

P = Parameter
OPENS = P(0.0, "probability", 0, 1, "that this opens a need for the product")


class Product(Model):
    """A further product, which any firm can sell to its own customers (R13)."""

    price: float = number(P(0.0, "money, a month where recurring", 0, math.inf, "paid at the sale, or month by month"))
    unit_cost: float = number(P(0.0, "money, a month where recurring", 0, math.inf, "what that costs the firm"))
    recurring: Annotated[float, AfterValidator(one_or_zero)] = number(
        P(0.0, "1 or 0", 0, 1, "1: paid with every bill for its months, 0: paid once, at the sale")
    )
    cycle: float = number(P(0.0, "months", 0, 1200, "after which it is worn out and the need opens again; 0: never"))
    initial: float = number(P(0.0, "share of the customers", 0, 1, "of those there at the start who have it"))
    opens: Table[Annotated[float, bounded(OPENS)]] = described(
        "Probability that its sale opens a need for another product, by product.", Frozen()
    )


class LifeEvent(Model):
    """A kind of life event."""

    share: float = number(P(1.0, "weight", 0, 1000, "how frequent it is beside the other kinds (R13)"))
    opens: Table[Annotated[float, bounded(OPENS)]] = described(
        "Probability that it opens a need for a product, by product.", Frozen()
    )


def _event(meaning: str) -> Any:
    return described(meaning, LifeEvent.model_construct())


class LifeEvents(Model):
    """The six kinds of life events, and the needs that they open (R13)."""

    family: LifeEvent = _event("Marriage, a child, a separation, a death.")
    education: LifeEvent = _event("School, training, a degree.")
    work: LifeEvent = _event("A first, another, or no more job.")
    place: LifeEvent = _event("Moving to another home.")
    finance: LifeEvent = _event("An inheritance, a gain, a loss.")
    purchase: LifeEvent = _event("A major purchase, such as a car or a home.")

    def of(self, kind: Life) -> LifeEvent:
        """The kind of that number."""
        event: LifeEvent = getattr(self, kind.name.lower())
        return event

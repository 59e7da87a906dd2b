"""What a class may plan: the budget, and a few figures that are a manager's to set.

Owns the check of a plan before anything is simulated, and its form in files; refuses figures that would be a present,
such as a better product at the same cost.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.market.adopting import adopt
from retsim.market.firms import Firm
from retsim.market.plans import Plan

if TYPE_CHECKING:
    from retsim.market.plans import View
    from retsim.scenario import Scenario

PRICE_BAND = 0.15
"""A price may differ from the list price at the start by this share; *assumed*, so that the game is about customers."""
FIGURES: Mapping[str, tuple[float, float]] = {
    "price": (1.0 - PRICE_BAND, 1.0 + PRICE_BAND),
    "discount": (0.0, 0.3),
    "discount_tenure": (0.0, 60.0),
    "welcome_bonus": (0.0, 100.0),
    "win_back_bonus": (0.0, 100.0),
}
"""Figures that a plan may set, and their ranges; of the price a multiple of the list price."""
FIELDS = ("retention_share", "spend", "mix", "targeting", "figures")

__all__ = ["FIGURES", "Order", "Replay", "checked", "of_json", "to_json"]


class Order(NamedTuple):
    """A plan and the month from which on it holds."""

    month: float
    plan: Plan


class Replay:
    """A strategy that does what was ordered, month by month.

    Parameters
    ----------
    orders : iterable of Order
        At most one a month; each month must be a tick of the scenario.
    """

    def __init__(self, orders: Iterable[Order]) -> None:
        self.orders = tuple(orders)

    def __call__(self, view: View) -> Plan | None:
        """The plan that was ordered for now, if any."""
        for order in self.orders:
            if abs(order.month - view.now) < 1e-9:
                return order.plan
        return None


def checked(plan: Any, scenario: Scenario) -> Plan:
    """A plan that the class may hand in, as it was given.

    Raises
    ------
    TypeError, ValueError
        It is no plan, or asks for what a firm cannot do; the message names it, its value and the rule.
    """
    if not isinstance(plan, Plan):
        raise TypeError(f"plan = {plan!r:.80}, must be a retsim.Plan, such as rs.Plan(retention_share=0.6)")
    for name, value in plan.figures.items():
        _check_figure(name, value, scenario.firm.price)
    # A firm of its own, which nobody else sees, takes the plan on trial.
    adopt(Firm(scenario, scenario.focal, 0), plan)
    return plan


def _check_figure(name: str, value: Any, price: float) -> None:
    if name not in FIGURES:
        raise ValueError(f"plan.figures.{name}: not a manager's to set here, must be one of {', '.join(FIGURES)}")
    scale = price if name == "price" else 1.0
    low, high = (end * scale for end in FIGURES[name])
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not low - 1e-9 <= value <= high + 1e-9:
        raise ValueError(f"plan.figures.{name} = {value!r}, must be a number in {low:g}..{high:g}")


def to_json(plan: Plan) -> dict[str, Any]:
    """A plan as JSON can hold it; what it leaves alone is left out."""
    given = {name: getattr(plan, name) for name in FIELDS}
    given = {name: dict(value) if isinstance(value, Mapping) else value for name, value in given.items()}
    return {name: value for name, value in given.items() if value not in (None, {})}


def of_json(given: Any) -> Plan:
    """The plan that `to_json` wrote.

    Raises
    ------
    ValueError
        It is none.
    """
    if not isinstance(given, dict) or not set(given) <= set(FIELDS):
        raise ValueError(f"plan = {given!r:.80}, must be an object with {', '.join(FIELDS)}")
    return Plan(**given)

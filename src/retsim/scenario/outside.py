"""What comes to the firms from outside: shocks, newcomers, and what people tell each other."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from retsim.parameters import Parameter
from retsim.scenario.fields import Model, bounded, described, number, reject
from retsim.scenario.names import Name

__all__ = ["SHOCK_NUMBERS", "Entry", "Shock", "Word"]

P = Parameter
SHOCK_NUMBERS: dict[str, tuple[str, ...]] = {
    "quality-crisis": ("firm", "duration", "depth", "press", "press_duration"),
    "price-war": ("duration", "price_factor"),
    "recession": ("duration", "worth_factor"),
    "outage": ("firm", "duration"),
    "entrant": ("firm",),
}
"""What may be said of each kind of shock besides its kind and start."""


class Shock(Model):
    """Something that comes from outside (R22)."""

    kind: Literal["quality-crisis", "price-war", "recession", "outage", "entrant"] = described("What happens.")
    start: Annotated[float, bounded(P(0.0, "months", 0, 1200, "when it comes; at the horizon or later: never"))]
    duration: float = number(P(6.0, "months", 0.01, 1200, "how long it lasts"))
    firm: Name | None = described("Whom it hits; without a name the focal firm. An entrant must be a rival.", None)
    depth: float = number(P(0.3, "share", 0, 1, "of the quality of service, product and delivery that is lost"))
    press: float = number(P(0.2, "share", 0, 1, "of the reputation that is lost to what is written about it"))
    press_duration: float = number(P(12.0, "months", 0.01, 1200, "how long the reputation suffers"))
    price_factor: float = number(P(0.8, "multiple", 0, 100, "of rivals' prices"))
    worth_factor: float = number(P(0.85, "multiple", 0, 100, "of everyone's willingness to pay"))

    @model_validator(mode="after")
    def _fitting(self) -> Shock:
        allowed = {"kind", "start", *SHOCK_NUMBERS[self.kind]}
        for name in sorted(self.model_fields_set - allowed):
            raise reject(
                f"must not be set: a shock of kind {self.kind} has {', '.join(SHOCK_NUMBERS[self.kind])}", at=name
            )
        return self


class Entry(Model):
    """People who are new to the market."""

    per_month: float = number(P(0.0, "newcomers a month", 0, 1e6, "enter the market as prospects (R15)"))
    per_satisfied: float = number(
        P(
            0.0,
            "newcomers a satisfied customer and month",
            0,
            100,
            "further newcomers, drawn by the content (R15)",
        )
    )
    walk_in: float = number(P(0.0, "share of the newcomers", 0, 1, "walk straight into a firm (R15)"))


class Word(Model):
    """What customers tell each other about firms."""

    rate: float = number(
        P(0.0, "per month", 0, 100, "at which a prospect hears of a firm that everybody recommends; 0: no word (R17)")
    )
    network: Literal["none", "random", "small-world", "scale-free"] = described(
        "Who tells whom: everybody everybody (none), or neighbours in a network.", "none"
    )
    ties: int = number(P(4, "ties", 1, 50, "that each customer makes: twice as many neighbours on average (R17)"))
    rewiring: float = number(
        P(
            0.1,
            "share",
            0,
            1,
            "of a small world's ties that lead anywhere (R17)",
            "Watts & Strogatz 1998; value assumed",
        )
    )
    rivals: float = number(P(0.3, "share", 0, 1, "of recommendations that also reach other firms' customers (R17)"))
    warnings: float = number(
        P(
            2.0,
            "multiple",
            0,
            100,
            "by which a warning weighs more than a recommendation (R17)",
            "Arndt 1967; value assumed",
        )
    )
    matching: float = number(
        P(
            0.5,
            "share",
            0,
            1,
            "of recommendations not made to whom the offer is not worth its price (R17)",
            "Schmitt, Skiera & Van den Bulte 2011; value assumed",
        )
    )
    leavers: float = number(P(6.0, "months", 0, 1200, "for which who left discontent goes on warning (R17)"))
    reputation_learning: float = number(
        P(0.5, "per word a head", 0, 1000, "reputation moves towards what is told (R17)")
    )

"""What all teams of a game share: the market, its luck, the rounds, and the successor who comes after them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.classroom.plans import FIGURES
from retsim.market.firms import Firm
from retsim.market.plans import Plan
from retsim.results.simulate import KEY_LIMIT, whole

if TYPE_CHECKING:
    from retsim.scenario import Scenario

STARTING = Plan(retention_share=0.5)
"""The plan that stands at the beginning, and to which the successor returns: half and half, all else as packaged."""

__all__ = ["Rules", "checked_rules", "successor"]


class Rules(NamedTuple):
    """What all teams of a game share.

    Attributes
    ----------
    market : str
        A packaged scenario.
    seed : int
        Luck of the market that is played.
    rounds : int
    months : int
        Of a round.
    after : int
        Months in which the successor runs the firm.
    customers : int
        People in the market.
    """

    market: str = "telecom"
    seed: int = 0
    rounds: int = 8
    months: int = 3
    after: int = 24
    customers: int = 400

    @property
    def end(self) -> int:
        """Month in which the last round is over."""
        return self.rounds * self.months

    def scenario(self) -> Scenario:
        """The market, up to the end of the successor's time."""
        from retsim.scenario import load

        plain = load(self.market).resized(self.customers)
        return plain.with_(horizon=self.end + self.after, **{"budget.retention_share": STARTING.retention_share})


_LIMITS = {
    "seed": (0, KEY_LIMIT - 1),
    "rounds": (1, 40),
    "months": (1, 24),
    "after": (0, 120),
    "customers": (50, 20_000),
}


def checked_rules(given: dict[str, Any]) -> Rules:
    """Rules as given; ValueError where there is no such rule, or its value is not what it must be."""
    for name, value in given.items():
        if name not in Rules._fields:
            raise ValueError(f"rules.{name}: there is no such rule; there are {', '.join(Rules._fields)}")
        if name in _LIMITS:
            whole(f"rules.{name}", value, *_LIMITS[name])
    return Rules(**given)


def successor(scenario: Scenario) -> Plan:
    """The plan that stood at the beginning, every lever of it."""
    firm = Firm(scenario, scenario.focal, 0)
    figures = {name: firm.figures[name] for name in FIGURES}
    return Plan(firm.retention_share, firm.spend_share, dict(firm.mix), firm.policy.targeting, figures)

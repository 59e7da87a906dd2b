"""Pattern 1, the leaky funnel: a hundred lost and a hundred won a week, sales level, and the money runs out below."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding, ratio_values

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

WEEKS = 365.25 / 7 / 12
"""Weeks in a month."""
SETTLED = 6
"""Months until the market has found its pace."""
FREE = {"firm.welcome_bonus": 0.0, "behaviour.service_saving": 0.0}
"""A newcomer costs and needs no more than one who has stayed."""


def test(lab: Lab) -> Iterator[Finding]:
    """The same budget spent on winning alone, and mostly on what makes customers leave."""
    scenario = lab.load("leaky-funnel")
    study = lab.compare(_arms(scenario))
    for series, effect in (("lost", "customers lost a week"), ("joined", "customers won a week")):
        weekly = lab.paths(study, "leaky", series)[:, SETTLED:].mean(axis=1) / WEEKS / lab.size
        yield finding("leaky-funnel: every cent wins", effect, weekly, "customers", above=90.0, below=115.0)
    sales = lab.paths(study, "leaky", "revenue")
    drift = (ratio_values(sales[:, -12:].sum(axis=1), sales[:, :12].sum(axis=1)) - 1.0) / (sales.shape[1] / 12.0 - 1.0)
    where = "leaky-funnel: every cent wins"
    yield finding(where, "sales grow a year by", drift, "share a year", above=-0.03, below=0.03)
    effect = "profit of the leaky funnel against the plugged one"
    yield finding("leaky-funnel", effect, _shortfall(lab, scenario), "share", below=-0.25)
    where = "leaky-funnel: a newcomer brings no bonus and needs no more service than others"
    yield finding(where, effect, _shortfall(lab, scenario.with_(**FREE)), "share", below=-0.25, limit=True)
    where = "leaky-funnel: money for service prevents no failure"
    yield finding(where, effect, _shortfall(lab, scenario.without("service")), "share", below=-0.25, limit=True)


def _arms(scenario: Scenario) -> dict[str, Scenario]:
    return {name: scenario.with_(strategy=name) for name in ("leaky", "plugged")}


def _shortfall(lab: Lab, scenario: Scenario) -> Floats:
    study = lab.compare(_arms(scenario))
    leaky, plugged = (lab.values(study, name, "discounted_profit") for name in study.names)
    return ratio_values(leaky, plugged) - 1.0


CLAIM = Claim(
    "leaky-funnel",
    "As many won as lost keep sales level, and profit far below that of the plugged funnel: by a quarter at least.",
    "model pattern 1",
    test,
    "fails where a newcomer costs no more than one who has stayed, and where the money that is to plug the leak does not",
)

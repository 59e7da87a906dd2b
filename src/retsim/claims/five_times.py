"""The folklore of the five times: what winning one costs over keeping one, and where the next euro belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding, ratio_values

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

MORE = 0.25
"""Further money, as a share of the budget."""
RATIO = "average cost of winning one customer, over that of keeping one for a year"
NEXT = "profit that a further euro for keeping brings, less one for winning"


def test(lab: Lab) -> Iterator[Finding]:
    """Average costs as firms have them in their books, and what a quarter more of the budget does in either place."""
    for name in lab.industries():
        scenario = lab.load(name)
        study = lab.compare({"as it is": scenario} | {way: _more(scenario, way) for way in ("keep", "win")})
        yield finding(name, RATIO, _average(lab, study), "times", above=4.0, below=6.0)
        keep, win = (lab.values(study, way, "discounted_profit") for way in ("keep", "win"))
        spent = MORE * scenario.budget.monthly * scenario.horizon
        yield finding(name, NEXT, (keep - win) / spent, "EUR", above=0.0)


def _more(scenario: Scenario, way: str) -> Scenario:
    """A quarter more money, all of it for keeping or all for winning."""
    share = scenario.plan_of(scenario.focal).strategy.retention_share
    kept = share + (MORE if way == "keep" else 0.0)
    return scenario.with_(
        **{"budget.monthly": scenario.budget.monthly * (1.0 + MORE), "budget.retention_share": kept / (1.0 + MORE)}
    )


def _average(lab: Lab, study: Study) -> Floats:
    paths = {
        s: lab.paths(study, "as it is", s).sum(axis=1)
        for s in ("acquisition_spend", "joined", "retention_spend", "active")
    }
    winning = ratio_values(paths["acquisition_spend"], paths["joined"])
    keeping = 12.0 * ratio_values(paths["retention_spend"], paths["active"])
    return ratio_values(winning, keeping)


CLAIM = Claim(
    "five-times",
    "Winning a customer costs five times as much as keeping one, so the next euro belongs in keeping.",
    "folklore, with figures from 3 to 25; against it Blattberg & Deighton (1996), Pfeifer (2005)",
    test,
    "the ratio of average costs says nothing about where the next euro belongs: only marginal costs do",
)

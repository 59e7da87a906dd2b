"""Pattern 11: complainers who are well answered come back more than the silent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.claims.claim import Claim, Finding, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.market.market import Market
    from retsim.results.run import Run
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

MISHAP = 0.5
"""Months in which every occasion fails; nothing fails afterwards."""
DESK = {
    "firm.failure_rate": 1.0, "firm.desk_staff": 40.0, "firm.accessibility": 1.0, "firm.staff_cost": 0.0,
    "firm.contract_term": 0.0, "firm.severity": 0.6, "behaviour.patience": 0.5, "behaviour.learning_rate": 0.4,
}  # fmt: skip
OVERRUN = {"firm.desk_staff": 1.0, "firm.desk_rate": 5.0}


def test(lab: Lab) -> Iterator[Finding]:
    """One failure for all; half of them speak, by lot: who is still a customer after nine months."""
    for name in ("saas", "telecom"):
        found = lab.each(_failing(lab, name), _stayed, log=True, processes=[_repaired])
        good, bad, every, silent = found.T
        where = f"{name}: one failure for all, half of them speak"
        effect = "the well answered who stayed, less the silent who stayed"
        yield finding(where, effect, good - silent, "share", above=0.0)
        effect = "all who complained and stayed, less the silent who stayed"
        yield finding(where, effect, every - silent, "share", above=0.0)
        effect = "the badly answered who stayed, less the silent who stayed"
        yield finding(where, effect, bad - silent, "share", above=0.0, limit=True)
    found = lab.each(_failing(lab, "saas").with_(**OVERRUN), _stayed, log=True, processes=[_repaired])
    effect = "all who complained and stayed, less the silent who stayed"
    yield finding("saas: a desk that is overrun", effect, found[:, 2] - found[:, 3], "share", above=0.0, limit=True)


def _failing(lab: Lab, name: str) -> Scenario:
    scenario = lab.load(name, customers=6000, horizon=9.0, **DESK)
    # Everybody speaks as readily: no kind of customer is among the complainers more than among the silent.
    alike = {"voice": 0.5, "tenure": 0.0}
    traits = {f"segments.{s}.traits.{key}": value for s in scenario.segments for key, value in alike.items()}
    return scenario.with_(**traits)


def _repaired(market: Market) -> Iterator[Any]:
    yield market.at(MISHAP)
    market.set("focal", failure_rate=0.0)


def _stayed(run: Run) -> list[float]:
    """Share who stayed: of the well answered, the badly answered or not in time, all complainers, the silent."""
    events = run.events
    mine = events[events["firm"] == run.scenario.focal]
    failed = _who(mine[(mine["event"] == "occasion") & (mine["time"] < MISHAP)])
    spoke = np.intersect1d(failed, _who(mine[mine["event"] == "complaint"]))
    answers = mine[mine["event"] == "answer"]
    good = np.intersect1d(spoke, _who(answers[answers["good"].fillna(False).astype(bool)]))
    groups = (good, np.setdiff1d(spoke, good), spoke, np.setdiff1d(failed, spoke))
    left = _who(mine[mine["event"] == "leave"])
    return [1.0 - float(np.isin(group, left).mean()) if group.size else np.nan for group in groups]


def _who(events: Any) -> np.ndarray:
    return np.unique(events["customer"].to_numpy())


CLAIM = Claim(
    "complaints",
    "Complainers who are well answered come back more than those who keep silent.",
    "TARP (1979, 1986); Hirschman (1970); model pattern 11",
    test,
    "fails where answers are bad or late: a complaint without an answer wakes who would have slept on",
)

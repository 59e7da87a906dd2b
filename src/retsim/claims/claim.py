"""A claim of the marketing texts, made an experiment: what is measured, where, and what would make it true.

Owns the form of a claim and of its verdict; the experiments stand in the rooms beside this one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.intervals import mean_interval

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.results.run import Run
    from retsim.scenario import Scenario

__all__ = ["Claim", "Finding", "Lab", "finding", "verdict_of"]

HOLDS, FAILS, OPEN = "holds", "does not hold", "not sure"


class Finding(NamedTuple):
    """What one experiment found.

    Attributes
    ----------
    where : str
        Scenario and condition.
    effect : str
        What was measured, in words.
    mean, low, high : float
        With its 95 % interval over replications.
    unit : str
    verdict : str
        "holds", "does not hold", or "not sure" where the interval reaches over the border.
    n : int
        Replications.
    """

    where: str
    effect: str
    mean: float
    low: float
    high: float
    unit: str
    verdict: str
    n: int


class Claim(NamedTuple):
    """One claim.

    Attributes
    ----------
    key : str
        Short name.
    text : str
        As marketing texts say it, made exact.
    source : str
    test : callable
        Takes a `Lab`, returns findings.
    condition : str
        When it can be expected to fail.
    """

    key: str
    text: str
    source: str
    test: Callable[[Lab], Iterable[Finding]]
    condition: str


class Lab:
    """Where claims are tested: how often, with which luck, by how many processes.

    Parameters
    ----------
    replications : int
    seed : int
    workers : int, optional
    size : float
        Share of each scenario's customers and of its budgets that takes part: below 1 for a quick look.
    """

    def __init__(self, replications: int = 40, seed: int = 0, workers: int | None = None, size: float = 1.0) -> None:
        self.replications, self.seed, self.workers, self.size = replications, seed, workers, size

    def load(self, name: str, **changes: object) -> Scenario:
        """A packaged scenario, as large as the lab allows, with changes."""
        from retsim.scenario import load

        scenario = load(name)
        if self.size != 1.0:
            scenario = scenario.with_(**_smaller(scenario, self.size))
        return scenario.with_(**changes) if changes else scenario

    def compare(self, arms: Mapping[str, Scenario]) -> Study:
        """Scenarios with the same luck."""
        from retsim.experiments.compare import compare

        return compare(arms, replications=self.replications, seed=self.seed, workers=self.workers)

    def each(self, scenario: Scenario, of: Callable[[Run], float], *, log: bool = False) -> npt.NDArray[np.float64]:
        """Something of each run of a scenario, by replication."""
        from retsim.results.simulate import simulate

        runs = (simulate(scenario, seed=self.seed, replication=r, log=log) for r in range(self.replications))
        return np.array([of(run) for run in runs])

    def values(self, study: Study, name: str, metric: str) -> npt.NDArray[np.float64]:
        """A measure of a scenario, by replication."""
        return np.array([outcome.measures[metric] for outcome in study.arm(name).in_order()])


def finding(
    where: str, effect: str, values: npt.ArrayLike, unit: str, *, above: float = -math.inf, below: float = math.inf
) -> Finding:
    """A finding from independent values: it holds where the whole interval lies between `above` and `below`."""
    found = mean_interval(values)
    return Finding(where, effect, *found[:3], unit, verdict_of(found[:3], above, below), found.n)


def verdict_of(found: tuple[float, float, float], above: float, below: float) -> str:
    """What an interval (mean, low, high) says about lying between two borders."""
    _, low, high = found
    if math.isnan(low) or math.isnan(high):
        return OPEN
    if above < low and high < below:
        return HOLDS
    if high <= above or low >= below:
        return FAILS
    return OPEN


def _smaller(scenario: Scenario, size: float) -> dict[str, object]:
    """Fewer people with as much money a head."""
    changes: dict[str, object] = {
        "customers": max(round(scenario.customers * size), 1),
        "budget.monthly": scenario.budget.monthly * size,
        "entry.per_month": scenario.entry.per_month * size,
    }
    for name, rival in scenario.rivals.items():
        changes[f"rivals.{name}.budget.monthly"] = rival.budget.monthly * size
    return changes

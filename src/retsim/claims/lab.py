"""Where claims are tested: how often, with which luck, by how many processes, on how large a market."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retsim.claims.claim import Floats

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.market.market import Market
    from retsim.results.run import Run
    from retsim.scenario import Scenario

INDUSTRIES = ("telecom", "retail", "saas", "bank", "insurance", "airline", "grocery")

__all__ = ["INDUSTRIES", "Lab"]


class Lab:
    """Where claims are tested.

    Parameters
    ----------
    replications : int
    seed : int
    workers : int, optional
        Processes for comparisons; what reads single customers' lives runs in this one.
    size : float
        Share of each scenario's customers and of its budgets that takes part: below 1 for a quick look.
    """

    def __init__(self, replications: int = 40, seed: int = 0, workers: int | None = None, size: float = 1.0) -> None:
        self.replications, self.seed, self.workers, self.size = replications, seed, workers, size

    def load(self, name: str, **changes: object) -> Scenario:
        """A packaged scenario, as large as the lab allows, with changes; money among them shrinks with the market."""
        from retsim.scenario import load

        scenario = load(name)
        if changes:
            scenario = scenario.with_(**changes)
        return scenario.with_(**_smaller(scenario, self.size)) if self.size != 1.0 else scenario

    def industries(self) -> list[str]:
        """Names of the packaged industries."""
        from retsim.scenario.files import packaged

        present = packaged()
        return [name for name in INDUSTRIES if name in present]

    def fewer(self, most: int) -> Lab:
        """The same lab with at most so many replications."""
        return Lab(min(self.replications, most), self.seed, self.workers, self.size)

    def compare(self, arms: Mapping[str, Scenario]) -> Study:
        """Scenarios with the same luck."""
        from retsim.experiments.compare import compare

        return compare(arms, replications=self.replications, seed=self.seed, workers=self.workers)

    def each(
        self,
        scenario: Scenario,
        of: Callable[[Run], npt.ArrayLike],
        *,
        log: bool = False,
        processes: Iterable[Callable[[Market], Any]] = (),
    ) -> Floats:
        """Something of each run of a scenario, by replication: one number a run, or a row of them."""
        from retsim.results.simulate import simulate

        runs = (
            simulate(scenario, seed=self.seed, replication=r, log=log, processes=tuple(processes))
            for r in range(self.replications)
        )
        return np.array([of(run) for run in runs], float)

    def values(self, study: Study, name: str, metric: str) -> Floats:
        """A measure of a scenario, by replication."""
        return study.arm(name).measured()[metric].to_numpy()

    def paths(self, study: Study, name: str, series: str) -> Floats:
        """A series of a scenario (`retsim.experiments.replicate.SERIES`): a row a replication, a column a period."""
        from retsim.experiments.replicate import SERIES

        column = SERIES.index(series)
        return np.array([outcome.path[:, column] for outcome in study.arm(name).in_order()])


def _smaller(scenario: Scenario, size: float) -> dict[str, object]:
    """Fewer people with as much money a head."""
    changes: dict[str, object] = {
        "customers": max(round(scenario.customers * size), 1),
        "budget.monthly": scenario.budget.monthly * size,
        "entry.per_month": scenario.entry.per_month * size,
        "firm.structural_launch": scenario.firm.structural_launch * size,
        "firm.staff_cost": scenario.firm.staff_cost * size,
    }
    for name, rival in scenario.rivals.items():
        changes[f"rivals.{name}.budget.monthly"] = rival.budget.monthly * size
    return changes

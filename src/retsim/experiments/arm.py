"""An arm of a study: one scenario, and what is kept of its runs."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.experiments.curves import Curve, curve_of
from retsim.experiments.held import InFolder
from retsim.experiments.replicate import NOTHING, Outcome
from retsim.results.cohorts import LifeTable, life_table
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from retsim.scenario import Scenario

__all__ = ["Arm"]


class Arm:
    """One scenario of a study and what was kept of its runs.

    Sums are of integers, so the order in which runs come in changes nothing.

    Parameters
    ----------
    name : str
    scenario : Scenario
    kept : InFolder, optional
        Where its runs are kept in a study folder: there they stay, and are read when asked for.
    """

    def __init__(self, name: str, scenario: Scenario, kept: InFolder | None = None) -> None:
        self.name, self.scenario = name, scenario
        self.firms = tuple(scenario.firms())
        self.outcomes: dict[int, Outcome] | InFolder = {} if kept is None else kept
        self.periods = 0
        self.departures = self.flows = self.lives = self.tenure = NOTHING
        self.life_tables: dict[int, LifeTable] = {}
        self._measured: tuple[Any, int, Any] = (None, 0, None)

    def __len__(self) -> int:
        return len(self.outcomes)

    def add(self, outcome: Outcome) -> None:
        """Take in a run."""
        if not self.outcomes:
            self.departures, self.flows, self.lives = outcome.departures, outcome.flows, outcome.lives
            self.tenure = outcome.tenure
        else:
            beyond = self.lives < 0
            self.departures = self.departures + outcome.departures
            self.flows = self.flows + outcome.flows
            self.lives = np.where(beyond, -1, self.lives + outcome.lives)
            self.tenure = self.tenure + outcome.tenure
        self.periods = max(self.periods, len(outcome.path))
        self._hold(outcome)

    def _hold(self, outcome: Outcome) -> None:
        """Keep it within reach, without the arrays that are summed."""
        if isinstance(self.outcomes, InFolder):
            self.outcomes.add(outcome.replication)
            return
        if outcome.lives.size:
            self.life_tables[outcome.replication] = life_table(outcome.lives, self.scenario.period)
        self.outcomes[outcome.replication] = outcome._replace(
            departures=NOTHING, flows=NOTHING, lives=NOTHING, tenure=NOTHING
        )

    def renamed(self, name: str) -> Arm:
        """The same runs under another name."""
        other = copy(self)
        other.name = name
        return other

    @property
    def survivals(self) -> dict[int, Curve]:
        """Survival by replication, where anybody's life was recorded."""
        tables = self.life_tables or {
            outcome.replication: life_table(outcome.lives, self.scenario.period)
            for outcome in self.in_order()
            if outcome.lives.size
        }
        return {r: curve_of(tables[r], self.scenario.period) for r in sorted(tables)}

    def in_order(self) -> Iterator[Outcome]:
        """Outcomes by replication, one at a time."""
        if isinstance(self.outcomes, InFolder):
            return self.outcomes.in_order()
        return (self.outcomes[r] for r in sorted(self.outcomes))

    def measured(self) -> pd.DataFrame:
        """Measures (`retsim.MEASURES`) by replication; NaN where a run has none."""
        import pandas as pd

        held, n, found = self._measured
        if held is not self.outcomes or n != len(self):
            rows = [[o.measures.get(name, np.nan) for name in MEASURES] for o in self.in_order()]
            index = pd.Index(sorted(self.outcomes), dtype="int64", name="replication")
            found = pd.DataFrame(np.array(rows, float).reshape(len(index), len(MEASURES)), index, list(MEASURES))
            self._measured = self.outcomes, len(self), found
        frame: pd.DataFrame = found
        return frame

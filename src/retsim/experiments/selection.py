"""The best of many strategies with as few runs as that takes: a race in which the clearly worse drop out.

All start with the same replications; after each step those are dropped that are behind another by more than luck can
explain, and only the rest goes on. KN++ (Kim and Nelson) says how far behind that is, so that the best survives with
a stated confidence wherever it leads by the indifference zone. Common random numbers make the paired spread small, and
with it the race short.

References
----------
Kim, S.-H. and Nelson, B. L. (2006), "On the asymptotic validity of fully sequential selection procedures for
steady-state simulation", Operations Research 54(3), 475-488: KN++.
Kim, S.-H. and Nelson, B. L. (2001), "A fully sequential procedure for indifference-zone selection in simulation",
ACM Transactions on Modeling and Computer Simulation 11(3), 251-273: KN, and why common random numbers are allowed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Unpack

import numpy as np
import numpy.typing as npt

from retsim.experiments.best import chances
from retsim.experiments.differences import check_metric
from retsim.experiments.making import Making, Way, check_scenarios
from retsim.experiments.sweep import How
from retsim.results.intervals import check_confidence, mean_interval
from retsim.results.measures import MEASURES
from retsim.results.simulate import KEY_LIMIT, whole
from retsim.results.words import number

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.replicate import Failure
    from retsim.scenario import Scenario

Floats = npt.NDArray[np.float64]
Evaluate = Callable[[Sequence[int], tuple[int, int]], Floats]
"""Scores (replications, columns), more is better, of some columns in replications first to last - 1."""
_GROWTH = 0.1
"""A step is at least this share of the replications so far: looking less often is never less sure."""

__all__ = ["Dropped", "Race", "Selection", "losers", "select"]


class Race(NamedTuple):
    """How the best is found.

    Attributes
    ----------
    zone : float
        Indifference zone, in the measure's unit, above 0: a smaller lead is not worth finding.
    metric : str
        One of `retsim.MEASURES`; what is better is known of each.
    confidence : float
        Probability that the best is selected if it leads by the zone or more.
    first : int
        Replications before any is dropped, 10 or more: a spread from fewer says too little.
    step : int
        Replications from one look to the next, 1 or more, and at least a tenth of those so far.
    at_most : int
        Replications of each, whether one is left by then or not.
    """

    zone: float
    metric: str = "discounted_profit"
    confidence: float = 0.95
    first: int = 10
    step: int = 5
    at_most: int = 1000


class Dropped(NamedTuple):
    """A scenario that left the race: by column, after how many replications, and by whom it was beaten."""

    column: int
    after: int
    by: int


def select(scenarios: Mapping[str, Scenario], race: Race, **how: Unpack[How]) -> Selection:
    """Select the best of many scenarios, with common random numbers.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        Two or more, by name.
    race : Race
    **how
        `seed`, `threads`, `workers`, `progress`, `folder`, as in `retsim.compare`. With a folder, a race that was
        stopped goes on from there.

    Returns
    -------
    Selection

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be.
    """
    check_scenarios(scenarios)
    wanted, names = _checked(race, scenarios), list(scenarios)
    failures: list[Failure] = []

    def evaluate(columns: Sequence[int], span: tuple[int, int]) -> Floats:
        alive = {names[k]: scenarios[names[k]] for k in columns}
        with Making(alive, Way(**how), span[0]) as making:
            making.reach(span[1])
            study = making.study()
        failures.extend(study.failures)
        out = np.full((span[1] - span[0], len(columns)), np.nan)
        for place, arm in enumerate(study.arms.values()):
            values = arm.measured()[wanted.metric]
            out[values.index - span[0], place] = values
        return MEASURES[wanted.metric].better * out

    scores, dropped = _run(evaluate, len(names), wanted)
    first = next(iter(scenarios.values()))
    return Selection(names, wanted, (scores, dropped), Facts(first.currency, how.get("seed", 0), tuple(failures)))


class Facts(NamedTuple):
    """What is said beside the answer."""

    currency: str
    seed: int
    failures: tuple[Failure, ...]


class Selection:
    """How a race ended; made by `retsim.select`.

    Attributes
    ----------
    names : tuple of str
    race : Race
    scores : float64 (n_replications, n_scenarios)
        The measure, with the sign that makes more better; NaN after a scenario was dropped.
    dropped : tuple of Dropped
        In the order in which they left.
    """

    def __init__(self, names: Sequence[str], race: Race, found: tuple[Floats, Sequence[Dropped]], facts: Facts) -> None:
        self.names, self.race, self.facts = tuple(names), race, facts
        self.scores, self.dropped = found[0], tuple(found[1])

    def __repr__(self) -> str:
        return f"<Selection: {self.sentence()}>"

    @property
    def left(self) -> tuple[str, ...]:
        """Scenarios that were not dropped, the best mean first."""
        columns = sorted(self._alive(), key=lambda k: -self._means(self._alive())[k])
        return tuple(self.names[k] for k in columns)

    @property
    def best(self) -> str:
        """The scenario to choose."""
        return self.left[0]

    @property
    def is_sure(self) -> bool:
        """Whether one alone was left: then it is the best with the race's confidence, if the best leads by the zone."""
        return len(self.left) == 1

    @property
    def runs(self) -> int:
        """Runs that were made."""
        return int(np.isfinite(self.scores).sum())

    @property
    def table(self) -> pd.DataFrame:
        """One row a scenario, the best first, then those that were dropped last.

        `scenario`; `mean` with `low`, `high` over its own replications, `n`; `behind` with `behind_low`,
        `behind_high`: how far the best is better, paired over the replications of both (intervals are 95 %,
        Student's t); `dropped`, after how many replications, and `by` whom it was beaten then, NaN and "" for those
        left; `p_best` and `regret` among those left (`retsim.decide`), NaN for the others.
        """
        import pandas as pd

        sign, top = MEASURES[self.race.metric].better, self.names.index(self.best)
        gone = {one.column: one for one in self.dropped}
        order = [self.names.index(name) for name in self.left] + [one.column for one in self.dropped[::-1]]
        chance = self._chances()
        rows = []
        for k in order:
            own, behind = (
                mean_interval(sign * self.scores[:, k]),
                mean_interval(self.scores[:, top] - self.scores[:, k]),
            )
            p_best, regret = chance.get(k, (math.nan, math.nan))
            rows.append(
                {
                    "scenario": self.names[k], "mean": own.mean, "low": own.low, "high": own.high, "n": own.n,
                    "behind": behind.mean, "behind_low": behind.low, "behind_high": behind.high,
                    "dropped": gone[k].after if k in gone else math.nan,
                    "by": self.names[gone[k].by] if k in gone else "", "p_best": p_best, "regret": regret,
                }
            )  # fmt: skip
        return pd.DataFrame(rows)

    def sentence(self) -> str:
        """The answer in words."""
        measure, race = MEASURES[self.race.metric], self.race
        unit = f" {self.facts.currency}" if measure.unit == "money" else ""
        zone = f"{number(race.zone, measure, sign=True).lstrip('+')}{unit}"
        n = len(self.scores)
        cost = f"{self.runs:,} runs instead of {n * len(self.names):,}"
        if self.is_sure:
            return (
                f"{self.best} is selected of {len(self.names)}: the best mean {measure.title}, with "
                f"{100 * race.confidence:g} % confidence wherever the best leads by {zone} ({n:,} replications, {cost})"
            )
        return (
            f"No selection: after {n:,} replications {', '.join(self.left)} are left of {len(self.names)}, "
            f"{self.best} ahead ({cost}); ask for more replications, or for a wider zone than {zone}"
        )

    def _alive(self) -> list[int]:
        gone = {one.column for one in self.dropped}
        return [k for k in range(len(self.names)) if k not in gone]

    def _means(self, columns: Sequence[int]) -> dict[int, float]:
        """Means over the replications that all of them have."""
        return dict(zip(columns, _whole_rows(self.scores[:, columns]).mean(axis=0), strict=True))

    def _chances(self) -> dict[int, tuple[float, float]]:
        alive = self._alive()
        p_best, regret = chances(_whole_rows(self.scores[:, alive]))
        return {k: (float(p_best[j]), float(regret[j])) for j, k in enumerate(alive)}


def losers(scores: Floats, rivals: int, race: Race) -> list[tuple[int, int]]:
    """Who may be dropped: pairs (column, column that beats it).

    Formula, after n replications with f = n - 1: column i is dropped if another l has mean_l - mean_i > W_il, where
    W_il = max(0, zone / (2 n) (h2 S2_il / zone^2 - n)), S2_il the variance of the paired differences,
    h2 = 2 eta f, eta = ((2 beta)^(-2 / f) - 1) / 2 and beta = (1 - confidence) / (rivals - 1), which holds
    for dependent runs (Kim and Nelson 2006, with c = 1). Of two that are equal to the bit the first stays.

    Parameters
    ----------
    scores : float64 (n, k)
        More is better.
    rivals : int
        Scenarios at the start of the race.
    race : Race
    """
    n, k = scores.shape
    beta = (1.0 - race.confidence) / (rivals - 1)
    h2 = (n - 1) * ((2.0 * beta) ** (-2.0 / (n - 1)) - 1.0)
    means, found = scores.mean(axis=0), []
    for i in range(k):
        apart = scores - scores[:, [i]]
        allowed = np.maximum(0.0, h2 * apart.var(axis=0, ddof=1) / race.zone - n * race.zone) / (2.0 * n)
        ahead = apart.mean(axis=0)
        beats = (ahead > allowed) | ((ahead == 0.0) & (allowed == 0.0) & (np.arange(k) < i))
        if beats.any():
            found.append((i, int(np.argmax(np.where(beats, means, -np.inf)))))
    return found


def _run(evaluate: Evaluate, rivals: int, race: Race) -> tuple[Floats, list[Dropped]]:
    """The race: scores of all, NaN after they were dropped, and who was dropped when."""
    alive, dropped = list(range(rivals)), list[Dropped]()
    scores = np.empty((0, rivals))
    while len(alive) > 1 and len(scores) < race.at_most:
        n = len(scores)
        more = race.first if n == 0 else max(race.step, math.ceil(_GROWTH * n))
        last = min(n + more, race.at_most)
        block = np.full((last - n, rivals), np.nan)
        block[:, alive] = evaluate(alive, (n, last))
        scores = np.concatenate([scores, block])
        there = _whole_rows(scores[:, alive])
        if len(there) < min(race.first, race.at_most):
            continue
        beaten = {alive[i]: Dropped(alive[i], last, alive[by]) for i, by in losers(there, rivals, race)}
        # Of several that leave together the worst leaves first.
        dropped += sorted(beaten.values(), key=lambda one: there[:, alive.index(one.column)].mean())
        alive = [k for k in alive if k not in beaten]
    if not len(_whole_rows(scores[:, alive])):
        raise RuntimeError(f"no replication has a {race.metric} of every scenario; compare them to see which has none")
    return scores, dropped


def _whole_rows(scores: Floats) -> Floats:
    return scores[np.isfinite(scores).all(axis=1)]


def _checked(race: Race, scenarios: Mapping[str, Scenario]) -> Race:
    if not isinstance(race, Race):
        raise TypeError(f"race = {race!r:.60}, must be a Race, such as Race(zone=1000.0)")
    if len(scenarios) < 2:
        raise ValueError(f"scenarios has only {', '.join(scenarios)}, must have two or more to select from")
    if not (isinstance(race.zone, int | float) and 0.0 < race.zone < math.inf):
        raise ValueError(f"race.zone = {race.zone!r}, must be a number above 0: the least lead that is worth finding")
    check_metric(race.metric)
    check_confidence(race.confidence)
    if race.confidence < 0.5:
        raise ValueError(
            f"race.confidence = {race.confidence!r}, must be 0.5 or more; did you mean {1 - race.confidence:g}?"
        )
    whole("race.first", race.first, 10, KEY_LIMIT)
    whole("race.step", race.step, 1, KEY_LIMIT)
    whole("race.at_most", race.at_most, race.first, KEY_LIMIT)
    return race

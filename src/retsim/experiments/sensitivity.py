"""Sensitivity: which values of a scenario the answer depends on, luck kept apart.

Morris moves one value at a time along trajectories and needs few runs: it tells what matters from what does not, and
whether it acts alone. Sobol divides the variance of the answer among the values, and needs many. SALib lays out the
points; they are run like any others, with the same luck everywhere; `indices` takes the luck out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
import numpy.typing as npt

from retsim.experiments import indices
from retsim.experiments.design import Design, Point, spanned
from retsim.experiments.differences import check_metric
from retsim.experiments.making import Way
from retsim.experiments.responses import responses
from retsim.experiments.sweep import How, named
from retsim.results.intervals import check_confidence
from retsim.results.measures import MEASURES
from retsim.results.simulate import KEY_LIMIT, whole
from retsim.results.words import number

if TYPE_CHECKING:
    import pandas as pd

    from retsim.scenario import Scenario

Floats = npt.NDArray[np.float64]
Evaluate = Callable[[Sequence[Point]], Floats]
"""Responses (replications, points)."""
MORRIS, SOBOL = "morris", "sobol"
_LEVELS = 4
_FEWEST = {MORRIS: 10, SOBOL: 64}
_USUAL = {MORRIS: 20, SOBOL: 256}
_FEWEST_RUNS = 4
_WIDE = 0.1
"""Half-width of an interval, as a share of the whole, from which more points are advised."""

__all__ = ["MORRIS", "SOBOL", "Sampling", "Sensitivity", "sensitivity"]


class Sampling(NamedTuple):
    """How sensitivity is measured.

    Attributes
    ----------
    method : {"morris", "sobol"}
    metric : str
        One of `retsim.MEASURES`.
    size : int, optional
        Morris: trajectories, 10 or more; size * (keys + 1) points. Sobol: base points, a power of 2, 64 or more;
        size * (keys + 2) points. None: 20 and 256.
    replications : int
        Of each point, 4 or more: luck cannot be told apart with fewer.
    confidence : float
        Of the intervals, each for itself.
    resamples : int
        Of the bootstrap that makes them, 100 or more.
    seed : int
        Of the points; of nothing in the runs.
    """

    method: str = MORRIS
    metric: str = "discounted_profit"
    size: int | None = None
    replications: int = 10
    confidence: float = 0.95
    resamples: int = 1000
    seed: int = 0


class Facts(NamedTuple):
    """What is said beside the answer."""

    currency: str
    title: str
    seed: int


def sensitivity(
    scenarios: Scenario | Mapping[str, Scenario],
    vary: Mapping[str, tuple[float, float]],
    sampling: Sampling | None = None,
    **how: Unpack[How],
) -> Sensitivity:
    """Measure what a result, or the difference of two strategies, depends on.

    Parameters
    ----------
    scenarios : Scenario or mapping of str to Scenario
        One: its measure is the response. Two: the second's less the first's, paired.
    vary : mapping of str to (low, high)
        Two or more keys with their ranges; every value in a range is as likely. Where a key takes whole numbers only,
        the nearest is tried.
    sampling : Sampling, optional
    **how
        `seed`, `threads`, `workers`, `progress`, `folder`, as in `retsim.compare`.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ModuleNotFoundError
        SALib is not there; ``pip install "retsim[analysis]"`` brings it.
    TypeError, ValueError
        An argument is not what it must be; a `ScenarioError` names a value in a range that the scenario does not take.
    RuntimeError
        A point could not be run.
    """
    tried = named(scenarios)
    if len(tried) > 2:
        raise ValueError(f"scenarios has {', '.join(tried)}, must have one, or two whose difference is asked about")
    wanted = _checked(vary, sampling or Sampling())

    def evaluate(points: Sequence[Point]) -> Floats:
        return responses(tried, points, wanted.metric, Way(**how), (0, wanted.replications))

    first = next(iter(tried.values()))
    facts = Facts(first.currency, first.title or first.name, how.get("seed", 0))
    return _measured(evaluate, (tuple(tried), vary), wanted, facts)


class Sensitivity:
    """What a result depends on; made by `retsim.sensitivity`.

    Attributes
    ----------
    names : tuple of str
        One scenario, or two: the response is the second less the first.
    vary : dict of str to (float, float)
    sampling : Sampling
    points : list of dict
        Values tried, by key.
    values : float64 (n_replications, n_points)
        Responses.
    """

    def __init__(
        self,
        asked: tuple[tuple[str, ...], Mapping[str, tuple[float, float]]],
        sampling: Sampling,
        found: tuple[Floats, Floats],
        facts: Facts,
    ) -> None:
        (self.names, self.vary), self.sampling, self.facts = (asked[0], dict(asked[1])), sampling, facts
        self.unit, self.values = found
        self.points = _points(self.unit, self.vary)

    def __repr__(self) -> str:
        return f"<Sensitivity of {' and '.join(self.names)} to {len(self.vary)} values: {self.sentence()}>"

    @property
    def luck(self) -> float:
        """Standard deviation of a single run at a point, the mean over points: what replications even out."""
        return indices.luck_and_spread(self.values)[0]

    @property
    def spread(self) -> float:
        """Standard deviation of the mean response over the points: what the varied values do."""
        return indices.luck_and_spread(self.values)[1]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a key, the one that matters most first; each index with `_low` and `_high`, the ends of its interval.

        Morris, in the measure's unit, per whole range of the key: `mu`, the mean effect; `mu_star`, the mean size of
        the effect; `sigma`, how much the effect changes with where the other values are (interactions and bends);
        `noise`, the `mu_star` that luck alone would show; `matters`, whether there surely is an effect at all. Sobol, as
        shares of the variance of the mean response: `first`, what the key explains alone; `total`, with all it
        takes part in; `matters`: `total` is surely above 0.01.
        """
        import pandas as pd

        method, k = self.sampling.method, len(self.vary)
        kinds: tuple[str, ...]
        if method == MORRIS:
            index, y, kinds = indices.morris, indices.effects(self.unit, self.values), ("mu", "mu_star", "sigma")
        else:
            # Without what all points of a replication share, which is no effect of any.
            y = (self.values - self.values.mean(axis=1, keepdims=True)).reshape(len(self.values), -1, k + 2)
            index, kinds = indices.sobol, ("first", "total")
        found, low, high = indices.bootstrapped(index, y, self.sampling.confidence, self.sampling.resamples)
        frame = pd.DataFrame({"key": list(self.vary)})
        for j, kind in enumerate(kinds):
            frame[kind], frame[f"{kind}_low"], frame[f"{kind}_high"] = found[j], low[j], high[j]
        if method == MORRIS:
            frame["noise"] = found[3]
            frame["matters"] = low[4] > 0.0
        else:
            frame["matters"] = frame["total_low"] > 0.01
        order = frame[kinds[1]].fillna(-np.inf).to_numpy().argsort(kind="stable")[::-1]
        return frame.iloc[order].reset_index(drop=True)

    @property
    def half_width(self) -> float:
        """The widest interval's half: of `total` with Sobol, of `mu_star` as a share of the largest with Morris."""
        kind = "mu_star" if self.sampling.method == MORRIS else "total"
        top = float(self.table[kind].max()) if self.sampling.method == MORRIS else 1.0
        wide = float((self.table[f"{kind}_high"] - self.table[f"{kind}_low"]).max()) / 2.0
        return wide / top if top > 0.0 else math.nan

    @property
    def advised(self) -> int | None:
        """The size that would make the widest interval about 0.1 to either side; None if it is no wider."""
        if not self.half_width > _WIDE:
            return None
        more = _size(self.sampling) * (self.half_width / _WIDE) ** 2
        return 1 << math.ceil(math.log2(more)) if self.sampling.method == SOBOL else math.ceil(more)

    def sentence(self) -> str:
        """The answer in words."""
        measure, rows = MEASURES[self.sampling.metric], self.table.to_dict("records")
        what = f"{measure.title} of {self.names[1]} less {self.names[0]}" if len(self.names) == 2 else measure.title
        mattering = [row for row in rows if row["matters"]]
        if not mattering:
            return f"Nothing moves {what} more than luck does within these ranges"
        top, unit = mattering[0], f" {self.facts.currency}" if measure.unit == "money" else ""
        if self.sampling.method == MORRIS:
            size, low, high = (
                number(top[f"mu_star{end}"], measure, sign=True).lstrip("+") for end in ("", "_low", "_high")
            )
            text = f"{top['key']} moves {what} most: by {size}{unit} ({low} to {high}) over its range"
        else:
            size, low, high = (f"{100 * top[f'total{end}']:.0f}" for end in ("", "_low", "_high"))
            text = f"{top['key']} explains most of {what}: {size} % ({low} to {high}) of the variance, {100 * top['first']:.0f} % alone"
        rest = [str(row["key"]) for row in rows if not row["matters"]]
        also = [str(row["key"]) for row in mattering[1:]]
        text += f"; then {', '.join(also)}" if also else ""
        text += f"; no sure effect of {', '.join(rest)}" if rest else ""
        return text + (f". Intervals are wide: size {self.advised} would make them narrow" if self.advised else "")


def _measured(
    evaluate: Evaluate,
    asked: tuple[tuple[str, ...], Mapping[str, tuple[float, float]]],
    sampling: Sampling,
    facts: Facts,
) -> Sensitivity:
    unit = _unit_points(sampling, len(asked[1]))
    points = _points(unit, asked[1])
    values = evaluate(points)
    missing = np.flatnonzero(~np.isfinite(values).all(axis=0))
    if missing.size:
        raise RuntimeError(
            f"{missing.size} of {len(points)} points have no {sampling.metric} in some replication, the first at "
            f"{points[missing[0]]}; choose another metric, or ranges in which it is there"
        )
    return Sensitivity(asked, sampling, (unit, values), facts)


def _unit_points(sampling: Sampling, keys: int) -> Floats:
    """Points of SALib in the unit cube."""
    try:
        from SALib.sample import morris, sobol
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f'{error}; sensitivity needs SALib: pip install "retsim[analysis]"') from None
    problem = {"num_vars": keys, "names": [str(k) for k in range(keys)], "bounds": [[0.0, 1.0]] * keys}
    if sampling.method == MORRIS:
        unit = morris.sample(problem, _size(sampling), num_levels=_LEVELS, seed=sampling.seed)
    else:
        unit = sobol.sample(problem, _size(sampling), calc_second_order=False, seed=sampling.seed)
    return np.asarray(unit, float)


def _points(unit: Floats, vary: Mapping[str, tuple[float, float]]) -> list[Point]:
    return [
        {key: low + float(u) * (high - low) for u, (key, (low, high)) in zip(row, vary.items(), strict=True)}
        for row in unit
    ]


def _size(sampling: Sampling) -> int:
    return _USUAL[sampling.method] if sampling.size is None else sampling.size


def _checked(vary: Mapping[str, Any], sampling: Sampling) -> Sampling:
    if not isinstance(vary, Mapping) or len(vary) < 2:
        raise ValueError("vary must have two keys or more, each with its range (low, high); of one key see a sweep")
    spanned(vary, Design(points=1))
    if sampling.method not in _FEWEST:
        raise ValueError(f"sampling.method = {sampling.method!r}, must be 'morris' or 'sobol'")
    check_metric(sampling.metric)
    check_confidence(sampling.confidence)
    whole("sampling.resamples", sampling.resamples, 100, 10**6)
    whole("sampling.seed", sampling.seed, 0, KEY_LIMIT - 1)
    _check_size(sampling, len(vary))
    return sampling


def _check_size(sampling: Sampling, keys: int) -> None:
    """Refuse samples that are too small to say anything, with what it takes."""
    size, fewest = _size(sampling), _FEWEST[sampling.method]
    whole("sampling.size", size, 1, 10**6)
    morris = sampling.method == MORRIS
    points = fewest * (keys + (1 if morris else 2))
    needs = f"with {keys} keys that is {points:,} points, {points * max(sampling.replications, _FEWEST_RUNS):,} runs"
    if size < fewest:
        what = "trajectories" if morris else "base points"
        raise ValueError(f"sampling.size = {size}, must be {fewest} {what} or more to say anything: {needs}")
    if not morris and size & (size - 1):
        near = 1 << size.bit_length()
        raise ValueError(f"sampling.size = {size}, must be a power of 2, such as {near // 2} or {near}, to be even")
    whole("sampling.replications", sampling.replications, 1, 10**6)
    if sampling.replications < _FEWEST_RUNS:
        raise ValueError(
            f"sampling.replications = {sampling.replications}, must be {_FEWEST_RUNS} or more: with fewer, luck cannot "
            "be told from the effect of a value"
        )

"""Where the better strategy flips: over one value, or over two, with the band in which nobody can tell.

Both scenarios live through the same luck at every value, so what is followed is the paired difference of each
replication. Between two values that were tried it is taken to be a straight line; the interval of a flip is then
Fieller's: all values at which a difference of 0 is not refused.

Reference
---------
Fieller, E. C. (1954), "Some problems in interval estimation", Journal of the Royal Statistical Society B 16(2),
175-185.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
import numpy.typing as npt

from retsim.experiments.design import Design, Point, spanned
from retsim.experiments.differences import check_metric
from retsim.experiments.making import Way, check_scenarios
from retsim.experiments.responses import responses
from retsim.experiments.sweep import How
from retsim.results.intervals import check_confidence, student_quantile
from retsim.results.measures import MEASURES
from retsim.results.simulate import whole

if TYPE_CHECKING:
    import pandas as pd

    from retsim.scenario import Scenario

Floats = npt.NDArray[np.float64]
UNDECIDED = "undecided"
_FINE = 200
"""Places between two tried values at which the interval is looked at."""
_MOST_POINTS = 1000
_ROUNDS = 2

__all__ = ["UNDECIDED", "Breakeven", "Question", "breakeven"]


class Question(NamedTuple):
    """What flips, and how closely it is looked at.

    Attributes
    ----------
    metric : str
        One of `retsim.MEASURES`; what is better is known of each.
    points : int
        Values tried a key, evenly from low to high, 2 or more.
    replications : int
        Of each scenario at each point, 2 or more.
    confidence : float
        Of the intervals, each value for itself.
    """

    metric: str = "discounted_profit"
    points: int = 9
    replications: int = 30
    confidence: float = 0.95


def breakeven(
    scenarios: Mapping[str, Scenario],
    over: Mapping[str, tuple[float, float]],
    question: Question | None = None,
    **how: Unpack[How],
) -> Breakeven:
    """Find where the better one of two scenarios flips.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        Two, by name.
    over : mapping of str to (low, high)
        One or two keys with the range in which each is tried, such as ``{"entry.per_month": (0.0, 40.0)}``. Over one,
        two more values are tried around each flip.
    question : Question, optional
    **how
        `seed`, `threads`, `workers`, `progress`, `folder`, as in `retsim.compare`.

    Returns
    -------
    Breakeven

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be.
    """
    asked = _checked(scenarios, over, question or Question())
    points = spanned(over, Design("grid", asked.points))
    found = _tried(scenarios, points, asked, how)
    for _ in range(_ROUNDS if len(over) == 1 else 0):
        middles = _between_flips(found, next(iter(over)), asked)
        if not middles:
            break
        more = _tried(scenarios, middles, asked, how)
        found = (found[0] + more[0], np.column_stack([found[1], more[1]]))
    return Breakeven((*scenarios,), dict(over), asked, _sorted(*found), _facts(scenarios, how))  # type: ignore[arg-type]


class Facts(NamedTuple):
    """What pictures and headings say beside the answer."""

    currency: str
    title: str
    seed: int


class Breakeven:
    """Where the better scenario flips; made by `retsim.breakeven`.

    Attributes
    ----------
    names : tuple of str
        The two scenarios; differences are the second less the first.
    over : dict of str to (float, float)
        Ranges by key.
    question : Question
    points : list of dict
        Values tried, by key.
    values : float64 (n_replications, n_points)
        Paired differences, above 0 where the second scenario is better; NaN where a run could not be made.
    """

    def __init__(
        self,
        names: tuple[str, str],
        over: Mapping[str, tuple[float, float]],
        question: Question,
        found: tuple[list[Point], Floats],
        facts: Facts,
    ) -> None:
        self.names, self.over, self.question, self.facts = names, dict(over), question, facts
        self.points, self.values = found

    def __repr__(self) -> str:
        return f"<Breakeven of {' and '.join(self.names)} over {' and '.join(self.over)}: {len(self.points)} points>"

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys that were varied."""
        return tuple(self.over)

    @property
    def table(self) -> pd.DataFrame:
        """One row a point: its values, `mean`, `low`, `high` of the difference in the measure, `better`, `n`.

        `better` is a scenario where the interval leaves 0 out, else "undecided". The difference is the second scenario
        less the first, whatever is better.
        """
        import pandas as pd

        sign = MEASURES[self.question.metric].better
        mean, half, n = _interval(self.values, self.question.confidence)
        edges = np.sort(np.array([sign * (mean - half), sign * (mean + half)]), axis=0)
        frame = pd.DataFrame([[point[key] for key in self.keys] for point in self.points], columns=list(self.keys))
        frame["mean"], frame["low"], frame["high"] = sign * mean, edges[0], edges[1]
        frame["better"] = [self._better(*pair) for pair in zip(mean - half, mean + half, strict=True)]
        frame["n"] = n
        return frame

    @property
    def ranges(self) -> pd.DataFrame:
        """Over one key: `low`, `high` of each stretch, and who is `better` there; undecided ones are the bands."""
        import pandas as pd

        x, lower, upper = self._line()
        who = [self._better(*pair) for pair in zip(lower, upper, strict=True)]
        rows: list[list[Any]] = []
        for place, name in zip(x, who, strict=True):
            if rows and rows[-1][2] == name:
                rows[-1][1] = place
            else:
                # A stretch begins where the one before ends: halfway between two fine places.
                if rows:
                    rows[-1][1] = (rows[-1][1] + place) / 2.0
                rows.append([rows[-1][1] if rows else place, place, name])
        return pd.DataFrame(rows, columns=["low", "high", "better"])

    @property
    def flips(self) -> pd.DataFrame:
        """Over one key: every value at which the mean difference changes sign, with its interval.

        `at`; `low`, `high`: the undecided stretch around it, infinite where that goes on beyond the range tried;
        `below` and `above`, who is better on either side by the mean; `sure`, whether both sides of the stretch are
        decided, each for the other scenario.
        """
        import pandas as pd

        self._check_line()
        x = np.array([point[self.keys[0]] for point in self.points])
        mean = _interval(self.values, self.question.confidence)[0]
        columns = ["at", "low", "high", "below", "above", "sure"]
        rows = [self._flip(at, rising) for at, rising in _roots(x, mean)]
        return pd.DataFrame([[row[name] for name in columns] for row in rows], columns=columns)

    def sentence(self) -> str:
        """The answer in words."""
        if len(self.over) == 2:
            return self._sentence_of_map()
        key, flips, who = self.keys[0], self.flips, self.ranges["better"]
        low, high = self.over[key]
        if len(flips) == 0:
            only = sorted(set(who) - {UNDECIDED})
            if not only:
                return f"No flip and no sure winner for {key} from {low:g} to {high:g}"
            part = " where it can be told" if UNDECIDED in set(who) else ""
            return f"No flip: {only[0]} is better for {key} from {low:g} to {high:g}{part}"
        return "; ".join(self._words(row, key) for row in flips.itertuples(index=False))

    def _words(self, row: Any, key: str) -> str:
        sides = f"{row.below} is better below, {row.above} above"
        if math.isfinite(row.low) and math.isfinite(row.high):
            text = f"Flips at {key} = {row.at:.4g} ({row.low:.4g} to {row.high:.4g}): {sides}"
            return text if row.sure else f"{text}, but not surely"
        return f"May flip at {key} = {row.at:.4g}, but the band goes beyond the range tried: {sides}, not surely"

    def _sentence_of_map(self) -> str:
        counts = self.table["better"].value_counts()
        parts = [f"{name} is better at {counts.get(name, 0)}" for name in self.names]
        return f"Of {len(self.points)} points {', '.join(parts)}, undecided are {counts.get(UNDECIDED, 0)}"

    def _better(self, low: float, high: float) -> str:
        """Who is better by an interval of the oriented difference."""
        return self.names[1] if low > 0.0 else self.names[0] if high < 0.0 else UNDECIDED

    def _flip(self, at: float, rising: bool) -> dict[str, Any]:
        below, above = self.names if rising else self.names[::-1]
        ranges = self.ranges
        place = int(np.flatnonzero((ranges["low"] <= at) & (at <= ranges["high"]))[0])
        row = ranges.iloc[place]
        first, last = place == 0, place == len(ranges) - 1
        if row["better"] != UNDECIDED:
            # Without any spread the flip is a point.
            return {"at": at, "low": at, "high": at, "below": below, "above": above, "sure": True}
        sides = [None if first else ranges["better"][place - 1], None if last else ranges["better"][place + 1]]
        low, high = -math.inf if first else row["low"], math.inf if last else row["high"]
        return {"at": at, "low": low, "high": high, "below": below, "above": above, "sure": sides == [below, above]}

    def _line(self) -> tuple[Floats, Floats, Floats]:
        """Fine places over the one key, and the interval of the oriented difference there."""
        self._check_line()
        x = np.array([point[self.keys[0]] for point in self.points], float)
        steps = [np.linspace(a, b, _FINE, endpoint=False) for a, b in pairwise(x)]
        fine = np.concatenate([*steps, x[-1:]])
        # Each replication is a straight line between tried values, so its own interval holds in between as well.
        values = np.array([np.interp(fine, x, row) for row in self.values])
        mean, half, _ = _interval(values, self.question.confidence)
        return fine, mean - half, mean + half

    def _check_line(self) -> None:
        if len(self.keys) != 1:
            raise ValueError(f"this is about {len(self.keys)} keys; flips and ranges are of one, a map has a table")


def _checked(scenarios: Mapping[str, Scenario], over: Mapping[str, Any], question: Question) -> Question:
    check_scenarios(scenarios)
    if len(scenarios) != 2:
        raise ValueError(f"scenarios has {', '.join(scenarios)}, must have two: the question is which is better")
    if not isinstance(over, Mapping) or len(over) not in (1, 2):
        raise ValueError("over must have one key or two, each with its range (low, high)")
    check_metric(question.metric)
    check_confidence(question.confidence)
    whole("question.points", question.points, 2, _MOST_POINTS)
    whole("question.replications", question.replications, 2, 10**9)
    return question


def _tried(
    scenarios: Mapping[str, Scenario], points: Sequence[Point], question: Question, how: How
) -> tuple[list[Point], Floats]:
    """Differences at some points, above 0 where the second scenario is better: (replications, points)."""
    values = responses(scenarios, points, question.metric, Way(**how), (0, question.replications))
    return list(points), MEASURES[question.metric].better * values


def _sorted(points: list[Point], values: Floats) -> tuple[list[Point], Floats]:
    order = sorted(range(len(points)), key=lambda k: tuple(points[k].values()))
    return [points[k] for k in order], values[:, order]


def _between_flips(found: tuple[list[Point], Floats], key: str, question: Question) -> list[Point]:
    """The middle of each step in which the mean difference changes sign."""
    points, values = _sorted(*found)
    x, mean = [point[key] for point in points], _interval(values, question.confidence)[0]
    return [{key: (a + b) / 2.0} for k, (a, b) in enumerate(pairwise(x)) if mean[k] * mean[k + 1] < 0]


def _interval(values: Floats, confidence: float) -> tuple[Floats, Floats, npt.NDArray[np.int64]]:
    """Mean, half-width (Student's t) and number of the columns; NaN where fewer than two are there."""
    n = np.isfinite(values).sum(axis=0)
    out = np.full((2, values.shape[1]), np.nan)
    for k in np.flatnonzero(n >= 2):
        x = values[np.isfinite(values[:, k]), k]
        out[:, k] = x.mean(), student_quantile(confidence, x.size - 1) * x.std(ddof=1) / math.sqrt(x.size)
    return out[0], out[1], n


def _roots(x: Floats, y: Floats) -> list[tuple[float, bool]]:
    """Where a chain of straight lines goes through 0, and whether upwards."""
    roots = []
    past = 0.0
    for k in range(len(x)):
        if y[k] == 0.0 or math.isnan(y[k]):
            continue
        if past * y[k] < 0.0:
            # Values that are exactly 0 may lie in between: then the middle of them.
            before = max(j for j in range(k) if y[j] * y[k] < 0.0)
            flat = x[before + 1 : k]
            share = y[before] / (y[before] - y[k])
            at = float(flat.mean()) if flat.size else float(x[before] + share * (x[k] - x[before]))
            roots.append((at, bool(y[k] > 0.0)))
        past = y[k]
    return roots


def _facts(scenarios: Mapping[str, Scenario], how: How) -> Facts:
    first = next(iter(scenarios.values()))
    return Facts(first.currency, first.title or first.name, how.get("seed", 0))

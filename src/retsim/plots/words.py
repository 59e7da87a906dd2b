"""Answers in words: the headline says who wins, by how much, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    from retsim.experiments.study import Study

POINTS = " points"
"""Unit of a difference of two shares: percentage points."""

__all__ = ["POINTS", "Answer", "answer", "heads", "how_many", "listed", "number", "shortened", "verdict"]


class Answer(NamedTuple):
    """The best scenario by the mean of a measure against the one that comes next, paired.

    Attributes
    ----------
    best, against : str
    mean, low, high : float
        Difference and its 95 % interval.
    n, n_better : int
        Pairs, and in how many of them the best is strictly better.
    """

    best: str
    against: str
    mean: float
    low: float
    high: float
    n: int
    n_better: int


def answer(study: Study, metric: str) -> Answer | None:
    """The answer of a study of at least two scenarios; None where no replication has both."""
    means = study.summary()
    means = means[means["metric"] == metric].dropna(subset="mean")
    ranked = means.sort_values("mean", ascending=MEASURES[metric].better < 0, kind="stable")["scenario"]
    if len(ranked) < 2:
        return None
    best, against = (str(name) for name in ranked.iloc[:2])
    rows = study.differences(metric, against).to_dict("records")
    row = next(row for row in rows if row["scenario"] == best)
    n = int(row["n"])
    if n == 0:
        return None
    mean, low, high = (float(row[key]) for key in ("mean", "low", "high"))
    return Answer(best, against, mean, low, high, n, round(float(row["better"]) * n))


def verdict(study: Study, metric: str, unit: str) -> str:
    """One sentence: who is ahead in a measure, with the interval and how many replications say so."""
    found = answer(study, metric)
    title = MEASURES[metric].title
    if found is None:
        return _alone(study, metric, unit)
    best, against, mean, low, high, n, n_better = found
    by = f"{number(mean, metric, sign=True)} {unit}".rstrip()
    if mean == low == high == 0.0 or (n == 1 and mean == 0.0):
        return f"No difference in {title} between {best} and {against}"
    if n == 1:
        return f"{best} is ahead of {against}: {by} {title} in one replication, which cannot say how sure that is"
    interval = f"95 % interval {number(low, metric, sign=True)} to {number(high, metric, sign=True)}"
    share = f"better in {n_better:,} of {n:,} replications"
    if low > 0.0 or high < 0.0:
        return f"{best} wins: {by} {title} against {against} ({interval}; {share})"
    return f"No sure winner: {best} is {by} {title} ahead of {against}, but the {interval} includes 0 ({share})"


def _alone(study: Study, metric: str, unit: str) -> str:
    """The sentence where there is nothing to compare with."""
    rows = study.summary()
    rows = rows[(rows["metric"] == metric) & (rows["n"] > 0)]
    title = MEASURES[metric].title
    if rows.empty:
        return f"No answer: no replication has a {title}"
    row = rows.iloc[0]
    text = f"{row['scenario']}: {number(row['mean'], metric)} {unit} {title}".replace("  ", " ")
    if math.isnan(row["low"]):
        return f"{text} in one replication"
    interval = f"95 % interval {number(row['low'], metric)} to {number(row['high'], metric)}"
    return f"{text} on average ({interval})"


def number(value: float, metric: str, *, sign: bool = False) -> str:
    """A value of a measure as people read it: thousands separated, shares in percent, no idle digits."""
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "infinite" if value > 0 else "\N{MINUS SIGN}infinite"
    share = MEASURES[metric].unit.startswith("share")
    shown = 100.0 * value if share else value
    text = f"{shown:{'+' if sign else ''},.{_digits(abs(shown), MEASURES[metric].unit)}f}"
    text = text if text.strip("+-0.,") else text.lstrip("+-")
    return text.replace("-", "\N{MINUS SIGN}") + ((POINTS if sign else " %") if share else "")


def _digits(size: float, unit: str) -> int:
    if size == 0.0 or size >= 1000.0:
        return 0
    return 2 if size < 10.0 and unit != "customers" else 1


def how_many(n: int, thing: str) -> str:
    """A count with its noun: 1 replication, 25 replications."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def heads(count: float) -> str:
    """A number of customers, which as a mean over replications may be less than one."""
    return f"{count:,.0f}" if count >= 10.0 or count == round(count) else f"{count:.1f}"


def shortened(name: str, most: int = 24) -> str:
    """A name of at most so many letters."""
    return name if len(name) <= most else f"{name[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def listed(names: Sequence[str]) -> str:
    """An enumeration: a; a and b; a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

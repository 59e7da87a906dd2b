"""The answer of a study: who is best in a measure, by how much, and how sure that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from retsim.experiments.differences import check_metric
from retsim.results.measures import MEASURES
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.study import Study

__all__ = ["Answer", "answer", "verdict"]


class Answer(NamedTuple):
    """The best scenario by the mean of a measure against the one that comes next, paired.

    Attributes
    ----------
    metric, best, against : str
    mean, low, high : float
        Difference of the best to the other, and its 95 % interval; NaN where one replication has none.
    n, n_better : int
        Pairs, and in how many of them the best is strictly better.
    """

    metric: str
    best: str
    against: str
    mean: float
    low: float
    high: float
    n: int
    n_better: int

    @property
    def is_sure(self) -> bool:
        """Whether the interval lies on one side of 0."""
        return self.low > 0.0 or self.high < 0.0

    @property
    def is_none(self) -> bool:
        """Whether no replication differs at all, as far as can be told."""
        return self.mean == 0.0 and (self.n == 1 or self.low == self.high == 0.0)


def answer(study: Study, metric: str = "discounted_profit") -> Answer | None:
    """Take the two scenarios of a study that are best in a measure, on the mean of their own replications.

    Parameters
    ----------
    study : Study
    metric : str
        One of `retsim.MEASURES`; what is better is known of each.

    Returns
    -------
    Answer or None
        None where there are no two scenarios to compare, or no replication has the measure of both.

    Raises
    ------
    ValueError
        There is no such measure.
    """
    check_metric(metric)
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
    return Answer(metric, best, against, mean, low, high, n, round(float(row["better"]) * n))


def verdict(study: Study, metric: str = "discounted_profit", unit: str = "", *, minus: str = "-") -> str:
    """Say it in one sentence: who is ahead, with the interval and how many replications say so.

    Parameters
    ----------
    study : Study
    metric : str
        One of `retsim.MEASURES`.
    unit : str
        Written behind the difference, such as the currency.
    minus : str
        As for `retsim.results.words.number`.

    Returns
    -------
    str
        Without a stop at its end.
    """
    found = answer(study, metric)
    if found is None:
        return _of_one(study, metric, unit, minus) if len(study.names) == 1 else _of_none(metric)

    def shown(value: float) -> str:
        return number(value, MEASURES[metric], sign=True, minus=minus)

    title, by = MEASURES[metric].title, f"{shown(found.mean)} {unit}".rstrip()
    if found.is_none:
        return f"No difference in {title} between {found.best} and {found.against}"
    if found.n == 1:
        return (
            f"{found.best} is ahead of {found.against}: {by} {title} in one replication, which cannot say how sure "
            "that is"
        )
    interval = f"95 % interval {shown(found.low)} to {shown(found.high)}"
    share = f"better in {found.n_better:,} of {found.n:,} replications"
    if found.is_sure:
        return f"{found.best} wins: {by} {title} against {found.against} ({interval}; {share})"
    return f"No sure winner: {found.best} is {by} {title} ahead of {found.against}, but the {interval} includes 0 ({share})"


def _of_none(metric: str) -> str:
    return f"No answer: no replication of two scenarios has a {MEASURES[metric].title}"


def _of_one(study: Study, metric: str, unit: str, minus: str) -> str:
    """The sentence where there is nothing to compare with."""
    measure = MEASURES[metric]
    row = next(row for row in study.summary().to_dict("records") if row["metric"] == metric)
    if not row["n"]:
        return f"No answer: no replication has a {measure.title}"
    mean, low, high = (number(float(row[key]), measure, minus=minus) for key in ("mean", "low", "high"))
    text = " ".join(part for part in (f"{study.names[0]}:", mean, unit, measure.title) if part)
    if math.isnan(row["low"]):
        return f"{text} in one replication"
    return f"{text} on average (95 % interval {low} to {high})"

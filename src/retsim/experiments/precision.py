"""As many replications as an answer needs: until its interval is a stated share of its mean, or a ceiling is met."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.experiments.differences import check_metric
from retsim.results.intervals import check_confidence, mean_interval, student_quantile
from retsim.results.simulate import KEY_LIMIT, whole

if TYPE_CHECKING:
    from retsim.experiments.making import Making
    from retsim.experiments.study import Study

Floats = npt.NDArray[np.float64]
_FIRST = 10
_GROWTH = (1.25, 2.0)
"""Replications grow at least and at most by so much before one looks again."""

__all__ = ["Precision", "half_width", "reach"]


class Precision(NamedTuple):
    """How sure an answer is to be.

    Attributes
    ----------
    share : float
        Half-width of the interval as a share of the mean's size, above 0 and below 1.
    at_most : int
        Replications of each scenario, whatever the precision then is.
    metric : str
        One of `retsim.MEASURES`.
    of : {"difference", "mean"}
        What the interval is of: each paired difference to the first scenario, or each scenario's mean. A
        difference near 0 is never known to a small share of itself: there the ceiling ends it.
    at_least : int
        Replications before one looks at all, 10 or more: a spread from fewer says too little.
    confidence : float

    Notes
    -----
    The half-width must be at most s / (1 + s) of the estimated mean, so that the *true* mean is off by at most a
    share s (Law 2015, Simulation Modeling and Analysis, section 9.4.1). Looking several times makes the interval a
    little narrower than it should be; at ten first replications and more the loss of coverage is small there.
    """

    share: float
    at_most: int = 1000
    metric: str = "discounted_profit"
    of: str = "difference"
    at_least: int = 20
    confidence: float = 0.95


def reach(making: Making, replications: int | Precision) -> None:
    """Make so many replications, or as many as a precision asks for."""
    if not isinstance(replications, Precision):
        making.reach(replications)
        return
    wanted = check_precision(replications)
    n = min(wanted.at_least, wanted.at_most)
    making.reach(n)
    while n < wanted.at_most:
        more = needed(_samples(making.study(), wanted), wanted)
        if more <= n:
            return
        low, high = (math.ceil(n * by) for by in _GROWTH)
        n = min(max(low, min(high, more)), wanted.at_most)
        making.reach(n)


def half_width(study: Study, precision: Precision) -> float:
    """The half-width that a study has reached, as a share of the mean: the widest of those asked for.

    Infinite where a mean is 0 or there is no interval.
    """
    return max(_share(x, check_precision(precision).confidence) for x in _samples(study, precision))


def needed(samples: list[Floats], precision: Precision) -> int:
    """Replications that all samples need, from the spread that they show; at most the ceiling and one."""
    target = precision.share / (1.0 + precision.share)
    return max(_needed(x[~np.isnan(x)], target, precision) for x in samples)


def check_precision(precision: Precision) -> Precision:
    """Refuse a precision that cannot be asked for.

    Raises
    ------
    TypeError, ValueError
    """
    if not 0.0 < precision.share < 1.0:
        hint = f"; did you mean {precision.share / 100:g}?" if 1.0 <= precision.share < 100.0 else ""
        raise ValueError(f"precision.share = {precision.share!r}, must lie strictly between 0 and 1{hint}")
    if precision.of not in ("difference", "mean"):
        raise ValueError(f"precision.of = {precision.of!r}, must be 'difference' or 'mean'")
    whole("precision.at_most", precision.at_most, 2, KEY_LIMIT)
    whole("precision.at_least", precision.at_least, _FIRST, KEY_LIMIT)
    check_metric(precision.metric)
    check_confidence(precision.confidence)
    return precision


def _samples(study: Study, precision: Precision) -> list[Floats]:
    """The numbers whose mean is wanted: differences to the first scenario, or each scenario's own."""
    columns = study.runs.pivot(index="replication", columns="scenario", values=precision.metric)
    names = list(study.names)
    if precision.of == "mean" or len(names) == 1:
        return [columns[name].to_numpy(float) for name in names]
    return [(columns[name] - columns[names[0]]).to_numpy(float) for name in names[1:]]


def _needed(x: Floats, target: float, precision: Precision) -> int:
    mean, sd = (float(x.mean()), float(x.std(ddof=1))) if x.size > 1 else (math.nan, math.nan)
    if sd == 0.0:
        return int(x.size)
    if not math.isfinite(sd) or mean == 0.0:
        return precision.at_most + 1
    low, high = int(x.size), precision.at_most + 1
    while low < high:
        # The half-width falls with n, so the least n that is enough is found by halving.
        n = (low + high) // 2
        enough = student_quantile(precision.confidence, n - 1) * sd <= target * abs(mean) * n**0.5
        low, high = (low, n) if enough else (n + 1, high)
    return low


def _share(x: Floats, confidence: float) -> float:
    found = mean_interval(x, confidence)
    if found.low == found.high:
        return 0.0
    if math.isnan(found.low) or found.mean == 0.0:
        return math.inf
    return (found.high - found.low) / 2.0 / abs(found.mean)

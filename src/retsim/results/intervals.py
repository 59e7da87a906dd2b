"""Confidence intervals: of a mean over independent replications, and what they need."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = ["Interval", "check_confidence", "mean_interval", "normal_quantile"]


class Interval(NamedTuple):
    """A mean and its interval; `low` and `high` are NaN where a single value says nothing of the spread."""

    mean: float
    low: float
    high: float
    n: int


def mean_interval(values: npt.ArrayLike, confidence: float = 0.95) -> Interval:
    """Mean of independent values with a two-sided Student t interval.

    Formula: mean +- t(n - 1) s / sqrt(n). Values that are NaN (a measure that does not exist in a
    replication) are left out, and `n` says how many were not.
    """
    x = np.asarray(values, float)
    x = x[~np.isnan(x)]
    if x.size == 0:
        return Interval(math.nan, math.nan, math.nan, 0)
    mean = float(x.mean())
    if x.size == 1 or not np.isfinite(x).all():
        return Interval(mean, math.nan, math.nan, x.size)
    half = student_quantile(confidence, x.size - 1) * float(x.std(ddof=1)) / math.sqrt(x.size)
    return Interval(mean, mean - half, mean + half, x.size)


def student_quantile(confidence: float, freedom: int) -> float:
    """Half-width of a two-sided interval in standard errors, Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.5 + check_confidence(confidence) / 2.0))


def normal_quantile(confidence: float) -> float:
    """Half-width of a two-sided interval in standard errors, normal."""
    return NormalDist().inv_cdf(0.5 + check_confidence(confidence) / 2.0)


def check_confidence(confidence: float) -> float:
    """Refuse a level that is none.

    Raises
    ------
    ValueError
        Not strictly between 0 and 1.
    """
    if not 0.0 < confidence < 1.0:
        hint = f"; did you mean {confidence / 100:g}?" if 1.0 < confidence < 100.0 else ""
        raise ValueError(f"confidence = {confidence!r}, must lie strictly between 0 and 1{hint}")
    return confidence

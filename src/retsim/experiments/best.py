"""Which scenario to choose, and what a wrong choice would cost: probability of being best, and expected regret.

`Study.best` counts replications: how often a scenario wins, luck included. Here the question is which has the best
*mean*, which more replications settle.

References
----------
Chick, S. E. and Inoue, K. (2001), "New procedures to select the best simulated system using common random
numbers", Management Science 47(8), 1133-1149: with little known beforehand, the means of paired runs follow a
multivariate t distribution around the sample means.
Efron, B. and Tibshirani, R. (1993), An Introduction to the Bootstrap, chapter 13: percentile intervals.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.experiments.differences import aligned, check_metric
from retsim.results.intervals import check_confidence, mean_interval
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study

Floats = npt.NDArray[np.float64]
_DRAWS, _RESAMPLES = 20_000, 2_000
_FEWEST = 4
"""Replications below which the spread is too uncertain for an expected regret to exist."""
_AT_ONCE = 1 << 22
"""Numbers held at once while resampling."""

__all__ = ["bootstrap_interval", "chances", "decide", "paired"]


def decide(study: Study, metric: str = "discounted_profit", confidence: float = 0.95) -> pd.DataFrame:
    """Which scenario to choose for the best mean: one row a scenario, the least expected regret first.

    Parameters
    ----------
    study : Study
    metric : str
        One of `retsim.MEASURES`; what is better is known of each.
    confidence : float
        Of the intervals.

    Returns
    -------
    DataFrame
        `scenario`; `mean` with `low`, `high` (Student's t) and `boot_low`, `boot_high` (bootstrap percentiles, which
        assume no form of the spread); `p_best`, the probability that its mean is the best; `regret`, what choosing
        it now is expected to lose against the one that is truly best, in the measure's unit; `n` replications that
        all scenarios have. With fewer than 4, `p_best` and `regret` are NaN.
    """
    import pandas as pd

    check_confidence(confidence)
    x = paired(study, metric)
    p_best, regret = chances(x * MEASURES[metric].better)
    rows = []
    for k, name in enumerate(study.names):
        found = mean_interval(x[:, k], confidence)
        low, high = bootstrap_interval(x[:, k], confidence)
        rows.append(
            {
                "scenario": name, "mean": found.mean, "low": found.low, "high": found.high, "boot_low": low,
                "boot_high": high, "p_best": p_best[k], "regret": regret[k], "n": found.n,
            }
        )  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.sort_values(["regret", "p_best"], ascending=[True, False], kind="stable", ignore_index=True)


def paired(study: Study, metric: str) -> Floats:
    """A measure, one row a replication that all scenarios have, one column a scenario."""
    check_metric(metric)
    out = aligned(study, study.names, metric)
    return out[np.isfinite(out).all(axis=1)]


def chances(score: Floats) -> tuple[Floats, Floats]:
    """Probability that each column's mean is the greatest, and what choosing it is expected to lose.

    Parameters
    ----------
    score : float64 (n, k)
        One row a replication; more is better.

    Returns
    -------
    p_best, regret : float64 (k,)
        From 20,000 draws of the means, always the same ones; NaN where n is below 4. Equal means share.
    """
    n, k = score.shape
    if n < _FEWEST:
        return np.full(k, math.nan), np.full(k, math.nan)
    draws = _means(score)
    top = draws.max(axis=1, keepdims=True)
    won = draws == top
    return (won / won.sum(axis=1, keepdims=True)).mean(axis=0), (top - draws).mean(axis=0)


def bootstrap_interval(x: Floats, confidence: float = 0.95) -> tuple[float, float]:
    """Percentile interval of the mean from 2,000 resamples, always the same ones; NaN for fewer than two values."""
    n = x.size
    if n < 2:
        return math.nan, math.nan
    # Resampling is no part of a run, so its numbers need not come from `retsim.streams`; the seed is fixed.
    dice = np.random.Generator(np.random.PCG64(n))
    block = max(1, _AT_ONCE // n)
    sizes = [min(block, _RESAMPLES - k) for k in range(0, _RESAMPLES, block)]
    means = np.concatenate([x[dice.integers(0, n, (size, n))].mean(axis=1) for size in sizes])
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(means, [tail, 100.0 - tail])
    return float(low), float(high)


def _means(score: Floats) -> Floats:
    """Draws of the true means, given what was seen: multivariate t, n - 1 degrees of freedom.

    The first column is the origin, so that columns which are equal in every replication stay equal bit for bit.
    """
    n, k = score.shape
    base = score[:, :1]
    apart = score - base
    spread = np.column_stack([base, apart[:, 1:]])
    scale = np.atleast_2d(np.cov(spread, rowvar=False)) / n
    values, vectors = np.linalg.eigh(scale)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    dice = np.random.Generator(np.random.PCG64(k))
    normal = dice.standard_normal((_DRAWS, k))
    chi = dice.chisquare(n - 1, (_DRAWS, 1))
    around = spread.mean(axis=0) + (normal @ root.T) * np.sqrt((n - 1) / chi)
    return around[:, :1] + np.column_stack([np.zeros(_DRAWS), around[:, 1:]])

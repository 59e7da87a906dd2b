"""Warm-up: how much of the beginning of a series is still of the start, and not of the steady state.

Reference
---------
White, K. P. (1997), "An effective truncation heuristic for bias reduction in simulation output", Simulation 69(6),
323-334: MSER; White, K. P., Cobb, M. J. and Spratt, S. C. (2000), "A comparison of five steady-state truncation
heuristics for simulation", Proceedings of the Winter Simulation Conference, 755-760: MSER-5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.simulate import whole

_FEWEST = 10
"""Batches below which a minimum says nothing."""

__all__ = ["Warmup", "mser"]


class Warmup(NamedTuple):
    """Where a series is cut.

    Attributes
    ----------
    cut : int
        Observations at the start to leave out; a multiple of the batch.
    settled : bool
        Whether the cut is in the first half; if not, the series is too short to tell, or has no steady state.
    errors : float64 (n_batches - 1,)
        The statistic that is least at the cut, by number of batches left out; NaN in the second half, where it is not
        looked for.
    """

    cut: int
    settled: bool
    errors: npt.NDArray[np.float64]


def mser(series: npt.ArrayLike, batch: int = 5) -> Warmup:
    """Find the warm-up of a series by MSER (marginal standard error rule); with batches of 5, MSER-5.

    Formula: of the means Z_1 ... Z_m of successive batches, leave out the first d that make
    sum_{j > d} (Z_j - mean of Z_{d+1} ... Z_m)^2 / (m - d)^2 least, d at most m / 2: of what is left, the squared
    standard error of the mean as if the batches were independent.

    Parameters
    ----------
    series : array_like of float (n,)
        One run, or a mean over runs, period by period; an incomplete last batch is left out.
    batch : int
        1 or more.

    Returns
    -------
    Warmup

    Raises
    ------
    ValueError
        Fewer than 10 batches, or a value that is not a number.
    """
    x = np.asarray(series, float)
    whole("batch", batch, 1, 10**6)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError("series must be numbers in one row, none of them missing or infinite")
    m = x.size // batch
    if m < _FEWEST:
        raise ValueError(
            f"series has {x.size} values, {m} batches of {batch}; must have {_FEWEST} batches or more: a longer "
            f"horizon, a shorter period, or batch={max(x.size // _FEWEST, 1)}"
        )
    z = x[: m * batch].reshape(m, batch).mean(axis=1)
    errors = np.full(m - 1, np.nan)
    for d in range(m // 2 + 1):
        left = z[d:]
        errors[d] = ((left - left.mean()) ** 2).sum() / left.size**2
    best = int(np.nanargmin(errors))
    return Warmup(best * batch, best < m // 2, errors)

"""Indices of sensitivity without the luck of the runs in them.

What is wanted are indices of the mean response f; what there is are runs f + luck. Products are therefore only taken
of *different* replications, whose luck is independent: E[y_r z_s] = E[f g] for r /= s. So luck adds nothing to an
index, however it depends on the point, and an index of something without effect is 0 on average, not above.
Replications that do not differ give the estimators of SALib to the last bit but rounding.

Intervals come from a bootstrap over both, points and replications, by random weights (Owen and Eckles); so they hold
the choice of the points and the luck of the runs.

References
----------
Saltelli, A. et al. (2010), "Variance based sensitivity analysis of model output", Computer Physics Communications
181(2), 259-270: first order (table 2, b) and, after Jansen (1999), total order (f).
Morris, M. D. (1991), "Factorial sampling plans for preliminary computational experiments", Technometrics 33(2), 161-174;
Campolongo, F., Cariboni, J. and Saltelli, A. (2007), Environmental Modelling & Software 22(10), 1509-1518: mu*.
Owen, A. B. and Eckles, D. (2012), "Bootstrapping data arrays of arbitrary order", Annals of Applied Statistics 6(3),
895-927.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Index = Callable[[Floats, Floats, Floats], Floats]
"""Indices (n_indices, n_keys) of values (replications, blocks, ...) with weights of replications and of blocks."""
_MOST_MISSING = 0.05
"""Share of the resamples that may have no index at all."""

__all__ = ["bootstrapped", "effects", "luck_and_spread", "morris", "sobol"]


def sobol(y: Floats, of_runs: Floats, of_blocks: Floats) -> Floats:
    """First and total order indices (2, n_keys); NaN where the response does not move more than luck makes it.

    Parameters
    ----------
    y : float64 (n_replications, n_blocks, n_keys + 2)
        Responses at A, AB_1 ... AB_k, B of each base point, in the order of SALib.
    of_runs, of_blocks : float64
        Weights of replications and of base points.
    """
    a, mixed, b = y[..., :1], y[..., 1:-1], y[..., -1:]
    ends = np.concatenate([a, b], axis=2)
    means = _average(ends, of_blocks).mean(axis=-1)
    variance = _average(_apart(ends, ends, of_runs), of_blocks).mean() - _apart(means, means, of_runs)
    if not variance > 1e-12 * float((ends**2).mean()):
        return np.full((2, mixed.shape[2]), np.nan)
    first = _average(_apart(np.broadcast_to(b, mixed.shape), mixed - a, of_runs), of_blocks)
    total = _average(_apart(a - mixed, a - mixed, of_runs), of_blocks) / 2.0
    return np.stack([first, total]) / variance


def morris(y: Floats, of_runs: Floats, of_blocks: Floats) -> Floats:
    """mu, mu*, sigma, the mu* that luck alone would make, and the mean squared effect (5, n_keys).

    mu* is a mean of sizes, which luck makes larger; the mean squared effect is not, and is 0 on average without one.

    Parameters
    ----------
    y : float64 (n_replications, n_trajectories, n_keys)
        Elementary effects.
    of_runs, of_blocks : float64
        Weights of replications and of trajectories.
    """
    mean = np.tensordot(of_runs / of_runs.sum(), y, axes=1)
    mu, mu_star = _average(mean, of_blocks), _average(np.abs(mean), of_blocks)
    n, means = y.shape[1], _average(y, of_blocks)
    squares = _average(_apart(y, y, of_runs), of_blocks)
    sigma = np.sqrt(np.maximum(squares - _apart(means, means, of_runs), 0.0) * n / (n - 1))
    noise = math.sqrt(2.0 / math.pi) * _average(y.std(axis=0, ddof=1) / math.sqrt(len(y)), of_blocks)
    return np.stack([mu, mu_star, sigma, noise, squares])


def effects(unit: Floats, y: Floats) -> Floats:
    """Elementary effects: change of the response per whole range of a key, (n_replications, n_trajectories, n_keys).

    Parameters
    ----------
    unit : float64 (n_trajectories * (n_keys + 1), n_keys)
        Points in the unit cube; one key moves at each step of a trajectory.
    y : float64 (n_replications, n_points)
    """
    k = unit.shape[1]
    steps = np.diff(unit.reshape(-1, k + 1, k), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    size = np.take_along_axis(steps, moved[..., None], axis=2)[..., 0]
    change = np.diff(y.reshape(len(y), -1, k + 1), axis=2) / size
    out = np.empty_like(change)
    np.put_along_axis(out, np.broadcast_to(moved, change.shape), change, axis=2)
    return out


def bootstrapped(index: Index, y: Floats, confidence: float, resamples: int) -> tuple[Floats, Floats, Floats]:
    """Indices with the low and high ends of their percentile intervals, each (n_indices, n_keys)."""
    found = index(y, np.ones(len(y)), np.ones(y.shape[1]))
    # Resampling is no part of a run, so its numbers need not come from `retsim.streams`; the seed is fixed.
    dice = np.random.Generator(np.random.PCG64(y.size))
    of_runs, of_blocks = (dice.standard_exponential((resamples, n)) for n in y.shape[:2])
    drawn = np.array([index(y, *weights) for weights in zip(of_runs, of_blocks, strict=True)])
    there = drawn[np.isfinite(drawn).all(axis=(1, 2))]
    if len(there) < (1.0 - _MOST_MISSING) * resamples:
        return found, np.full_like(found, np.nan), np.full_like(found, np.nan)
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(there, [tail, 100.0 - tail], axis=0)
    return found, low, high


def luck_and_spread(y: Floats) -> tuple[float, float]:
    """Standard deviations: of a single run at a point, and of the mean response over the points, without luck.

    Parameters
    ----------
    y : float64 (n_replications, n_points)
    """
    ones = np.ones(len(y))
    means = y.mean(axis=1)
    spread = float(_apart(y, y, ones).mean() - _apart(means, means, ones))
    return math.sqrt(float(y.var(axis=0, ddof=1).mean())), math.sqrt(max(spread, 0.0))


def _apart(u: Floats, v: Floats, weights: Floats) -> Floats:
    """Mean product of u and v over all pairs of different replications, the first axis."""
    squares = weights**2
    pairs = np.tensordot(weights, u, 1) * np.tensordot(weights, v, 1) - np.tensordot(squares, u * v, 1)
    out: Floats = pairs / (weights.sum() ** 2 - squares.sum())
    return out


def _average(x: Floats, weights: Floats) -> Floats:
    """Weighted mean over blocks, the last axis but one."""
    out: Floats = np.tensordot(x, weights / weights.sum(), axes=([x.ndim - 2], [0]))
    return out

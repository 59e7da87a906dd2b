"""The hypergeometric function that the Pareto/NBD needs, also where scipy's gives up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp2f1

Vector = NDArray[np.float64]

_NEAR_1 = 0.1
_STEP = 0.3
_FAR = 34.0
_CELLS = 100_000


def hyp2f1_from_1(b: Vector | float, c: Vector, rest: Vector) -> Vector:
    """Gauss's 2F1(1, b; c; 1 - rest).

    For 1 - z below 0.1 scipy goes astray: it loses digits from b = 20 on and gives NaN beyond
    200, and where c - b is near a whole number (which is where the model's r or s is) it may be
    wrong in the second digit or infinite. There the integral
    (c - 1) * int_0^1 (1 - u)^(c - 2) (1 - z u)^-b du takes its place, by the trapezoidal rule over
    ln(u / (1 - u)), which gains digits exponentially fast (Trefethen & Weideman 2014); right to
    about 1e-11.

    Parameters
    ----------
    b : array of float
        Second parameter, > 0.
    c : array of float
        Third parameter, > 1 and >= b.
    rest : array of float
        1 - z, in 0 < rest <= 1; given as such, as it may be tiny.

    Returns
    -------
    array of float
    """
    b, c, rest = np.broadcast_arrays(np.asarray(b, dtype=float), c, rest)
    hard = rest < _NEAR_1
    values = np.empty(b.shape)
    values[~hard] = hyp2f1(1.0, b[~hard], c[~hard], 1.0 - rest[~hard])
    if hard.any():
        values[hard] = _by_quadrature(b[hard], c[hard], rest[hard])
    return values


def _by_quadrature(b: Vector, c: Vector, rest: Vector) -> Vector:
    """Sum up to where the integrand falls geometrically to the right, and that tail in closed form."""
    low, high = -_FAR - np.log(c.max()), _FAR - np.log(rest.min())
    log_odds = np.arange(low, high + _STEP, _STEP)
    log_u, log_left = -np.logaddexp(0.0, -log_odds), -np.logaddexp(0.0, log_odds)
    u, left = np.exp(log_u), np.exp(log_left)
    sums = np.empty_like(b)
    block = max(1, _CELLS // log_odds.size)
    for part in (slice(start, start + block) for start in range(0, b.size, block)):
        power, more, near = b[part, None], c[part, None] - 1.0, rest[part, None]
        # du = u (1 - u) d(log odds), hence one power of each more than in the integrand.
        values = np.exp(log_u + more * log_left - power * np.log(left + u * near))
        ratio = np.exp(-more[:, 0] * _STEP)
        sums[part] = values.sum(axis=1) + values[:, -1] * ratio / (1.0 - ratio)
    return np.asarray((c - 1.0) * _STEP * sums)

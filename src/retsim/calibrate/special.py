"""The hypergeometric function that the Pareto/NBD needs, also where scipy's gives up."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import hyp2f1

Vector = NDArray[np.float64]

_STEP = 1.0 / 32.0
_REACH = 4.2


def hyp2f1_from_1(b: Vector | float, c: Vector, rest: Vector) -> Vector:
    """Gauss's 2F1(1, b; c; 1 - rest).

    For 1 - z below 0.01 scipy loses digits from b = 20 on (1e-6 at b = 100) and gives NaN beyond
    200; there the integral (c - 1) * int_0^1 (1 - u)^(c - 2) (1 - z u)^-b du takes its place, by
    double-exponential quadrature (Takahasi & Mori 1974), right to about 1e-12.

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
    hard = (rest < 0.01) & (b > 20.0)
    values = np.empty(b.shape)
    values[~hard] = hyp2f1(1.0, b[~hard], c[~hard], 1.0 - rest[~hard])
    if hard.any():
        values[hard] = _by_quadrature(b[hard], c[hard], rest[hard])
    return values


def _by_quadrature(b: Vector, c: Vector, rest: Vector) -> Vector:
    total = np.zeros_like(b)
    for tau in np.arange(-_REACH, _REACH + _STEP, _STEP):
        log_odds = np.pi * np.sinh(tau)
        log_u, log_left = -np.logaddexp(0.0, -log_odds), -np.logaddexp(0.0, log_odds)
        log_1_zu = np.log(np.exp(log_left) + np.exp(log_u) * rest)
        # du = u (1 - u) d(log odds), hence one power of each more than in the integrand.
        total += np.cosh(tau) * np.exp(log_u + (c - 1.0) * log_left - b * log_1_zu)
    return (c - 1.0) * np.pi * _STEP * total

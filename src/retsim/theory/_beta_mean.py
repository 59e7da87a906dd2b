"""Mean of a function of a chance that differs between customers as Beta(a, b).

These means are hypergeometric functions, but `scipy.special.hyp2f1` (1.17) is silently wrong, in the third
digit and worse, at parameters that occur here: whole numbers, or a customer with a hundred purchases. So they
are integrated.

On the scale y = ln(p / (1 - p)) the integrand is smooth, has one peak and exponential tails, so that the
plain trapezoidal rule gains digits exponentially fast (Trefethen, L. N. and Weideman, J. A. C. (2014), "The
exponentially convergent trapezoidal rule", SIAM Review 56(3), 385-458). All terms are positive: nothing
cancels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import Array

_DROP = 60.0  # where the integrand is exp(-60) of its peak it is left out
_CELLS = 2_000_000  # nodes x customers held in memory at a time


def mean_over_beta(
    log_function: Callable[..., Any],
    parameters: tuple[ArrayLike, ...],
    *,
    a: ArrayLike,
    b: ArrayLike,
    sharpness: ArrayLike,
    scale: ArrayLike,
) -> Array:
    """Mean of exp(log_function(p, *parameters)) over p ~ Beta(a, b).

    Parameters
    ----------
    log_function : callable
        Falls with p, from a finite value at p = 0. Takes p of shape (n, nodes), parameters of shape (n, 1).
    parameters : tuple of arrays
        Handed to the function; broadcast with the rest.
    a, b : float or array
        Parameters of the Beta distribution, above 0.
    sharpness : float or array
        Power k, where the function falls like (1 + c p)^-k.
    scale : float or array
        Bound on k c: below p = 1 / scale the function is nearly constant.

    Returns
    -------
    ndarray
        Of the shape to which all arrays broadcast.
    """
    columns = np.broadcast_arrays(a, b, sharpness, scale, *parameters)
    rows = np.stack([np.asarray(column, dtype=np.float64).ravel() for column in columns])[..., None]
    left, right = _edges(rows, log_function)
    n_nodes = int(np.max(np.ceil((right - left) / _longest_step(rows)), initial=1.0)) + 2
    means = np.empty(rows.shape[1])
    block = max(1, _CELLS // n_nodes)
    for start in range(0, means.size, block):
        part = slice(start, start + block)
        step = (right[part] - left[part]) / (n_nodes - 1)
        means[part] = _trapezoid(left[part] + step * np.arange(n_nodes), step, rows[:, part], log_function)
    return means.reshape(columns[0].shape)


def _trapezoid(y: Array, step: Array, rows: Array, log_function: Callable[..., Any]) -> Array:
    from scipy.special import expit

    a, b, _, _, *parameters = rows
    log_weight = _log_density(y, a, b)
    # Beyond the edges the tails are geometric, where they are not negligible anyway.
    log_weight[:, :1] -= np.log(-np.expm1(-a * step))
    log_weight[:, -1:] -= np.log(-np.expm1(-b * step))
    log_weight -= log_weight.max(axis=1, keepdims=True)
    log_value = log_weight + log_function(expit(y), *parameters)
    top = log_value.max(axis=1)
    total = np.exp(log_value - top[:, None]).sum(axis=1)
    return np.asarray(np.exp(top) * total / np.exp(log_weight).sum(axis=1))


def _log_density(y: Array, a: Array, b: Array) -> Array:
    return np.asarray(a * y - (a + b) * np.logaddexp(0.0, y))


def _longest_step(rows: Array) -> Array:
    a, b, sharpness, *_ = rows
    # At the peak the curvature of all factors together is at most a, whatever the function does.
    curvature = np.minimum(a, a * b / (a + b) + sharpness / 4.0)
    return np.minimum(0.2, 1.0 / (1.8 * np.sqrt(curvature)))


def _edges(rows: Array, log_function: Callable[..., Any]) -> tuple[Array, Array]:
    a, b, _, scale, *parameters = rows
    peak = np.log(a) - np.log(b)
    highest = _log_density(peak, a, b)
    fall = log_function(np.zeros_like(a), *parameters) - log_function(a / (a + b), *parameters)
    flat = 40.0 + np.log(1.0 + a + b + scale)
    # Outside these the density is below exp(a y) or exp(-b y), so that the drop is certain.
    left = _edge(a, b, _DROP + fall, peak, (highest - _DROP - fall) / a)
    right = _edge(a, b, np.full_like(a, _DROP), peak, (_DROP - highest) / b)
    return np.maximum(left, np.minimum(-flat, peak - 1.0)), np.minimum(right, np.maximum(flat, peak + 1.0))


def _edge(a: Array, b: Array, drop: Array, inner: Array, outer: Array) -> Array:
    """Point between the peak and a far point where the density has dropped so much, by bisection."""
    level = _log_density(inner, a, b) - drop
    for _ in range(60):
        middle = 0.5 * (inner + outer)
        enough = _log_density(middle, a, b) <= level
        inner, outer = np.where(enough, inner, middle), np.where(enough, middle, outer)
    return outer

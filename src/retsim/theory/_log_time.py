"""Integral over the logarithm of time, up to a moment, of a function with one peak.

The function's logarithm is concave and bends nowhere more than a known bound. So its reach is found by bisection,
and Gauss-Legendre rules on panels of the width of its sharpest possible peak give all digits: unlike an adaptive
routine they miss no peak, and all customers are summed at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from retsim.theory._checks import Array

LARGEST_DROP = 45.0
"""Where the integrand is exp(-45) of its peak it is left out."""

_NODES = 20  # a panel
_CELLS = 1_000_000  # nodes x customers held in memory at a time

LogFunction = Callable[[Array, slice], Array]


def integral_up_to(end: Array, log_function: LogFunction, *, peak: Array, left: Array, bend: Array) -> Array:
    """Integral of exp(log_function(y)) over y = ln(time) from minus infinity to `end`.

    Parameters
    ----------
    end : array (n,)
        Logarithm of the moment up to which is summed; finite.
    log_function : callable
        Takes y of shape (m, nodes) and the slice of customers it is for; concave in y.
    peak : array (n,)
        Where it is highest within the range.
    left : array (n,)
        A point left of the peak, where it is surely exp(-45) of that.
    bend : array (n,)
        Bound on minus its second derivative, above 0.

    Returns
    -------
    array (n,)
    """
    out = np.empty(end.shape)
    low = _edge(log_function, peak, left)
    high = _edge(log_function, peak, end)
    panels = np.ceil((high - low) * np.maximum(np.sqrt(bend), 1.0) / 2.0)
    most = int(panels.max(initial=1.0))
    size = max(1, _CELLS // (most * _NODES))
    for part in (slice(first, first + size) for first in range(0, end.size, size)):
        out[part] = _by_panels(log_function, part, low[part], high[part], most)
    return out


def _edge(log_function: LogFunction, inner: Array, outer: Array) -> Array:
    """Point between the peak and another, where the function has dropped enough: the other, if it nowhere has."""
    everyone = slice(None)
    level = log_function(inner[:, None], everyone)[:, 0] - LARGEST_DROP
    far = outer
    for _ in range(60):
        middle = 0.5 * (inner + far)
        enough = log_function(middle[:, None], everyone)[:, 0] <= level
        inner, far = np.where(enough, inner, middle), np.where(enough, middle, far)
    return far


def _by_panels(log_function: LogFunction, part: slice, low: Array, high: Array, panels: int) -> Array:
    points, weights = np.polynomial.legendre.leggauss(_NODES)
    places = (np.arange(panels)[:, None] + 0.5 * (1.0 + points)).ravel() / panels
    width = (high - low)[:, None]
    values = np.exp(log_function(low[:, None] + width * places, part))
    return np.asarray(values @ np.tile(weights, panels) * width[:, 0] / (2.0 * panels))

"""How single baskets scatter about a customer's usual one, as a table of quantiles for the compiled rules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from retsim.scenario.distributions import Distribution

__all__ = ["spend_quantiles"]

_CELLS = 1024
_LAST_DRAW = 1 - 2.0**-53


def spend_quantiles(noise: Distribution) -> NDArray[np.float64]:
    """Quantiles at evenly spaced probabilities from 0 to 1, scaled to mean 1 under linear interpolation.

    Parameters
    ----------
    noise : Distribution
        Of non-negative values with a positive mean.

    Returns
    -------
    float array of 1025 values, or of none where the noise is constant
    """
    if noise.constant:
        return np.empty(0)
    edges = np.arange(_CELLS + 1) / _CELLS
    table = noise.quantile(np.minimum(edges, _LAST_DRAW))
    # The last cell holds the tail: its upper end is such that its mean is the tail's, not the largest value.
    table[-1] = max(2 * _tail_mean(noise) - table[-2], table[-2])
    for _ in range(3):
        table /= (table.sum() - (table[0] + table[-1]) / 2) / _CELLS
    return table


def _tail_mean(noise: Distribution) -> float:
    """Mean of the values above the last inner edge: with 1 - u = exp(-s)/cells by Gauss-Laguerre."""
    s, weight = np.polynomial.laguerre.laggauss(32)
    return float(weight @ noise.quantile(np.minimum(1 - np.exp(-s) / _CELLS, _LAST_DRAW)))

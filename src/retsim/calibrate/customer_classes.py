"""Customers with the same history, counted once; and what a fit needs at the least."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retsim.calibrate.errors import FitError
from retsim.calibrate.summary import Summary

FEWEST_CUSTOMERS = 10
"""Fewer customers than this are not fitted: four parameters describe how customers differ;
*assumed*."""


ROUGH_CLASSES = 1500
"""As many histories give the likelihood that is climbed from many starts."""


class Classes(NamedTuple):
    """Distinct histories (x, t_x, T), sorted, and how many customers have each."""

    x: NDArray[np.float64]
    t_x: NDArray[np.float64]
    T: NDArray[np.float64]
    weight: NDArray[np.float64]

    def purchase_rate(self) -> float:
        """Return repeat purchases by unit of time observed, over all customers; where a search begins."""
        return float(self.weight @ self.x) / float(self.weight @ self.T)

    def thinned(self) -> Classes:
        """Return at most `ROUGH_CLASSES` histories that stand for all customers.

        Customers are sampled at even distances in the order of histories, so that a history that
        many share (nobody who came at the start and never again is alone) keeps its weight.
        """
        if len(self.x) <= ROUGH_CLASSES:
            return self
        customers = np.cumsum(self.weight)
        places = (np.arange(ROUGH_CLASSES) + 0.5) / ROUGH_CLASSES * customers[-1]
        kept, n = np.unique(np.searchsorted(customers, places), return_counts=True)
        x, t_x, T = (values[kept] for values in self[:3])
        return Classes(x, t_x, T, n * (customers[-1] / ROUGH_CLASSES))


def classes(summary: Summary) -> Classes:
    """Count customers by history; raise `FitError` where purchases cannot be estimated.

    Parameters
    ----------
    summary : Summary
        Customers of a calibration period.

    Returns
    -------
    Classes
    """
    _refuse_too_little(summary)
    rows = np.column_stack([summary.frequency, summary.recency, summary.T]).astype(float)
    distinct, weight = np.unique(rows, axis=0, return_counts=True)
    return Classes(distinct[:, 0], distinct[:, 1], distinct[:, 2], weight.astype(float))


def _refuse_too_little(summary: Summary) -> None:
    until = f" by {summary.cutoff}" if summary.cutoff else ""
    if summary.n < FEWEST_CUSTOMERS:
        raise FitError(
            f"{summary.n} customer{'' if summary.n == 1 else 's'}{until}: how customers differ cannot be "
            f"estimated from fewer than {FEWEST_CUSTOMERS}; give a longer log or a later cutoff"
        )
    if not summary.T.any():
        raise FitError(f"all {summary.n} customers came on the last day{until}; give a later cutoff")
    if not summary.n_repeaters:
        raise FitError(
            f"none of the {summary.n} customers bought again{until}: without a repeat purchase neither how "
            "often customers buy nor how fast they leave can be estimated; give a longer log, a later "
            "cutoff, or check the customer column"
        )

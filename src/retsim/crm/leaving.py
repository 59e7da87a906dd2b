"""Who will give notice: a logistic model of leaving, fitted to who left among those whom a firm knew before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from retsim.crm.database import Customers

Floats = npt.NDArray[np.float64]

ROWS = 20_000
"""Customers and intervals at most from which a firm learns, the latest."""
RIDGE = 1.0
"""Weight of the prior that a standardised feature says nothing; *assumed*."""

__all__ = ["Leaving", "features"]


def features(seen: Customers, months: float) -> Floats:
    """What speaks for leaving within so many months, one row a customer.

    Tenure, recent complaints, money a month, whether the contract binds beyond that time, and whether it ends within.
    """
    a_month = seen.revenue / np.maximum(seen.observed, 1.0)
    bound = seen.contract_left > months
    ends = (seen.contract_left > 0.0) & ~bound
    columns = (np.log1p(seen.tenure), seen.recent_complaints, np.log1p(a_month), bound, ends)
    return np.column_stack([np.asarray(column, float) for column in columns])


class Leaving:
    """A model of leaving within an interval, and the cases that it has learned from.

    Logistic regression by Newton's method with a ridge on standardised features (Hosmer & Lemeshow 2000; the features
    are *assumed*). Sums run in one fixed order, so that a fit is the same to the last bit wherever it is made.
    """

    def __init__(self) -> None:
        self.cases: Floats = np.zeros((0, 0))
        self.left: Floats = np.zeros(0)
        self.weights: Floats | None = None
        self._scale: tuple[Floats, Floats] = (np.zeros(0), np.ones(0))

    def learn(self, cases: Floats, left: npt.NDArray[np.bool_]) -> None:
        """Add cases and fit anew; without both leavers and stayers among them there is no model."""
        self.cases = np.concatenate((self.cases, cases))[-ROWS:] if self.cases.size else cases[-ROWS:]
        self.left = np.concatenate((self.left, left.astype(float)))[-ROWS:]
        if 0.0 < self.left.sum() < self.left.size:
            self._fit()

    def _fit(self) -> None:
        spread = self.cases.std(axis=0)
        self._scale = self.cases.mean(axis=0), np.where(spread > 0.0, spread, 1.0)
        x = self._design(self.cases)
        weights, ridge = np.zeros(x.shape[1]), np.full(x.shape[1], RIDGE)
        ridge[0] = 1e-6
        for _ in range(25):
            p = _logistic((x * weights).sum(axis=1))
            gradient = (x * (self.left - p)[:, None]).sum(axis=0) - ridge * weights
            curved = np.einsum("ni,n,nj->ij", x, p * (1.0 - p), x, optimize=False) + np.diag(ridge)
            step = np.linalg.solve(curved, gradient)
            weights = weights + step
            if float(np.abs(step).max()) < 1e-9:
                break
        self.weights = weights

    def probability(self, cases: Floats) -> Floats:
        """Probability of leaving within the interval."""
        if self.weights is None:
            raise ValueError("a model of leaving must have seen leavers and stayers before it is asked")
        return _logistic((self._design(cases) * self.weights).sum(axis=1))

    def _design(self, cases: Floats) -> Floats:
        mean, spread = self._scale
        return np.column_stack((np.ones(len(cases)), (cases - mean) / spread))


def _logistic(x: Floats) -> Floats:
    out: Floats = 0.5 * (1.0 + np.tanh(0.5 * x))
    return out

"""Shifted beta-geometric: contracts that are renewed or not, period after period.

Each customer leaves at every renewal with a constant probability theta ~ Beta(a, b). Retention
of a cohort rises with age although nobody changes.

Source: Fader & Hardie (2007), How to project customer retention, Journal of Interactive
Marketing 21(1), 76-90, equations (5)-(8) and appendix A.
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from retsim.calibrate.errors import FitError
from retsim.calibrate.estimation import Fit, fitted, maximise

Vector = NDArray[np.float64]


class Sbg(NamedTuple):
    """Parameters of the shifted beta-geometric, both > 0; the mean churn rate is a / (a + b)."""

    a: float
    b: float

    def survivor(self, t: ArrayLike) -> Vector:
        """Share of a cohort that is still there after t renewals: B(a, b + t) / B(a, b).

        Parameters
        ----------
        t : array-like
            Renewals, >= 0.

        Returns
        -------
        array of float
        """
        time = np.asarray(t, dtype=float)
        return np.asarray(np.exp(betaln(self.a, self.b + time) - betaln(self.a, self.b)))

    def retention_rate(self, t: ArrayLike) -> Vector:
        """Share of those there at renewal t who renew: (b + t - 1) / (a + b + t - 1).

        Parameters
        ----------
        t : array-like
            Renewals, >= 1.

        Returns
        -------
        array of float
        """
        time = np.asarray(t, dtype=float)
        return (self.b + time - 1.0) / (self.a + self.b + time - 1.0)

    def log_likelihood(self, n_survivors: ArrayLike) -> float:
        """Log likelihood of a table of survivors.

        Parameters
        ----------
        n_survivors : array-like, shape (renewals + 1,)
            Customers at the start and after each renewal; need not be whole numbers.

        Returns
        -------
        float
        """
        n = np.asarray(n_survivors, dtype=float)
        t = np.arange(1, len(n))
        base = betaln(self.a, self.b)
        left = betaln(self.a + 1.0, self.b + t - 1.0) - base
        stayed = betaln(self.a, self.b + t[-1]) - base
        return float((n[:-1] - n[1:]) @ left + n[-1] * stayed)


def fit_sbg(n_survivors: ArrayLike) -> Fit[Sbg]:
    """Estimate the shifted beta-geometric by maximum likelihood.

    Parameters
    ----------
    n_survivors : array-like, shape (renewals + 1,)
        Customers at the start and after each renewal. A table in per cent gives the same
        estimates; its standard errors are those of a cohort of 100.

    Returns
    -------
    Fit of Sbg

    Raises
    ------
    FitError
        Fewer than two renewals, a number that is negative, not finite or greater than the one
        before, or nobody left.
    """
    n = np.asarray(n_survivors, dtype=float)
    _refuse_unusable(n)
    starts = [np.log(start) for start in product((0.3, 1.0, 5.0), (1.0, 5.0))]
    best = maximise(lambda at: Sbg(*np.exp(at)).log_likelihood(n), starts)
    return fitted("sBG", Sbg, best, n=round(float(n[0])), unit="renewal")


def _refuse_unusable(n: Vector) -> None:
    if n.ndim != 1 or len(n) < 3:
        raise FitError(
            f"a table of survivors of shape {n.shape}: two parameters need the start and two renewals or more"
        )
    good = np.isfinite(n) & (n >= 0.0) & (n <= np.concatenate([n[:1], n[:-1]]))
    if not good.all():
        i = int(np.argmin(good))
        before = n[max(i - 1, 0)]
        raise FitError(f"survivors after renewal {i} = {n[i]:g}, must lie in 0..{before:g}, those before")
    if n[0] == 0.0 or n[-1] == n[0]:
        raise FitError(f"{n[0]:g} customers at the start, {n[-1]:g} at the end: no leaving to estimate from")

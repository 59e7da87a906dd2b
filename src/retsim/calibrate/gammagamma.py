"""Gamma-gamma: how much customers spend a purchase.

The amounts of a customer are Gamma(p, nu), nu ~ Gamma(q, gamma); how much is independent of
how often. Only customers with repeat purchases inform it, by their mean repeat amount.

Source: Fader & Hardie (2013), The gamma-gamma model of monetary value, equations (1)-(5).
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from retsim.calibrate.customer_classes import FEWEST_CUSTOMERS
from retsim.calibrate.errors import FitError
from retsim.calibrate.estimation import Fit, fitted, maximise
from retsim.calibrate.summary import Summary

Vector = NDArray[np.float64]


class GammaGamma(NamedTuple):
    """Parameters of the gamma-gamma model, all > 0.

    Attributes
    ----------
    p : float
        Shape of a customer's amounts: their coefficient of variation is 1 / sqrt(p).
    q : float
        Shape of the differences between customers.
    gamma : float
        Scale of the differences between customers, in the currency.
    """

    p: float
    q: float
    gamma: float

    def log_likelihood(self, x: ArrayLike, mean_spend: ArrayLike) -> Vector:
        """Log likelihood of each customer's mean amount.

        Parameters
        ----------
        x : array-like
            Repeat purchases, >= 1.
        mean_spend : array-like
            Mean amount of them, > 0.

        Returns
        -------
        array of float
        """
        p, q, gamma = self
        x, m = np.asarray(x, dtype=float), np.asarray(mean_spend, dtype=float)
        shapes = gammaln(p * x + q) - gammaln(p * x) - gammaln(q)
        scales = q * np.log(gamma) + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * m)
        return shapes + scales + (p * x - 1.0) * np.log(m)

    def mean_spend(self) -> float:
        """Mean amount of a purchase over all customers; infinite for q <= 1."""
        return self.p * self.gamma / (self.q - 1.0) if self.q > 1.0 else float("inf")

    def expected_spend(self, x: ArrayLike, mean_spend: ArrayLike) -> Vector:
        """Mean amount of a future purchase of customers with these past ones.

        Parameters
        ----------
        x : array-like
            Repeat purchases, >= 0; without any, the mean over all customers.
        mean_spend : array-like
            Mean amount of them; not looked at where x is 0.

        Returns
        -------
        array of float
            In the currency; infinite where p x + q <= 1.
        """
        p, q, gamma = self
        x = np.asarray(x, dtype=float)
        spent = np.where(x > 0, x * np.asarray(mean_spend, dtype=float), 0.0)
        shape = p * x + q - 1.0
        with np.errstate(divide="ignore"):
            return np.where(shape > 0.0, p * (gamma + spent) / shape, np.inf)


def fit_gammagamma(summary: Summary) -> Fit[GammaGamma]:
    """Estimate the gamma-gamma model by maximum likelihood.

    Parameters
    ----------
    summary : Summary
        Customers of a calibration period, with `repeat_spend`.

    Returns
    -------
    Fit of GammaGamma
        `n` counts the customers with a repeat purchase and a mean amount > 0.

    Raises
    ------
    FitError
        No amounts, or too few customers with repeat purchases.
    """
    x, m = spenders(summary)
    scale = float(np.median(m))

    def total(at: Vector) -> float:
        p, q, gamma = np.exp(at)
        return float(GammaGamma(p, q, gamma * scale).log_likelihood(x, m).sum())

    # Each start has the observed mean: p gamma / (q - 1) = 1 in units of the median.
    starts = [np.log([p, q, (q - 1.0) / p]) for p, q in product((1.0, 6.0), (2.0, 8.0))]
    best = maximise(total, starts)
    in_units = best._replace(at=best.at + np.log([1.0, 1.0, scale]))
    return fitted("gamma-gamma", GammaGamma, in_units, n=len(x))


def spend_correlation(summary: Summary) -> float:
    """Correlation of frequency and mean amount, which the model takes to be 0.

    Parameters
    ----------
    summary : Summary
        Customers of a calibration period, with `repeat_spend`.

    Returns
    -------
    float
        In -1..1, over customers with a repeat purchase.
    """
    x, m = spenders(summary)
    return float(np.corrcoef(x, m)[0, 1])


def spenders(summary: Summary) -> tuple[Vector, Vector]:
    """Frequency and mean amount of those who bought again and paid; `FitError` if too few."""
    if summary.repeat_spend is None:
        raise FitError("the summary has no amounts; spend cannot be estimated")
    takes_part = (summary.frequency > 0) & (summary.repeat_spend > 0.0)
    n = int(takes_part.sum())
    if n < FEWEST_CUSTOMERS:
        raise FitError(
            f"{n} of {summary.n} customers bought again and paid: how spend differs between customers "
            f"cannot be estimated from fewer than {FEWEST_CUSTOMERS}; give a longer log or a later cutoff"
        )
    return summary.frequency[takes_part].astype(float), summary.repeat_spend[takes_part]

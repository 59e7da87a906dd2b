"""Pareto/NBD: customers buy at random and leave at random, whether or not they buy.

A customer buys as a Poisson process of rate lambda ~ Gamma(r, alpha) during an exponential
lifetime of rate mu ~ Gamma(s, beta).

Source: Schmittlein, Morrison & Colombo (1987), Management Science 33(1), 1-24; in the form of
Fader & Hardie (2005), A note on deriving the Pareto/NBD model, equations (13)-(20) and (22)-(41).
"""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, gammaln

from retsim.calibrate.customer_classes import Classes, classes
from retsim.calibrate.estimation import Fit, fitted, maximise
from retsim.calibrate.special import hyp2f1_from_1
from retsim.calibrate.summary import Summary

Vector = NDArray[np.float64]

ALONG = np.array([[1.0, 0.0, 0.0, 0.0], [1.0, -1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0], [0.0, 0.0, 1.0, -1.0]])
"""A fit searches along r, r / alpha, s and s / beta: the mean rates are known well, where the shapes
and with them alpha and beta may not be."""


class ParetoNbd(NamedTuple):
    """Parameters of the Pareto/NBD, all > 0.

    Attributes
    ----------
    r : float
        Shape of the purchase rates; no unit.
    alpha : float
        Rate of the purchase rates, in units of time; the mean rate is r / alpha.
    s : float
        Shape of the rates of leaving; no unit.
    beta : float
        Rate of the rates of leaving, in units of time; the mean rate is s / beta.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def rescaled(self, factor: float) -> ParetoNbd:
        """Return the same law in a unit of time of which `factor` make one old unit."""
        return self._replace(alpha=self.alpha * factor, beta=self.beta * factor)

    def log_likelihood(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:
        """Log likelihood of each customer.

        Parameters
        ----------
        x : array-like
            Repeat purchases.
        t_x, T : array-like
            Recency and age, in the unit of alpha and beta.

        Returns
        -------
        array of float
        """
        r, alpha, s, beta = self
        x, t_x, T = _floats(x, t_x, T)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        return np.asarray(common + np.logaddexp(self._log_stayed(x, T), self._log_left(x, t_x, T)))

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:
        """Probability that a customer with this history has not left by T.

        Parameters
        ----------
        x, t_x, T : array-like
            As in `log_likelihood`.

        Returns
        -------
        array of float
        """
        x, t_x, T = _floats(x, t_x, T)
        return expit(self._log_stayed(x, T) - self._log_left(x, t_x, T))

    def expected_purchases(self, t: ArrayLike) -> Vector:
        """Mean number of repeat purchases within t of the first purchase.

        Parameters
        ----------
        t : array-like
            Time since the first purchase, >= 0.

        Returns
        -------
        array of float
        """
        time = np.asarray(t, dtype=float)
        return self.r / self.alpha * _mean_time_alive(time, self.s, self.beta)

    def conditional_purchases(self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:
        """Mean number of purchases in the next t of a customer with this history.

        Parameters
        ----------
        t : array-like
            Length of time after T.
        x, t_x, T : array-like
            As in `log_likelihood`.

        Returns
        -------
        array of float
        """
        r, alpha, s, beta = self
        t, x, t_x, T = _floats(t, x, t_x, T)
        rate = (r + x) / (alpha + T)
        return rate * _mean_time_alive(t, s, beta + T) * self.p_alive(x, t_x, T)

    def _log_stayed(self, x: Vector, T: Vector) -> Vector:
        r, alpha, s, beta = self
        return -(r + x) * np.log(alpha + T) - s * np.log(beta + T)

    def _log_left(self, x: Vector, t_x: Vector, T: Vector) -> Vector:
        """Log of s / (r + s + x) * A0, A0 of equations (17) and (20): left between t_x and T."""
        r, _, s, _ = self
        early, late = self._log_a0(x, t_x), self._log_a0(x, T)
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.where(late < early, np.log(-np.expm1(np.minimum(late - early, 0.0))), -np.inf)
        return np.log(s / (r + s + x)) + early + gap

    def _log_a0(self, x: Vector, t: Vector) -> Vector:
        """Log of 2F1(...) / (...)^(r + s + x) at t, after Euler's transformation of the 2F1.

        The transformed series has only positive terms, and its first parameter is 1.
        """
        r, alpha, s, beta = self
        n = r + s + x
        if alpha >= beta:
            rest = (beta + t) / (alpha + t)
            series = np.log(hyp2f1_from_1(r + x, n + 1.0, rest))
            return series - s * np.log(rest) - n * np.log(alpha + t)
        rest = (alpha + t) / (beta + t)
        series = np.log(hyp2f1_from_1(s + 1.0, n + 1.0, rest))
        return series - (r + x - 1.0) * np.log(rest) - n * np.log(beta + t)


def fit_paretonbd(summary: Summary) -> Fit[ParetoNbd]:
    """Estimate the Pareto/NBD by maximum likelihood.

    Parameters
    ----------
    summary : Summary
        Customers of a calibration period.

    Returns
    -------
    Fit of ParetoNbd
        In the summary's unit of time. The likelihood often has a flat ridge along s and beta;
        their standard errors then are wide.

    Raises
    ------
    FitError
        Too few customers, or nobody bought again.
    """
    found = classes(summary)
    scale = float(found.T.max())

    def total(at: Vector, among: Classes = found) -> float:
        r, alpha, s, beta = np.exp(at)
        law = ParetoNbd(r, alpha * scale, s, beta * scale)
        return float(among.weight @ law.log_likelihood(among.x, among.t_x, among.T))

    alpha = 0.5 / found.purchase_rate() / scale
    starts = [np.log([r, r * alpha, 0.5, beta]) for r, beta in product((0.5, 1.5), (0.3, 2.0))]
    best = maximise(total, starts, rough=partial(total, among=found.thinned()), along=ALONG)
    in_units = best._replace(at=best.at + np.log([1.0, scale, 1.0, scale]))
    return fitted("Pareto/NBD", ParetoNbd, in_units, n=summary.n, unit=summary.unit)


def _mean_time_alive(t: Vector, s: float, beta: float | Vector) -> Vector:
    """Mean of min(lifetime, t): beta / (s - 1) * (1 - (beta / (beta + t))^(s - 1))."""
    length = np.log1p(t / beta)
    if s == 1.0:
        return np.asarray(beta * length)
    return np.asarray(beta * -np.expm1(-(s - 1.0) * length) / (s - 1.0))


def _floats(*values: ArrayLike) -> tuple[Vector, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))

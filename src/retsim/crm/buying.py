"""BG/NBD: customers buy at random and may leave after each purchase.

A customer buys as a Poisson process of rate lambda ~ Gamma(r, alpha) and after every *repeat*
purchase leaves for good with probability p ~ Beta(a, b). Nobody leaves before a repeat purchase.

Source: Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science
24(2), 275-284: equation (6) for the likelihood, (9) and (10) for the expectations; P(alive)
from their 2008 note.

The law stands here, below the simulation, because firms within it fit it to their own databases; the fit
to a log of real transactions is `retsim.calibrate`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, expit, gammaln, hyp2f1

Vector = NDArray[np.float64]

MOST = 1000
"""Customers that a firm's fit goes over; of more, evenly many are left out."""

_POLE = 1e-5
"""Distance from a = 1 (and a + b = 1) within which the expectation is taken as the mean of its
values at both sides; the error is of the order of its square."""


class BgNbd(NamedTuple):
    """Parameters of the BG/NBD, all > 0.

    Attributes
    ----------
    r : float
        Shape of the purchase rates; no unit.
    alpha : float
        Rate of the purchase rates, in units of time; the mean rate is r / alpha.
    a, b : float
        Shapes of the probability of leaving after a repeat purchase; its mean is a / (a + b).
    """

    r: float
    alpha: float
    a: float
    b: float

    def rescaled(self, factor: float) -> BgNbd:
        """Return the same law in a unit of time of which `factor` make one old unit."""
        return self._replace(alpha=self.alpha * factor)

    def log_likelihood(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:
        """Log likelihood of each customer.

        Parameters
        ----------
        x : array-like
            Repeat purchases.
        t_x, T : array-like
            Recency and age, in the unit of alpha.

        Returns
        -------
        array of float
        """
        r, alpha, a, b = self
        x, t_x, T = _floats(x, t_x, T)
        common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        stayed_or_left = np.logaddexp(0.0, self._log_left_to_stayed(x, t_x, T))
        return common - (r + x) * np.log(alpha + T) + stayed_or_left

    def p_alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:
        """Probability that a customer with this history has not left by T.

        Parameters
        ----------
        x, t_x, T : array-like
            As in `log_likelihood`.

        Returns
        -------
        array of float
            1 for a customer without repeat purchases, who cannot have left in this model.
        """
        return expit(-self._log_left_to_stayed(*_floats(x, t_x, T)))

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
        zero = np.zeros_like(np.asarray(t, dtype=float))
        return self._expected(*_floats(t, zero, zero))

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
        t, x, t_x, T = _floats(t, x, t_x, T)
        return self._expected(t, x, T) * self.p_alive(x, t_x, T)

    def _log_left_to_stayed(self, x: Vector, t_x: Vector, T: Vector) -> Vector:
        """Log odds that the customer left right after the last purchase."""
        r, alpha, a, b = self
        waited = (r + x) * np.log((alpha + T) / (alpha + t_x))
        return np.where(x > 0, np.log(a) - np.log(b + np.maximum(x, 1.0) - 1.0) + waited, -np.inf)

    def _expected(self, t: Vector, x: Vector, T: Vector) -> Vector:
        """Expectation for one who is alive at T after x repeats; x = T = 0 is a newcomer.

        Euler's transformation of the published 2F1 keeps its terms small when x is large.
        """
        r, alpha, a, b = self
        if abs(a - 1.0) < _POLE or abs(a + b - 1.0) < _POLE:
            shifted = (self._replace(a=a - 3 * _POLE), self._replace(a=a + 3 * _POLE))
            return 0.5 * (shifted[0]._expected(t, x, T) + shifted[1]._expected(t, x, T))
        z = t / (alpha + T + t)
        c = a + b + x - 1.0
        still = (1.0 - z) ** (a - 1.0) * hyp2f1(a + b - 1.0 - r, a - 1.0, c, z)
        return c / (a - 1.0) * (1.0 - still)


def estimated(x: Vector, t_x: Vector, T: Vector, start: BgNbd | None = None) -> BgNbd | None:
    """The BG/NBD of greatest likelihood for a firm's customers; None where there is too little to see.

    A weak prior (a normal of sd 3 about 0 on the logarithms, in units of the longest T; *assumed*) keeps the search
    within reason while data are few.

    Parameters
    ----------
    x, t_x, T : array
        Repeat purchases, recency, age.
    start : BgNbd, optional
        Where to search from, such as the estimate before.
    """
    keep = slice(None, None, max(x.size // MOST, 1))
    x, t_x, T = x[keep], t_x[keep], T[keep]
    if x.size < 10 or not x.sum() or not T.max():
        return None
    scale = float(T.max())
    alpha = 0.5 * float(T.sum()) / max(float(x.sum()), 1.0) / scale
    first = start.rescaled(1.0 / scale) if start else BgNbd(0.5, alpha, 0.5, 3.0)

    def cost(at: Vector) -> float:
        law = BgNbd(*np.exp(at))
        value = -float(law.log_likelihood(x, t_x / scale, T / scale).sum()) + float((at * at).sum()) / 18.0
        return value if np.isfinite(value) else 1e300

    return BgNbd(*map(float, np.exp(_descended(cost, np.log(first))))).rescaled(scale)


def _descended(cost: Callable[[Vector], float], at: Vector) -> Vector:
    """Where a smooth function of few numbers is least: quasi-Newton (BFGS) with halved steps.

    Written out because for four numbers a library's linear algebra waits longer for its threads than it computes, and
    because these sums run in one order everywhere.
    """
    here, slope = cost(at), _slope(cost, at)
    curved = np.eye(at.size) / max(float(np.abs(slope).max()), 1.0)
    for _ in range(60):
        step = -(curved * slope).sum(axis=1)
        downhill = float((step * slope).sum())
        if downhill > -1e-8 * max(abs(here), 1.0):
            break
        length = min(1.0, 2.0 / float(np.abs(step).max()))
        while length > 1e-4 and not cost(at + length * step) <= here + 1e-4 * length * downhill:
            length *= 0.5
        if length <= 1e-4:
            break
        moved = length * step
        at, before = at + moved, slope
        here, slope = cost(at), _slope(cost, at)
        gain = slope - before
        along = float((moved * gain).sum())
        if along > 1e-12:
            pushed = (curved * gain).sum(axis=1)
            stretch = (1.0 + float((gain * pushed).sum()) / along) / along
            curved = (
                curved + stretch * np.outer(moved, moved) - (np.outer(pushed, moved) + np.outer(moved, pushed)) / along
            )
    return at


def _slope(cost: Callable[[Vector], float], at: Vector) -> Vector:
    h = 1e-4
    return np.array([(cost(at + h * e) - cost(at - h * e)) / (2.0 * h) for e in np.eye(at.size)])


def _floats(*values: ArrayLike) -> tuple[Vector, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=float) for value in values)))

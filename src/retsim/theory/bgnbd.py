"""BG/NBD: purchases at random, and after each a chance to vanish without a word.

Purchase rates differ between customers as Gamma(r, alpha), chances to vanish after a purchase as Beta(a, b).
Time starts at the customer's first purchase, after which nobody vanishes yet; counts are of *repeat*
purchases. Time may be in any unit, that of 1 / alpha. Fits to data live in ``retsim.calibrate``.

References
----------
Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2005), "Counting your customers the easy way: an alternative to
the Pareto/NBD model", Marketing Science 24(2), 275-284.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._beta_mean import mean_over_beta
from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Array, Numbers, Place, plain


@dataclass(frozen=True, kw_only=True)
class BgNbd:
    """The four numbers of a BG/NBD population.

    Parameters
    ----------
    r : float
        Shape of the gamma distribution of purchase rates, above 0.
    alpha : float
        Its rate parameter, in units of time, above 0: the mean purchase rate is r / alpha.
    a, b : float
        Parameters of the Beta distribution of the chance to vanish after a purchase, above 0.

    Raises
    ------
    ValueError
        If a number is not above 0.
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        for name in ("r", "alpha", "a", "b"):
            Place("bgnbd.BgNbd").number(name, getattr(self, name), "parameter of the population", POSITIVE)


def expected_purchases(time: ArrayLike, population: BgNbd) -> Numbers:
    """Mean number of repeat purchases of a new customer up to a time.

    Parameters
    ----------
    time : float or array
        Time since the first purchase, 0 or more.
    population : BgNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        E[X(t)] = (a + b - 1) / (a - 1) (1 - 2F1(r, a - 1; a + b - 1; -t / alpha)).

    Raises
    ------
    ValueError
        If a time is negative.

    Notes
    -----
    Eq. 9 of the source after Pfaff's transformation of the hypergeometric function, computed as the integral
    it stands for, the mean over p of (1 - (1 + p t / alpha)^-r) / p: this holds at a = 1 and a + b = 1 too.

    Examples
    --------
    >>> cdnow = BgNbd(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)
    >>> round(expected_purchases(39, cdnow), 4)
    1.1951
    """
    t = Place("bgnbd.expected_purchases").numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    p = population
    return plain(_expected(t, p.r, p.alpha, p.a, p.b))


def purchase_count_probability(count: ArrayLike, time: ArrayLike, population: BgNbd) -> Numbers:
    """Chance that a new customer makes exactly so many repeat purchases up to a time.

    Parameters
    ----------
    count : int or array
        Number of repeat purchases, 0 or more.
    time : float or array
        Time since the first purchase, 0 or more.
    population : BgNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        P(X(t) = x), 0 to 1; sums to 1 over x.

    Raises
    ------
    ValueError
        If a count or time is negative, or a count is not whole.

    Notes
    -----
    Eq. 8 of the source: B(a, b + x) / B(a, b) NB(x) + [x > 0] B(a + 1, b + x - 1) / B(a, b) P(NB >= x), with
    NB the negative binomial of size r and chance alpha / (alpha + t); its tail is a regularised incomplete
    beta function, so nothing cancels at high counts.
    """
    from scipy.special import betainc, betaln, gammaln, xlogy

    here = Place("bgnbd.purchase_count_probability")
    x = here.wholes("count", count, "repeat purchases")
    t = here.numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    r, alpha, a, b = population.r, population.alpha, population.a, population.b
    reach = t / (alpha + t)
    log_nb = gammaln(r + x) - gammaln(r) - gammaln(x + 1.0) + r * np.log(alpha / (alpha + t)) + xlogy(x, reach)
    active = np.exp(betaln(a, b + x) - betaln(a, b) + log_nb)
    bought = np.maximum(x, 1.0)
    vanished = np.exp(betaln(a + 1.0, b + bought - 1.0) - betaln(a, b)) * betainc(bought, r, reach)
    return plain(active + np.where(x > 0, vanished, 0.0))


def share_active(time: ArrayLike, population: BgNbd) -> Numbers:
    """Share of a cohort that has not vanished by a time.

    Parameters
    ----------
    time : float or array
        Time since the first purchase, 0 or more.
    population : BgNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        E[exp(-lambda p t)] = 2F1(r, a; a + b; -t / alpha), 0 to 1.

    Raises
    ------
    ValueError
        If a time is negative.

    Notes
    -----
    Given lambda and p the moment of vanishing is exponential with rate lambda p (a thinned Poisson process);
    the mean over both distributions is Euler's integral of the hypergeometric function, computed as such.
    """
    t = Place("bgnbd.share_active").numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    p = population
    return plain(_share_active(t, p.r, p.alpha, p.a, p.b))


def p_active(frequency: ArrayLike, recency: ArrayLike, *, age: ArrayLike, population: BgNbd) -> Numbers:
    """Chance that a customer with a known past is still active.

    Parameters
    ----------
    frequency : int or array
        Repeat purchases so far, 0 or more.
    recency : float or array
        Time of the last purchase, counted from the first; 0 where there was no repeat purchase.
    age : float or array
        Time observed since the first purchase, not below `recency`.
    population : BgNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        1 / (1 + [x > 0] a / (b + x - 1) ((alpha + T) / (alpha + t_x))^(r + x)), 0 to 1; 1 without repeat
        purchases.

    Raises
    ------
    ValueError
        If an argument is out of range or `recency` exceeds `age`.

    References
    ----------
    Fader, P. S., Hardie, B. G. S. and Lee, K. L. (2008), "Computing P(alive) using the BG/NBD model".
    """
    x, last, observed = Place("bgnbd.p_active").past(frequency, recency, age)
    return plain(_p_active(x, last, observed, population))


def expected_future_purchases(
    time: ArrayLike, frequency: ArrayLike, *, recency: ArrayLike, age: ArrayLike, population: BgNbd
) -> Numbers:
    """Mean number of purchases in a coming stretch of time of a customer with a known past.

    Parameters
    ----------
    time : float or array
        Length of the coming stretch, 0 or more.
    frequency : int or array
        Repeat purchases so far, 0 or more.
    recency : float or array
        Time of the last purchase, counted from the first; 0 where there was no repeat purchase.
    age : float or array
        Time observed since the first purchase, not below `recency`.
    population : BgNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        E[Y(t) | x, t_x, T], eq. 10 of the source: `p_active` times the mean of a new population with
        parameters r + x, alpha + T, a, b + x.

    Raises
    ------
    ValueError
        If an argument is out of range or `recency` exceeds `age`.
    """
    here = Place("bgnbd.expected_future_purchases")
    t = here.numbers("time", time, "length of the coming stretch", NON_NEGATIVE)
    x, last, observed = here.past(frequency, recency, age)
    p = population
    return plain(_p_active(x, last, observed, p) * _expected(t, p.r + x, p.alpha + observed, p.a, p.b + x))


def _p_active(x: Array, last: Array, observed: Array, p: BgNbd) -> Any:
    from scipy.special import expit

    bought = np.maximum(x, 1.0)
    log_odds = np.log(p.a / (p.b + bought - 1.0)) + (p.r + x) * np.log((p.alpha + observed) / (p.alpha + last))
    return np.where(x > 0, expit(-log_odds), 1.0)


def _share_active(t: Any, r: Any, alpha: Any, a: Any, b: Any) -> Array:
    def log_share(p: Array, r: Array, reach: Array) -> Array:
        return np.asarray(-r * np.log1p(p * reach))

    reach = t / alpha
    return mean_over_beta(log_share, (r, reach), a=a, b=b, sharpness=r, scale=r * reach)


def _expected(t: Any, r: Any, alpha: Any, a: Any, b: Any) -> Any:
    """Mean over p of (1 - (1 + p t / alpha)^-r) / p, as r t / alpha times a share between 0 and 1."""

    def log_share(p: Array, r: Array, reach: Array) -> Array:
        bought = -np.expm1(-r * np.log1p(p * reach))
        # Where the chance is too small for a number the share is its limit, 1.
        some = bought > 0.0
        return np.asarray(np.log(np.where(some, bought, 1.0) / np.where(some, r * p * reach, 1.0)))

    reach = t / alpha
    return r * reach * mean_over_beta(log_share, (r, reach), a=a, b=b, sharpness=2.0, scale=(r + 1.0) * reach)

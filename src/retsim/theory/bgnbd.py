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
    Eq. 9 of the source after Pfaff's transformation of the hypergeometric function, which is more accurate at
    long times. Where the formula is singular (a = 1, a + b = 1) or overflows, the integral it came from is
    computed.

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
    log_nb = (
        gammaln(r + x) - gammaln(r) - gammaln(x + 1.0) + r * np.log(alpha / (alpha + t)) + xlogy(x, reach)
    )
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
    Given lambda and p the moment of vanishing is exponential with rate lambda p (source, p. 278, thinning of
    the purchases); the mean over both distributions follows from Euler's integral.
    """
    from scipy.special import hyp2f1

    t = Place("bgnbd.share_active").numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    p = population
    return plain(hyp2f1(p.r, p.a, p.a + p.b, -t / p.alpha))


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
    x, last, observed = checked_past(Place("bgnbd.p_active"), frequency, recency, age)
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
    x, last, observed = checked_past(here, frequency, recency, age)
    p = population
    return plain(_p_active(x, last, observed, p) * _expected(t, p.r + x, p.alpha + observed, p.a, p.b + x))


def checked_past(
    here: Place, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike
) -> tuple[Array, Array, Array]:
    """Check one customer's (or many customers') purchase history: frequency, recency, age."""
    x = here.wholes("frequency", frequency, "repeat purchases so far")
    last = here.numbers("recency", recency, "time of the last purchase since the first", NON_NEGATIVE)
    observed = here.numbers("age", age, "time observed since the first purchase", NON_NEGATIVE)
    x, last, observed = np.broadcast_arrays(x, last, observed)
    if (last > observed).any():
        late = last > observed
        raise here.refuse(
            f"recency = {last[late].flat[0]:g}, must not exceed age = {observed[late].flat[0]:g}"
        )
    if ((x == 0) & (last > 0)).any():
        raise here.refuse(
            f"recency = {last[(x == 0) & (last > 0)].flat[0]:g}, must be 0 where frequency is 0"
        )
    return x, last, observed


def _p_active(x: Array, last: Array, observed: Array, p: BgNbd) -> Any:
    from scipy.special import expit

    bought = np.maximum(x, 1.0)
    log_odds = np.log(p.a / (p.b + bought - 1.0)) + (p.r + x) * np.log(
        (p.alpha + observed) / (p.alpha + last)
    )
    return np.where(x > 0, expit(-log_odds), 1.0)


def _expected(t: Any, r: Any, alpha: Any, a: float, b: Any) -> Any:
    from scipy.special import hyp2f1

    singular = abs(a - 1.0) < 1e-3
    with np.errstate(all="ignore"):
        c = a + b - 1.0
        mean = np.asarray(c / (1.0 if singular else a - 1.0) * (1.0 - hyp2f1(r, a - 1.0, c, -t / alpha)))
    lost = ~np.isfinite(mean) | singular
    if lost.any():
        t, r, alpha, b = np.broadcast_arrays(t, r, alpha, b)
        mean[lost] = [
            _expected_by_integral(*row, a) for row in zip(t[lost], r[lost], alpha[lost], b[lost], strict=True)
        ]
    return mean


def _expected_by_integral(t: float, r: float, alpha: float, b: float, a: float) -> float:
    """Mean over p ~ Beta(a, b) of (1 - (1 + p t / alpha)^-r) / p."""
    from scipy.integrate import quad
    from scipy.special import beta

    def given_p(p: float) -> float:
        return float(-np.expm1(-r * np.log1p(p * t / alpha)) / p) if p > 0.0 else r * t / alpha

    area, _ = quad(
        given_p, 0.0, 1.0, weight="alg", wvar=(a - 1.0, b - 1.0), epsabs=0.0, epsrel=1e-11, limit=500
    )
    return float(area / beta(a, b))

"""Pareto/NBD: purchases at random until the customer silently dies at a random moment.

Purchase rates differ between customers as Gamma(r, alpha), death rates as Gamma(s, beta). Time starts at the
first purchase; counts are of *repeat* purchases. Time may be in any unit, that of 1 / alpha and 1 / beta.
Fits to data live in ``retsim.calibrate``.

References
----------
Schmittlein, D. C., Morrison, D. G. and Colombo, R. (1987), "Counting your customers: who are they and what
will they do next?", Management Science 33(1), 1-24.
Fader, P. S. and Hardie, B. G. S. (2005), "A note on deriving the Pareto/NBD model and related expressions".
Fader, P. S. and Hardie, B. G. S. (2006), "Deriving an expression for P(X(t) = x) under the Pareto/NBD model".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._beta_mean import mean_over_beta
from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Array, Numbers, Place, plain
from retsim.theory._log_time import LARGEST_DROP, integral_up_to


@dataclass(frozen=True, kw_only=True)
class ParetoNbd:
    """The four numbers of a Pareto/NBD population.

    Parameters
    ----------
    r : float
        Shape of the gamma distribution of purchase rates, above 0.
    alpha : float
        Its rate parameter, in units of time, above 0: the mean purchase rate is r / alpha.
    s : float
        Shape of the gamma distribution of death rates, above 0.
    beta : float
        Its rate parameter, in units of time, above 0: the mean death rate is s / beta.

    Raises
    ------
    ValueError
        If a number is not above 0.
    """

    r: float
    alpha: float
    s: float
    beta: float

    def __post_init__(self) -> None:
        for name in ("r", "alpha", "s", "beta"):
            Place("paretonbd.ParetoNbd").number(name, getattr(self, name), "parameter of the population", POSITIVE)


def expected_purchases(time: ArrayLike, population: ParetoNbd) -> Numbers:
    """Mean number of repeat purchases of a new customer up to a time.

    Parameters
    ----------
    time : float or array
        Time since the first purchase, 0 or more.
    population : ParetoNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        E[X(t)] = r beta / (alpha (s - 1)) (1 - (beta / (beta + t))^(s - 1)), and its limit
        r beta / alpha ln((beta + t) / beta) at s = 1.

    Raises
    ------
    ValueError
        If a time is negative.

    Examples
    --------
    >>> cdnow = ParetoNbd(r=0.5533, alpha=10.578, s=0.6062, beta=11.668)
    >>> round(expected_purchases(39, cdnow), 4)
    1.2134
    """
    t = Place("paretonbd.expected_purchases").numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    p = population
    return plain(p.r / p.alpha * _mean_time_active(t, p.s, p.beta))


def share_active(time: ArrayLike, population: ParetoNbd) -> Numbers:
    """Share of a cohort still active at a time.

    Parameters
    ----------
    time : float or array
        Time since the first purchase, 0 or more.
    population : ParetoNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        (beta / (beta + t))^s, the Pareto distribution of the second kind; 0 to 1.

    Raises
    ------
    ValueError
        If a time is negative.
    """
    t = Place("paretonbd.share_active").numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    return plain(_survival(t, population))


def purchase_count_probability(count: ArrayLike, time: ArrayLike, population: ParetoNbd) -> Numbers:
    """Chance that a new customer makes exactly so many repeat purchases up to a time.

    Parameters
    ----------
    count : int or array
        Number of repeat purchases, 0 or more.
    time : float or array
        Time since the first purchase, 0 or more.
    population : ParetoNbd
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
    NB(x; t) S(t) for those still active, plus the mean of NB(x; tau) over moments of death tau < t. Fader and
    Hardie (2006) write the second part as a difference of hypergeometric functions; it is integrated here,
    because that difference loses its digits at high counts and short times.
    """
    here = Place("paretonbd.purchase_count_probability")
    x = here.wholes("count", count, "repeat purchases")
    t = here.numbers("time", time, "time since the first purchase", NON_NEGATIVE)
    x, t = np.broadcast_arrays(x, t)
    chance = np.array(_negative_binomial(x, t, population) * _survival(t, population))
    later = t > 0.0
    chance[later] += _dead_with(x[later], t[later], population)
    return plain(chance)


def p_active(frequency: ArrayLike, recency: ArrayLike, *, age: ArrayLike, population: ParetoNbd) -> Numbers:
    """Chance that a customer with a known past is still active.

    Parameters
    ----------
    frequency : int or array
        Repeat purchases so far, 0 or more.
    recency : float or array
        Time of the last purchase, counted from the first; 0 where there was no repeat purchase.
    age : float or array
        Time observed since the first purchase, not below `recency`.
    population : ParetoNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        1 / (1 + s / (r + s + x) (alpha + T)^(r + x) (beta + T)^s A0), 0 to 1, with A0 the difference of two
        hypergeometric functions of the source.

    Raises
    ------
    ValueError
        If an argument is out of range or `recency` exceeds `age`.

    References
    ----------
    Schmittlein, Morrison and Colombo (1987), eqs 11-13; Fader and Hardie (2005).
    """
    x, last, observed = Place("paretonbd.p_active").past(frequency, recency, age)
    return plain(_p_active(x, last, observed, population))


def expected_future_purchases(
    time: ArrayLike, frequency: ArrayLike, *, recency: ArrayLike, age: ArrayLike, population: ParetoNbd
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
    population : ParetoNbd
        The population's parameters.

    Returns
    -------
    float or ndarray
        `p_active` times (r + x) / (alpha + T) times the mean time active of a population with parameters s,
        beta + T.

    Raises
    ------
    ValueError
        If an argument is out of range or `recency` exceeds `age`.
    """
    here = Place("paretonbd.expected_future_purchases")
    t = here.numbers("time", time, "length of the coming stretch", NON_NEGATIVE)
    x, last, observed = here.past(frequency, recency, age)
    p = population
    rate = (p.r + x) / (p.alpha + observed)
    return plain(_p_active(x, last, observed, p) * rate * _mean_time_active(t, p.s, p.beta + observed))


def _mean_time_active(t: Any, s: float, beta: Any) -> Any:
    """Mean of the smaller of t and the lifetime."""
    growth = np.log1p(t / beta)
    if s == 1.0:
        return beta * growth
    return beta * -np.expm1((1.0 - s) * growth) / (s - 1.0)


def _survival(t: Any, p: ParetoNbd) -> Any:
    return np.exp(-p.s * np.log1p(t / p.beta))


def _negative_binomial(x: Any, t: Any, p: ParetoNbd) -> Any:
    from scipy.special import gammaln, xlogy

    log_size = gammaln(p.r + x) - gammaln(p.r) - gammaln(x + 1.0)
    return np.exp(log_size - p.r * np.log1p(t / p.alpha) + xlogy(x, t / (p.alpha + t)))


def _dead_with(x: Array, t: Array, p: ParetoNbd) -> Array:
    """Chance to have died before t > 0 with x purchases made; arrays (n,).

    Integral over y = ln(u) of the density of death, s u / beta (1 + u / beta)^-(s + 1), times NB(x; u): its
    logarithm has slope x + 1 at first and -(r + s) in the end, and bends by a quarter of its powers at most.
    """
    from scipy.special import expit, gammaln

    log_scale = gammaln(p.r + x) - gammaln(p.r) - gammaln(x + 1.0) - x * np.log(p.alpha) + np.log(p.s / p.beta)
    near_alpha, near_beta = np.log(p.alpha), np.log(p.beta)

    def log_density(y: Array, part: slice) -> Array:
        n = x[part, None]
        bought = (p.r + n) * np.logaddexp(0.0, y - near_alpha)
        died = (p.s + 1.0) * np.logaddexp(0.0, y - near_beta)
        return np.asarray(log_scale[part, None] + (n + 1.0) * y - bought - died)

    low = np.log((x + 1.0) / ((p.r + x) / p.alpha + (p.s + 1.0) / p.beta))
    high = np.log(((p.r + x) * p.alpha + (p.s + 1.0) * p.beta) / (p.r + p.s))
    for _ in range(60):
        middle = 0.5 * (low + high)
        rises = x + 1.0 > (p.r + x) * expit(middle - near_alpha) + (p.s + 1.0) * expit(middle - near_beta)
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    peak = np.minimum(low, np.log(t))
    left = (log_density(peak[:, None], slice(None))[:, 0] - LARGEST_DROP - log_scale) / (x + 1.0)
    return integral_up_to(np.log(t), log_density, peak=peak, left=left, bend=(p.r + x + p.s + 1.0) / 4.0)


def _p_active(x: Array, last: Array, observed: Array, p: ParetoNbd) -> Any:
    with np.errstate(over="ignore"):
        odds_gone = _odds_part(last, x, observed, p) - _odds_part(observed, x, observed, p)
    return 1.0 / (1.0 + p.s / (p.r + p.s + x) * odds_gone)


def _odds_part(moment: Array, x: Array, observed: Array, p: ParetoNbd) -> Any:
    """One of the two hypergeometric terms of A0, times (alpha + T)^(r + x) (beta + T)^s."""
    near, far = min(p.alpha, p.beta), max(p.alpha, p.beta)
    lower = p.s + 1.0 if p.alpha >= p.beta else p.r + x
    power = p.r + p.s + x
    log_scale = (p.r + x) * np.log(p.alpha + observed) + p.s * np.log(p.beta + observed)
    # Euler's transformation: powers go into the logarithm, what is left of 2F1 stays small at any frequency.
    log_scale -= power * np.log(far + moment) + (lower - 1.0) * np.log((near + moment) / (far + moment))
    return np.exp(log_scale) * _rest(near + moment, far + moment, lower, power + 1.0 - lower)


def _rest(near: Array, far: Array, lower: Any, upper: Any) -> Array:
    """2F1(1, upper; upper + lower; 1 - near / far), the mean over q ~ Beta(lower, upper) of its kernel."""

    def log_kernel(q: Array, near: Array, far: Array) -> Array:
        return np.asarray(np.log(far) - np.log(near + (far - near) * q))

    return mean_over_beta(log_kernel, (near, far), a=lower, b=upper, sharpness=1.0, scale=far / near)

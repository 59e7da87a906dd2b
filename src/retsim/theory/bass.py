"""Bass diffusion: a first purchase spreads by outside influence and by those who already bought.

References
----------
Bass, F. M. (1969), "A new product growth for model consumer durables", Management Science 15(5), 215-227.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Array, Numbers, Place, Range, plain


def cumulative(time: ArrayLike, *, innovation: ArrayLike, imitation: ArrayLike) -> Numbers:
    """Share of the market that has bought by a time.

    Parameters
    ----------
    time : float or array
        Time since the launch, 0 or more.
    innovation : float or array
        p, hazard of buying under outside influence alone, per unit of time, above 0.
    imitation : float or array
        q, rise of that hazard from none to all having bought, per unit of time, 0 or more.

    Returns
    -------
    float or ndarray
        F(t) = (1 - exp(-(p + q) t)) / (1 + (q / p) exp(-(p + q) t)), 0 to 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> cumulative([1, 5, 10], innovation=0.03, imitation=0.38).round(4)
    array([0.0358, 0.3312, 0.8128])
    """
    here = Place("bass.cumulative")
    p, q = _coefficients(here, innovation, imitation)
    t = here.numbers("time", time, "time since the launch", NON_NEGATIVE)
    fading = np.exp(-(p + q) * t)
    return plain(-np.expm1(-(p + q) * t) / (1.0 + q / p * fading))


def density(time: ArrayLike, *, innovation: ArrayLike, imitation: ArrayLike) -> Numbers:
    """Share of the market that buys per unit of time.

    Parameters
    ----------
    time : float or array
        Time since the launch, 0 or more.
    innovation, imitation : float or array
        p above 0 and q, 0 or more, per unit of time.

    Returns
    -------
    float or ndarray
        f(t) = (p + q F(t)) (1 - F(t)), per unit of time.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("bass.density")
    p, q = _coefficients(here, innovation, imitation)
    t = here.numbers("time", time, "time since the launch", NON_NEGATIVE)
    fading = np.exp(-(p + q) * t)
    return plain((p + q) ** 2 / p * fading / (1.0 + q / p * fading) ** 2)


def peak_time(*, innovation: ArrayLike, imitation: ArrayLike) -> Numbers:
    """Time at which most buy.

    Parameters
    ----------
    innovation, imitation : float or array
        p above 0 and q, 0 or more, per unit of time.

    Returns
    -------
    float or ndarray
        ln(q / p) / (p + q), and 0 where imitation does not exceed innovation: sales then fall from the start.
        At an inner peak F = 1/2 - p / (2 q).

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    p, q = _coefficients(Place("bass.peak_time"), innovation, imitation)
    return plain(np.log(np.maximum(q, p) / p) / (p + q))


def time_to_reach(share: ArrayLike, *, innovation: ArrayLike, imitation: ArrayLike) -> Numbers:
    """Time at which a share of the market has bought: the inverse of `cumulative`.

    Parameters
    ----------
    share : float or array
        0 or more, below 1.
    innovation, imitation : float or array
        p above 0 and q, 0 or more, per unit of time.

    Returns
    -------
    float or ndarray
        ln((1 + F q / p) / (1 - F)) / (p + q).

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("bass.time_to_reach")
    p, q = _coefficients(here, innovation, imitation)
    below_one = Range(0.0, 1.0, True, False, "must be 0 or more and below 1")
    reached = here.numbers("share", share, "share of the market that has bought", below_one)
    return plain((np.log1p(reached * q / p) - np.log1p(-reached)) / (p + q))


def discrete(n_steps: int, *, innovation: float, imitation: float, step: float = 1.0) -> Array:
    """Share that has bought, where influence is renewed only once a step.

    Parameters
    ----------
    n_steps : int
        Steps to take, 0 or more.
    innovation, imitation : float
        p above 0 and q, 0 or more, per unit of time.
    step : float, optional
        Length of a step, above 0, with step x (p + q) not above 1.

    Returns
    -------
    ndarray of shape (n_steps + 1,)
        F at times 0, step, 2 step, ... by F += step (p + q F)(1 - F). It is not `cumulative`: it tends to it
        as the step shrinks, with an error in proportion to the step.

    Raises
    ------
    ValueError
        If an argument is out of range, or a step could carry the share past 1.

    References
    ----------
    Bass (1969): the discrete analogue in which the model is fitted to yearly sales.
    """
    here = Place("bass.discrete")
    p = here.number("innovation", innovation, "hazard per unit of time", POSITIVE)
    q = here.number("imitation", imitation, "hazard per unit of time", NON_NEGATIVE)
    h = here.number("step", step, "length of a step", POSITIVE)
    if h * (p + q) > 1.0:
        raise here.refuse(f"step x (innovation + imitation) = {h * (p + q):g}, must not exceed 1; take a shorter step")
    shares = [0.0]
    for _ in range(here.whole("n_steps", n_steps, "steps to take")):
        shares.append(shares[-1] + h * (p + q * shares[-1]) * (1.0 - shares[-1]))
    return np.array(shares)


def _coefficients(here: Place, innovation: ArrayLike, imitation: ArrayLike) -> tuple[Array, Array]:
    return (
        here.numbers("innovation", innovation, "hazard of buying from outside influence", POSITIVE),
        here.numbers("imitation", imitation, "hazard added when all have bought", NON_NEGATIVE),
    )

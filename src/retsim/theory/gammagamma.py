"""Gamma-gamma: money spent per purchase.

Each purchase's value is Gamma(p, nu) with mean p / nu; nu differs between customers as Gamma(q, gamma) and is
independent of how often they buy. Fits to data live in ``retsim.calibrate``.
"""

from __future__ import annotations

from dataclasses import dataclass

from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Numbers, Place, Range, plain


@dataclass(frozen=True, kw_only=True)
class GammaGamma:
    """The three numbers of a gamma-gamma population.

    Parameters
    ----------
    p : float
        Shape of one customer's purchase values, above 0.
    q : float
        Shape of the distribution between customers, above 1 (else the mean does not exist).
    gamma : float
        Its rate parameter, in currency, above 0.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        here = Place("gammagamma.GammaGamma")
        here.number("p", self.p, "shape of one customer's purchase values", POSITIVE)
        above_one = Range(1.0, float("inf"), False, True, "must be above 1")
        here.number("q", self.q, "shape between customers; the mean spend exists only then", above_one)
        here.number("gamma", self.gamma, "rate parameter in currency", POSITIVE)


def mean_spend(population: GammaGamma) -> float:
    """Mean value of a purchase, over customers.

    Parameters
    ----------
    population : GammaGamma
        The population's parameters.

    Returns
    -------
    float
        p gamma / (q - 1), in currency.

    Examples
    --------
    >>> round(mean_spend(GammaGamma(p=6.25, q=3.74, gamma=15.44)), 2)
    35.22
    """
    return population.p * population.gamma / (population.q - 1.0)


def expected_spend(n_purchases: ArrayLike, observed_mean: ArrayLike, *, population: GammaGamma) -> Numbers:
    """Mean value of the coming purchases of a customer with a known past.

    Parameters
    ----------
    n_purchases : int or array
        Purchases seen, 0 or more.
    observed_mean : float or array
        Their mean value, in currency, 0 or more; without effect where none was seen.
    population : GammaGamma
        The population's parameters.

    Returns
    -------
    float or ndarray
        w m + (1 - w) p gamma / (q - 1) with w = p x / (p x + q - 1), in currency.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2013), "The gamma-gamma model of monetary value", eq. 5.
    """
    here = Place("gammagamma.expected_spend")
    x = here.wholes("n_purchases", n_purchases, "purchases seen")
    mean = here.numbers("observed_mean", observed_mean, "currency a purchase", NON_NEGATIVE)
    weight = population.p * x / (population.p * x + population.q - 1.0)
    return plain(weight * mean + (1.0 - weight) * mean_spend(population))

"""Shifted beta-geometric: a contractual cohort whose members differ in a churn rate that never changes.

Each customer leaves at every renewal with a chance theta of their own, theta ~ Beta(a, b). The leaky leave
first, so the *cohort's* retention rate rises though nobody changes. Fits to data live in
``retsim.calibrate``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._beta_mean import mean_over_beta
from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Array, Numbers, Place, plain


def survival(renewals: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> Numbers:
    """Share of the cohort still there after a number of renewals.

    Parameters
    ----------
    renewals : float or array
        Renewals passed, 0 or more.
    a, b : float or array
        Parameters of the Beta distribution of churn rates (alpha and beta of the source), above 0.

    Returns
    -------
    float or ndarray
        S(t) = B(a, b + t) / B(a, b), 0 to 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2007), "How to project customer retention", Journal of Interactive
    Marketing 21(1), 76-90.

    Examples
    --------
    >>> survival([0, 1, 7], a=0.6681, b=3.8061).round(3)
    array([1.   , 0.851, 0.489])
    """
    here = Place("sbg.survival")
    t = here.numbers("renewals", renewals, "renewals passed", NON_NEGATIVE)
    return plain(np.exp(_log_survival(t, *_beta(here, a, b))))


def churn_share(renewal: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> Numbers:
    """Share of the whole cohort that leaves at a given renewal.

    Parameters
    ----------
    renewal : int or array
        Number of the renewal, 1 or more.
    a, b : float or array
        Parameters of the Beta distribution of churn rates, above 0.

    Returns
    -------
    float or ndarray
        P(T = t) = B(a + 1, b + t - 1) / B(a, b), 0 to 1; sums to 1 over t = 1, 2, ...

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    from scipy.special import betaln

    here = Place("sbg.churn_share")
    t = here.wholes("renewal", renewal, "number of the renewal", least=1)
    a_, b_ = _beta(here, a, b)
    return plain(np.exp(betaln(a_ + 1.0, b_ + t - 1.0) - betaln(a_, b_)))


def retention_rate(renewal: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> Numbers:
    """Share of those still there who pass a given renewal.

    Parameters
    ----------
    renewal : int or array
        Number of the renewal, 1 or more.
    a, b : float or array
        Parameters of the Beta distribution of churn rates, above 0.

    Returns
    -------
    float or ndarray
        r(t) = S(t) / S(t - 1) = (b + t - 1) / (a + b + t - 1); rises with t towards 1. Also the chance that
        one customer who has passed t - 1 renewals passes the next.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("sbg.retention_rate")
    t = here.wholes("renewal", renewal, "number of the renewal", least=1)
    a_, b_ = _beta(here, a, b)
    return plain((b_ + t - 1.0) / (a_ + b_ + t - 1.0))


def expected_tenure(*, a: ArrayLike, b: ArrayLike, n_renewals: ArrayLike = 0) -> Numbers:
    """Mean number of further periods, the running one included.

    Parameters
    ----------
    a, b : float or array
        Parameters of the Beta distribution of churn rates, above 0.
    n_renewals : int or array, optional
        Renewals already passed; 0 for a new customer.

    Returns
    -------
    float or ndarray
        E[1 / theta | n renewals] = (a + b + n - 1) / (a - 1); infinite where a <= 1, which is no error: the
        few who hardly ever leave carry a mean without bound. It is not 1 / E[theta]: churn rates may not be
        averaged.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("sbg.expected_tenure")
    n = here.wholes("n_renewals", n_renewals, "renewals already passed")
    a_, b_ = _beta(here, a, b)
    finite = a_ > 1.0
    return plain(np.where(finite, (a_ + b_ + n - 1.0) / np.where(finite, a_ - 1.0, 1.0), np.inf))


def mean_tenure_within(n_periods: int, *, a: float, b: float) -> float:
    """Mean number of periods a new customer stays, counted up to a horizon.

    Parameters
    ----------
    n_periods : int
        Periods observed, 1 or more.
    a, b : float
        Parameters of the Beta distribution of churn rates, above 0.

    Returns
    -------
    float
        S(0) + S(1) + ... + S(n_periods - 1); finite whatever `a`.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    n = Place("sbg.mean_tenure_within").whole("n_periods", n_periods, "periods observed", least=1)
    return float(np.sum(survival(np.arange(n), a=a, b=b)))


def discounted_lifetime(discount_rate: ArrayLike, *, a: ArrayLike, b: ArrayLike) -> Numbers:
    """Discounted expected lifetime of a new customer: multiply by a constant margin to get the value.

    Parameters
    ----------
    discount_rate : float or array
        Interest a period, above 0.
    a, b : float or array
        Parameters of the Beta distribution of churn rates, above 0.

    Returns
    -------
    float or ndarray
        DEL = sum over t = 0, 1, ... of S(t) / (1 + d)^t = 2F1(1, b; a + b; 1 / (1 + d)). The first margin
        comes now, for certain.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2010), "Customer-base valuation in a contractual setting: the perils of
    ignoring heterogeneity", Marketing Science 29(1), 85-93.
    """
    here = Place("sbg.discounted_lifetime")
    d = here.numbers("discount_rate", discount_rate, "interest a period", POSITIVE)
    return plain(_discounted(d, *_beta(here, a, b)))


def discounted_residual_lifetime(
    discount_rate: ArrayLike, *, a: ArrayLike, b: ArrayLike, n_renewals: ArrayLike
) -> Numbers:
    """Discounted expected residual lifetime, seen just before the next renewal.

    Parameters
    ----------
    discount_rate : float or array
        Interest a period, above 0.
    a, b : float or array
        Parameters of the Beta distribution of churn rates, above 0.
    n_renewals : int or array
        Renewals already passed, 0 or more.

    Returns
    -------
    float or ndarray
        DERL = r(n + 1) 2F1(1, b + n + 1; a + b + n + 1; 1 / (1 + d)), the sum over t > n of
        S(t) / S(n) / (1 + d)^(t - n - 1): the next margin comes now if the customer renews.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Fader and Hardie (2010); the source counts periods lived, one more than renewals passed.
    """
    here = Place("sbg.discounted_residual_lifetime")
    d = here.numbers("discount_rate", discount_rate, "interest a period", POSITIVE)
    n = here.wholes("n_renewals", n_renewals, "renewals already passed")
    a_, b_ = _beta(here, a, b)
    return plain((b_ + n) / (a_ + b_ + n) * _discounted(d, a_, b_ + n + 1.0))


def _beta(here: Place, a: ArrayLike, b: ArrayLike) -> tuple[Array, Array]:
    meaning = "parameter of the Beta distribution of churn rates"
    return here.numbers("a", a, meaning, POSITIVE), here.numbers("b", b, meaning, POSITIVE)


def _log_survival(t: Array, a: Array, b: Array) -> Array:
    from scipy.special import betaln

    return np.asarray(betaln(a, b + t) - betaln(a, b))


def _discounted(discount_rate: Array, a: Array, b: Array) -> Array:
    """Mean over theta of (1 + d) / (d + theta), which is 2F1(1, b; a + b; 1 / (1 + d))."""

    def log_value(theta: Array, d: Array) -> Array:
        return np.asarray(np.log1p(d) - np.log(d + theta))

    return mean_over_beta(log_value, (discount_rate,), a=a, b=b, sharpness=1.0, scale=1.0 / discount_rate)

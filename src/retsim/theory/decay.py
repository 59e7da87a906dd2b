"""Payment depreciation: how fast money once paid stops to bind.

A payment weighs exp(-k tau) after a time tau: right after paying people use what they paid for, later they
forget.

References
----------
Gourville, J. T. and Soman, D. (1998), "Payment depreciation: the behavioral effects of temporally separating
payments from consumption", Journal of Consumer Research 25(2), 160-174. The exponential form is *assumed*.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Numbers, Place, plain


class Stock(NamedTuple):
    """What equal payments at equal intervals add up to in the long run, currency."""

    peak: Numbers
    """Right after a payment."""
    trough: Numbers
    """Right before one."""
    mean: Numbers
    """Over a cycle."""


def payment_weight(elapsed: ArrayLike, decay_rate: ArrayLike) -> Numbers:
    """Weight that a payment still has.

    Parameters
    ----------
    elapsed : float or array
        Time since the payment, 0 or more.
    decay_rate : float or array
        k, per unit of time, 0 or more.

    Returns
    -------
    float or ndarray
        exp(-k tau), 0 to 1.

    Raises
    ------
    ValueError
        If an argument is negative.
    """
    here = Place("decay.payment_weight")
    tau = here.numbers("elapsed", elapsed, "time since the payment", NON_NEGATIVE)
    return plain(np.exp(-here.numbers("decay_rate", decay_rate, "per unit of time", NON_NEGATIVE) * tau))


def half_life(decay_rate: ArrayLike) -> Numbers:
    """Time in which a payment loses half of its weight: ln 2 / k.

    Parameters
    ----------
    decay_rate : float or array
        k, per unit of time, above 0.

    Returns
    -------
    float or ndarray

    Raises
    ------
    ValueError
        If the rate is not above 0.
    """
    rate = Place("decay.half_life").numbers("decay_rate", decay_rate, "per unit of time", POSITIVE)
    return plain(np.log(2.0) / rate)


def cycle_average(decay_rate: ArrayLike, cycle: ArrayLike) -> Numbers:
    """Mean weight of the last payment over the time until the next.

    Parameters
    ----------
    decay_rate : float or array
        k, per unit of time, 0 or more.
    cycle : float or array
        T, time between payments, above 0.

    Returns
    -------
    float or ndarray
        (1 - exp(-k T)) / (k T), 0 to 1; 1 where nothing decays. A year paid at once binds less than twelve
        months paid one by one.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> cycle_average(0.25, [12, 1]).round(4)
    array([0.3167, 0.8848])
    """
    here = Place("decay.cycle_average")
    rate = here.numbers("decay_rate", decay_rate, "per unit of time", NON_NEGATIVE)
    fall = rate * here.numbers("cycle", cycle, "time between payments", POSITIVE)
    return plain(np.where(fall > 0.0, -np.expm1(-fall) / np.where(fall > 0.0, fall, 1.0), 1.0))


def steady_stock(payment: ArrayLike, *, decay_rate: ArrayLike, cycle: ArrayLike) -> Stock:
    """Stock to which equal payments at equal intervals build up, each decaying on its own.

    Parameters
    ----------
    payment : float or array
        Currency each time, 0 or more.
    decay_rate : float or array
        k, per unit of time, above 0.
    cycle : float or array
        T, time between payments, above 0.

    Returns
    -------
    Stock
        Peak A / (1 - exp(-k T)), trough peak exp(-k T), mean A / (k T): in the mean over time only the
        payment a unit of time counts, not how it is cut.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("decay.steady_stock")
    paid = here.numbers("payment", payment, "currency each time", NON_NEGATIVE)
    rate = here.numbers("decay_rate", decay_rate, "per unit of time", POSITIVE)
    fall = rate * here.numbers("cycle", cycle, "time between payments", POSITIVE)
    peak = paid / -np.expm1(-fall)
    return Stock(plain(peak), plain(peak * np.exp(-fall)), plain(paid / fall))

"""Size of a customer base: steady level, filling up, mean life, and what a leak costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE_SHARE, SHARE, Array, Numbers, Place, plain


class Funnel(NamedTuple):
    """A base with a leak and an inlet, period by period."""

    base: Array
    """Customers at the end of period 0, 1, ..., n (0: at the beginning)."""
    profit: Array
    """Currency in each period 1..n: margin of the customers at the period's start less acquisition."""


def steady_base(inflow: ArrayLike, churn_rate: ArrayLike) -> Numbers:
    """Size at which a base stops growing.

    Parameters
    ----------
    inflow : float or array
        Customers won a period, 0 or more.
    churn_rate : float or array
        Share lost a period, above 0, up to 1.

    Returns
    -------
    float or ndarray
        inflow / churn rate, customers.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("base.steady_base")
    won = here.numbers("inflow", inflow, "customers won a period", NON_NEGATIVE)
    return plain(won / here.numbers("churn_rate", churn_rate, "share lost a period", POSITIVE_SHARE))


def base_after(n_periods: ArrayLike, *, inflow: ArrayLike, churn_rate: ArrayLike, start: ArrayLike = 0.0) -> Numbers:
    """Size of a base after a number of periods.

    Parameters
    ----------
    n_periods : int or array
        Periods passed, 0 or more.
    inflow : float or array
        Customers won a period; they are counted at its end and face churn from the next period on.
    churn_rate : float or array
        Share lost a period, above 0, up to 1.
    start : float or array, optional
        Customers at time 0.

    Returns
    -------
    float or ndarray
        N* (1 - (1 - c)^t) + start (1 - c)^t with N* = inflow / c; customers.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("base.base_after")
    t = here.wholes("n_periods", n_periods, "periods passed")
    steady = np.asarray(steady_base(inflow, churn_rate))
    kept = (1.0 - here.numbers("churn_rate", churn_rate, "share lost a period", POSITIVE_SHARE)) ** t
    first = here.numbers("start", start, "customers at time 0", NON_NEGATIVE)
    return plain(steady * (1.0 - kept) + first * kept)


def base_from_survival(inflow: float, survival: ArrayLike) -> Array:
    """Filling of a base under any law of life.

    Parameters
    ----------
    inflow : float
        Customers won a period, the same every period.
    survival : array of shape (n,)
        Share still there 0, 1, ..., n - 1 periods after joining; starts at 1 and never rises.

    Returns
    -------
    ndarray of shape (n,)
        Customers after 1..n periods: inflow x (S(0) + ... + S(t - 1)). Its limit is Little's law.

    Raises
    ------
    ValueError
        If the survival curve does not start at 1, rises, or leaves 0..1.
    """
    here = Place("base.base_from_survival")
    curve = here.vector("survival", survival, "share still there by age", SHARE)
    if curve[0] != 1.0:
        raise here.refuse(f"survival[0] = {curve[0]:g}, must be 1 (everybody is there on joining)")
    if (np.diff(curve) > 0.0).any():
        at = int(np.argmax(np.diff(curve) > 0.0)) + 1
        raise here.refuse(f"survival[{at}] = {curve[at]:g}, must not exceed the value before it, {curve[at - 1]:g}")
    return here.number("inflow", inflow, "customers won a period", NON_NEGATIVE) * np.cumsum(curve)


def little_base(arrival_rate: ArrayLike, mean_life: ArrayLike) -> Numbers:
    """Mean size of a base in balance, whatever the law of life (Little's law).

    Parameters
    ----------
    arrival_rate : float or array
        Customers a unit of time, 0 or more.
    mean_life : float or array
        Mean time a customer stays, same unit, 0 or more.

    Returns
    -------
    float or ndarray
        L = lambda W, customers.

    Raises
    ------
    ValueError
        If an argument is negative.

    References
    ----------
    Little, J. D. C. (1961), "A proof for the queuing formula L = lambda W", Operations Research 9(3),
    383-387.
    """
    here = Place("base.little_base")
    rate = here.numbers("arrival_rate", arrival_rate, "customers a unit of time", NON_NEGATIVE)
    return plain(rate * here.numbers("mean_life", mean_life, "mean time a customer stays", NON_NEGATIVE))


def mean_life(churn_rates: ArrayLike, *, shares: ArrayLike) -> float:
    """Mean life of customers won from segments that churn differently.

    Parameters
    ----------
    churn_rates : array of shape (n,)
        Share lost a period in each segment, above 0, up to 1.
    shares : array of shape (n,)
        Share of each segment among those *won*; sum 1.

    Returns
    -------
    float
        Sum of share / churn rate, periods. Never below 1 / (mean churn rate): averages of churn may not be
        inverted.

    Raises
    ------
    ValueError
        If an argument is out of range or the two lists differ in length.

    Examples
    --------
    >>> round(mean_life([0.05, 0.35], shares=[0.5, 0.5]), 2)
    11.43
    """
    here = Place("base.mean_life")
    churn = here.vector("churn_rates", churn_rates, "share lost a period", POSITIVE_SHARE)
    weights = here.mixture("shares", shares, "share of each segment among those won")
    if churn.size != weights.size:
        raise here.refuse(f"shares has {weights.size} values, must have one for each of the {churn.size} churn rates")
    return float(weights @ (1.0 / churn))


def cost_of_churn(base: ArrayLike, acquisition_cost: ArrayLike, *, points: ArrayLike = 1.0) -> Numbers:
    """Cost a period of replacing those lost by some points of churn, at a constant base.

    Parameters
    ----------
    base : float or array
        Customers, 0 or more.
    acquisition_cost : float or array
        Currency per customer won, 0 or more.
    points : float or array, optional
        Points (per cent of the base a period), 0 or more.

    Returns
    -------
    float or ndarray
        base x acquisition cost x points / 100, currency a period.

    Raises
    ------
    ValueError
        If an argument is negative.
    """
    here = Place("base.cost_of_churn")
    n = here.numbers("base", base, "customers", NON_NEGATIVE)
    cost = here.numbers("acquisition_cost", acquisition_cost, "currency per customer won", NON_NEGATIVE)
    return plain(n * cost * here.numbers("points", points, "points of churn", NON_NEGATIVE) / 100.0)


def funnel(
    base: float, *, n_won: float, n_lost: float, margin: float, acquisition_cost: float, n_periods: int
) -> Funnel:
    """Run a leaky funnel: so many won and so many lost every period.

    Parameters
    ----------
    base : float
        Customers at the beginning, 0 or more.
    n_won, n_lost : float
        Customers won and lost each period, 0 or more; no more are lost than are there.
    margin : float
        Currency per customer and period.
    acquisition_cost : float
        Currency per customer won, 0 or more.
    n_periods : int
        Periods to run, 1 or more.

    Returns
    -------
    Funnel
        Equal numbers won and lost keep the base, and with it the sales, level: the loss shows in profit
        alone.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> leaky = funnel(5000, n_won=100, n_lost=100, margin=4, acquisition_cost=150, n_periods=3)
    >>> plugged = funnel(5000, n_won=0, n_lost=0, margin=4, acquisition_cost=150, n_periods=3)
    >>> leaky.base.tolist() == plugged.base.tolist(), leaky.profit.tolist(), plugged.profit.tolist()
    (True, [5000.0, 5000.0, 5000.0], [20000.0, 20000.0, 20000.0])
    """
    here = Place("base.funnel")
    won = here.number("n_won", n_won, "customers won a period", NON_NEGATIVE)
    lost = here.number("n_lost", n_lost, "customers lost a period", NON_NEGATIVE)
    earned = here.number("margin", margin, "currency per customer and period")
    cost = here.number("acquisition_cost", acquisition_cost, "currency per customer won", NON_NEGATIVE)
    sizes = [here.number("base", base, "customers at the beginning", NON_NEGATIVE)]
    for _ in range(here.whole("n_periods", n_periods, "periods to run", least=1)):
        sizes.append(max(sizes[-1] - lost, 0.0) + won)
    customers = np.array(sizes)
    return Funnel(customers, earned * customers[:-1] - cost * won)

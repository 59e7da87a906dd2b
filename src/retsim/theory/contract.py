"""Quitting before a contract ends, and the spike of departures when it does.

A customer who suffers u a month with m months to run weighs m u against the fee for quitting. As m falls the
fee wins: whoever did not quit on first thought waits for the end. All who wait leave in one month.

Source: *assumed* rule of a customer who compares the months that remain with the fee; no discounting within
the term.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retsim.theory._checks import NON_NEGATIVE, POSITIVE_SHARE, SHARE, Array, Numbers, Place, plain


def quits_early(
    remaining_months: ArrayLike,
    monthly_disutility: ArrayLike,
    *,
    fee: ArrayLike,
    monthly_fee: ArrayLike = 0.0,
) -> NDArray[np.bool_]:
    """Tell whether a customer who thinks about it quits before the end.

    Parameters
    ----------
    remaining_months : float or array
        Months until the contract ends, 0 or more.
    monthly_disutility : float or array
        Currency a month by which staying is worse than leaving; negative for the content.
    fee : float or array
        Fixed fee for quitting early, currency, 0 or more.
    monthly_fee : float or array, optional
        Fee due for every remaining month, currency, 0 or more.

    Returns
    -------
    ndarray of bool
        remaining x (disutility - monthly fee) > fee.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("contract.quits_early")
    months = here.numbers("remaining_months", remaining_months, "months until the contract ends", NON_NEGATIVE)
    pain = here.numbers("monthly_disutility", monthly_disutility, "currency a month")
    net = pain - here.numbers("monthly_fee", monthly_fee, "currency for each remaining month", NON_NEGATIVE)
    return np.asarray(months * net > here.numbers("fee", fee, "currency for quitting early", NON_NEGATIVE))


def quit_time(
    monthly_disutility: ArrayLike,
    *,
    contract_months: ArrayLike,
    fee: ArrayLike,
    monthly_fee: ArrayLike = 0.0,
    noticed: ArrayLike = 0.0,
) -> Numbers:
    """Month at which a customer leaves.

    Parameters
    ----------
    monthly_disutility : float or array
        Currency a month by which staying is worse than leaving; negative for the content.
    contract_months : float or array
        Length of the contract, 0 or more.
    fee, monthly_fee : float or array
        Fixed fee for quitting early, and fee for every remaining month; currency, 0 or more.
    noticed : float or array, optional
        Month at which the customer first thinks about it, 0 to `contract_months`.

    Returns
    -------
    float or ndarray
        `noticed` where the customer quits early, `contract_months` where waiting is cheaper, infinite for the
        content (disutility 0 or less).

    Raises
    ------
    ValueError
        If an argument is out of range or `noticed` lies after the end.
    """
    here = Place("contract.quit_time")
    end = here.numbers("contract_months", contract_months, "length of the contract", NON_NEGATIVE)
    seen = here.numbers("noticed", noticed, "month of first thought", NON_NEGATIVE)
    if (seen > end).any():
        raise here.refuse(f"noticed = {np.max(seen):g}, must not lie after contract_months = {np.min(end):g}")
    pain = here.numbers("monthly_disutility", monthly_disutility, "currency a month")
    early = quits_early(end - seen, pain, fee=fee, monthly_fee=monthly_fee)
    return plain(np.where(pain > 0.0, np.where(early, seen, end), np.inf))


def mixture(disutilities: ArrayLike, shares: ArrayLike) -> Callable[[Array], Array]:
    """Distribution of disutility over segments, in the form that `churn_by_month` takes.

    Parameters
    ----------
    disutilities : array of shape (n,)
        Monthly disutility in each segment, currency a month; negative for the content.
    shares : array of shape (n,)
        Share of each segment; sum 1.

    Returns
    -------
    callable
        x -> share of customers whose disutility exceeds x.

    Raises
    ------
    ValueError
        If the shares are no mixture or the lists differ in length.
    """
    here = Place("contract.mixture")
    pains = here.vector("disutilities", disutilities, "currency a month")
    weights = here.mixture("shares", shares, "share of each segment")
    if pains.size != weights.size:
        raise here.refuse(f"shares has {weights.size} values, must have one for each of the {pains.size} disutilities")

    def exceeds(level: Array) -> Array:
        return np.asarray((pains > np.asarray(level)[..., None]) @ weights)

    return exceeds


def churn_by_month(
    p_exceeds: Callable[[Array], ArrayLike],
    *,
    contract_months: int,
    fee: float,
    monthly_fee: float = 0.0,
    p_notice: float = 1.0,
) -> Array:
    """Share of a cohort that leaves in each month of a contract.

    Parameters
    ----------
    p_exceeds : callable
        x -> share of customers whose monthly disutility exceeds x (currency a month): `mixture`, the ``sf``
        of a frozen scipy distribution, or any other.
    contract_months : int
        Length of the contract T, 1 or more.
    fee, monthly_fee : float
        Fixed fee for quitting early, and fee for every remaining month; currency, 0 or more.
    p_notice : float, optional
        Chance that a customer thinks about it in a given month, above 0, up to 1. At the contract's end all
        do.

    Returns
    -------
    ndarray of shape (contract_months,)
        Share of the original cohort leaving at the end of month 1..T. Their sum is the share of the
        discontented, p_exceeds(0): a fee moves departures, it prevents none within the rule.

    Raises
    ------
    ValueError
        If an argument is out of range, or `p_exceeds` returns anything but falling shares.

    Notes
    -----
    At month t < T there leave q (1 - q)^(t - 1) P(u > fee / (T - t) + monthly fee), q the chance to notice:
    the bar only rises with t, so those who pass it now and did not leave earlier had not noticed earlier. At
    T the rest of the discontented follow.

    Examples
    --------
    >>> two_segments = mixture([3.0, 20.0], [0.8, 0.2])
    >>> churn_by_month(two_segments, contract_months=4, fee=50, p_notice=0.5).round(3)
    array([0.1, 0. , 0. , 0.9])
    """
    here = Place("contract.churn_by_month")
    n = here.whole("contract_months", contract_months, "length of the contract", least=1)
    q = here.number("p_notice", p_notice, "chance to think about it in a month", POSITIVE_SHARE)
    once = here.number("fee", fee, "currency for quitting early", NON_NEGATIVE)
    bar = once / np.arange(n - 1, 0, -1) + here.number("monthly_fee", monthly_fee, "currency", NON_NEGATIVE)
    unhappy, *leave = here.vector("p_exceeds(...)", p_exceeds(np.array([0.0, *bar])), "share above a level", SHARE)
    if (np.diff([unhappy, *leave]) > 1e-12).any():
        raise here.refuse("p_exceeds rises with the level, must fall (it is a share above a level)")
    early = q * (1.0 - q) ** np.arange(n - 1) * np.array(leave)
    return np.array([*early, max(unhappy - early.sum(), 0.0)])

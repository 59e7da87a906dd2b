"""Loyalty points: how many are outstanding, how many are never redeemed, what a wrong guess of that costs.

Each point outstanding is redeemed with hazard h and expires with hazard e; g points are issued a unit of
time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, SHARE, Array, Numbers, Place, plain


class PointsPath(NamedTuple):
    """Points since the programme began; issued = redeemed + expired + outstanding at every moment."""

    issued: Numbers
    redeemed: Numbers
    expired: Numbers
    outstanding: Numbers


class DatedPoints(NamedTuple):
    """A programme whose points lapse at a fixed age."""

    outstanding: Numbers
    """Points outstanding in the long run."""
    breakage: Numbers
    """Share of points issued that lapse, 0 to 1."""


def steady_outstanding(issue_rate: ArrayLike, *, redemption_rate: ArrayLike, expiry_rate: ArrayLike) -> Numbers:
    """Points outstanding in the long run.

    Parameters
    ----------
    issue_rate : float or array
        g, points a unit of time, 0 or more.
    redemption_rate, expiry_rate : float or array
        h and e, hazards per point and unit of time, 0 or more, not both 0.

    Returns
    -------
    float or ndarray
        g / (h + e), points (Little's law: points live 1 / (h + e)).

    Raises
    ------
    ValueError
        If an argument is negative or points never go.
    """
    here = Place("points.steady_outstanding")
    issued = here.numbers("issue_rate", issue_rate, "points a unit of time", NON_NEGATIVE)
    redeem, expire = _hazards(here, redemption_rate, expiry_rate)
    return plain(issued / (redeem + expire))


def breakage(*, redemption_rate: ArrayLike, expiry_rate: ArrayLike) -> Numbers:
    """Share of points issued that expire without being redeemed.

    Parameters
    ----------
    redemption_rate, expiry_rate : float or array
        h and e, hazards per point and unit of time, 0 or more, not both 0.

    Returns
    -------
    float or ndarray
        e / (h + e), 0 to 1.

    Raises
    ------
    ValueError
        If an argument is negative or points never go.
    """
    redeem, expire = _hazards(Place("points.breakage"), redemption_rate, expiry_rate)
    return plain(expire / (redeem + expire))


def points_path(
    time: ArrayLike, *, issue_rate: ArrayLike, redemption_rate: ArrayLike, expiry_rate: ArrayLike
) -> PointsPath:
    """Follow the points of a programme from its first day.

    Parameters
    ----------
    time : float or array
        Time since the programme began, 0 or more.
    issue_rate : float or array
        g, points a unit of time, 0 or more.
    redemption_rate, expiry_rate : float or array
        h and e, hazards per point and unit of time, 0 or more, not both 0.

    Returns
    -------
    PointsPath
        Outstanding g (1 - exp(-(h + e) t)) / (h + e); of the rest of g t, the share h / (h + e) was redeemed.
        Early on hardly any have expired: breakage read off a young programme is too low.

    Raises
    ------
    ValueError
        If an argument is negative or points never go.
    """
    here = Place("points.points_path")
    t = here.numbers("time", time, "time since the programme began", NON_NEGATIVE)
    rate = here.numbers("issue_rate", issue_rate, "points a unit of time", NON_NEGATIVE)
    redeem, expire = _hazards(here, redemption_rate, expiry_rate)
    leaving = redeem + expire
    outstanding = rate * -np.expm1(-leaving * t) / leaving
    gone = rate * t - outstanding
    redeemed = gone * redeem / leaving
    return PointsPath(plain(rate * t), plain(redeemed), plain(gone - redeemed), plain(outstanding))


def expiring_at_age(issue_rate: ArrayLike, *, redemption_rate: ArrayLike, life: ArrayLike) -> DatedPoints:
    """Long-run state of a programme whose points lapse at a fixed age.

    Parameters
    ----------
    issue_rate : float or array
        g, points a unit of time, 0 or more.
    redemption_rate : float or array
        h, hazard per point and unit of time, 0 or more.
    life : float or array
        Age at which a point lapses, above 0.

    Returns
    -------
    DatedPoints
        Outstanding g (1 - exp(-h life)) / h (g life where h is 0), breakage exp(-h life).

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("points.expiring_at_age")
    rate = here.numbers("issue_rate", issue_rate, "points a unit of time", NON_NEGATIVE)
    redeem = here.numbers("redemption_rate", redemption_rate, "hazard per point", NON_NEGATIVE)
    age = here.numbers("life", life, "age at which a point lapses", POSITIVE)
    mean_life = np.where(redeem > 0.0, -np.expm1(-redeem * age) / np.where(redeem > 0.0, redeem, 1.0), age)
    return DatedPoints(plain(rate * mean_life), plain(np.exp(-redeem * age) + np.zeros_like(rate)))


def breakage_loss(
    points_issued: ArrayLike,
    *,
    value_per_point: ArrayLike,
    assumed_breakage: ArrayLike,
    true_breakage: ArrayLike,
) -> Numbers:
    """Loss that surfaces later because too many points were expected to lapse.

    Parameters
    ----------
    points_issued : float or array
        Points, 0 or more.
    value_per_point : float or array
        Cost of a redeemed point, currency, 0 or more.
    assumed_breakage, true_breakage : float or array
        Share of points taken to lapse in the accounts, and share that does; 0 to 1.

    Returns
    -------
    float or ndarray
        points x value x (assumed - true), currency; negative where the accounts were too cautious.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("points.breakage_loss")
    issued = here.numbers("points_issued", points_issued, "points", NON_NEGATIVE)
    value = here.numbers("value_per_point", value_per_point, "currency a redeemed point", NON_NEGATIVE)
    assumed = here.numbers("assumed_breakage", assumed_breakage, "share of points taken to lapse", SHARE)
    true = here.numbers("true_breakage", true_breakage, "share of points that lapse", SHARE)
    return plain(issued * value * (assumed - true))


def _hazards(here: Place, redemption_rate: ArrayLike, expiry_rate: ArrayLike) -> tuple[Array, Array]:
    redeem = here.numbers("redemption_rate", redemption_rate, "hazard per point", NON_NEGATIVE)
    expire = here.numbers("expiry_rate", expiry_rate, "hazard per point", NON_NEGATIVE)
    if (redeem + expire == 0.0).any():
        raise here.refuse("redemption_rate + expiry_rate = 0, must be above 0 (points that never go pile up for ever)")
    return redeem, expire

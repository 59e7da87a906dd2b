"""Repeat purchases expected of a cohort whose customers came on different days."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retsim.calibrate.units import DAYS, Unit, check_unit


@runtime_checkable
class RepeatLaw(Protocol):
    """A model that knows the mean number of repeat purchases by time since the first one."""

    def expected_purchases(self, t: ArrayLike) -> NDArray[np.float64]:
        """Mean number of repeat purchases within t of the first purchase."""
        ...


def expected_cumulative(
    law: RepeatLaw, first_day: ArrayLike, n_periods: int, *, unit: Unit = "week"
) -> NDArray[np.float64]:
    """Repeat purchases expected of a cohort up to the end of each period.

    At the end of period k, whose last day is day k u - 1 (u days a unit), a customer who came
    on day d has had time k - (d + 1) / u. Those who have not come yet add nothing.

    Parameters
    ----------
    law : RepeatLaw
        A fitted model, time in `unit`.
    first_day : array-like of int
        Day of each customer's first purchase, counted from 0, the first day of period 1.
    n_periods : int
        Number of periods, >= 1.
    unit : {"day", "week", "month", "year"}, default "week"
        Length of a period.

    Returns
    -------
    array of float, shape (n_periods,)
        Cumulative; source: Fader, Hardie & Lee (2005), p. 280.
    """
    if n_periods < 1:
        raise ValueError(f"n_periods = {n_periods}, must be at least 1")
    days, n_customers = np.unique(np.asarray(first_day), return_counts=True)
    ends = np.arange(1, n_periods + 1)
    ages = ends[:, None] - (days[None, :] + 1.0) / DAYS[check_unit(unit)]
    distinct, place = np.unique(np.maximum(ages, 0.0), return_inverse=True)
    each = law.expected_purchases(distinct)[place.reshape(ages.shape)]
    return np.asarray(each @ n_customers, dtype=float)


def actual_purchases(day: ArrayLike, n_periods: int, *, unit: Unit = "week") -> NDArray[np.int64]:
    """Count purchases by period.

    Parameters
    ----------
    day : array-like of int
        Day of each purchase, counted from 0, the first day of period 1.
    n_periods : int
        Number of periods; later purchases are left out.
    unit : {"day", "week", "month", "year"}, default "week"
        Length of a period. A day belongs to the period within which it ends.

    Returns
    -------
    array of int, shape (n_periods,)
    """
    period = np.ceil((np.asarray(day) + 1.0) / DAYS[check_unit(unit)] - 1e-9).astype(np.int64)
    counts = np.bincount(period, minlength=n_periods + 1)
    return counts[1 : n_periods + 1]

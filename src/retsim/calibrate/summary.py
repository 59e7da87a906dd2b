"""What each customer did in the calibration period: frequency, recency, age, spend.

Time runs from a customer's first purchase day, which is not itself a repeat purchase. With
the cutoff day C (its purchases still count) and days as units of a calendar,
T = (C - first) / unit, recency t_x = (last repeat - first) / unit, x = number of repeat
purchase days. Customers who come after C are not in the summary.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retsim.calibrate.transactions import Transactions
from retsim.calibrate.units import DAYS, Unit, check_unit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Summary:
    """Customers of a calibration period, one element each in every array.

    Attributes
    ----------
    frequency : array of int
        Repeat purchase days x, >= 0.
    recency : array of float
        From first to last purchase t_x, in units; 0 without repeats.
    T : array of float
        From first purchase to the cutoff, in units.
    repeat_spend : array of float or None
        Mean amount of the repeat purchase days; NaN without repeats. None if unknown.
    unit : {"day", "week", "month", "year"}
        Unit of time.
    cutoff : datetime.date or None
        Last day of the calibration period.
    customer : array of object or None
        Customer names.
    first : array of datetime64[D] or None
        First purchase days.
    transactions : Transactions or None
        The log, which reaches beyond the cutoff for a hold-out.
    """

    frequency: NDArray[np.int64]
    recency: NDArray[np.float64]
    T: NDArray[np.float64]
    repeat_spend: NDArray[np.float64] | None = None
    unit: Unit = "week"
    cutoff: date | None = None
    customer: NDArray[np.object_] | None = field(default=None, repr=False)
    first: NDArray[np.datetime64] | None = field(default=None, repr=False)
    transactions: Transactions | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        _check(self)

    @property
    def n(self) -> int:
        """Number of customers."""
        return len(self.frequency)

    @property
    def n_repeaters(self) -> int:
        """Number of customers with at least one repeat purchase."""
        return int((self.frequency > 0).sum())

    def counts(self, at_most: int = 7) -> NDArray[np.int64]:
        """Customers by frequency 0, 1, ..., `at_most` or more.

        Parameters
        ----------
        at_most : int, default 7
            The last class, open at the top.

        Returns
        -------
        array of int, shape (at_most + 1,)
        """
        return np.bincount(np.minimum(self.frequency, at_most), minlength=at_most + 1)

    def frame(self) -> pd.DataFrame:
        """Return one row a customer: customer, first, frequency, recency, T, repeat_spend."""
        import pandas as pd

        columns: dict[str, object] = {}
        if self.customer is not None:
            columns["customer"] = self.customer
        if self.first is not None:
            columns["first"] = self.first.astype("datetime64[s]")
        columns |= {"frequency": self.frequency, "recency": self.recency, "T": self.T}
        if self.repeat_spend is not None:
            columns["repeat_spend"] = self.repeat_spend
        return pd.DataFrame(columns)


def summary_from_arrays(
    frequency: ArrayLike,
    recency: ArrayLike,
    T: ArrayLike,
    *,
    repeat_spend: ArrayLike | None = None,
    unit: Unit = "week",
) -> Summary:
    """Take a summary that was made elsewhere, such as one of simulated customers.

    Parameters
    ----------
    frequency, recency, T, repeat_spend : array-like
        As in `Summary`, one element a customer.
    unit : {"day", "week", "month", "year"}, default "week"
        Unit of time.

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        Lengths differ, or a customer cannot be: negative or infinite, recency beyond T,
        repeats without recency.
    """
    counts = np.asarray(frequency)
    if np.any(counts != np.round(counts)):
        raise ValueError("frequency must hold whole numbers of repeat purchases")
    spend = None if repeat_spend is None else np.asarray(repeat_spend, dtype=float)
    return Summary(counts.astype(np.int64), np.asarray(recency, dtype=float), np.asarray(T, dtype=float), spend, unit)


def summarise(transactions: Transactions, *, cutoff: str | date | None = None, unit: Unit = "week") -> Summary:
    """Reduce a log to what each customer did up to a day.

    Parameters
    ----------
    transactions : Transactions
        The log.
    cutoff : date or "yyyy-mm-dd", optional
        Last day of the calibration period; by default the last purchase day of the log.
    unit : {"day", "week", "month", "year"}, default "week"
        Unit of time.

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        The cutoff is not a day, or nobody had bought by then.
    """
    import pandas as pd

    days = transactions.days
    last = _day(cutoff) if cutoff is not None else days["date"].max().date()
    until = pd.Timestamp(last)
    seen = days[days["date"] <= until]
    if seen.empty:
        begin = days["date"].min().date()
        raise ValueError(f"cutoff = {last}: nobody had bought by then; the log begins {begin}")
    first = seen.groupby("customer", sort=True)["date"].transform("min")
    repeats = seen[seen["date"] > first]
    by_customer = seen.groupby("customer", sort=True)["date"].agg(["min", "max", "size"])
    spend = repeats.groupby("customer")["amount"].mean().reindex(by_customer.index)
    length = DAYS[check_unit(unit)]
    return Summary(
        frequency=by_customer["size"].to_numpy(np.int64) - 1,
        recency=(by_customer["max"] - by_customer["min"]).dt.days.to_numpy(float) / length,
        T=(until - by_customer["min"]).dt.days.to_numpy(float) / length,
        repeat_spend=spend.to_numpy(float),
        unit=unit,
        cutoff=last,
        customer=by_customer.index.to_numpy(dtype=object),
        first=by_customer["min"].to_numpy().astype("datetime64[D]"),
        transactions=transactions,
    )


def _day(cutoff: str | date) -> date:
    if isinstance(cutoff, date):
        return date(cutoff.year, cutoff.month, cutoff.day)
    try:
        return date.fromisoformat(cutoff)
    except ValueError:
        raise ValueError(f"cutoff = {cutoff!r}, must be a day written yyyy-mm-dd") from None


def _check(summary: Summary) -> None:
    check_unit(summary.unit)
    x, t_x, T = summary.frequency, summary.recency, summary.T
    if not (x.ndim == 1 and x.shape == t_x.shape == T.shape):
        shapes = f"{x.shape}, {t_x.shape}, {T.shape}"
        raise ValueError(f"frequency, recency, T have shapes {shapes}; must be equal")
    if summary.repeat_spend is not None and summary.repeat_spend.shape != x.shape:
        raise ValueError(f"repeat_spend has shape {summary.repeat_spend.shape}, must be {x.shape}")
    rules = (
        ("T must be finite and >= 0", np.isfinite(T) & (T >= 0.0)),
        ("frequency must be >= 0", x >= 0),
        ("recency must lie in 0..T", (t_x >= 0.0) & (t_x <= T)),
        ("recency must be 0 exactly when frequency is 0", (t_x > 0.0) == (x > 0)),
    )
    for rule, holds in rules:
        if not holds.all():
            i = int(np.argmin(holds))
            raise ValueError(f"customer {i}: frequency {x[i]}, recency {t_x[i]}, T {T[i]}: {rule}")

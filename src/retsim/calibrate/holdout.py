"""A fit held against what happened: repeat purchases by period, and by past frequency.

The cohort is everyone in the summary, that is, who came up to its cutoff. Its purchases after
the cutoff were not used in the fit.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from retsim.calibrate.cohort import RepeatLaw, actual_purchases, expected_cumulative
from retsim.calibrate.summary import Summary
from retsim.calibrate.units import DAYS, Unit

if TYPE_CHECKING:
    import pandas as pd

Vector = NDArray[np.float64]

BAND = (0.025, 0.975)
"""Quantiles over replications of the band around simulated purchases."""


class ConditionalLaw(Protocol):
    """A model that foresees a customer's purchases from the history of that customer."""

    def conditional_purchases(self, t: ArrayLike, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Vector:
        """Mean number of purchases in the next t."""
        ...


@dataclass(frozen=True)
class Tracking:
    """Repeat purchases of a cohort by period, actual against expected.

    Attributes
    ----------
    frame : pandas.DataFrame
        One row a period: the unit's name (period, from 1), actual, expected,
        cumulative_actual, cumulative_expected, holdout (False up to the cutoff); with
        simulated purchases also simulated, simulated_low, simulated_high,
        cumulative_simulated, cumulative_simulated_low, cumulative_simulated_high (mean and
        central 95 % of the replications).
    errors : pandas.DataFrame
        One row for "expected" (and "simulated"), over the hold-out: n_periods, actual and
        predicted purchases, error_total (predicted / actual - 1), mape (mean of the size of predicted /
        actual - 1 over periods), mape_cumulative (same, of purchases since the start).
        Periods without purchases are left out of mape. Empty without a hold-out.
    unit : {"day", "week", "month", "year"}
        Length of a period.
    n_replications : int
        Of the simulation; 0 without one.
    """

    frame: pd.DataFrame = field(repr=False)
    errors: pd.DataFrame
    unit: Unit
    n_replications: int = 0


def tracking(summary: Summary, expected: RepeatLaw | ArrayLike, *, simulated: ArrayLike | None = None) -> Tracking:
    """Set a model's repeat purchases beside the actual ones, period by period.

    Period 1 begins on the day of the cohort's first purchase. The last period is the last one
    that the log covers wholly.

    Parameters
    ----------
    summary : Summary
        Made by `summarise`, so that it knows its log.
    expected : RepeatLaw or array-like, shape (periods,)
        A fitted model (`fit.params`), or *cumulative* expected repeat purchases.
    simulated : array-like, shape (replications, periods), optional
        Repeat purchases of each period in each replication of a simulation.

    Returns
    -------
    Tracking

    Raises
    ------
    ValueError
        The summary has no log, the log is shorter than one period, or a shape does not fit.
    """
    import pandas as pd

    cohort = _cohort(summary)
    n_periods = len(cohort.actual)
    frame = pd.DataFrame({summary.unit: np.arange(1, n_periods + 1), "actual": cohort.actual})
    cumulative = _cumulative_expected(expected, cohort, summary.unit)
    frame["expected"] = np.diff(cumulative, prepend=0.0)
    frame["cumulative_actual"] = cohort.actual.cumsum()
    frame["cumulative_expected"] = cumulative
    frame["holdout"] = np.arange(n_periods) >= cohort.n_calibration
    predicted, n_replications = ["expected"], 0
    if simulated is not None:
        frame = frame.assign(**_bands(np.asarray(simulated, dtype=float), n_periods))
        n_replications = len(np.asarray(simulated))
        predicted.append("simulated")
    errors = [_errors(frame, name) for name in predicted] if frame["holdout"].any() else []
    return Tracking(frame, pd.DataFrame(errors, columns=list(_Errors._fields)), summary.unit, n_replications)


def purchases_by_frequency(summary: Summary, law: ConditionalLaw, *, at_most: int = 7) -> pd.DataFrame:
    """Hold-out purchases a customer by calibration frequency, actual against expected.

    Parameters
    ----------
    summary : Summary
        Made by `summarise`, so that it knows its log.
    law : ConditionalLaw
        A fitted model (`fit.params`).
    at_most : int, default 7
        The last class of frequency, open at the top.

    Returns
    -------
    pandas.DataFrame
        One row a class: frequency, n_customers, actual and expected mean purchases after the
        cutoff, over as many whole periods as the hold-out has; NaN where a class is empty.
    """
    import pandas as pd

    cohort = _cohort(summary)
    days = (len(cohort.actual) - cohort.n_calibration) * DAYS[summary.unit]
    if days <= 0.0:
        raise ValueError("the log ends with the calibration period; there is no hold-out to compare with")
    after = cohort.since_cutoff
    bought = np.bincount(cohort.customer[(after > 0) & (after <= days)], minlength=summary.n)
    foreseen = law.conditional_purchases(days / DAYS[summary.unit], summary.frequency, summary.recency, summary.T)
    classes = np.minimum(summary.frequency, at_most)
    columns = {"frequency": classes, "actual": bought, "expected": foreseen}
    grouped = pd.DataFrame(columns).groupby("frequency")
    table = grouped.mean().reindex(range(at_most + 1))
    table.insert(0, "n_customers", grouped.size().reindex(table.index, fill_value=0))
    return table.reset_index()


class _Cohort(NamedTuple):
    """Repeat purchases of the cohort: `customer` and `since_cutoff` (days), one element each."""

    first_day: NDArray[np.int64]
    customer: NDArray[np.int64]
    since_cutoff: NDArray[np.int64]
    actual: NDArray[np.int64]
    n_calibration: int


def _cohort(summary: Summary) -> _Cohort:
    if summary.transactions is None or summary.customer is None or summary.first is None or summary.cutoff is None:
        raise ValueError("the summary does not know its log; make it with summarise(transactions, ...)")
    import pandas as pd

    days = summary.transactions.days
    customer = pd.Index(list(summary.customer)).get_indexer(pd.Index(days["customer"]))
    day = days["date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    first = summary.first.astype(np.int64)
    origin, last = int(first.min()), int(day.max())
    repeat = (customer >= 0) & (day > first[customer])
    length = DAYS[summary.unit]
    n_periods = int((last - origin + 1) / length + 1e-9)
    if n_periods < 1:
        raise ValueError(f"the log is shorter than one {summary.unit}; use a shorter unit")
    cutoff = int(np.datetime64(summary.cutoff, "D").astype(np.int64))
    actual = actual_purchases(day[repeat] - origin, n_periods, unit=summary.unit)
    n_calibration = min(int(np.ceil((cutoff - origin + 1) / length - 1e-9)), n_periods)
    return _Cohort(first - origin, customer[repeat], day[repeat] - cutoff, actual, n_calibration)


def _cumulative_expected(expected: RepeatLaw | ArrayLike, cohort: _Cohort, unit: Unit) -> Vector:
    n_periods = len(cohort.actual)
    if isinstance(expected, RepeatLaw):
        return expected_cumulative(expected, cohort.first_day, n_periods, unit=unit)
    cumulative = np.asarray(expected, dtype=float)
    if cumulative.shape != (n_periods,):
        shape = cumulative.shape
        raise ValueError(f"expected has shape {shape}, must be ({n_periods},), cumulative by {unit}")
    return cumulative


def _bands(simulated: Vector, n_periods: int) -> dict[str, Vector]:
    if simulated.ndim != 2 or simulated.shape[1] != n_periods or not len(simulated):
        raise ValueError(f"simulated has shape {simulated.shape}, must be (replications, {n_periods})")
    columns = {}
    for prefix, values in (("", simulated), ("cumulative_", simulated.cumsum(axis=1))):
        columns[f"{prefix}simulated"] = values.mean(axis=0)
        low, high = np.quantile(values, BAND, axis=0)
        columns[f"{prefix}simulated_low"], columns[f"{prefix}simulated_high"] = low, high
    return columns


class _Errors(NamedTuple):
    prediction: str
    n_periods: int
    actual: int
    predicted: float
    error_total: float
    mape: float
    mape_cumulative: float


def _errors(frame: pd.DataFrame, name: str) -> _Errors:
    later = frame[frame["holdout"]]
    actual, predicted = int(later["actual"].sum()), float(later[name].sum())
    return _Errors(
        name,
        len(later),
        actual,
        predicted,
        predicted / actual - 1.0 if actual else float("nan"),
        _mape(later["actual"].to_numpy(float), later[name].to_numpy(float)),
        _mape(later["cumulative_actual"].to_numpy(float), later[f"cumulative_{name}"].to_numpy(float)),
    )


def _mape(actual: Vector, predicted: Vector) -> float:
    counts = actual > 0.0
    return float(np.mean(np.abs(predicted[counts] / actual[counts] - 1.0))) if counts.any() else float("nan")

"""Cohorts: how many of those who joined together are left, as a matrix and as a survival curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.frames import ratio
from retsim.results.intervals import normal_quantile

if TYPE_CHECKING:
    import pandas as pd

Ints = npt.NDArray[np.int64]

__all__ = ["LifeTable", "cohort_frame", "life_table", "survival_frame", "survivors"]


class LifeTable(NamedTuple):
    """Customers by age, cut at the horizon: who was seen from one age to the next, and who of them was lost.

    Attributes
    ----------
    ages : float64 (n + 1,)
        Months since joining; 0 first.
    at_risk, lost : int64 (n,)
        Between ages[k] and ages[k + 1].
    """

    ages: npt.NDArray[np.float64]
    at_risk: Ints
    lost: Ints


def life_table(lives: Ints, period: float, *, initial: bool = False) -> LifeTable:
    """The life table of a cohort matrix (see `retsim.results.closed.Closed.lives`).

    Who joined within a period is half a period old, on average, when it ends; those who were there at the
    start (`initial`) are counted from the start.
    """
    rows = lives[:1] if initial else lives[1:]
    if rows.shape[1] < 2:
        return LifeTable(np.zeros(1), np.zeros(0, np.int64), np.zeros(0, np.int64))
    seen = rows[:, 1:] >= 0
    before = np.where(seen, rows[:, :-1], 0).sum(axis=0)
    after = np.where(seen, rows[:, 1:], 0).sum(axis=0)
    ends = np.arange(1, rows.shape[1])
    ages = np.concatenate(([0.0], (ends if initial else ends - 0.5) * period))
    return LifeTable(ages, before, before - after)


def survivors(table: LifeTable) -> npt.NDArray[np.float64]:
    """Kaplan-Meier estimate of the share left at each age of a life table, shape (n + 1,).

    NaN from where on nobody was watched any longer.
    """
    watched = _watched(table)
    out = np.full(table.ages.size, np.nan)
    out[0] = 1.0
    out[1 : watched + 1] = np.cumprod(1.0 - table.lost[:watched] / table.at_risk[:watched], dtype=np.float64)
    return out


def _watched(table: LifeTable) -> int:
    """Steps of age in which somebody was watched."""
    return int(np.argmax(table.at_risk == 0)) if (table.at_risk == 0).any() else table.at_risk.size


def survival_frame(table: LifeTable, confidence: float = 0.95) -> pd.DataFrame:
    """Kaplan-Meier estimate from a life table.

    Parameters
    ----------
    table : LifeTable
    confidence : float
        Of the pointwise interval: Greenwood's variance on the log-log scale (Kalbfleisch & Prentice 1980).

    Returns
    -------
    DataFrame
        `age` (months), `survival`, `low`, `high`, `at_risk`, `lost` (on the way from the age before); ends
        where nobody was watched any longer.
    """
    import pandas as pd

    watched = _watched(table)
    n, lost, survival = table.at_risk[:watched], table.lost[:watched], survivors(table)[1 : watched + 1]
    low, high = _greenwood(survival, n, lost, confidence)
    return pd.DataFrame(
        {
            "age": table.ages[: watched + 1],
            "survival": np.concatenate(([1.0], survival)),
            "low": np.concatenate(([1.0], low)),
            "high": np.concatenate(([1.0], high)),
            "at_risk": np.concatenate((n[:1] if watched else [0], n)),
            "lost": np.concatenate(([0], lost)),
        }
    )


def cohort_frame(lives: Ints, *, share: bool) -> pd.DataFrame:
    """Cohort matrix: one row a cohort, one column a period end since joining, empty beyond the horizon."""
    import pandas as pd

    index = pd.Index(np.arange(len(lives)), name="cohort")
    columns = pd.Index(np.arange(lives.shape[1]), name="periods")
    heads = np.where(lives < 0, np.nan, lives)
    values = ratio(heads, heads[:, :1]) if share else heads
    return pd.DataFrame(values, index, columns)


def _greenwood(
    survival: npt.NDArray[np.float64], n: Ints, lost: Ints, confidence: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Bounds S ** exp(-+ z se); where nobody or everybody was lost the estimate itself."""
    inside = (survival > 0.0) & (survival < 1.0)
    left = np.where(n > lost, n * (n - lost), 1)
    variance = np.cumsum(np.where(n > lost, lost / left, 0.0))
    log = np.log(np.where(inside, survival, 0.5))
    width = normal_quantile(confidence) * np.sqrt(variance) / np.abs(log)
    low, high = survival ** np.exp(width), survival ** np.exp(-width)
    return np.where(inside, low, survival), np.where(inside, high, survival)

"""Survival in single runs, small enough to keep of each: what shows how far replications lie apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.cohorts import LifeTable, survivors

__all__ = ["Curve", "curve_of"]


class Curve(NamedTuple):
    """Survival in one run of those who joined the focal firm after the start, at about one age a month.

    Attributes
    ----------
    age, survival : float64 (n,)
        Months since joining, 0 first; Kaplan-Meier. Ends where nobody was watched any longer.
    at_risk : int64 (n,)
        Watched on the way to that age; at age 0 who joined.
    """

    age: npt.NDArray[np.float64]
    survival: npt.NDArray[np.float64]
    at_risk: npt.NDArray[np.int64]


def curve_of(table: LifeTable, period: float) -> Curve:
    """The survival curve of a life table, thinned where periods are shorter than a month."""
    survival = survivors(table)
    kept = np.r_[0, np.arange(1, survival.size, max(round(1.0 / period), 1))]
    kept = kept[~np.isnan(survival[kept])]
    joined = table.at_risk[:1] if table.at_risk.size else np.zeros(1, np.int64)
    return Curve(table.ages[kept], survival[kept], np.concatenate((joined, table.at_risk))[kept])

"""Steady state: what a series of a study settles at, once the warm-up is cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.experiments.replicate import SERIES
from retsim.results.intervals import check_confidence, mean_interval
from retsim.results.warmup import mser

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study

Floats = npt.NDArray[np.float64]
STEADY = tuple(name for name in SERIES if not name.startswith("cumulative") and name != "cash")
"""Series that can have a steady state; sums since the start have none."""

__all__ = ["STEADY", "Steady", "steady_state"]


class Steady(NamedTuple):
    """A steady state.

    Attributes
    ----------
    series : str
    warmup : float
        Months cut off, the same of every scenario and replication.
    settled : bool
        Whether every scenario's warm-up ends in the first half; if not, ask for a longer horizon.
    table : DataFrame
        One row a scenario: `mean` of the periods after the warm-up with `low`, `high` over replications, `whole` the
        mean without a cut, `n` replications, and paired to the first scenario `difference`, `difference_low`,
        `difference_high` (NaN in the first row); Student's t.
    """

    series: str
    warmup: float
    settled: bool
    table: pd.DataFrame


def steady_state(study: Study, series: str = "retention_rate", *, batch: int = 5, confidence: float = 0.95) -> Steady:
    """What a series settles at in each scenario, by MSER on its mean over replications.

    Parameters
    ----------
    study : Study
        Of scenarios with the same horizon and period.
    series : str
        One of `STEADY`, such as "retention_rate".
    batch : int
        Periods a batch; 5 is MSER-5.
    confidence : float
        Of the intervals.

    Returns
    -------
    Steady
        All scenarios are cut where the last of them has settled, so that they stay paired.

    Raises
    ------
    ValueError
        There is no such series, it is not there in every period, or it is too short.
    """
    import pandas as pd

    check_confidence(confidence)
    found = _paths(study, series)
    cuts = [mser(x.mean(axis=0), batch) for x in found.values()]
    cut = max(one.cut for one in cuts)
    after = {name: x[:, cut:].mean(axis=1) for name, x in found.items()}
    first = after[study.names[0]]
    rows = []
    for name, x in after.items():
        mean = mean_interval(x, confidence)
        apart = mean_interval(np.full(1, np.nan) if name == study.names[0] else x - first, confidence)
        rows.append(
            {
                "scenario": name, "mean": mean.mean, "low": mean.low, "high": mean.high,
                "whole": float(found[name].mean()), "n": mean.n, "difference": apart.mean,
                "difference_low": apart.low, "difference_high": apart.high,
            }
        )  # fmt: skip
    months = cut * next(iter(study.scenarios.values())).period
    return Steady(series, months, all(one.settled for one in cuts), pd.DataFrame(rows))


def _paths(study: Study, series: str) -> dict[str, Floats]:
    """The series by scenario: (replications that all have, periods)."""
    if series not in STEADY:
        raise ValueError(f"series = {series!r}, must be one of {', '.join(STEADY)}")
    common = sorted(set.intersection(*(set(arm.outcomes) for arm in study.arms.values())))
    place = SERIES.index(series)
    paths = {name: {o.replication: o.path[:, place] for o in arm.in_order()} for name, arm in study.arms.items()}
    found = {name: np.array([path[r] for r in common]) for name, path in paths.items()}
    if len({x.shape for x in found.values()}) > 1:
        raise ValueError("the scenarios differ in horizon or period, must have the same to be held against each other")
    for name, x in found.items():
        if not len(x) or not np.isfinite(x).all():
            raise ValueError(f"{name}: {series} is not there in every period (nobody left to take it of)")
    return found

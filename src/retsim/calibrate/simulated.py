"""Simulated customers held against the log: repeat purchases of the cohort, period by period."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.calibrate.bgnbd import BgNbd
from retsim.calibrate.estimation import Fit
from retsim.calibrate.holdout import Tracking, tracking
from retsim.calibrate.scenario import COHORT, PROSPECTS
from retsim.calibrate.summary import Summary
from retsim.calibrate.units import DAYS, Unit, check_unit

if TYPE_CHECKING:
    from retsim.scenario import Scenario

__all__ = ["Tracked", "cohort_alone", "simulated_purchases", "tracked"]

_SHORTEST_TICK = 0.05


class Tracked(NamedTuple):
    """Simulated, expected and actual repeat purchases.

    Attributes
    ----------
    tracking : Tracking
        With the mean and the central 95 % of the replications: the luck of customers who obey the fitted law,
        without the uncertainty of the fit.
    simulated : array of int, shape (replications, periods)
    """

    tracking: Tracking
    simulated: npt.NDArray[np.int64]


def tracked(
    scenario: Scenario,
    summary: Summary,
    fit: Fit[BgNbd],
    *,
    replications: int = 50,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Tracked:
    """Set simulated, expected and actual repeat purchases of the observed customers side by side.

    Parameters
    ----------
    scenario : Scenario
        From `scenario_from`.
    summary : Summary
        What it was made from; the periods are those of its unit.
    fit : Fit of BgNbd
        Gives the expected purchases.
    replications : int, default 50
    seed : int, default 0
    progress : callable, optional
        Gets (runs done, runs in all).

    Returns
    -------
    Tracked
    """
    n_periods = len(tracking(summary, fit.params).frame)
    alone = cohort_alone(scenario, summary.n, n_periods=n_periods, unit=summary.unit)
    simulated = np.empty((replications, n_periods), np.int64)
    for replication in range(replications):
        simulated[replication] = simulated_purchases(alone, seed=seed, replication=replication)
        if progress is not None:
            progress(replication + 1, replications)
    return Tracked(tracking(summary, fit.params, simulated=simulated), simulated)


def cohort_alone(scenario: Scenario, n: int, *, n_periods: int, unit: Unit) -> Scenario:
    """The observed customers under business as usual: no prospects, no budget, in the periods of the log.

    In a run of the scenario itself, how many of its people are of the cohort is a matter of luck; here it is not.

    Parameters
    ----------
    scenario : Scenario
        From `scenario_from`.
    n : int
        Customers.
    n_periods : int
    unit : {"day", "week", "month", "year"}
        Length of a period.

    Returns
    -------
    Scenario
    """
    period = DAYS[check_unit(unit)] / DAYS["month"]
    return scenario.with_(
        customers=n,
        budget={"monthly": 0.0},
        horizon=n_periods * period,
        period=period,
        tick=period * max(1, math.ceil(_SHORTEST_TICK / period)),
        segments={COHORT: {"share": 1.0}, PROSPECTS: {"share": 0.0}},
    )


def simulated_purchases(scenario: Scenario, *, seed: int = 0, replication: int = 0) -> npt.NDArray[np.int64]:
    """Repeat purchases of the cohort in each period of one run.

    Joining is the first purchase and no repeat.

    Parameters
    ----------
    scenario : Scenario
        From `cohort_alone`.
    seed, replication : int

    Returns
    -------
    array of int, shape (periods,)
    """
    from retsim.results.simulate import simulate

    run = simulate(scenario, seed=seed, replication=replication)
    frame = run.periods
    cohort = frame[(frame["segment"] == COHORT) & (frame["firm"] == scenario.focal)].sort_values("period")
    joined = cohort["joined"].to_numpy(np.int64, copy=True)
    # Those who are there at time 0 did not join after the start, but make their first purchase then.
    joined[0] += int(cohort["active_at_start"].iloc[0])
    return cohort["occasions"].to_numpy(np.int64) - joined

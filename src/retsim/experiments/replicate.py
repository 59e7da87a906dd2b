"""One run of a study, reduced to what the study keeps of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.experiments.limits import limited
from retsim.results.closed import cash_of, profit_of
from retsim.results.frames import ratio
from retsim.results.measures import measures
from retsim.results.reasons import flows_of
from retsim.results.reichheld import components, tenures
from retsim.results.simulate import simulate
from retsim.results.value import WINNING, monthly_discount
from retsim.state import MICRO, Account, Count

if TYPE_CHECKING:
    from retsim.market.plans import StrategyFunction
    from retsim.results.run import Run
    from retsim.scenario import Scenario

FOCAL = 0
SERIES = (
    "active",
    "joined",
    "lost",
    "retention_rate",
    "mean_satisfaction",
    "market_share",
    "revenue",
    "acquisition_spend",
    "retention_spend",
    "profit",
    "cumulative_profit",
    "cumulative_discounted_profit",
    "cash",
)
"""Series of the focal firm that a study keeps, in the order of the columns of `Outcome.path`."""
REVENUES = [Account.REVENUE, Account.PRODUCTS, Account.RETURNS]
_WINNING = list(WINNING)
_KEEPING = [
    Account.PROGRAMME_SERVICE, Account.PROGRAMME_CONTACT, Account.DISCOUNT, Account.PROGRAMME_STRUCTURAL,
    Account.PROGRAMME_CLUB, Account.PROGRAMME_EDUCATION, Account.CASH_BACK, Account.STATUS, Account.POINTS,
    Account.POINTS_CORRECTION, Account.PROGRAMME_COMMUNITY, Account.PROGRAMME_CORE, Account.SURVEY,
]  # fmt: skip

NOTHING = np.zeros(0, np.int64)

__all__ = ["FOCAL", "NOTHING", "SERIES", "Failure", "Outcome", "Settings", "Task", "attempt", "outcome_of", "replicate"]


class Task(NamedTuple):
    """A run to be made: name of the scenario, and replication."""

    scenario: str
    replication: int


class Settings(NamedTuple):
    """What all runs of a study share.

    Attributes
    ----------
    seed, threads : int
    limit, memory : float, optional
        Seconds and gigabytes that a run in a worker may take.
    strategies : mapping of str to callable, optional
        Strategies of the user's own for the focal firm, by scenario.
    """

    seed: int
    threads: int = 1
    limit: float | None = None
    memory: float | None = None
    strategies: Mapping[str, StrategyFunction] | None = None


class Failure(NamedTuple):
    """A run that could not be made."""

    scenario: str
    replication: int
    reason: str


class Outcome(NamedTuple):
    """What a study keeps of one run: everything of the focal firm.

    Attributes
    ----------
    scenario : str
    replication : int
    digest : str
    measures : dict of str to float
    path : float64 (n_periods, len(SERIES))
    departures : int64 (n_triggers, n_firms + 2, n_forces)
        Decisions over the whole run, those to stay included.
    flows : int64 (n_firms + 1, n_firms + 2)
        Of all firms.
    lives : int64 (n_periods + 1, n_periods + 1)
    tenure : int64 (2, n_years, n_components + 1)
        Profit by year of tenure (`retsim.results.reichheld.components`), and heads last.
    """

    scenario: str
    replication: int
    digest: str
    measures: dict[str, float]
    path: npt.NDArray[np.float64]
    departures: npt.NDArray[np.int64]
    flows: npt.NDArray[np.int64]
    lives: npt.NDArray[np.int64]
    tenure: npt.NDArray[np.int64] = NOTHING


def attempt(scenario: Scenario, task: Task, settings: Settings) -> Outcome | Failure:
    """Make a run; what goes wrong is told, not raised, so that the other runs go on."""
    try:
        if settings.limit is not None:
            _compile()
        with limited(settings.limit, settings.memory):
            return replicate(scenario, task, settings)
    except Exception as error:
        return Failure(*task, f"{type(error).__name__}: {error}")


@cache
def _compile() -> None:
    """Load or compile everything once a process, so that a run's time is its own."""
    from retsim.scenario import load

    simulate(load("retail").with_(customers=10, horizon=1))


def replicate(scenario: Scenario, task: Task, settings: Settings) -> Outcome:
    """Make a run and keep its outcome."""
    run = simulate(
        scenario,
        seed=settings.seed,
        replication=task.replication,
        threads=settings.threads,
        strategy=(settings.strategies or {}).get(task.scenario),
    )
    return outcome_of(run, task.scenario)


def outcome_of(run: Run, name: str) -> Outcome:
    """What a study keeps of a run, under the study's name for the scenario."""
    closed = run.closed
    return Outcome(
        name,
        run.replication,
        run.digest(),
        measures(run),
        _path(run),
        departures=closed.decision_totals[FOCAL].sum(axis=0),
        flows=flows_of(closed),
        lives=closed.lives(FOCAL),
        tenure=_tenure(run),
    )


def _tenure(run: Run) -> npt.NDArray[np.int64]:
    found = tenures(run, FOCAL)
    return np.concatenate((components(found), found.heads[..., None]), axis=2)


def _path(run: Run) -> npt.NDArray[np.float64]:
    closed = run.closed
    counts, accounts = closed.counts[:, FOCAL].sum(axis=1), closed.totals[:, FOCAL].sum(axis=1)
    active, start = counts[:, Count.ACTIVE], closed.active_at_start[:, FOCAL].sum(axis=1)
    profit = profit_of(accounts)
    middles = (np.arange(profit.size) + 0.5) * run.scenario.period
    series = {
        "active": active,
        "joined": closed.joined[:, FOCAL].sum(axis=(1, 2)),
        "lost": closed.lost[:, FOCAL].sum(axis=1),
        "retention_rate": ratio(closed.retained[:, FOCAL].sum(axis=1), start),
        "mean_satisfaction": ratio(counts[:, Count.SATISFACTION] * 2.0**-32, active),
        "market_share": ratio(active, closed.counts[..., Count.ACTIVE].sum(axis=(1, 2))),
        "revenue": -accounts[:, REVENUES].sum(axis=1) / MICRO,
        "acquisition_spend": accounts[:, _WINNING].sum(axis=1) / MICRO,
        "retention_spend": accounts[:, _KEEPING].sum(axis=1) / MICRO,
        "profit": profit / MICRO,
        "cumulative_profit": np.cumsum(profit) / MICRO,
        "cumulative_discounted_profit": np.cumsum(profit / MICRO * np.exp(-monthly_discount(run) * middles)),
        "cash": np.cumsum(cash_of(accounts)) / MICRO,
    }
    return np.column_stack([series[name] for name in SERIES]).astype(float)

"""What carries a result: the same comparison again and again, each time without one mechanism.

A mechanism that is off changes the market for every firm and every strategy alike, and everyone meets the same luck
with and without it. So the change of an advantage is that mechanism's alone, paired replication by replication. As
mechanisms work together, what they carry need not add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.experiments.compare import compare
from retsim.experiments.differences import check_metric
from retsim.results.intervals import mean_interval
from retsim.scenario.mechanisms import MECHANISMS

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.making import Report, Workers
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

__all__ = ["arms_without", "carried", "carried_in"]

_ALL = "everything on"


def carried(
    scenario: Scenario,
    strategies: tuple[str, str] | None = None,
    *,
    metric: str = "discounted_profit",
    mechanisms: Iterable[str] | None = None,
    replications: int = 100,
    seed: int = 0,
    workers: int | str | Workers | None = None,
    progress: Report = None,
) -> pd.DataFrame:
    """What each mechanism carries of a result, or of one strategy's advantage over another.

    Parameters
    ----------
    scenario : Scenario
    strategies : pair of str, optional
        (first, second): the result is the second's metric less the first's. None: the scenario's own strategy, and
        the result is the metric itself.
    metric : str
        One of `retsim.MEASURES`.
    mechanisms : iterable of str, optional
        Names of `retsim.MECHANISMS`; None: all that change anything in this scenario.
    replications, seed, workers, progress
        As for `retsim.compare`.

    Returns
    -------
    DataFrame
        One row a mechanism, the one that carries most first, after a row for everything on: `result` without it with
        `result_low`, `result_high`; `carried`, the result with everything on less that, with `low`, `high` (paired
        Student t, 95 %) and `n` pairs.

    Raises
    ------
    ScenarioError
        There is no such mechanism or strategy.
    ValueError
        There is no such metric.
    """
    check_metric(metric)
    arms = arms_without(scenario, strategies, mechanisms)
    study = compare(arms, replications=replications, seed=seed, workers=workers, progress=progress)
    return carried_in(study, strategies, metric)


def arms_without(
    scenario: Scenario, strategies: tuple[str, str] | None, mechanisms: Iterable[str] | None
) -> dict[str, Scenario]:
    """What `carried` compares: every case under every strategy, named ``case/strategy``."""
    whole = {s: scenario if s is None else scenario.with_(strategy=s) for s in strategies or (None,)}
    arms = {f"{_ALL}/{s}": case for s, case in whole.items()}
    for name in MECHANISMS if mechanisms is None else mechanisms:
        cases = {s: case.without(name) for s, case in whole.items()}
        if mechanisms is not None or any(_in_use(cases[s]) != _in_use(case) for s, case in whole.items()):
            arms |= {f"{name}/{s}": case for s, case in cases.items()}
    return arms


def _in_use(scenario: Scenario) -> str:
    """A digest of what can change this run: strategies that no firm has cannot."""
    used = {firm.strategy for firm in scenario.firms().values()}
    return scenario.model_copy(
        update={"strategies": {n: s for n, s in scenario.strategies.items() if n in used}}
    ).digest()


def carried_in(study: Study, strategies: tuple[str, str] | None, metric: str) -> pd.DataFrame:
    """The table of `carried`, from a study of `arms_without`."""
    cases = list(dict.fromkeys(name.rpartition("/")[0] for name in study.names))
    return _table(study, cases, strategies, metric)


def _table(study: Study, cases: list[str], strategies: tuple[str, str] | None, metric: str) -> pd.DataFrame:
    import pandas as pd

    results = {name: _result(study, name, strategies, metric) for name in cases}
    rows = []
    for name, values in results.items():
        found, part = mean_interval(values), mean_interval(results[_ALL] - values)
        rows.append(
            {
                "mechanism": name,
                "result": found.mean,
                "result_low": found.low,
                "result_high": found.high,
                "carried": np.nan if name == _ALL else part.mean,
                "low": np.nan if name == _ALL else part.low,
                "high": np.nan if name == _ALL else part.high,
                "n": part.n,
            }
        )
    frame = pd.DataFrame(rows)
    order = np.lexsort((-frame["carried"].abs(), frame["mechanism"] != _ALL))
    return frame.iloc[order].reset_index(drop=True)


def _result(study: Study, case: str, strategies: tuple[str, str] | None, metric: str) -> npt.NDArray[np.float64]:
    """The result of each replication; NaN where one of the runs could not be made."""
    sides = [study.arm(f"{case}/{strategy}").measured()[metric] for strategy in strategies or (None,)]
    values = [side.reindex(range(study.replications)).to_numpy() for side in sides]
    out: npt.NDArray[np.float64] = values[-1] - values[0] if strategies else values[0]
    return out

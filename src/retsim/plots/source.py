"""What the pictures are drawn from: the same arrays, whether a study or a single run is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retsim.experiments.study import Study
from retsim.plots.words import how_many
from retsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Source = Study | Run

FOCAL = 0

__all__ = [
    "FOCAL",
    "Source",
    "check_study",
    "cohorts",
    "currency",
    "decisions",
    "flows",
    "made_of",
    "paths",
    "period_months",
    "survival_spread",
    "survivals",
]


def check_study(study: Any) -> Study:
    """Refuse what is not a study.

    Raises
    ------
    TypeError
    """
    if not isinstance(study, Study):
        raise TypeError(f"study = {study!r:.80}, must be a Study, as compare(...) returns it")
    return study


def _study(source: Any) -> Study:
    """What is not a run must be a study."""
    if not isinstance(source, Study):
        raise TypeError(
            f"source = {source!r:.80}, must be a Study, as compare(...) returns it, or a Run of simulate(...)"
        )
    return source


def made_of(source: Source) -> str:
    """How many runs there are, and how to make them again."""
    if isinstance(source, Run):
        return f"One run, seed {source.seed}, replication {source.replication}"
    n = max((len(arm) for arm in source.arms.values()), default=0)
    return f"{how_many(n, 'replication')}, seed {source.seed}"


def currency(source: Source) -> str:
    """The currency of all scenarios, or "money" where they differ."""
    scenarios = [source.scenario] if isinstance(source, Run) else list(_study(source).scenarios.values())
    found = {scenario.currency for scenario in scenarios}
    return found.pop() if len(found) == 1 else "money"


def paths(study: Study, series: str) -> dict[str, pd.DataFrame]:
    """A series by scenario: one row a replication, one column a time; scenarios without runs are left out."""
    frame = check_study(study).paths
    out = {}
    for name in study.names:
        mine = frame[frame["scenario"] == name]
        if len(mine):
            out[name] = mine.pivot(index="replication", columns="time", values=series)
    return out


def survivals(source: Source) -> dict[str, pd.DataFrame]:
    """Survival curves: of a study by scenario, of a run by firm; those that nobody joined are left out."""
    if isinstance(source, Run):
        curves = {firm: source.survival(firm) for firm in source.firms}
    else:
        study = _study(source)
        table = study.survival
        curves = {name: table[table["scenario"] == name] for name in study.names}
    return {name: curve for name, curve in curves.items() if len(curve) > 1}


def survival_spread(source: Source) -> dict[str, tuple[Floats, Floats]]:
    """Survival of single replications of a study, by scenario: ages, and a row a replication.

    Ends where the first replication has nobody left to watch. Empty where there is one replication, or a run.
    """
    if isinstance(source, Run):
        return {}
    table, out = _study(source).survival_runs, {}
    for name in source.names:
        mine = table[table["scenario"] == name]
        rows = mine.pivot(index="replication", columns="age", values="survival").dropna(axis=1)
        if len(rows) > 1 and rows.shape[1] > 1:
            out[name] = rows.columns.to_numpy(float), rows.to_numpy(float)
    return out


def cohorts(source: Source) -> dict[str, Floats]:
    """Customers left, by cohort and period ends since joining, NaN beyond the horizon; of the focal firm."""
    if isinstance(source, Run):
        return {source.firms[FOCAL]: source.cohorts(share=False).to_numpy(float)}
    study, out = _study(source), {}
    frame = study.cohorts
    for name in study.names:
        mine = frame[frame["scenario"] == name]
        if len(mine):
            out[name] = mine.pivot(index="cohort", columns="periods", values="customers").to_numpy(float)
    return out


def decisions(source: Source) -> pd.DataFrame:
    """Decisions of the focal firm's customers, with the columns of `Study.departures`; forces are means."""
    if not isinstance(source, Run):
        return _study(source).departures
    frame = source.decisions
    mine: pd.DataFrame = frame[frame["firm"] == source.firms[FOCAL]].drop(columns=["period", "firm", "segment"])
    mine.insert(0, "scenario", source.firms[FOCAL])
    return mine


def flows(source: Source) -> dict[str, pd.DataFrame]:
    """Moves by scenario, mean a replication: rows from each firm and "outside", columns to them and "vanished"."""
    if isinstance(source, Run):
        return {source.scenario.name: source.flows().astype(float)}
    study, out = _study(source), {}
    frame = study.flows
    for name in study.names:
        if not len(study.arms[name]):
            continue
        firms = [*study.arms[name].firms, "outside"]
        mine = frame[frame["scenario"] == name].pivot(index="from", columns="to", values="count")
        out[name] = mine.reindex(index=firms, columns=[*firms, "vanished"]).fillna(0.0).astype(float)
    return out


def period_months(source: Source, name: str) -> float:
    """Length of a period of a scenario, months."""
    scenario = source.scenario if isinstance(source, Run) else source.scenarios[name]
    return float(scenario.period)

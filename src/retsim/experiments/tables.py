"""The tidy tables of a study."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.experiments.replicate import FOCAL, SERIES
from retsim.results.cohorts import life_table, survival_frame
from retsim.results.frames import ratio
from retsim.results.measures import MEASURES
from retsim.results.reasons import FORCES, OUTSIDE, STAY, VANISHED
from retsim.results.reichheld import COMPONENTS, reichheld_frame
from retsim.state import MICRO, Force, Trigger

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.arm import Arm
    from retsim.experiments.study import Study

__all__ = [
    "cohort_table",
    "departure_table",
    "flow_table",
    "path_table",
    "reichheld_table",
    "run_table",
    "survival_run_table",
    "survival_table",
]


def run_table(study: Study) -> pd.DataFrame:
    """`Study.runs`."""
    parts = [arm.measured().reset_index().assign(scenario=arm.name) for arm in study.arms.values() if len(arm)]
    columns = ["scenario", "replication", *MEASURES]
    return _by_scenario(study, _joined(parts, columns)[columns])


def path_table(study: Study) -> pd.DataFrame:
    """`Study.paths`."""
    import pandas as pd

    parts = []
    for arm in study.arms.values():
        for outcome in arm.in_order():
            part = pd.DataFrame(outcome.path, columns=list(SERIES))
            period = np.arange(1, len(part) + 1)
            part.insert(0, "time", period * arm.scenario.period)
            part.insert(0, "period", period)
            part.insert(0, "replication", outcome.replication)
            part.insert(0, "scenario", arm.name)
            parts.append(part)
    out = _joined(parts, ["scenario", "replication", "period", "time", *SERIES])
    return _by_scenario(study, out.astype(dict.fromkeys(("active", "joined", "lost"), "int64")))


def departure_table(study: Study) -> pd.DataFrame:
    """`Study.departures`."""
    import pandas as pd

    rows = [row for arm in study.arms.values() for row in _departures(arm)]
    columns = ["scenario", "trigger", "outcome", "count", "satisfied", "against_surplus", *FORCES]
    return _by_scenario(study, pd.DataFrame(rows, columns=columns))


def _departures(arm: Arm) -> list[dict[str, Any]]:
    outcomes = [*arm.firms, OUTSIDE, VANISHED]
    outcomes[FOCAL] = STAY
    rows = []
    for trigger, outcome in np.argwhere(arm.departures[..., Force.COUNT] > 0) if len(arm) else ():
        sums = arm.departures[trigger, outcome]
        chose = outcomes[outcome] != VANISHED
        rows.append(
            {
                "scenario": arm.name,
                "trigger": Trigger(trigger).name.lower(),
                "outcome": outcomes[outcome],
                "count": sums[Force.COUNT] / len(arm),
                "satisfied": sums[Force.SATISFIED] / len(arm),
                "against_surplus": sums[Force.AGAINST_SURPLUS] / len(arm),
            }
            | {name: sums[which] / MICRO / sums[Force.COUNT] if chose else np.nan for name, which in FORCES.items()}
        )
    return rows


def flow_table(study: Study) -> pd.DataFrame:
    """`Study.flows`."""
    import pandas as pd

    rows = [
        (arm.name, origin, end, arm.flows[j, k] / len(arm))
        for arm in study.arms.values()
        if len(arm)
        for j, origin in enumerate([*arm.firms, OUTSIDE])
        for k, end in enumerate([*arm.firms, OUTSIDE, VANISHED])
        if arm.flows[j, k]
    ]
    return _by_scenario(study, pd.DataFrame(rows, columns=["scenario", "from", "to", "count"]))


def survival_table(study: Study) -> pd.DataFrame:
    """`Study.survival`."""
    parts = []
    for arm in study.arms.values():
        if len(arm):
            part = survival_frame(life_table(arm.lives, arm.scenario.period))
            part.insert(0, "scenario", arm.name)
            parts.append(part)
    return _by_scenario(study, _joined(parts, ["scenario", "age", "survival", "low", "high", "at_risk", "lost"]))


def survival_run_table(study: Study) -> pd.DataFrame:
    """`Study.survival_runs`."""
    import pandas as pd

    parts = []
    for arm in study.arms.values():
        for replication, curve in arm.survivals.items():
            part = pd.DataFrame(curve._asdict())
            part.insert(0, "replication", replication)
            part.insert(0, "scenario", arm.name)
            parts.append(part)
    return _by_scenario(study, _joined(parts, ["scenario", "replication", "age", "survival", "at_risk"]))


def cohort_table(study: Study) -> pd.DataFrame:
    """`Study.cohorts`."""
    import pandas as pd

    parts = []
    for arm in study.arms.values():
        if not len(arm):
            continue
        cohort, periods = np.nonzero(arm.lives >= 0)
        left = arm.lives[cohort, periods]
        columns = {"cohort": cohort, "periods": periods, "customers": left / len(arm)}
        part = pd.DataFrame(columns | {"share": ratio(left, arm.lives[cohort, 0])})
        part.insert(0, "scenario", arm.name)
        parts.append(part)
    return _by_scenario(study, _joined(parts, ["scenario", "cohort", "periods", "customers", "share"]))


def reichheld_table(study: Study) -> pd.DataFrame:
    """`Study.reichheld`."""
    parts = []
    for arm in study.arms.values():
        if not arm.tenure.size:
            continue
        micro, heads = arm.tenure[..., :-1], arm.tenure[..., -1]
        part = reichheld_frame(micro, heads, period=arm.scenario.period, per_customer=False)
        part[["customer_years", *COMPONENTS, "profit"]] /= len(arm)
        part.insert(0, "scenario", arm.name)
        parts.append(part)
    columns = ["scenario", "since", "tenure_year", "customer_years", *COMPONENTS, "profit"]
    return _by_scenario(study, _joined(parts, columns))


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Parts one below the other; an empty table where no run could be made."""
    import pandas as pd

    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _by_scenario(study: Study, frame: pd.DataFrame) -> pd.DataFrame:
    """Make the scenario a category in the study's order, so that tables and pictures keep it."""
    import pandas as pd

    frame["scenario"] = pd.Categorical(frame["scenario"], categories=list(study.names))
    return frame

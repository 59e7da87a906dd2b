"""Sweeps: scenarios over what a manager can set and over what nobody knows, all with the same luck.

A lever is chosen, an uncertainty is met: the first has a best value, the second asks which choice does well whatever
it turns out to be. Every setting of the levers meets the same worlds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import numpy as np

from retsim.experiments.best import chances
from retsim.experiments.design import Design, Point, changed, grid, spanned
from retsim.experiments.differences import check_metric
from retsim.experiments.making import Making, Report, Way, Workers, check_scenarios
from retsim.results.intervals import check_confidence, mean_interval
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

__all__ = ["How", "Sweep", "named", "sweep"]


class How(TypedDict, total=False):
    """How runs are made, as keywords; see `retsim.compare`."""

    seed: int
    threads: int
    workers: int | str | Workers | None
    progress: Report
    folder: str | Path | None


def sweep(
    scenarios: Scenario | Mapping[str, Scenario],
    levers: Mapping[str, Sequence[Any]] | None = None,
    worlds: Mapping[str, tuple[float, float]] | None = None,
    *,
    design: Design | None = None,
    replications: int = 10,
    **how: Unpack[How],
) -> Sweep:
    """Run scenarios at every setting of some levers, in every one of some worlds.

    Runs are made round robin: all settings in all worlds once, then again. A sweep that was stopped has about as many
    replications everywhere, and with a folder goes on from there.

    Parameters
    ----------
    scenarios : Scenario or mapping of str to Scenario
        Each is tried at every point.
    levers : mapping of str to list, optional
        Values to try by key, such as ``{"budget.retention_share": [0.0, 0.5, 1.0]}``; all combinations.
    worlds : mapping of str to (low, high), optional
        Ranges of what is uncertain, by key, such as ``{"firm.unit_cost": (6.0, 10.0)}``.
    design : Design, optional
        How points are laid into the ranges; None: 16 Sobol points.
    replications : int
        Of each scenario, setting and world.
    **how
        `seed`, `threads`, `workers`, `progress`, `folder`, as in `retsim.compare`.

    Returns
    -------
    Sweep

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be; a `ScenarioError` names the value that a scenario does not take.
    """
    tried = named(scenarios)
    settings, states = grid(levers or {}), spanned(worlds or {}, design or Design())
    _check_apart(levers or {}, worlds or {})
    cells = {
        _label(name, lever, world, setting): (name, lever, world)
        for world in range(len(states))
        for lever, setting in enumerate(settings)
        for name in tried
    }
    points = {
        label: changed(tried[name], settings[lever] | states[world]) for label, (name, lever, world) in cells.items()
    }
    with Making(points, Way(**how)) as making:
        making.reach(replications)
        return Sweep(making.study(), cells, settings, states)


class Sweep:
    """Runs of a sweep; made by `retsim.sweep`.

    Attributes
    ----------
    study : Study
        One scenario a cell: a name, a setting of the levers, a world.
    settings, states : list of dict
        Values of the levers, and of what is uncertain, by key.
    """

    def __init__(
        self, study: Study, cells: Mapping[str, tuple[str, int, int]], settings: list[Point], states: list[Point]
    ) -> None:
        self.study, self.cells = study, dict(cells)
        self.settings, self.states = settings, states

    def __repr__(self) -> str:
        names = ", ".join(dict.fromkeys(name for name, _, _ in self.cells.values()))
        return (
            f"<Sweep of {names}: {len(self.settings)} settings, {len(self.states)} worlds, "
            f"{self.study.replications} replications, seed {self.study.seed}>"
        )

    @cached_property
    def runs(self) -> pd.DataFrame:
        """One row a run: `scenario`, `setting` and the levers, `world` and its values, `replication`, the measures."""
        frame = self.study.runs
        cells = [self.cells[label] for label in frame["scenario"].astype(str)]
        out = frame.drop(columns="scenario")
        columns: list[tuple[str, list[Any]]] = [
            ("scenario", [name for name, _, _ in cells]),
            ("setting", [lever for _, lever, _ in cells]),
            *((key, [self.settings[lever][key] for _, lever, _ in cells]) for key in self.settings[0]),
            ("world", [world for _, _, world in cells]),
            *((key, [self.states[world][key] for _, _, world in cells]) for key in self.states[0]),
        ]
        for place, (name, values) in enumerate(columns):
            out.insert(place, name, values)
        order = ["world", "setting", "scenario", "replication"]
        return out.sort_values(order, kind="stable", ignore_index=True)

    def summary(self, metric: str = "discounted_profit", confidence: float = 0.95) -> pd.DataFrame:
        """One row a (scenario, setting): the mean of a measure over worlds and replications.

        Parameters
        ----------
        metric : str
            One of `retsim.MEASURES`.
        confidence : float

        Returns
        -------
        DataFrame
            `scenario`, `setting`, the levers; `mean`, `low`, `high`: with several worlds the interval is over the
            worlds' means (how much the answer depends on the world), with one over replications; `worst` and `best`
            world's mean; `n`, worlds or replications.
        """
        import pandas as pd

        check_metric(metric)
        check_confidence(confidence)
        several = len(self.states) > 1
        rows = []
        for (name, setting), mine in self.runs.groupby(["scenario", "setting"], sort=False):
            means = mine.groupby("world")[metric].mean()
            found = mean_interval(means if several else mine[metric], confidence)
            worse, better = sorted([means.min(), means.max()], key=lambda x: x * MEASURES[metric].better)
            rows.append(
                {"scenario": name, "setting": setting, **self.settings[int(setting)]}  # type: ignore[call-overload]
                | {"mean": found.mean, "low": found.low, "high": found.high, "worst": worse, "best": better}
                | {"n": found.n}
            )
        return pd.DataFrame(rows)

    def choice(self, metric: str = "discounted_profit") -> pd.DataFrame:
        """Which scenario and setting to choose: one row each, the least regret first.

        Parameters
        ----------
        metric : str
            One of `retsim.MEASURES`.

        Returns
        -------
        DataFrame
            `scenario`, `setting`, the levers, `mean`. With several worlds: `p_best`, the share of worlds in which its
            mean is the best; `regret`, its mean distance from the best of each world, and `most_regret`, the greatest.
            With one: `p_best` and `regret` over the luck (`retsim.decide`), and `most_regret` of one replication.
        """
        check_metric(metric)
        several = len(self.states) > 1
        values = self.runs.groupby(["scenario", "setting", "world" if several else "replication"])[metric].mean()
        table = values.unstack().dropna(axis=1)
        score = table.to_numpy(float).T * MEASURES[metric].better
        apart = score.max(axis=1, keepdims=True) - score
        won = apart == 0.0
        if several:
            p_best, regret = (won / won.sum(axis=1, keepdims=True)).mean(axis=0), apart.mean(axis=0)
        else:
            p_best, regret = chances(score)
        out = table.mean(axis=1).rename("mean").reset_index()
        for place, key in enumerate(self.settings[0], start=2):
            out.insert(place, key, [self.settings[k][key] for k in out["setting"]])
        out["p_best"], out["regret"] = p_best, regret
        out["most_regret"] = apart.max(axis=0) if len(apart) else np.nan
        return out.sort_values(["regret", "mean"], ascending=[True, False], kind="stable", ignore_index=True)


def named(scenarios: Scenario | Mapping[str, Scenario]) -> dict[str, Scenario]:
    """Scenarios by name; a single one has its own."""
    from retsim.scenario import Scenario

    if isinstance(scenarios, Scenario):
        return {scenarios.strategy or scenarios.name: scenarios}
    check_scenarios(scenarios)
    return dict(scenarios)


def _label(name: str, lever: int, world: int, setting: Point) -> str:
    """A name for a cell that says in messages where it is."""
    where = ", ".join(f"{key} = {value}" for key, value in setting.items())
    return f"{name} [setting {lever}{': ' + where if where else ''}; world {world}]"


def _check_apart(levers: Mapping[str, Any], worlds: Mapping[str, Any]) -> None:
    both = [key for key in levers if key in worlds]
    if both:
        raise ValueError(f"{both[0]}: is a lever and uncertain, must be one of the two")

"""Scenario discovery: the conditions under which a strategy loses.

A box is a rule that can be said aloud: "loses where churn is above 3 % and margin below 40 %". How boxes are found
stands in `retsim.experiments.peeling`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retsim.experiments.boxes import Boxes, Facts, Mask, Rules
from retsim.experiments.differences import check_metric
from retsim.experiments.peeling import FEWEST_CASES, find_boxes
from retsim.results.intervals import mean_interval
from retsim.results.measures import MEASURES
from retsim.results.simulate import KEY_LIMIT, whole

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.sweep import Sweep

_FEWEST_WORLDS = 64

__all__ = ["discover"]


def discover(
    found: Sweep, lose: str | None = None, metric: str = "discounted_profit", rules: Rules | None = None
) -> Boxes:
    """Find the conditions under which a strategy loses against the others.

    Parameters
    ----------
    found : Sweep
        Of two scenarios or more at one setting of the levers, in 64 worlds or more.
    lose : str, optional
        The scenario whose losing is looked for; None: the last.
    metric : str
        One of `retsim.MEASURES`. A world is lost if the scenario's mean over replications is worse than that of the
        best of the others.
    rules : Rules, optional

    Returns
    -------
    Boxes

    Raises
    ------
    ModuleNotFoundError
        ema_workbench is not there; ``pip install "retsim[analysis]"`` brings it.
    ValueError
        Too few worlds, or nearly all are lost or won: says how many there are and how many it takes.
    """
    import pandas as pd

    asked = _checked(rules or Rules())
    check_metric(metric)
    lead, names, loser = _leads(found, lose, metric)
    worlds = pd.DataFrame(found.states).iloc[list(lead)]
    means = np.array([np.mean(x) for x in lead.values()])
    unsure = sum(not (found.low > 0.0 or found.high < 0.0) for found in map(mean_interval, lead.values()))
    lost = means < 0.0
    _check_cases(worlds, lost, loser)
    others = tuple(name for name in names if name != loser)
    facts = Facts(loser, others, metric, found.study.replications, found.study.seed, unsure)
    return find_boxes(worlds.reset_index(drop=True).astype(float), lost, asked, facts)


def _leads(found: Sweep, lose: str | None, metric: str) -> tuple[Mapping[int, npt.NDArray[np.float64]], list[str], str]:
    """By world how far the loser leads the best of the others, a replication at a time; and who they are."""
    runs: Any = found.runs
    names = list(dict.fromkeys(runs["scenario"]))
    loser = names[-1] if lose is None else lose
    if loser not in names or len(names) < 2:
        raise ValueError(f"lose = {loser!r}, must be one of two scenarios or more of the sweep: {', '.join(names)}")
    if len(found.settings) > 1:
        raise ValueError(
            f"the sweep has {len(found.settings)} settings of the levers, must have one: sweep worlds alone"
        )
    columns = MEASURES[metric].better * runs.pivot(index=["world", "replication"], columns="scenario", values=metric)
    lead = {}
    for world, mine in columns.dropna().groupby(level="world"):
        rest = mine.drop(columns=loser)
        lead[int(world)] = (mine[loser] - rest[rest.mean().idxmax()]).to_numpy(float)
    return lead, names, loser


def _check_cases(worlds: pd.DataFrame, lost: Mask, loser: str) -> None:
    n, k = len(lost), int(lost.sum())
    if n < _FEWEST_WORLDS:
        raise ValueError(
            f"the sweep has {n} worlds, must have {_FEWEST_WORLDS} or more; give design=Design(points=...)"
        )
    if worlds.shape[1] < 1:
        raise ValueError("the sweep varies nothing that is uncertain; give worlds={key: (low, high)}")
    if min(k, n - k) < FEWEST_CASES:
        more = math.ceil(n * FEWEST_CASES / max(min(k, n - k), 1))
        raise ValueError(
            f"{loser} loses in {k} of {n} worlds, must lose and win in {FEWEST_CASES} or more; widen the ranges, or take "
            f"about {more:,} worlds"
        )


def _checked(rules: Rules) -> Rules:
    for name in ("density", "least"):
        if not 0.0 < getattr(rules, name) < 1.0:
            raise ValueError(f"rules.{name} = {getattr(rules, name)!r}, must lie strictly between 0 and 1")
    for name, low in (("boxes", 1), ("resamples", 0), ("seed", 0)):
        whole(f"rules.{name}", getattr(rules, name), low, KEY_LIMIT - 1)
    return rules

"""retsim: is it more profitable to win customers or to keep them? Ask simulated customers.

>>> import retsim as rs
>>> scenario = rs.load("telecom")                              # doctest: +SKIP
>>> run = rs.simulate(scenario, seed=7)                        # doctest: +SKIP
>>> win, keep = (scenario.with_(strategy=s) for s in ("acquisition-led", "retention-led"))   # doctest: +SKIP
>>> rs.compare({"win": win, "keep": keep}).differences("discounted_profit")                  # doctest: +SKIP

Names load on first use, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retsim import calibrate, plots, theory
    from retsim.experiments.ablation import carried
    from retsim.experiments.asking import Answers, ask
    from retsim.experiments.best import decide
    from retsim.experiments.breakeven import Breakeven, Question, breakeven
    from retsim.experiments.compare import compare
    from retsim.experiments.design import Design
    from retsim.experiments.exporting import tidy, to_csv, to_parquet, transactions
    from retsim.experiments.folder import FolderWarning, open_study
    from retsim.experiments.making import Workers
    from retsim.experiments.manifest import rerun
    from retsim.experiments.optimise import Optimum, Search, optimise
    from retsim.experiments.precision import Precision
    from retsim.experiments.storefile import StoreError
    from retsim.experiments.study import Study
    from retsim.experiments.sweep import Sweep, sweep
    from retsim.extension import own_rules
    from retsim.market.planning import Plan, View
    from retsim.results.check import BrokenInvariantError
    from retsim.results.measures import MEASURES
    from retsim.results.run import Run
    from retsim.results.simulate import simulate
    from retsim.scenario import Scenario, ScenarioError
    from retsim.scenario.evidence import evidence
    from retsim.scenario.files import load, packaged
    from retsim.scenario.mechanisms import MECHANISMS
    from retsim.scenario.schema import schema
    from retsim.scenario.strategies import strategies

    __version__: str

_HOMES = {
    "scenario": ("Scenario", "ScenarioError", "evidence", "load", "packaged", "schema"),
    "market.planning": ("Plan", "View"),
    "scenario.strategies": ("strategies",),
    "scenario.mechanisms": ("MECHANISMS",),
    "results.simulate": ("simulate",),
    "results.run": ("Run",),
    "results.measures": ("MEASURES",),
    "results.check": ("BrokenInvariantError",),
    "extension": ("own_rules",),
    "experiments.ablation": ("carried",),
    "experiments.compare": ("compare",),
    "experiments.asking": ("Answers", "ask"),
    "experiments.best": ("decide",),
    "experiments.breakeven": ("Breakeven", "Question", "breakeven"),
    "experiments.design": ("Design",),
    "experiments.exporting": ("tidy", "to_csv", "to_parquet", "transactions"),
    "experiments.optimise": ("Optimum", "Search", "optimise"),
    "experiments.sweep": ("Sweep", "sweep"),
    "experiments.making": ("Workers",),
    "experiments.precision": ("Precision",),
    "experiments.folder": ("FolderWarning", "open_study"),
    "experiments.storefile": ("StoreError",),
    "experiments.study": ("Study",),
    "experiments.manifest": ("rerun",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_ROOMS = ("calibrate", "plots", "theory")

__all__ = [
    "MEASURES",
    "MECHANISMS",
    "Answers",
    "Breakeven",
    "BrokenInvariantError",
    "Design",
    "FolderWarning",
    "Optimum",
    "Plan",
    "Precision",
    "Question",
    "Run",
    "Scenario",
    "ScenarioError",
    "Search",
    "StoreError",
    "Study",
    "Sweep",
    "View",
    "Workers",
    "ask",
    "breakeven",
    "calibrate",
    "carried",
    "compare",
    "decide",
    "evidence",
    "load",
    "open_study",
    "optimise",
    "own_rules",
    "packaged",
    "plots",
    "rerun",
    "schema",
    "simulate",
    "strategies",
    "sweep",
    "theory",
    "tidy",
    "to_csv",
    "to_parquet",
    "transactions",
]


def __getattr__(name: str) -> Any:
    if name in _HOME_OF:
        found = getattr(import_module(f"retsim.{_HOME_OF[name]}"), name)
    elif name in _ROOMS:
        found = import_module(f"retsim.{name}")
    elif name == "__version__":
        found = _version()
    else:
        raise AttributeError(f"module 'retsim' has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("retsim")
    except PackageNotFoundError:
        # Run from a source tree that nobody installed.
        return "0+unknown"

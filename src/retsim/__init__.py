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
    from retsim import calibrate, claims, classroom, plots, theory
    from retsim.experiments.ablation import carried
    from retsim.experiments.asking import Answers, ask
    from retsim.experiments.best import decide
    from retsim.experiments.boxes import Boxes, Rules
    from retsim.experiments.breakeven import Breakeven, Question, breakeven
    from retsim.experiments.compare import compare
    from retsim.experiments.design import Design
    from retsim.experiments.discovery import discover
    from retsim.experiments.exporting import tidy, to_csv, to_parquet, transactions
    from retsim.experiments.folder import FolderWarning, open_study
    from retsim.experiments.manifest import rerun
    from retsim.experiments.optimise import Optimum, Search, optimise
    from retsim.experiments.place import ClusterError, Workers
    from retsim.experiments.precision import Precision
    from retsim.experiments.progress import Progress
    from retsim.experiments.reading import read_study
    from retsim.experiments.selection import Race, Selection, select
    from retsim.experiments.sensitivity import Sampling, Sensitivity, sensitivity
    from retsim.experiments.steady import Steady, steady_state
    from retsim.experiments.storefile import StoreError
    from retsim.experiments.study import Study
    from retsim.experiments.sweep import Sweep, sweep
    from retsim.experiments.workbook import to_excel
    from retsim.extension import own_rules
    from retsim.market.plans import Plan, View
    from retsim.reports import ReportOptions, report
    from retsim.results.check import BrokenInvariantError
    from retsim.results.measures import MEASURES
    from retsim.results.run import Run
    from retsim.results.simulate import simulate
    from retsim.results.warmup import Warmup, mser
    from retsim.scenario import Scenario, ScenarioError
    from retsim.scenario.evidence import evidence
    from retsim.scenario.files import load, packaged
    from retsim.scenario.mechanisms import MECHANISMS
    from retsim.scenario.schema import schema
    from retsim.scenario.strategies import strategies

    __version__: str

_HOMES = {
    "scenario": ("Scenario", "ScenarioError", "evidence", "load", "packaged", "schema"),
    "market.plans": ("Plan", "View"),
    "scenario.strategies": ("strategies",),
    "scenario.mechanisms": ("MECHANISMS",),
    "results.simulate": ("simulate",),
    "results.run": ("Run",),
    "results.measures": ("MEASURES",),
    "results.warmup": ("Warmup", "mser"),
    "results.check": ("BrokenInvariantError",),
    "extension": ("own_rules",),
    "experiments.ablation": ("carried",),
    "experiments.compare": ("compare",),
    "experiments.asking": ("Answers", "ask"),
    "experiments.best": ("decide",),
    "experiments.breakeven": ("Breakeven", "Question", "breakeven"),
    "experiments.design": ("Design",),
    "experiments.boxes": ("Boxes", "Rules"),
    "experiments.discovery": ("discover",),
    "experiments.exporting": ("tidy", "to_csv", "to_parquet", "transactions"),
    "experiments.optimise": ("Optimum", "Search", "optimise"),
    "experiments.selection": ("Race", "Selection", "select"),
    "experiments.sensitivity": ("Sampling", "Sensitivity", "sensitivity"),
    "experiments.steady": ("Steady", "steady_state"),
    "experiments.sweep": ("Sweep", "sweep"),
    "experiments.place": ("ClusterError", "Workers"),
    "experiments.progress": ("Progress",),
    "experiments.workbook": ("to_excel",),
    "experiments.precision": ("Precision",),
    "experiments.folder": ("FolderWarning", "open_study"),
    "experiments.storefile": ("StoreError",),
    "experiments.study": ("Study",),
    "experiments.manifest": ("rerun",),
    "experiments.reading": ("read_study",),
    "reports": ("ReportOptions", "report"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
_ROOMS = ("calibrate", "claims", "classroom", "plots", "theory")

__all__ = [
    "MEASURES",
    "MECHANISMS",
    "Answers",
    "Boxes",
    "Breakeven",
    "BrokenInvariantError",
    "ClusterError",
    "Design",
    "FolderWarning",
    "Optimum",
    "Plan",
    "Precision",
    "Progress",
    "Question",
    "Race",
    "ReportOptions",
    "Rules",
    "Run",
    "Sampling",
    "Scenario",
    "ScenarioError",
    "Search",
    "Selection",
    "Sensitivity",
    "Steady",
    "StoreError",
    "Study",
    "Sweep",
    "View",
    "Warmup",
    "Workers",
    "ask",
    "breakeven",
    "calibrate",
    "carried",
    "claims",
    "classroom",
    "compare",
    "decide",
    "discover",
    "evidence",
    "load",
    "mser",
    "open_study",
    "optimise",
    "own_rules",
    "packaged",
    "plots",
    "read_study",
    "report",
    "rerun",
    "schema",
    "select",
    "sensitivity",
    "simulate",
    "steady_state",
    "strategies",
    "sweep",
    "theory",
    "tidy",
    "to_csv",
    "to_excel",
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

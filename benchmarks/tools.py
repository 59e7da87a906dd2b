"""The tools that are compared: where each one's W1 is, how it is called, and whether it can run here."""

import importlib
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import w1_c


class Tool(NamedTuple):
    """One tool in one way of using it.

    Parameters
    ----------
    label : str
        What tables and pictures call it.
    module : str
        The file beside this one that has its ``run``.
    rough_rate : float
        Events per CPU second, roughly: only to say how long a benchmark will still take.
    options : Mapping
        What ``run`` is called with besides n, seed and periods.
    """

    label: str
    module: str
    rough_rate: float
    options: Mapping[str, Any] = {}


TOOLS = {
    "simpy": Tool("SimPy, a process per customer", "w1_simpy", 1.1e5),
    "mesa": Tool("Mesa, monthly step", "w1_mesa", 3e5),
    "agentpy": Tool("AgentPy, monthly step", "w1_agentpy", 3e5),
    "numpy": Tool("NumPy by month", "w1_numpy", 1e7),
    "c": Tool("scalar C, Philox", "w1_c", 1e7),
    "c-xoshiro": Tool("scalar C, xoshiro256++", "w1_c", 1.2e7, {"generator": "xoshiro"}),
    "retsim": Tool("retsim, compiled engine", "w1_retsim", 1.4e7),
    "retsim-2": Tool("retsim, compiled engine, two threads", "w1_retsim", 1.4e7, {"threads": 2}),
    "reference": Tool("retsim, reference engine", "w1_retsim", 1.6e5, {"engine": "reference"}),
}

# Compared with each other by agreement.py. The other retsim runs use the same draws: no samples of their own.
INDEPENDENT = ("simpy", "mesa", "agentpy", "numpy", "c", "c-xoshiro", "retsim")

# Fast enough to be compared at 1e5 customers in seconds.
FAST = ("numpy", "c", "c-xoshiro", "retsim")


def problem(key: str) -> str | None:
    """Say in a few words why a tool cannot run here; None when it can."""
    module = TOOLS[key].module
    if module == "w1_c" and shutil.which(w1_c.command("philox")[0]) is None:
        return "no C compiler (set CC or install gcc)"
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as missing:
        return f"no module {missing.name}"
    return None


def runner(key: str) -> Callable[..., dict[str, Any]]:
    """Return the tool's ``run(n, seed, periods)``."""
    tool = TOOLS[key]
    return partial(importlib.import_module(tool.module).run, **tool.options)

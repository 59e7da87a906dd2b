"""Making a run: arguments are checked here, and the market does the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retsim.results.run import Run

if TYPE_CHECKING:
    from retsim.market.market import Process
    from retsim.market.plans import StrategyFunction
    from retsim.scenario import Scenario

ENGINES = ("compiled", "reference")
KEY_LIMIT = 2**32
"""Seeds and replications lie below it: the generator takes 32 bits of each."""
MOST_THREADS = 1024

__all__ = ["ENGINES", "KEY_LIMIT", "check_key", "check_scenario", "check_strategy", "simulate", "whole"]


def simulate(
    scenario: Scenario,
    *,
    seed: int = 0,
    replication: int = 0,
    engine: str = "compiled",
    threads: int = 1,
    log: bool = False,
    processes: Sequence[Process] = (),
    strategy: StrategyFunction | None = None,
) -> Run:
    """Let the customers of a scenario live through it once.

    Parameters
    ----------
    scenario : Scenario
        From `retsim.load` or `Scenario.with_`.
    seed, replication : int
        0 to 2**32 - 1. The same pair is the same luck, under every scenario.
    engine : {"compiled", "reference"}
        ``"reference"`` makes every customer a SimPy process: slow, easy to follow, the same to the last bit.
    threads : int
        Threads within this run (compiled engine only); never changes a result.
    log : bool
        Keep every event (`Run.events`); never changes a result.
    processes : sequence of callables
        SimPy processes of your own: each is called with the market and yields events, for instance
        ``yield market.at(12.34); market.set("focal", price=25.0)``.
    strategy : callable, optional
        A strategy of your own for the focal firm: at each tick it gets what the firm sees (`retsim.View`) and
        returns a `retsim.Plan`, or None to leave things as they are. It must depend on its argument alone.

    Returns
    -------
    Run

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be; the message names it, its value and the rule.
    """
    check_scenario(scenario)
    check_key(seed, replication)
    if engine not in ENGINES:
        raise ValueError(f"engine = {engine!r}, must be one of {', '.join(map(repr, ENGINES))}")
    whole("threads", threads, 1, MOST_THREADS)
    if threads > 1 and engine == "reference":
        raise ValueError(f"threads = {threads}, must be 1 with the reference engine: it lives one event at a time")
    for process in processes:
        if not callable(process):
            raise TypeError(f"processes holds {process!r}, must hold functions that take the market")
    check_strategy(strategy)
    from retsim.market.market import Market

    market = Market(
        scenario, (int(seed), int(replication)), engine=engine, threads=int(threads), log=bool(log), strategy=strategy
    )
    market.run(processes)
    return Run(market, engine)


def check_scenario(scenario: Any, place: str = "scenario") -> None:
    """Refuse what is no scenario."""
    from retsim.scenario import Scenario

    if not isinstance(scenario, Scenario):
        hint = f"; did you mean load({scenario!r})?" if isinstance(scenario, str) else ""
        raise TypeError(f"{place} = {scenario!r:.80}, must be a Scenario{hint}")


def check_strategy(strategy: Any, place: str = "strategy") -> None:
    """Refuse what is no strategy of one's own."""
    if strategy is not None and not callable(strategy):
        hint = (
            f"; a named one belongs to the scenario: with_(strategy={strategy!r})" if isinstance(strategy, str) else ""
        )
        raise TypeError(f"{place} = {strategy!r:.80}, must be a function that takes a View and returns a Plan{hint}")


def check_key(seed: Any, replication: Any = 0) -> None:
    """Refuse a seed or replication that the generator cannot take."""
    whole("seed", seed, 0, KEY_LIMIT - 1)
    whole("replication", replication, 0, KEY_LIMIT - 1)


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number in a range, or an error that says so."""
    import operator

    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} = {value!r}, must be a whole number from {low} to {high}") from None
    if isinstance(value, bool) or not low <= number <= high:
        raise ValueError(f"{name} = {value!r}, must be a whole number from {low} to {high}")
    return number

"""Comparing scenarios: every one lives through the same luck, as often as asked."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from retsim.experiments.replicate import Failure, Outcome, Settings, Task, attempt
from retsim.experiments.study import Arm, Study
from retsim.results.simulate import KEY_LIMIT, MOST_THREADS, check_key, check_scenario, check_strategy, whole

if TYPE_CHECKING:
    from retsim.market.planning import StrategyFunction
    from retsim.scenario import Scenario

Progress = Callable[[int, int], None]
_WORTH_WORKERS = 3.0
"""Seconds of work from which starting worker processes pays (they need about a second to start)."""
_BATCH = 0.25
"""Seconds of work that a worker is given at once."""

__all__ = ["compare"]


def compare(
    scenarios: Mapping[str, Scenario],
    *,
    replications: int = 100,
    seed: int = 0,
    workers: int | None = None,
    threads: int = 1,
    progress: Progress | bool | None = None,
    strategy: StrategyFunction | Mapping[str, StrategyFunction] | None = None,
) -> Study:
    """Run scenarios against each other with common random numbers.

    Every scenario is run with the same (seed, replication) pairs, so that each customer meets the same luck
    under each and differences are those of the scenarios. Neither the number of workers nor the order of
    runs changes anything.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        By the name they have in the study; differences are taken from the first.
    replications : int
        Runs of each scenario, replications 0 to `replications` - 1.
    seed : int
        0 to 2**32 - 1.
    workers : int, optional
        Processes; None: one where there is little to do, else as many as there are processors.
    threads : int
        Threads within each run.
    strategy : callable or mapping of str to callable, optional
        A strategy of your own for the focal firm (see `retsim.simulate`), in every scenario or by scenario. Worker
        processes need a function that they can import; one from a script or a notebook runs in this process.
    progress : bool or callable, optional
        True: a bar with the time left on the terminal; a callable gets (runs done, runs in all).

    Returns
    -------
    Study
        With the runs that could be made; `Study.failed` names the others.

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be.
    RuntimeError
        No run at all could be made: says why the first could not.
    """
    _check(scenarios, replications, seed)
    if workers is not None:
        whole("workers", workers, 1, 1024)
    own = _strategies(strategy, scenarios)
    if not _can_travel(own):
        if workers is not None and workers > 1:
            raise TypeError(
                f"workers = {workers}, must be 1 with this strategy: worker processes cannot import it; "
                "put the function into a module of its own"
            )
        workers = 1
    settings = Settings(int(seed), whole("threads", threads, 1, MOST_THREADS), own)
    tasks = [Task(name, r) for r in range(replications) for name in scenarios]
    arms = {name: Arm(name, scenario) for name, scenario in scenarios.items()}
    failures: list[Failure] = []
    with _shown(progress, len(tasks)) as tell:

        def done(result: Outcome | Failure) -> None:
            if isinstance(result, Failure):
                failures.append(result)
            else:
                arms[result.scenario].add(result)
            tell(sum(len(arm) for arm in arms.values()) + len(failures))

        _work(scenarios, tasks, settings, workers=workers, done=done)
    if len(failures) == len(tasks):
        first = min(failures, key=lambda f: (f.replication, f.scenario))
        raise RuntimeError(f"no run could be made; {first.scenario}, replication {first.replication}: {first.reason}")
    return Study(arms, seed=settings.seed, replications=replications, failures=sorted(failures))


def _strategies(strategy: Any, scenarios: Mapping[str, Scenario]) -> dict[str, StrategyFunction]:
    """Strategies of the user's own by scenario."""
    if not isinstance(strategy, Mapping):
        check_strategy(strategy)
        return {} if strategy is None else dict.fromkeys(scenarios, strategy)
    for name, function in strategy.items():
        if name not in scenarios:
            raise ValueError(f"strategy[{name!r}] must name one of the scenarios {', '.join(scenarios)}")
        check_strategy(function, f"strategy[{name!r}]")
    return {name: function for name, function in strategy.items() if function is not None}


def _can_travel(own: Mapping[str, StrategyFunction]) -> bool:
    """Whether worker processes can import the functions; they know nothing of the user's script."""
    import pickle

    if any(getattr(function, "__module__", "__main__") == "__main__" for function in own.values()):
        return False
    try:
        pickle.dumps(own)
    except (pickle.PicklingError, AttributeError, TypeError):
        return False
    return True


def _check(scenarios: Mapping[str, Scenario], replications: int, seed: int) -> None:
    if not isinstance(scenarios, Mapping):
        raise TypeError('scenarios must be a mapping of names to scenarios, such as {"win": ..., "keep": ...}')
    if not scenarios:
        raise ValueError("scenarios is empty, must hold at least one scenario")
    for name, scenario in scenarios.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"scenarios: the name {name!r} must be a text")
        check_scenario(scenario, f"scenarios[{name!r}]")
    whole("replications", replications, 1, KEY_LIMIT)
    check_key(seed)


def _work(
    scenarios: Mapping[str, Scenario],
    tasks: Sequence[Task],
    settings: Settings,
    *,
    workers: int | None,
    done: Callable[[Outcome | Failure], None],
) -> None:
    """Make the runs: the first here, which compiles what is not compiled yet; then here or in workers."""
    if workers == 1:
        return _serial(scenarios, tasks, settings, done)
    # The first run may compile; the second tells how long a run takes.
    _serial(scenarios, tasks[:1], settings, done)
    started = time.perf_counter()
    _serial(scenarios, tasks[1:2], settings, done)
    seconds = time.perf_counter() - started
    rest = tasks[2:]
    if workers is None:
        workers = processors() if seconds * len(rest) > _WORTH_WORKERS else 1
    workers = min(workers, len(rest))
    if workers <= 1:
        return _serial(scenarios, rest, settings, done)
    from retsim.experiments.workers import Crew

    batch = max(1, min(int(_BATCH / max(seconds, 1e-6)), len(rest) // (4 * workers)))
    Crew(scenarios, settings, workers).work(rest, batch, done)


def _serial(
    scenarios: Mapping[str, Scenario],
    tasks: Sequence[Task],
    settings: Settings,
    done: Callable[[Outcome | Failure], None],
) -> None:
    for task in tasks:
        done(attempt(scenarios[task.scenario], task, settings))


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _shown:
    """Progress as the caller wants it: a function of the runs done."""

    def __init__(self, progress: Progress | bool | None, total: int) -> None:
        self.progress, self.total = progress, total
        self.bar: Any = None

    def __enter__(self) -> Callable[[int], None]:
        if callable(self.progress):
            report = self.progress
            return lambda n: report(n, self.total)
        if not self.progress:
            return lambda n: None
        from tqdm import tqdm

        self.bar = bar = tqdm(total=self.total, unit="run", disable=None, leave=False)

        def show(n: int) -> None:
            bar.update(n - bar.n)

        return show

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.close()

"""Making runs: what a folder has is taken from it, the rest is made here or in workers, each result is kept at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.experiments.limits import check_limits
from retsim.experiments.own_strategies import can_travel, strategies_of
from retsim.experiments.replicate import Failure, Outcome, Settings, Task, attempt
from retsim.experiments.study import Arm, Study
from retsim.jit import own_sources
from retsim.results.simulate import KEY_LIMIT, MOST_THREADS, check_key, check_scenario, whole

if TYPE_CHECKING:
    from retsim.experiments.folder import Folder
    from retsim.market.planning import StrategyFunction
    from retsim.scenario import Scenario

Progress = Callable[[int, int], None]
_WORTH_WORKERS = 3.0
"""Seconds of work from which starting worker processes pays (they need about a second to start)."""
_BATCH = 0.25
"""Seconds of work that a worker is given at once."""
_MOST_WORKERS = 1024

__all__ = ["Making", "Progress", "Way", "Workers", "check_scenarios"]


class Workers(NamedTuple):
    """Where runs are made, and what one of them may take.

    Attributes
    ----------
    processes : int, optional
        None: as many as there are processors.
    limit : float, optional
        Seconds that a run may take. One that takes longer is ended, tried once more, and then recorded as failed.
    memory : float, optional
        Gigabytes of address space that a worker may take. A run that needs more is recorded as failed.
    """

    processes: int | None = None
    limit: float | None = None
    memory: float | None = None


class Way(NamedTuple):
    """How the runs of an experiment are made.

    Attributes
    ----------
    seed, threads : int
    workers : int or Workers, optional
    progress : bool or callable, optional
    folder : path, optional
    strategy : callable or mapping of str to callable, optional
        The one thing here that does change results: a strategy of one's own.
    """

    seed: int = 0
    threads: int = 1
    workers: int | Workers | None = None
    progress: Progress | bool | None = None
    folder: str | Path | None = None
    strategy: StrategyFunction | Mapping[str, StrategyFunction] | None = None


class Making:
    """Runs of some scenarios, each made once; to be used in a ``with`` block.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
    way : Way
    first : int
        Replication to begin with: fresh luck where the ones before have been used to choose.

    Attributes
    ----------
    reused : int
        Runs that the folder had already.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], way: Way, first: int = 0) -> None:
        check_scenarios(scenarios)
        check_key(way.seed)
        self.workers = _checked(way.workers)
        own = strategies_of(way.strategy, scenarios)
        self.settings = Settings(
            int(way.seed), whole("threads", way.threads, 1, MOST_THREADS), self.workers.limit, self.workers.memory, own
        )
        self.in_workers = isinstance(way.workers, Workers) and (way.workers.limit, way.workers.memory) != (None, None)
        self.stays_here = bool(own_sources()) or not can_travel(own)
        _check_own(own, way, stays_here=self.stays_here, in_workers=self.in_workers)
        self.scenarios, self.way = dict(scenarios), way
        self.arms = {name: Arm(name, scenario) for name, scenario in scenarios.items()}
        self.failures: dict[Task, Failure] = {}
        self.first = self.replications = first
        self.reused = 0
        self.folder: Folder | None = None

    def __enter__(self) -> Making:
        if self.way.folder is not None:
            from retsim.experiments.folder import Folder

            self.folder = Folder(self.way.folder, self.scenarios, self.settings)
        return self

    def __exit__(self, *_: object) -> None:
        if self.folder is not None:
            self.folder.close()

    def reach(self, replications: int) -> None:
        """Make what is missing of replications up to `replications` - 1, one of every scenario after the other.

        So work that is stopped has about as many replications of each.

        Raises
        ------
        RuntimeError
            No run at all could be made: says why the first could not.
        """
        whole("replications", replications, 1, KEY_LIMIT)
        tasks = [Task(name, r) for r in range(self.replications, replications) for name in self.scenarios]
        self.replications = max(self.replications, replications)
        with _Shown(self.way.progress, self.planned) as tell:
            tasks = self._taken(tasks)
            if self.reused:
                tell(self.done)

            def made(result: Outcome | Failure) -> None:
                if self.folder is not None:
                    self.folder.keep(_worded(result, self.settings))
                self._take(_worded(result, self.settings))
                tell(self.done)

            self._work(tasks, made)
        if len(self.failures) == self.planned:
            first = min(self.failures.values(), key=lambda f: (f.replication, f.scenario))
            raise RuntimeError(
                f"no run could be made; {first.scenario}, replication {first.replication}: {first.reason}"
            )

    @property
    def planned(self) -> int:
        """Runs asked for so far."""
        return (self.replications - self.first) * len(self.scenarios)

    @property
    def done(self) -> int:
        """Runs that were made, reused, or failed."""
        return sum(map(len, self.arms.values())) + len(self.failures)

    def study(self) -> Study:
        """What there is."""
        failures = sorted(self.failures.values())
        return Study(self.arms, seed=self.settings.seed, replications=self.replications, failures=failures)

    def _taken(self, tasks: list[Task]) -> list[Task]:
        """Take from the folder what it has; the tasks that are left."""
        if self.folder is None:
            return tasks
        self.folder.plan(self.replications)
        for outcome in self.folder.kept(tasks):
            self._take(outcome)
            self.reused += 1
        return [task for task in tasks if task.replication not in self.arms[task.scenario].outcomes]

    def _take(self, result: Outcome | Failure) -> None:
        if isinstance(result, Failure):
            self.failures[Task(result.scenario, result.replication)] = result
        else:
            self.arms[result.scenario].add(result)

    def _work(self, tasks: list[Task], made: Callable[[Outcome | Failure], None]) -> None:
        """The first run here, which compiles what is not compiled yet; then here or in workers."""
        if self.in_workers and tasks:
            return self._share(tasks, self.workers.processes or processors(), 1, made)
        if self.workers.processes == 1 or (self.workers.processes is None and self.stays_here):
            # Rules of one's own, and strategies of a script, live in this process only.
            return self._serial(tasks, made)
        # The first run may compile; the second tells how long a run takes.
        self._serial(tasks[:1], made)
        started = time.perf_counter()
        self._serial(tasks[1:2], made)
        seconds = time.perf_counter() - started
        rest = tasks[2:]
        count = self.workers.processes
        if count is None:
            count = processors() if seconds * len(rest) > _WORTH_WORKERS else 1
        count = min(count, len(rest))
        if count <= 1:
            return self._serial(rest, made)
        batch = max(1, min(int(_BATCH / max(seconds, 1e-6)), len(rest) // (4 * count)))
        self._share(rest, count, batch, made)

    def _serial(self, tasks: Sequence[Task], made: Callable[[Outcome | Failure], None]) -> None:
        for task in tasks:
            made(attempt(self.scenarios[task.scenario], task, self.settings))

    def _share(self, tasks: Sequence[Task], count: int, batch: int, made: Callable[[Outcome | Failure], None]) -> None:
        from retsim.experiments.workers import Crew

        Crew(self.scenarios, self.settings, min(count, len(tasks))).work(tasks, batch, made)


def _check_own(own: Mapping[str, StrategyFunction], way: Way, *, stays_here: bool, in_workers: bool) -> None:
    """Refuse a strategy of one's own where it could not be run, or its results not be told from others."""
    if own and way.folder is not None:
        raise ValueError("folder: keeps no runs of a strategy written in Python, which it could not tell from another")
    count = way.workers.processes if isinstance(way.workers, Workers) else way.workers
    elsewhere = in_workers or (count or 1) > 1
    if own_sources() and elsewhere:
        raise RuntimeError("workers: rules of your own live in this process only; give workers=1 (threads may be more)")
    if own and stays_here and elsewhere:
        raise TypeError(
            f"workers = {count}, must be 1 with this strategy: worker processes cannot import it; "
            "put the function into a module of its own"
        )


def check_scenarios(scenarios: Any) -> None:
    """Refuse what is no mapping of names to scenarios."""
    if not isinstance(scenarios, Mapping):
        raise TypeError('scenarios must be a mapping of names to scenarios, such as {"win": ..., "keep": ...}')
    if not scenarios:
        raise ValueError("scenarios is empty, must hold at least one scenario")
    for name, scenario in scenarios.items():
        if not isinstance(name, str) or not name:
            raise TypeError(f"scenarios: the name {name!r} must be a text")
        check_scenario(scenario, f"scenarios[{name!r}]")


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _checked(workers: int | Workers | None) -> Workers:
    found = workers if isinstance(workers, Workers) else Workers(workers)
    if found.processes is not None:
        whole("workers", found.processes, 1, _MOST_WORKERS)
    for name, unit in (("limit", "seconds a run"), ("memory", "gigabytes a worker")):
        value = getattr(found, name)
        if value is not None and not (isinstance(value, int | float) and 0.0 < value < 1e9):
            raise ValueError(f"workers.{name} = {value!r}, must be a number above 0 ({unit})")
    check_limits(found.limit, found.memory)
    return found


def _worded(result: Outcome | Failure, settings: Settings) -> Outcome | Failure:
    """The reason of a run that took too long says so."""
    if isinstance(result, Failure) and settings.limit is not None and "SIGALRM" in result.reason:
        return result._replace(reason=f"took longer than {settings.limit:g} seconds, twice")
    return result


class _Shown:
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

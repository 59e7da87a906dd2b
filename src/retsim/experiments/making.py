"""Making runs: what a folder has is taken from it, the rest is made here or elsewhere, each result is kept at once."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.experiments.arm import Arm
from retsim.experiments.interrupts import heard
from retsim.experiments.limits import check_limits
from retsim.experiments.own_strategies import can_travel, strategies_of
from retsim.experiments.place import THREADS, ClusterError, Workers, placed
from retsim.experiments.progress import Report, Shown
from retsim.experiments.replicate import Failure, Outcome, Settings, Task, attempt
from retsim.experiments.sharing import Done, Made, Share, Tasks, timed
from retsim.experiments.study import Study
from retsim.jit import own_sources
from retsim.results.simulate import KEY_LIMIT, MOST_THREADS, check_key, check_scenario, whole

if TYPE_CHECKING:
    from retsim.experiments.folder import Folder
    from retsim.market.plans import StrategyFunction
    from retsim.scenario import Scenario

_WORTH_WORKERS = 3.0
"""Seconds of work from which starting worker processes pays (they need about a second to start)."""
_MADE_HERE = 2
"""Runs that are made in this process before others work at it, too."""

__all__ = ["Making", "Report", "Way", "Workers", "check_scenarios"]


class Way(NamedTuple):
    """How the runs of an experiment are made.

    Attributes
    ----------
    seed, threads : int
    workers : int, str or Workers, optional
    progress : bool, callable or Watcher, optional
    folder : path, optional
    strategy : callable or mapping of str to callable, optional
        The one thing here that does change results: a strategy of one's own.
    """

    seed: int = 0
    threads: int = 1
    workers: int | str | Workers | None = None
    progress: Report = None
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
    cpu : float
        Seconds of processors that the runs made here took, workers included.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], way: Way, first: int = 0) -> None:
        check_scenarios(scenarios)
        check_key(way.seed)
        self.workers = placed(way.workers)
        check_limits(self.workers.limit, self.workers.memory)
        own = strategies_of(way.strategy, scenarios)
        self.settings = Settings(
            int(way.seed), whole("threads", way.threads, 1, MOST_THREADS), self.workers.limit, self.workers.memory, own
        )
        self.stays_here = bool(own_sources()) or not can_travel(own, self.workers)
        _check_own(own, way, self.workers, stays_here=self.stays_here)
        self.scenarios, self.way = dict(scenarios), way
        self.arms = {name: Arm(name, scenario) for name, scenario in scenarios.items()}
        self.failures: dict[Task, Failure] = {}
        self.first = self.replications = first
        self.reused, self.cpu = 0, 0.0
        self.folder: Folder | None = None

    def __enter__(self) -> Making:
        if self.way.folder is not None:
            from retsim.experiments.folder import Folder

            self.folder = Folder(self.way.folder, self.scenarios, self.settings)
            self.arms = {
                name: Arm(name, scenario, self.folder.outcomes(name)) for name, scenario in self.scenarios.items()
            }
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
        span = range(self.replications, replications)
        self.replications = max(self.replications, replications)
        with Shown(self.way.progress, self.planned) as shown, heard() as ask:
            tasks = self._taken(span)
            shown.before = self.done
            if self.reused:
                shown.tell(self.done, self.cpu)

            def done(batch: Sequence[Made]) -> None:
                self._keep(batch)
                for made in batch:
                    self.cpu += made.cpu
                    self._take(_worded(made.result, self.settings))
                    shown.tell(self.done, self.cpu)
                ask()

            self._work(tasks, done)
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

    def _taken(self, span: range) -> Tasks:
        """Take from the folder what it has; the runs that are left."""
        if self.folder is not None:
            self.folder.plan(self.replications)
            for outcome in self.folder.kept(span):
                self._take(outcome)
                self.reused += 1
        return Tasks(span, {name: arm.outcomes for name, arm in self.arms.items()})

    def _keep(self, batch: Sequence[Made]) -> None:
        """Bring runs to the disk; what is told or counted afterwards is there."""
        if self.folder is not None:
            self.folder.keep([_worded(made.result, self.settings) for made in batch])

    def _take(self, result: Outcome | Failure) -> None:
        if isinstance(result, Failure):
            self.failures[Task(result.scenario, result.replication)] = result
        else:
            self.arms[result.scenario].add(result)

    def _work(self, tasks: Tasks, done: Done) -> None:
        """Make the runs where they are to be made."""
        share = Share(tasks, self.scenarios)
        if not share:
            return
        if self.workers.is_cluster:
            from retsim.experiments.cluster import Cluster

            try:
                return Cluster(self.workers, self.scenarios, self.settings).work(share, done)
            except ClusterError as error:
                raise ClusterError(f"{error}; {self._standing()}") from None
        hands = min(self._hands(share, done), len(share))
        if hands <= 1 and not self.workers.is_limited:
            self._serial(share, done, len(share))
        elif self.workers.where == THREADS:
            from retsim.experiments.threads import Threads

            Threads(self.scenarios, self.settings, hands).work(share, done)
        else:
            from retsim.experiments.workers import Crew

            Crew(self.scenarios, self.settings, max(hands, 1)).work(share, done)

    def _standing(self) -> str:
        """What there is when work ends before its time."""
        if self.way.folder is None:
            return "nothing was kept: with a folder for the study (--study) runs are kept as they are made"
        return f"{self.done} of {self.planned} runs are kept in {self.way.folder}; the same command goes on from there"

    def _hands(self, share: Share, done: Done) -> int:
        """How many work at it.

        The first run is made here, which compiles what is not compiled yet, and one more to tell how long a run takes.
        """
        given, where = self.workers.number, self.workers.where
        if self.workers.is_limited:
            return given or processors()
        if given == 1 or (given is None and where != THREADS and self.stays_here):
            # Rules of one's own, and strategies of a script, live in this process only.
            return 1
        self._get_ready(share)
        self._serial(share, done, 1)
        self._get_ready(share)
        share.forget()
        self._serial(share, done, 1)
        if given is not None or where == THREADS:
            return given or processors()
        return processors() if share.expected > _WORTH_WORKERS else 1

    def _get_ready(self, share: Share) -> None:
        """As soon as workers seem to be wanted, let what they need be loaded, while runs are made here."""
        wanted = self.workers.number is not None or share.expected > _WORTH_WORKERS
        if wanted and len(share) > _MADE_HERE and self.workers.where != THREADS:
            from retsim.experiments.starting import get_ready

            get_ready()

    def _serial(self, share: Share, done: Done, count: int) -> None:
        for _ in range(min(count, len(share))):
            (task,) = share.take(seconds=0.0, most=1, hands=1)
            made = timed(attempt, self.scenarios[task.scenario], task, self.settings)
            share.learn(made)
            done([made])


def _check_own(own: Mapping[str, StrategyFunction], way: Way, workers: Workers, *, stays_here: bool) -> None:
    """Refuse a strategy of one's own where it could not be run, or its results not be told from others."""
    if own and way.folder is not None:
        raise ValueError("folder: keeps no runs of a strategy written in Python, which it could not tell from another")
    elsewhere = workers.where != THREADS and (workers.is_cluster or workers.is_limited or (workers.number or 1) > 1)
    if own_sources() and elsewhere:
        raise RuntimeError(
            'workers: rules of your own live in this process only; give workers=1 or workers="threads:N" '
            "(threads within a run may be more)"
        )
    if own and stays_here and elsewhere:
        where = workers.where if workers.is_cluster else workers.number
        raise TypeError(
            f"workers = {where}, must be 1 or threads with this strategy: workers elsewhere cannot import it; "
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


def _worded(result: Outcome | Failure, settings: Settings) -> Outcome | Failure:
    """The reason of a run that took too long says so."""
    if isinstance(result, Failure) and settings.limit is not None and "SIGALRM" in result.reason:
        return result._replace(reason=f"took longer than {settings.limit:g} seconds, twice")
    return result

"""Worker processes: runs are shared out, and a worker that dies takes at most one run with it.

Python's own pools lose everything under way when one worker is killed; here each worker has a pipe of its
own, sends every run as soon as it is made, and is replaced when it dies; where runs have a limit, a
worker that is silent beyond it (stopped, stuck before it began) is ended like one that died.
"""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Mapping
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from retsim.experiments.replicate import Failure, Settings, Task, attempt
from retsim.experiments.sharing import Done, Made, Share, timed
from retsim.experiments.starting import context as processes
from retsim.experiments.starting import end_with_the_parent, no_main_module

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from retsim.scenario import Scenario

_BATCH, _MOST_RUNS = 0.25, 1000
"""Seconds of work that a worker is given at once, and runs."""
_MOST_DEATHS = 20
"""So many deaths without a single run in between mean that workers cannot live here."""
_PATIENCE = 1.0
"""Seconds that a worker may take to end when asked."""
_STARTING, _GRACE = 300.0, 10.0
"""Seconds that a worker may take to start and to compile; and beyond a run's limit, which it holds itself if it can."""

__all__ = ["Crew"]


class Crew:
    """Worker processes that make runs of some scenarios.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
    settings : Settings
    size : int
        Number of workers.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], settings: Settings, size: int) -> None:
        self.scenarios, self.settings, self.size = dict(scenarios), settings, size
        self.members: list[_Member] = []
        self.lost_once: set[Task] = set()
        self.deaths = 0

    def work(self, share: Share, done: Done) -> None:
        """Make all runs; `done` gets each as it comes, in no particular order.

        A run whose worker dies is tried once more, alone; if that worker dies too, the run is a failure. On
        any exception, an interrupt included, all workers are ended before it goes on.
        """
        try:
            for _ in range(min(self.size, len(share))):
                self.members.append(self._start())
            while share or any(member.tasks for member in self.members):
                self._step(share, done)
            for member in self.members:
                member.ask_to_end()
        finally:
            for member in self.members:
                member.process.terminate()
            for member in self.members:
                member.end()

    def _step(self, share: Share, done: Done) -> None:
        """Hand out work, then take what comes first."""
        seconds, most = (0.0, 1) if self.settings.limit or self.settings.memory else (_BATCH, _MOST_RUNS)
        for member in self.members:
            if share and not member.tasks:
                member.give(share.take(seconds=seconds, most=most, hands=self.size))
        busy = {member.pipe: member for member in self.members if member.tasks}
        for pipe in wait(list(busy), self._until_overdue()):
            member = busy[pipe]  # type: ignore[index]
            try:
                made = member.pipe.recv()
            except (EOFError, OSError):
                self._replace(member, share, done)
            else:
                member.delivered()
                share.learn(made)
                self.deaths = 0
                done([made])

    def _until_overdue(self) -> float | None:
        """Seconds until a worker has been silent for too long; those that have been are killed, which their pipes tell."""
        limit = self.settings.limit
        if limit is None:
            return None
        now, rest = time.monotonic(), []
        for member in self.members:
            if member.tasks:
                rest.append(member.heard + limit + (_GRACE if member.began else _STARTING) - now)
                if rest[-1] <= 0.0:
                    member.overdue = True
                    member.process.kill()
        return max(min(rest), _GRACE / 100.0)

    def _replace(self, member: _Member, share: Share, done: Done) -> None:
        """A worker died: its run is retried or given up, the runs that it had not begun go back."""
        member.end()
        self.members.remove(member)
        self.deaths += 1
        if self.deaths > _MOST_DEATHS:
            raise RuntimeError(f"{self.deaths} workers died one after another ({member.cause()})")
        culprit, *untouched = member.tasks
        share.give_back(untouched)
        if culprit in self.lost_once:
            done([Made(Failure(*culprit, f"its worker died twice ({member.cause()})"))])
        else:
            self.lost_once.add(culprit)
            share.set_alone(culprit)
        if share:
            self.members.append(self._start())

    def _start(self) -> _Member:
        context = processes()
        near, far = context.Pipe()
        process = context.Process(
            target=_live, args=(far, self.scenarios, self.settings), name="retsim worker", daemon=True
        )
        with no_main_module():
            process.start()
        far.close()
        return _Member(process, near)


class _Member:
    """One worker: its process, the parent's end of its pipe, and the runs it has not delivered."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self.process, self.pipe = process, pipe
        self.tasks: deque[Task] = deque()
        self.began, self.overdue, self.heard = False, False, time.monotonic()

    def give(self, batch: tuple[Task, ...]) -> None:
        self.tasks.extend(batch)
        self.heard = time.monotonic()
        try:
            self.pipe.send(batch)
        except OSError:
            # It died idle: reading from its pipe tells, and its runs go to others.
            return

    def delivered(self) -> None:
        self.tasks.popleft()
        self.began, self.heard = True, time.monotonic()

    def cause(self) -> str:
        """Why it ended, in words."""
        return "it was silent for too long" if self.overdue else _cause(self.process.exitcode)

    def ask_to_end(self) -> None:
        try:
            self.pipe.send(None)
        except OSError:
            return
        self.process.join(_PATIENCE)

    def end(self) -> None:
        if self.process.is_alive():
            self.process.terminate()
            self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
        self.process.join()
        self.pipe.close()


def _live(pipe: Connection, scenarios: Mapping[str, Scenario], settings: Settings) -> None:
    """Life of a worker: make the runs that come through the pipe, until told to end or the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_the_parent()
    try:
        while batch := pipe.recv():
            for task in batch:
                pipe.send(timed(attempt, scenarios[task.scenario], task, settings))
    except (EOFError, OSError):
        return


def _cause(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name if -exitcode in {int(s) for s in signal.Signals} else str(-exitcode)
        return f"killed by {name}" + ("; memory may have run out" if name == "SIGKILL" else "")
    return f"exit code {exitcode}"

"""Threads of this process: compiled code lets go of Python's lock, so large runs go on side by side in one memory.

What is Python in a run (the market, its firms, what is made of the books) does not, so that small runs gain nothing. In
exchange nothing is sent or imported: strategies and rules of a notebook cell run here, too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from retsim.experiments.replicate import Settings, Task, attempt
from retsim.experiments.sharing import Done, Made, Share, timed

if TYPE_CHECKING:
    from retsim.scenario import Scenario

_BATCH, _MOST_RUNS = 0.05, 100
"""Seconds of work that a thread is given at once, and runs."""
_LOOK = 0.5
"""Seconds after which the waiting program looks up, for systems on which an interrupt does not wake it."""

__all__ = ["Threads"]


class Threads:
    """Threads that make runs of some scenarios.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
    settings : Settings
    size : int
        Number of threads.
    """

    def __init__(self, scenarios: Mapping[str, Scenario], settings: Settings, size: int) -> None:
        self.scenarios, self.settings, self.size = dict(scenarios), settings, size
        self.orders: SimpleQueue[tuple[Task, ...]] = SimpleQueue()
        self.results: SimpleQueue[list[Made] | BaseException] = SimpleQueue()
        self.stopped = threading.Event()

    def work(self, share: Share, done: Done) -> None:
        """Make all runs; `done` gets each as it comes, in this thread.

        An interrupt waits for nobody: a run under way ends in the background, and what it gives is not used.
        """
        used = time.process_time()
        out = 0
        try:
            for _ in range(self.size):
                threading.Thread(target=self._live, name="retsim thread", daemon=True).start()
            while share or out:
                while share and out < self.size:
                    self.orders.put(share.take(seconds=_BATCH, most=_MOST_RUNS, hands=self.size))
                    out += 1
                batch = self._arrived()
                out -= 1
                for made in batch:
                    share.learn(made)
                # Threads share one clock of processor time, so it is read once for all.
                now = time.process_time()
                done([made._replace(cpu=(now - used) / len(batch)) for made in batch])
                used = now
        finally:
            self.stopped.set()
            for _ in range(self.size):
                self.orders.put(())

    def _arrived(self) -> list[Made]:
        while True:
            try:
                found = self.results.get(timeout=_LOOK)
            except Empty:
                continue
            if isinstance(found, BaseException):
                raise found
            return found

    def _live(self) -> None:
        """Life of a thread: make the runs that are ordered, until there is an empty order."""
        while batch := self.orders.get():
            try:
                found = []
                for task in batch:
                    if self.stopped.is_set():
                        return
                    found.append(timed(attempt, self.scenarios[task.scenario], task, self.settings))
                self.results.put(found)
            except BaseException as error:
                self.results.put(error)
                return

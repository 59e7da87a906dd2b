"""Sharing work out: runs in their order, in batches of about the same cost, whatever each of them takes.

A batch is what is handed over at once. It is large enough that handing it over costs little, small enough that little is
lost with a worker and that all are busy to the end.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.experiments.replicate import Failure, Outcome, Task

if TYPE_CHECKING:
    from retsim.scenario import Scenario

_ROUNDS = 4
"""Batches that are still to come for each worker, at least: towards the end they become smaller."""

__all__ = ["Done", "Made", "Share", "Tasks", "timed"]


class Made(NamedTuple):
    """A run as it comes from where it was made.

    Attributes
    ----------
    result : Outcome or Failure
    seconds, cpu : float
        What it took: on the clock, and of processors.
    """

    result: Outcome | Failure
    seconds: float = 0.0
    cpu: float = 0.0


Done = Callable[[Sequence[Made]], None]
"""Takes runs as they come, in no particular order; when it returns, they are kept."""


def timed(attempt: Callable[..., Outcome | Failure], *arguments: Any, clock: Callable[[], float] | None = None) -> Made:
    """Make a run and say what it took; `clock` counts processor time (None: that of this process)."""
    used = clock or time.process_time
    wall, cpu = time.perf_counter(), used()
    result = attempt(*arguments)
    return Made(result, time.perf_counter() - wall, used() - cpu)


class Tasks:
    """Runs to be made, one of every scenario after the other; each is named when its turn comes, so a million take no room.

    Parameters
    ----------
    replications : range
    there : mapping of str to collection of int
        By scenario, replications that are made already.
    """

    def __init__(self, replications: range, there: Mapping[str, Collection[int]]) -> None:
        self.replications, self.there = replications, there
        self.counts = {name: sum(r not in made for r in replications) for name, made in there.items()}

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __iter__(self) -> Iterator[Task]:
        return (Task(name, r) for r in self.replications for name, made in self.there.items() if r not in made)


class Share:
    """Runs that are still to be handed out.

    Parameters
    ----------
    tasks : sequence of Task, or Tasks
        In the order in which they are to be begun.
    scenarios : mapping of str to Scenario
        What is expected of a scenario none of whose runs is made yet follows from its customers and months.
    """

    def __init__(self, tasks: Sequence[Task] | Tasks, scenarios: Mapping[str, Scenario]) -> None:
        self.unnamed, self.tasks = len(tasks), iter(tasks)
        self.waiting, self.alone = deque[Task](), deque[Task]()
        self.sizes = {name: _size(scenario) for name, scenario in scenarios.items()}
        self.took: dict[str, tuple[int, float]] = {}
        counts = tasks.counts if isinstance(tasks, Tasks) else Counter(task.scenario for task in tasks)
        self.left = sum(self.sizes[name] * count for name, count in counts.items())
        self.made, self.seconds = 0.0, 0.0

    def __len__(self) -> int:
        return self.unnamed + len(self.waiting) + len(self.alone)

    def take(self, *, seconds: float, most: int, hands: int) -> tuple[Task, ...]:
        """The next batch: of about so many seconds, of at most so many runs, for one of so many hands.

        A single run as long as nothing is known of what runs take.
        """
        if self._coming() is None:
            return (self.alone.popleft(),) if self.alone else ()
        seconds = min(seconds, self.expected / (_ROUNDS * hands))
        batch = [self._next()]
        cost = self.cost(batch[0])
        while self.made and len(batch) < most:
            coming = self._coming()
            if coming is None or cost + self.cost(coming) > seconds:
                break
            batch.append(self._next())
            cost += self.cost(batch[-1])
        return tuple(batch)

    def give_back(self, tasks: Sequence[Task]) -> None:
        """Runs that were handed out and not begun: they are the next again."""
        self.waiting.extendleft(reversed(tasks))
        self.left += sum(self.sizes[task.scenario] for task in tasks)

    def set_alone(self, task: Task) -> None:
        """A run that is tried again when all others are handed out, in a batch of its own."""
        self.alone.append(task)

    def learn(self, made: Made) -> None:
        """Take in what a run took."""
        name = made.result.scenario
        count, seconds = self.took.get(name, (0, 0.0))
        self.took[name] = (count + 1, seconds + made.seconds)
        self.made += self.sizes[name]
        self.seconds += made.seconds

    def forget(self) -> None:
        """Forget what runs took: the first one compiled."""
        self.took.clear()
        self.made = self.seconds = 0.0

    @property
    def expected(self) -> float:
        """Seconds that the runs still waiting are expected to take, one after the other."""
        return self.left * self._rate()

    def cost(self, task: Task) -> float:
        """Seconds that a run is expected to take."""
        count, seconds = self.took.get(task.scenario, (0, 0.0))
        return seconds / count if count else self.sizes[task.scenario] * self._rate()

    def _coming(self) -> Task | None:
        """The run whose turn it is."""
        if not self.waiting and self.unnamed:
            self.waiting.append(next(self.tasks))
            self.unnamed -= 1
        return self.waiting[0] if self.waiting else None

    def _next(self) -> Task:
        task = self.waiting.popleft()
        self.left -= self.sizes[task.scenario]
        return task

    def _rate(self) -> float:
        """Seconds that a unit of size has taken so far."""
        return self.seconds / self.made if self.made else 0.0


def _size(scenario: Scenario) -> float:
    """About what a run takes, in no unit: most of it goes into customers' months, some into the market's periods."""
    return (scenario.customers + 500.0) * (scenario.horizon + 1.0)

"""Runs on a Dask cluster: batches go to a scheduler by its address, and come back as they are made.

Dask does what it does well (who works, who died, who is next); here stands what a study needs beyond that: workers of
another program or machine are refused before one of their results is used, a run that kills its worker is named and the
rest goes on, and a scheduler that is lost ends the work with what to do next, never with a wait for ever.
"""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from retsim.experiments.origin import changed, origin
from retsim.experiments.place import ClusterError, Workers
from retsim.experiments.replicate import Failure, Settings, Task, attempt
from retsim.experiments.sharing import Done, Made, Share, timed

if TYPE_CHECKING:
    from retsim.scenario import Scenario

_BATCH, _MOST_RUNS = 1.0, 100
"""Seconds of work in a batch, at least, and runs, at most: handing a batch over costs about 5 ms."""
_BATCHES_A_SECOND = 100.0
"""So many the scheduler hands out with ease: where many work, batches are larger."""
_AHEAD = 2
"""Batches out for each thread of the cluster, so that none waits for the next."""
_CONNECT, _FETCH, _CLOSE = 30.0, 60.0, 1.0
"""Seconds to wait for the scheduler, for a batch that is said to be there, and for a good-bye."""
_LOOK = 1.0
"""Seconds after which the program looks whether there are more or fewer workers."""
_LONELY = 10.0
"""Seconds without any worker after which that is told."""

__all__ = ["Cluster"]


class Proof(NamedTuple):
    """What a worker must agree in with the program that keeps the results.

    Attributes
    ----------
    code, streams, parts
        As in `retsim.experiments.origin.Origin`.
    digest : str
        Of a small run: the same bits, or the machines compute differently.
    """

    code: str
    streams: int
    parts: Mapping[str, str]
    digest: str


class Cluster:
    """Workers of a Dask cluster that make runs of some scenarios.

    Parameters
    ----------
    workers : Workers
        With the address of a scheduler.
    scenarios : mapping of str to Scenario
    settings : Settings
    """

    def __init__(self, workers: Workers, scenarios: Mapping[str, Scenario], settings: Settings) -> None:
        self.address, self.scenarios, self.settings = workers.where, dict(scenarios), settings
        self.arrived: SimpleQueue[Any] = SimpleQueue()
        self.out: dict[Any, tuple[Task, ...]] = {}
        self.hands, self.looked, self.alone_since = 0, 0.0, time.monotonic()
        self.lost_once: set[Task] = set()
        self.prefix, self.number = f"retsim-{uuid4().hex}", 0

    def work(self, share: Share, done: Done) -> None:
        """Make all runs; `done` gets each as it comes, in no particular order.

        Raises
        ------
        ClusterError
            There is no scheduler, its workers cannot make these runs, or it was lost.
        """
        expected = _proof()
        with _client(self.address) as client:
            try:
                while share or self.out:
                    self._look(client)
                    while share and len(self.out) < _AHEAD * self.hands:
                        self._send(client, share, expected)
                    self._take(share, done)
            finally:
                if client.status == "running":
                    # What is under way cannot be stopped, but nobody will ask for it.
                    client.cancel(list(self.out))

    def _look(self, client: Any) -> None:
        """How many threads the cluster has now; workers come and go."""
        now = time.monotonic()
        if now - self.looked < _LOOK and self.hands:
            return
        if client.status != "running":
            raise self._lost()
        try:
            self.hands = sum(client.nthreads().values())
        except OSError:
            raise self._lost() from None
        self.looked = now
        if self.hands:
            self.alone_since = now
        elif now - self.alone_since > _LONELY:
            self.alone_since = now + 1e9
            warnings.warn(f"workers = {self.address!r}: has no workers yet; waiting for the first", stacklevel=2)

    def _send(self, client: Any, share: Share, expected: Proof) -> None:
        large = max(_BATCH, self.hands / _BATCHES_A_SECOND)
        seconds, most = (0.0, 1) if self.settings.limit is not None else (large, _MOST_RUNS)
        self._submit(client, share.take(seconds=seconds, most=most, hands=self.hands), expected)

    def _submit(self, client: Any, batch: tuple[Task, ...], expected: Proof) -> None:
        self.number += 1
        scenarios = {task.scenario: self.scenarios[task.scenario] for task in batch}
        future = client.submit(
            _made, scenarios, batch, self.settings, expected, key=f"{self.prefix}-{self.number}", pure=False
        )
        self._expect(future, batch)

    def _take(self, share: Share, done: Done) -> None:
        """Wait for a batch, for a moment; take it and all others that are there."""
        try:
            futures = [self.arrived.get(timeout=_LOOK if self.out else _LOOK / 10.0)]
        except Empty:
            return
        with suppress(Empty):
            while True:
                futures.append(self.arrived.get_nowait())
        for future in futures:
            self._receive(future, share, done)

    def _receive(self, future: Any, share: Share, done: Done) -> None:
        batch = self.out.pop(future)
        if future.status != "finished":
            return self._failed(future, batch, share, done)
        try:
            made = future.result(timeout=_FETCH)
        except TimeoutError:
            # Its worker died meanwhile, and another makes the batch again; or all are very busy.
            return self._expect(future, batch)
        except (CancelledError, OSError):
            raise self._lost() from None
        for one in made:
            share.learn(one)
        done(made)

    def _expect(self, future: Any, batch: tuple[Task, ...]) -> None:
        self.out[future] = batch
        future.add_done_callback(self.arrived.put)

    def _failed(self, future: Any, batch: tuple[Task, ...], share: Share, done: Done) -> None:
        """A batch that did not come: the scheduler is gone, its workers died of it, or it cannot be made there at all."""
        from distributed import KilledWorker

        if future.status in ("pending", "lost"):
            # Its worker died after it was made: another one makes it again.
            return self._expect(future, batch)
        if future.status != "error":
            raise self._lost()
        error = future.exception(timeout=_FETCH)
        if not isinstance(error, KilledWorker):
            raise ClusterError(f"workers = {self.address!r}: {_unable(error)}") from None
        if len(batch) > 1 or batch[0] not in self.lost_once:
            # One of them did it, or none, because many workers went at once: each is tried again by itself.
            if len(batch) == 1:
                self.lost_once.add(batch[0])
            for task in batch:
                share.set_alone(task)
            return
        limit = self.settings.limit
        reason = "crashed or ran out of memory" if limit is None else f"took longer than {limit:g} seconds, or crashed"
        done([Made(Failure(*batch[0], f"its worker died again and again ({reason})"))])

    def _lost(self) -> ClusterError:
        return ClusterError(f"workers = {self.address!r}: the scheduler is gone")


@contextmanager
def _client(address: str) -> Iterator[Any]:
    """A connection to the scheduler.

    Raises
    ------
    ClusterError
    """
    try:
        from distributed import Client
    except ImportError:
        raise ClusterError(f"workers = {address!r}: needs Dask here and there; install retsim[cluster]") from None
    try:
        client = Client(address, timeout=_CONNECT, set_as_default=False, name="retsim")
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"workers = {address!r}: no scheduler answers there ({type(error).__name__}); start one with "
            "`dask scheduler --host HOST`, and workers with `dask worker ADDRESS`"
        ) from None
    try:
        yield client
    finally:
        # A scheduler that is gone would be waited for.
        with suppress(Exception):
            client.close(timeout=_CLOSE)


def _unable(error: BaseException | None) -> str:
    """Why workers cannot make the runs, and what to do."""
    if isinstance(error, ImportError):
        return (
            f"its workers cannot import what they need ({error}); install the same version of retsim there, and the "
            "module of a strategy of your own"
        )
    return str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"


def _made(scenarios: Mapping[str, Scenario], batch: Sequence[Task], settings: Settings, expected: Proof) -> list[Made]:
    """On a worker: make runs, if it is the same program on the same kind of machine."""
    _compare(expected)
    clock = time.thread_time if settings.threads == 1 else time.process_time
    here = settings._replace(limit=None, memory=None)
    made = []
    for task in batch:
        with _watched(settings.limit):
            made.append(timed(attempt, scenarios[task.scenario], task, here, clock=clock))
    return made


def _compare(expected: Proof) -> None:
    """Refuse to work where results would be others.

    Raises
    ------
    ValueError
    """
    from distributed import get_worker

    here = _proof()
    if here == expected:
        return
    different = changed(
        {**expected.parts, "streams": str(expected.streams)}, {**here.parts, "streams": str(here.streams)}
    )
    raise ValueError(
        f"worker {get_worker().address} is another program: {different}; install the same versions there"
        if different
        else f"worker {get_worker().address} computes other bits than this machine; use workers of one kind of machine, "
        "and start the study on such a one"
    )


@cache
def _proof() -> Proof:
    """What this process is, and the digest of a small run that it makes once."""
    from retsim.results.simulate import simulate
    from retsim.scenario import load

    code, streams, parts = origin()
    return Proof(code, streams, parts, simulate(load("retail").with_(customers=50, horizon=6)).digest())


@contextmanager
def _watched(limit: float | None) -> Iterator[None]:
    """Hold a run to its seconds: out of time the worker ends itself, and its nanny starts it afresh."""
    if limit is None:
        yield
        return
    timer = threading.Timer(limit, os._exit, (1,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

"""The compiled engine: each customer alone, from sync to sync, in one loop.

Between two syncs the market is frozen and customers touch only themselves and integer counters, so the order of the
loop, the number of threads and the engine cannot matter.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from retsim.engines.batch import DUE, SIZE, prepare_batch, prepared, scratch
from retsim.jit import kernel, rule
from retsim.lifecycle import Fate, Lived, advance_other, next_event, paid, thought, undergone
from retsim.state import Kind, Status
from retsim.world import (
    OWN,
    SHARED,
    SHEET,
    World,
    customer,
    expect,
    log_is_full,
    set_wake,
    wake_at,
)  # fmt: skip

if TYPE_CHECKING:
    from retsim.market.market import Market

_AHEAD = 32
"""Customers whose records are asked for before it is their turn."""


@kernel
def run_until(ref, first, last, until, room):
    """Let customers first..last-1 live through every event before `until`.

    Those who wait for an occasion stand in a queue that is kept full, so that occasions are prepared many at a time.
    `room` is what `batch.scratch` gives. Returns `last`, or where the log is full the first customer who is not done;
    others from there on may be done or not, and can go on from where they are.
    """
    world = ref[0]
    numbers, words = room
    upcoming, waiting = first, 0
    turn, due = 0, 0
    while True:
        while waiting < SIZE and not log_is_full(world):
            if turn == due:
                upcoming, due = _look_ahead(world, (upcoming, last), until, words)
                turn = 0
                if due == 0:
                    break
            expect(world, np.int64(words[DUE, turn + _AHEAD]))
            waiting = _queue(world, np.int64(words[DUE, turn]), until, waiting, room)
            turn += 1
        if log_is_full(world):
            return _first_of(words, waiting, np.int64(words[DUE, turn]) if turn < due else upcoming)
        if waiting == 0:
            return last
        prepare_batch(world, waiting, numbers, words)
        _live_through(world, waiting, numbers, words)
        again = 0
        for k in range(waiting):
            again = _queue(world, np.int64(words[0, k]), until, again, room)
        waiting = again


@rule
def _look_ahead(world, span, until, words):
    """List the next customers to whom something may happen; returns who comes after them, and how many they are."""
    upcoming, last = span
    due = 0
    while due == 0 and upcoming < last:
        end = min(upcoming + SIZE, last)
        # Without a branch: who is due next cannot be guessed.
        for i in range(upcoming, end):
            words[DUE, due] = np.uint64(i)
            due += wake_at(world, i) < until
        upcoming = end
    for k in range(due, due + _AHEAD):
        words[DUE, k] = np.uint64(max(last - 1, 0))
    return upcoming, due


@rule
def _live_through(world, waiting, numbers, words):
    """The occasions of a batch, step by step and not one by one.

    Customers do not touch each other, so this gives the same; but the steps of one occasion wait for each other,
    and the processor works at those of several customers meanwhile.
    """
    for k in range(waiting):
        lived = undergone(world, np.int64(words[0, k]), numbers[0, k], prepared(numbers, k))
        words[1, k], words[2, k] = np.uint64(lived.fate), np.uint64(lived.spent)
        numbers[1, k] = lived.u_spend
    for k in range(waiting):
        fate = np.int64(words[1, k])
        trigger = np.int64(-1)
        if fate != Fate.ENDED:
            lived = Lived(fate, np.int64(words[2, k]), numbers[1, k])
            trigger = paid(world, np.int64(words[0, k]), numbers[0, k], prepared(numbers, k), lived)
        words[1, k] = np.uint64(trigger)
    for k in range(waiting):
        trigger = np.int64(words[1, k])
        if trigger >= 0:
            thought(world, np.int64(words[0, k]), numbers[0, k], prepared(numbers, k), trigger)


@rule
def _first_of(words, waiting, otherwise):
    """The first customer in the queue, or an earlier one."""
    first = otherwise
    for k in range(waiting):
        first = min(first, np.int64(words[0, k]))
    return first


@rule
def _queue(world, i, until, waiting, room):
    """Live through other events up to the next occasion, and queue for that; returns the length of the queue.

    Where the log is full whoever is not done stands in the queue, too: it is not lived through before there is room.
    """
    numbers, words = room
    when, kind, met = next_event(world, i)
    while when < until and kind != Kind.OCCASION and not log_is_full(world):
        advance_other(world, i, when, kind, met)
        when, kind, met = next_event(world, i)
    if world.reachable == 0 or customer(world, i).status == Status.GONE:
        set_wake(world, i, when)
    words[0, waiting] = np.uint64(i)
    numbers[0, waiting] = when
    return waiting + (when < until)


class CompiledEngine:
    """Advances all customers to the market's present whenever it is asked to sync."""

    def __init__(self, market: Market, threads: int) -> None:
        self.market = market
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.sheets: list[dict[str, np.ndarray]] = []
        self._rooms: list[tuple[np.ndarray, np.ndarray]] = []

    def sync(self, now: float) -> None:
        """Let every customer live through their events before `now`."""
        n = self.market.population.n
        if self.pool is None:
            self._live(self.market.world, 0, n, now)
        else:
            self._share_out(self.pool, n, now)

    def _live(self, world: World, first: int, last: int, now: float) -> None:
        room = self._rooms.pop() if self._rooms else scratch()
        while (first := run_until(world.ref, first, last, now, room)) < last:
            self.market.events.keep(world)
        self._rooms.append(room)

    def _share_out(self, pool: ThreadPoolExecutor, n: int, now: float) -> None:
        world = self.market.world
        edges = np.linspace(0, n, self.threads + 1).astype(int)
        common = {name: getattr(world, name) for name in SHARED + OWN}
        if not self.sheets:
            own = (*SHEET, "log")
            self.sheets = [{name: np.zeros_like(getattr(world, name)) for name in own} for _ in range(self.threads)]
        sheets = [World(**common, **sheet) for sheet in self.sheets]
        jobs = [
            pool.submit(self._live, sheet, int(edges[n_]), int(edges[n_ + 1]), now) for n_, sheet in enumerate(sheets)
        ]
        for job in jobs:
            job.result()
        for sheet in sheets:
            self.market.events.keep(sheet)
            for name in SHEET:
                mine = getattr(sheet, name)
                total = getattr(world, name)
                total += mine
                mine[...] = 0

    def rates_changed(self) -> None:
        """Clocks may have moved: everyone has to be looked at again."""
        self.market.population.wake[:] = 0.0

    def customers_added(self, n: int) -> None:
        """Newcomers are found by the next sync."""

    def close(self) -> None:
        """Release the threads."""
        if self.pool is not None:
            self.pool.shutdown()

"""The reference engine: every customer is a SimPy process that waits for its next event and lives through it.

The model as one would explain it, in global time order, open to a debugger and to processes of the user's own.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from retsim.engines.moment import CUSTOMERS_LAST, Moment
from retsim.jit import kernel
from retsim.lifecycle import advance, next_event

if TYPE_CHECKING:
    from retsim.market.market import Market


@kernel
def next_time(ref, i):
    """When something next happens to customer i."""
    world = ref[0]
    return next_event(world, i)[0]


@kernel
def live_one(ref, i):
    """Let the next event of customer i happen; returns the time of the one after it."""
    world = ref[0]
    when, kind, met = next_event(world, i)
    advance(world, i, when, kind, met)
    return next_event(world, i)[0]


@kernel
def next_times(ref, out):
    """Write the times of all customers' next events into `out`."""
    world = ref[0]
    for i in range(out.size):
        out[i] = next_event(world, i)[0]


class ReferenceEngine:
    """One process a customer."""

    def __init__(self, market: Market, threads: int) -> None:
        self.market = market
        self.env = market.env
        self.scheduled: list[float] = []
        self.lives: list[simpy.Process] = []

    def sync(self, now: float) -> None:
        """Everything before now has happened already: SimPy saw to it."""

    def customers_added(self, n: int) -> None:
        """Start a life for each newcomer."""
        for i in range(len(self.lives), self.market.population.n):
            self.scheduled.append(np.inf)
            self.lives.append(self.env.process(self._life(i)))

    def _life(self, i: int) -> Generator[simpy.Event, Any, None]:
        market, env, scheduled = self.market, self.env, self.scheduled
        when = next_time(market.world.ref, i)
        while True:
            scheduled[i] = when
            try:
                yield Moment(env, when, CUSTOMERS_LAST) if when < np.inf else env.event()
            except simpy.Interrupt:
                when = next_time(market.world.ref, i)
                continue
            if market.log and market.world.is_full:
                market.events.keep(market.world)
            when = live_one(market.world.ref, i)

    def rates_changed(self) -> None:
        """Wake those whose next event moved."""
        times = np.empty(len(self.lives))
        next_times(self.market.world.ref, times)
        self._wake(np.flatnonzero(times != np.asarray(self.scheduled)))

    def customers_moved(self, ids: np.ndarray) -> None:
        """Wake those of some customers whose next event moved."""
        ref = self.market.world.ref
        self._wake(i for i in ids if next_time(ref, i) != self.scheduled[i])

    def _wake(self, ids: Iterable[int]) -> None:
        for i in ids:
            if self.lives[i].is_alive and self.lives[i]._target is not None:
                self.lives[i].interrupt()

    def close(self) -> None:
        """Nothing to release."""

"""A SimPy event at an absolute time, and the end of a process that waits for one.

SimPy's Timeout adds a delay to now, which may round across a tick; here the time is exact to the last bit.
"""

from __future__ import annotations

import heapq

import simpy

MARKET_FIRST = 1
CUSTOMERS_LAST = 3
"""Priorities: at one instant the market and the user's processes go first, as a sync assumes."""


class Moment(simpy.Event):
    """Happens at the time `when`, at one instant in the order of `priority`."""

    def __init__(self, env: simpy.Environment, when: float, priority: int) -> None:
        self.env = env
        self.callbacks = []
        self._value = None
        self._ok = True
        self._defused = False
        heapq.heappush(env._queue, (when, priority, next(env._eid), self))  # type: ignore[misc]


def abandon(process: simpy.Process) -> None:
    """Forget what a process would do next: it keeps the market, which keeps those for whom it waits."""
    process._generator = None  # type: ignore[assignment]

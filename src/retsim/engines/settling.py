"""Before time begins: those who are in the market at the start enter it, in either engine."""

from __future__ import annotations

from retsim.jit import kernel
from retsim.lifecycle.entering import enter
from retsim.state import Status
from retsim.world import customer, log_is_full


@kernel
def settle(ref, first, n):
    """Let customers first..n-1 who are there at time 0 enter; returns the first not done (the log is full)."""
    world = ref[0]
    for i in range(first, n):
        c = customer(world, i)
        if c.status == Status.EXPECTED and c.occasion_at <= 0.0:
            if log_is_full(world):
                return i
            enter(world, i, 0.0)
    return n

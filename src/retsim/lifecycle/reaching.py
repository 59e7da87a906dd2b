"""The clocks of meetings, which run by where a customer stands: open to all, with another firm, or with this one."""

from __future__ import annotations

from retsim.jit import rule, step
from retsim.world import customer, reach, relation

PROSPECTS = 0
ELSEWHERE = 1
FROZEN = 2


@rule
def _reached(world, standing, s, firm, when):
    if standing == FROZEN:
        return 0.0
    r = reach(world, standing, s, firm)
    return r.reached + r.rate * (when - r.since)


@step
def move_clock(world, i, firm, standing, when):
    """Carry what is left of the wait for a firm's next meeting from one standing to another."""
    old, new = standing
    s = customer(world, i).segment
    bond = relation(world, i, firm)
    left = max(bond.meet_at - _reached(world, old, s, firm, when), 0.0)
    bond.meet_at = left + _reached(world, new, s, firm, when)

"""R15: a customer of nobody chooses among the firms they know."""

from __future__ import annotations

import numpy as np

from retsim.jit import step
from retsim.lifecycle.holding import usage_of
from retsim.lifecycle.mood import one_of, tastes_of
from retsim.lifecycle.pulling import knows, pull
from retsim.rules.choice import appeal
from retsim.state import TRAIT
from retsim.world import trait


@step
def choose_firm(me, place, bonus):
    """A customer of nobody weighs every known firm against "not now": the firm joined, or -1. R15.

    `place` is (draw, index, firm met); `bonus` is what this firm gives for joining beside its welcome.
    """
    world, i, _, b, _ = me
    usage, _ = usage_of(me)
    worth = trait(me, TRAIT.willingness_to_pay) * b.worth
    tastes = tastes_of(world, i, place, 0)
    best = appeal(b.planning_horizon * b.outside_value, b.choice_noise, tastes[0])
    outcome, group = np.int64(-1), np.int64(0)
    for k in range(world.n_firms):
        if not knows(world, i, k):
            continue
        if (k + 1) // 4 != group:
            group = (k + 1) // 4
            tastes = tastes_of(world, i, place, group)
        gain, effort = pull(me, k, b.planning_horizon, (usage, worth))
        if k == place[2]:
            gain += bonus
        now = appeal(gain - effort, b.choice_noise, one_of(tastes, (k + 1) % 4))
        if now > best:
            best, outcome = now, np.int64(k)
    return outcome

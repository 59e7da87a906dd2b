"""R8, what pulls a customer: what another firm offers, and whether the customer knows it."""

from __future__ import annotations

import numpy as np

from retsim.jit import rule
from retsim.rules import forces
from retsim.state import TRAIT
from retsim.world import offer, relation, trait


@rule
def pull(me, k, months, plan):
    """What firm k offers a customer who is not its own: (surplus with the welcome, transaction cost).

    `plan` is (usage, willingness to pay).
    """
    world, i, _, b, _ = me
    its = offer(world, k)
    bond = relation(world, i, k)
    believed = bond.memory if bond.memory >= 0.0 else its.reputation
    gain = months * (forces.surplus(plan[0], plan[1], believed, its.net_price) + its.added_value + its.structural_draw)
    gain += its.welcome_bonus - its.setup_fee
    known = forces.exposure(times_met(bond) + times_heard(bond), bond.memory >= 0.0, b.exposure_gain)
    effort = forces.transaction_cost(known, trait(me, TRAIT.price_of_time), b)
    return gain, effort


@rule
def times_met(bond):
    """How often the customer has met the firm: the low 24 bits of `meetings`, which number the luck of meetings."""
    return np.int64(bond.meetings) & 0xFFFFFF


@rule
def times_heard(bond):
    """How often others have recommended the firm to the customer, at most 255: the high 8 bits of `meetings`."""
    return np.int64(bond.meetings) >> 24


@rule
def knows(world, i, k):
    """Whether customer i has heard of firm k."""
    return relation(world, i, k).meetings > 0

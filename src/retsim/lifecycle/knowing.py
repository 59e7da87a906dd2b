"""What the firm comes to know of a customer, and what the two have in common (R4, R11)."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.preparing import luck_of
from retsim.rules import contact, sharing
from retsim.state import TRAIT, Count, Flag
from retsim.streams import Draw
from retsim.world import add, customer, firm_count_row, more, offer, trait


@step
def acquaint(world, i, firm):
    """Before a customer joins `firm`: another firm knows nothing of them yet, and has tired nobody.

    A firm remembers those who come back to it.
    """
    m, its = more(world, i), offer(world, firm)
    if customer(world, i).firm != firm:
        m.knowledge = m.fatigue = 0.0
    chances = (
        its.affinity_place,
        its.affinity_interest,
        its.affinity_kin,
        its.affinity_profession,
        its.affinity_belief,
    )
    close_lead(world, i)
    m.affinity = np.float32(0.0)
    if max(chances[0], max(max(chances[1], chances[2]), max(chances[3], chances[4]))) > 0.0:
        u = luck_of(world, i, Draw.AFFINITY, 0, 2 * firm)
        last = luck_of(world, i, Draw.AFFINITY, 0, 2 * firm + 1)[0]
        m.affinity = np.float32(sharing.shared((u[0], u[1], u[2], u[3], last), chances))


@rule
def close_lead(world, i):
    """The customer is nobody's lead any more; a follow-up that was still to come is wasted."""
    m = more(world, i)
    if m.lead_at < math.inf:
        add(firm_count_row(world, np.int64(m.lead_firm), customer(world, i).segment), Count.WASTED, 1)
    m.lead_at = math.inf
    m.lead_firm = np.int64(-1)


@step
def recall(me, tenure):
    """What the firm knows of those who have been its customers for so long when the market opens."""
    world, i, _, b, its = me
    rate = trait(me, TRAIT.purchase_rate) if b.contractual == 0.0 else 1.0 / b.billing_period
    interactions = np.int64(math.floor(tenure * rate))
    more(world, i).knowledge = contact.learned_before(its.knowledge_gain, interactions)


@rule
def learn(world, i, its):
    """One more interaction: the firm knows the customer better."""
    if world.has_more != 0:
        m = more(world, i)
        m.knowledge = contact.learned(m.knowledge, its.knowledge_gain)


@rule
def known_of(world, i, its):
    """What of the firm's knowledge is at hand where it is needed: branches may not share it."""
    return its.shared_knowledge * more(world, i).knowledge if world.has_more != 0 else 0.0


@rule
def gain_of(me, gain):
    """Part of the gap that a good occasion or a relevant contact closes, with shared values and care."""
    world, i, c, b, its = me
    weight = b.identification
    if world.has_more != 0 and more(world, i).community != 0:
        weight = sharing.weight_of(weight, its.community_identification)
    if weight != 0.0:
        gain = sharing.identified(gain, sharing.fit(trait(me, TRAIT.stance), its.stance), weight)
    if c.flags & Flag.CONTACT:
        gain *= 1.0 + its.cared_bond
    return gain

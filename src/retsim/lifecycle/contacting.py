"""A contact by the firm, as it is received (R11): heard, tiring, annoying, waking."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from retsim.jit import rule
from retsim.lifecycle.knowing import gain_of, known_of, learn
from retsim.lifecycle.posting import fine
from retsim.lifecycle.preparing import luck_of
from retsim.rules import bonds
from retsim.rules.contact import annoyed, p_relevant, tired, warmer
from retsim.state import TRAIT, Count
from retsim.streams import Draw
from retsim.world import add, count_row, more, trait


class Heard(IntEnum):
    """How a contact was received; stands in the log."""

    PASSED = 0
    RELEVANT = 1
    ANNOYED = 2  # one too many: nobody listens to what it says


@rule
def receive(me, when, u_relevant):
    """What one contact does to satisfaction, attachment, fatigue and knowledge; returns how it was received."""
    world, i, c, b, its = me
    chance = p_relevant(its.contact_relevance, known_of(world, i, its), its.knowledge_relevance)
    learn(world, i, its)
    row = count_row(world, c)
    if _is_too_many(me, when):
        _annoy(c, b, row)
        return np.int64(Heard.ANNOYED)
    if u_relevant >= chance:
        return np.int64(Heard.PASSED)
    gain = gain_of(me, b.contact_gain)
    if world.has_more != 0:
        gain = warmer(gain, more(world, i).affinity, b.affinity_gain)
    c.attachment = bonds.closer(c.attachment, gain, trait(me, TRAIT.social_sensitivity))
    add(row, Count.RELEVANT, 1)
    return np.int64(Heard.RELEVANT)


@rule
def _is_too_many(me, when):
    """Whether this contact, added to those not yet recovered from, is beyond what the customer tolerates."""
    world, i, _, b, _ = me
    if world.has_more == 0:
        return False
    m = more(world, i)
    m.fatigue = tired(m.fatigue, b.fatigue_recovery, when - m.contacted_at)
    m.contacted_at = when
    return b.annoyance > 0.0 and m.fatigue > b.contact_tolerance


@rule
def _annoy(c, b, row):
    before = c.satisfaction
    c.satisfaction = annoyed(before, b.annoyance)
    add(row, Count.SATISFACTION, fine(c.satisfaction) - fine(before))
    add(row, Count.SATISFIED, np.int64(c.satisfaction >= b.satisfied_mark) - np.int64(before >= b.satisfied_mark))
    add(row, Count.ANNOYED, 1)


@rule
def wakes(me):
    """Whether this contact reminds a dissatisfied customer that they could leave."""
    world, i, c, b, _ = me
    if b.wake_probability == 0.0 or c.satisfaction >= b.satisfied_mark:
        return False
    if luck_of(world, i, Draw.WAKE, c.contacts, 0)[0] >= b.wake_probability:
        return False
    add(count_row(world, c), Count.WOKEN, 1)
    return True

"""An occasion, a purchase or a bill, step by step: its experience, its bill, and the thought that it gives."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np

from retsim.jit import rule
from retsim.lifecycle import selling
from retsim.lifecycle.knowing import learn
from retsim.lifecycle.leaving import vanish
from retsim.lifecycle.mood import Mood
from retsim.lifecycle.occasion import bill, next_occasion, size_of, undergo
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of
from retsim.lifecycle.thinking import think
from retsim.rules.choice import p_reconsider, price_rise_noticed
from retsim.state import TRAIT, Flag, Kind, Trigger
from retsim.streams import Draw
from retsim.world import Me, customer, offer, segment, trait


@rule
def occasion(me, when, p):
    """A purchase or a bill, in the order written in `retsim.lifecycle`; `p` is what `prepare` gives."""
    world, i, _, _, _ = me
    lived = undergone(world, i, when, p)
    if lived.fate != Fate.ENDED:
        trigger = paid(world, i, when, p, lived)
        if trigger >= 0:
            thought(world, i, when, p, trigger)


class Fate(IntEnum):
    """What an occasion's experience leaves to happen."""

    ENDED = 0  # vanished before paying
    STAYS = 1
    MOMENT = 2  # a moment of natural attrition that is a choice after all
    VANISHES = 3  # pays and vanishes


class Lived(NamedTuple):
    """What the experience of an occasion leaves to its bill."""

    fate: int
    spent: int  # micro-units spent on a complaint
    u_spend: float


@rule
def undergone(world, i, when, p):
    """Steps 1 to 5 of an occasion."""
    c = customer(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    me = Me(world, i, c, b, its)
    c.attachment *= p.attachment_kept
    c.sunk *= p.sunk_kept
    c.decayed_at = when
    fate, u_spend = _departure(me)
    if fate == Fate.VANISHES and b.attrition_before != 0.0:
        vanish(world, i, when, np.int64(Trigger.NATURAL))
        return Lived(np.int64(Fate.ENDED), np.int64(0), u_spend)
    spent = undergo(me, when, p.scatter, p.u_failure < its.failure_rate)
    c.sunk += b.sunk_per_occasion
    return Lived(fate, spent, u_spend)


@rule
def paid(world, i, when, p, lived):
    """Steps 6 to 9 of an occasion, but for the thought itself: returns what makes the customer think, or -1."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    amount = bill(me, when, size_of(me, when, lived.u_spend), (p.discount, lived.spent))
    if world.n_products != 0:
        amount += selling.bill_products(world, i, p.discount)
    if world.log_room >= 0:
        note(world, i, when, Kind.OCCASION, (-1, -1, amount))
    learn(world, i, me.its)
    c.occasions += 1
    if lived.fate == Fate.VANISHES:
        vanish(world, i, when, np.int64(Trigger.NATURAL))
        return np.int64(-1)
    c.occasion_at = next_occasion(me, when, p.wait)
    trigger = np.int64(Trigger.MOMENT) if lived.fate == Fate.MOMENT else _why_think(me, p.u_attention)
    if world.n_products != 0 and selling.noticed(world, i, when) and trigger < 0:
        return np.int64(Trigger.NEED)
    return trigger


@rule
def thought(world, i, when, p, trigger):
    """Reconsider at an occasion, with the tastes that belong to it."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    tastes = (p.taste_0, p.taste_1, p.taste_2, p.taste_3)
    index = np.int64(c.occasions) - 1
    think(me, when, trigger, Mood(np.int64(Draw.CHOICE), index, np.int64(0), tastes, p.grown))


@rule
def _departure(me):
    """Whether a moment of natural attrition comes and is a choice after all, and the luck of the basket. R1."""
    world, i, c, b, _ = me
    p_vanish = trait(me, TRAIT.vanish_probability)
    if p_vanish == 0.0 and world.spend_width == 0:
        return np.int64(Fate.STAYS), 0.5
    u_vanish, u_avoidable, u_spend, _ = luck_of(world, i, Draw.DEPARTURE, c.occasions, 0)
    if u_vanish >= p_vanish or c.occasions < b.attrition_from:
        return np.int64(Fate.STAYS), u_spend
    return np.int64(Fate.MOMENT if u_avoidable < b.avoidable_attrition else Fate.VANISHES), u_spend


@rule
def _why_think(me, u_attention):
    """What makes the customer reconsider at this occasion, or -1. R7."""
    _, _, c, b, its = me
    price = its.price
    rise = price_rise_noticed(price, c.price_seen, b.price_tolerance)
    c.price_seen = price
    alert = (c.flags & Flag.ALERT) != 0
    thinks = u_attention < p_reconsider(trait(me, TRAIT.attention), b.alert_attention, alert)
    if rise:
        return np.int64(Trigger.PRICE)
    if thinks:
        return np.int64(Trigger.ALERT) if alert else np.int64(Trigger.ATTENTION)
    return np.int64(-1)

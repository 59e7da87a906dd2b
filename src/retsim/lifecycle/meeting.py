"""A firm reaches someone who is not its customer, or others speak of it."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.choosing import choose_firm
from retsim.lifecycle.fading import fade
from retsim.lifecycle.joining import join
from retsim.lifecycle.leading import met_by
from retsim.lifecycle.mood import mood_of, place_of
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of
from retsim.lifecycle.pulling import times_met
from retsim.lifecycle.talking import heard_once_more, rewarded_praise_of, warning_of
from retsim.lifecycle.thinking import think
from retsim.state import Channel, Count, Kind, Status, Trigger
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import Me, add, customer, firm_count_row, more, offer, reach, relation, segment


@step
def meeting(world, i, when, met):
    """A firm reaches someone who is not its customer: a prospect chooses, a rival's customer reconsiders (R15, R7)."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, max(np.int64(c.firm), 0)))
    bond = relation(world, i, met)
    place = place_of(Draw.CHOICE_MET, times_met(bond), met)
    bond.meetings += 1
    wait, u_channel, _, _ = luck_of(world, i, Draw.MEETING, times_met(bond), met)
    bond.meet_at += exponential(wait)
    fade(c, me.b, when)
    if c.status == Status.ACTIVE:
        think(me, when, np.int64(Trigger.OFFER), mood_of(me, when, place))
        return
    channel = _channel_of(reach(world, 0, c.segment, met), u_channel)
    if world.has_more != 0 and offer(world, met).lead_funnel != 0.0:
        met_by(world, i, when, (met, place[1], channel))
        return
    bonus = offer(world, met).promo_bonus if channel == Channel.PROMOTION else 0.0
    firm = choose_firm(me, place, bonus)
    if firm < 0:
        note(world, i, when, Kind.DECLINE, (met, -1, 0))
        return
    join(world, i, when, firm, channel if firm == met else np.int64(Channel.ORGANIC))


@rule
def _channel_of(r, u_channel):
    """What brought a meeting about: advertising, promotion, or neither. R15."""
    if u_channel < r.ad_share:
        return np.int64(Channel.ADVERTISING)
    if u_channel - r.ad_share < r.promo_share:
        return np.int64(Channel.PROMOTION)
    return np.int64(Channel.ORGANIC)


@step
def hear_word(world, i, when, word):
    """Others praise a firm, which is a meeting with it, or warn a customer of their own one, who thinks (R15, R17)."""
    c, m = customer(world, i), more(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, max(np.int64(c.firm), 0)))
    firm = word // 4
    place = place_of(Draw.CHOICE_WORD, m.words, firm)
    m.words += 1
    m.word_at = math.inf
    fade(c, me.b, when)
    praised = word != warning_of(firm)
    note(world, i, when, Kind.WORD, (firm, np.int64(praised), 0))
    add(firm_count_row(world, firm, c.segment), Count.RECOMMENDED if praised else Count.WARNED, 1)
    if praised:
        heard_once_more(relation(world, i, firm))
    if c.status == Status.ACTIVE:
        if praised != (c.firm == firm):
            think(me, when, np.int64(Trigger.WORD), mood_of(me, when, place))
    elif praised:
        chosen = choose_firm(me, place, 0.0)
        if chosen < 0:
            note(world, i, when, Kind.DECLINE, (firm, -1, 0))
        else:
            channel = np.int64(Channel.REFERRAL if word == rewarded_praise_of(firm) else Channel.WORD)
            join(world, i, when, chosen, channel if chosen == firm else np.int64(Channel.ORGANIC))

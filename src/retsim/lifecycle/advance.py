"""The two functions that engines call: `next_event` and `advance`."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.deciding import choose_firm, luck_at, note_decision, note_forces, reconsider
from retsim.lifecycle.moving import enter, fade, join, leave, luck_of, vanish
from retsim.lifecycle.occasion import bill, next_occasion, size_of, undergo
from retsim.lifecycle.posting import count, note
from retsim.rules.bonds import closer
from retsim.rules.choice import p_reconsider, price_rise_noticed
from retsim.state import TRAIT, Channel, Count, Flag, Kind, Status, Trigger
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import customer, offer, reach, relation, segment, trait


@rule
def next_event(world, i):
    """When something next happens to customer i, what, and with which firm.

    Returns
    -------
    tuple of (float, int, int)
        Time in months (inf: never), `Kind`, firm met (-1: none). At one instant the order is that of `Kind`.
    """
    c = customer(world, i)
    if c.status == Status.EXPECTED:
        return c.occasion_at, np.int64(Kind.ENTER), np.int64(-1)
    when, kind, met = math.inf, np.int64(Kind.NONE), np.int64(-1)
    if c.status == Status.GONE:
        return when, kind, met
    standing = 0
    if c.status == Status.ACTIVE:
        standing = 1
        when, kind = c.contract_end, np.int64(Kind.TERM)
        if c.vanish_at < when:
            when, kind = c.vanish_at, np.int64(Kind.VANISH)
        if c.occasion_at < when:
            when, kind = c.occasion_at, np.int64(Kind.OCCASION)
        if c.contact_at < when:
            when, kind = c.contact_at, np.int64(Kind.CONTACT)
    for k in range(world.n_firms):
        if standing == 1 and k == c.firm:
            continue
        r = reach(world, standing, c.segment, k)
        if r.rate > 0.0:
            at = max(r.since + (relation(world, i, k).meet_at - r.reached) / r.rate, r.since)
            if at < when:
                when, kind, met = at, np.int64(Kind.MEETING), np.int64(k)
    return when, kind, met


@rule
def advance(world, i, when, kind, met):
    """Let the next event of customer i happen."""
    if kind == Kind.OCCASION:
        occasion(world, i, when)
    elif kind == Kind.CONTACT:
        contact(world, i, when)
    elif kind == Kind.MEETING:
        meeting(world, i, when, met)
    elif kind == Kind.TERM:
        term(world, i, when)
    elif kind == Kind.VANISH:
        fade(customer(world, i), segment(world, customer(world, i).segment), when)
        vanish(world, i, when, np.int64(Trigger.NATURAL))
    elif kind == Kind.ENTER:
        enter(world, i, when)


@step
def occasion(world, i, when):
    """A purchase or a bill, in the order written in `retsim.lifecycle`."""
    c = customer(world, i)
    b = segment(world, c.segment)
    luck = luck_of(world, i, Draw.OCCASION, c.occasions, 0)
    fade(c, b, when)
    p_vanish = trait(world, i, c.segment, TRAIT.vanish_probability)
    u_vanish, u_avoidable, u_spend = 1.0, 1.0, 0.5
    if p_vanish > 0.0 or world.spend_width > 0:
        u_vanish, u_avoidable, u_spend, _ = luck_of(world, i, Draw.DEPARTURE, c.occasions, 0)
    moment = u_vanish < p_vanish and c.occasions >= b.attrition_from
    avoidable = u_avoidable < b.avoidable_attrition
    if moment and not avoidable and b.attrition_before != 0.0:
        vanish(world, i, when, np.int64(Trigger.NATURAL))
        return
    spent = undergo(world, i, when, luck)
    c.sunk += b.sunk_per_occasion
    amount = bill(world, i, when, size_of(world, i, when, u_spend), spent)
    note(world, i, when, Kind.OCCASION, (-1, -1, amount))
    index = c.occasions
    c.occasions += 1
    if moment and not avoidable:
        vanish(world, i, when, np.int64(Trigger.NATURAL))
        return
    c.occasion_at = next_occasion(world, i, when, luck[0])
    trigger = _why_think(world, i, luck[2])
    if moment:
        think(world, i, when, np.int64(Trigger.MOMENT), luck_at(Draw.CHOICE, index, 0))
    elif trigger >= 0:
        think(world, i, when, trigger, luck_at(Draw.CHOICE, index, 0))


@rule
def _why_think(world, i, u_attention):
    """What makes the customer reconsider at this occasion, or -1. R7."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    rise = price_rise_noticed(its.price, c.price_seen, b.price_tolerance)
    c.price_seen = its.price
    if rise:
        return np.int64(Trigger.PRICE)
    alert = (c.flags & Flag.ALERT) != 0
    if u_attention < p_reconsider(trait(world, i, c.segment, TRAIT.attention), b.alert_attention, alert):
        return np.int64(Trigger.ALERT) if alert else np.int64(Trigger.ATTENTION)
    return np.int64(-1)


@step
def think(world, i, when, trigger, place):
    """Reconsider and act on it; whoever stays is no longer alert. R7-R9."""
    c = customer(world, i)
    b = segment(world, c.segment)
    extra = b.attrition_pull if trigger == Trigger.MOMENT else 0.0
    outcome, holding, transaction, opportunity = reconsider(world, i, when, trigger, place, extra)
    if outcome == c.firm:
        c.flags &= np.uint8(255 - Flag.ALERT)
        note_decision(world, i, when, Kind.STAY, (outcome, trigger), (holding, transaction, opportunity))
    else:
        channel = np.int64(Channel.ADVERTISING if trigger == Trigger.OFFER else Channel.SWITCHING)
        row = leave(world, i, when, outcome, (trigger, channel))
        note_forces(world, row, holding, transaction, opportunity)


@step
def contact(world, i, when):
    """The firm gets in touch; a relevant contact feeds attachment (R4, R11)."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    fade(c, b, when)
    c.contacts += 1
    wait, u_relevant, _, _ = luck_of(world, i, Draw.CONTACT, c.contacts, 0)
    if u_relevant < its.contact_relevance:
        social = trait(world, i, c.segment, TRAIT.social_sensitivity)
        c.attachment = closer(c.attachment, b.contact_gain, social)
    c.contact_at = when + exponential(wait) / its.contact_rate
    count(world, c, Count.CONTACTS, 1)
    note(world, i, when, Kind.CONTACT, (np.int64(u_relevant < its.contact_relevance), -1, 0))


@step
def meeting(world, i, when, met):
    """A firm reaches someone who is not its customer: a prospect chooses, a rival's customer reconsiders (R15, R7)."""
    c = customer(world, i)
    bond = relation(world, i, met)
    index = bond.meetings
    bond.meetings += 1
    wait, u_channel, _, _ = luck_of(world, i, Draw.MEETING, bond.meetings, met)
    bond.meet_at += exponential(wait)
    fade(c, segment(world, c.segment), when)
    if c.status == Status.ACTIVE:
        think(world, i, when, np.int64(Trigger.OFFER), luck_at(Draw.CHOICE_MET, index, met))
        return
    firm = choose_firm(world, i, met, index)
    if firm < 0:
        note(world, i, when, Kind.DECLINE, (met, -1, 0))
        return
    won_by_ad = firm == met and u_channel < reach(world, 0, c.segment, met).ad_share
    join(world, i, when, firm, np.int64(Channel.ADVERTISING if won_by_ad else Channel.ORGANIC))


@step
def term(world, i, when):
    """The contract ends: a new term or none follows, and the customer surely reconsiders (R7)."""
    c = customer(world, i)
    its = offer(world, c.firm)
    fade(c, segment(world, c.segment), when)
    ended = np.int64(math.floor((when - c.joined_at) * 1024.0))
    c.contract_end = math.inf
    firm = c.firm
    spell = c.spells
    think(world, i, when, np.int64(Trigger.TERM), luck_at(Draw.CHOICE_TERM, ended, spell))
    if c.status == Status.ACTIVE and c.firm == firm and c.spells == spell and its.auto_renew != 0.0:
        c.contract_end = when + its.contract_term

"""The functions that engines call: `next_event`, and `advance` or, for an occasion prepared already, `occasion`."""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle import needing, selling
from retsim.lifecycle.answering import answer
from retsim.lifecycle.contacting import receive, wakes
from retsim.lifecycle.deciding import (
    Mood,
    choose_firm,
    mood_of,
    note_decision,
    note_forces,
    place_of,
    reconsider,
    times_met,
)
from retsim.lifecycle.knowing import learn
from retsim.lifecycle.leading import followed_up, met_by
from retsim.lifecycle.moving import enter, fade, join, leave, vanish
from retsim.lifecycle.occasion import bill, next_occasion, size_of, undergo
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of, prepare
from retsim.lifecycle.talking import heard_once_more, praise_of, rewarded_praise_of, warning_of
from retsim.lifecycle.winning_back import approach
from retsim.rules.choice import p_reconsider, price_rise_noticed
from retsim.state import TRAIT, Channel, Count, Flag, Kind, Status, Trigger
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import (
    Me,
    add,
    count_row,
    customer,
    firm_count_row,
    more,
    offer,
    reach,
    relation,
    segment,
    trait,
)


@rule
def next_event(world, i):
    """When something next happens to customer i, what, and with which firm.

    Returns
    -------
    tuple of (float, int, int)
        Time in months (inf: never), `Kind`, firm met (-1: none). At one instant the order is that of `Kind`.
    """
    c = customer(world, i)
    when, kind, met = math.inf, np.int64(Kind.NONE), np.int64(-1)
    if c.status == Status.ACTIVE:
        when, kind = c.contract_end, np.int64(Kind.TERM)
        if c.vanish_at < when:
            when, kind = c.vanish_at, np.int64(Kind.VANISH)
        if c.occasion_at < when:
            when, kind = c.occasion_at, np.int64(Kind.OCCASION)
        if c.contact_at < when:
            when, kind = c.contact_at, np.int64(Kind.CONTACT)
        if world.n_firms > 1:
            when, kind, met = _meeting_before(world, i, 1, (when, kind))
    elif c.status == Status.EXPECTED:
        when, kind = c.occasion_at, np.int64(Kind.ENTER)
    elif c.status != Status.GONE:
        when, kind, met = _meeting_before(world, i, 0, (when, kind))
        if c.contact_at < when:
            when, kind, met = c.contact_at, np.int64(Kind.CONTACT), np.int64(-1)
    if world.has_more != 0:
        return _further_before(world, i, (when, kind, met))
    return when, kind, met


@rule
def _further_before(world, i, earliest):
    """The first event of the further mechanisms, where it comes before `earliest`."""
    when, kind, met = earliest
    m = more(world, i)
    status = customer(world, i).status
    if status == Status.ACTIVE:
        if m.answer_at < when:
            when, kind, met = m.answer_at, np.int64(Kind.ANSWER), np.int64(-1)
        if m.life_at < when:
            when, kind, met = m.life_at, np.int64(Kind.LIFE), np.int64(-1)
    if status != Status.EXPECTED and status != Status.GONE and m.word_at < when:
        when, kind, met = m.word_at, np.int64(Kind.WORD), np.int64(m.word_firm)
    if (status == Status.PROSPECT or status == Status.LAPSED) and m.lead_at < when:
        when, kind, met = m.lead_at, np.int64(Kind.LEAD), np.int64(m.lead_firm)
    return when, kind, met


@step
def _meeting_before(world, i, standing, earliest):
    """The first meeting with a firm that is not the customer's own, where it comes before `earliest`."""
    c = customer(world, i)
    when, kind = earliest
    met = np.int64(-1)
    for k in range(world.n_firms):
        r = reach(world, standing, c.segment, k)
        if r.rate > 0.0 and not (standing == 1 and k == c.firm):
            at = max(r.since + (relation(world, i, k).meet_at - r.reached) / r.rate, r.since)
            if at < when:
                when, kind, met = at, np.int64(Kind.MEETING), np.int64(k)
    return when, kind, met


@rule
def advance(world, i, when, kind, met):
    """Let the next event of customer i happen."""
    if kind == Kind.OCCASION:
        c = customer(world, i)
        me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
        occasion(me, when, prepare(me, when))
    else:
        advance_other(world, i, when, kind, met)


@step
def advance_other(world, i, when, kind, met):
    """Let an event happen that is not an occasion."""
    if kind == Kind.CONTACT and customer(world, i).status != Status.ACTIVE:
        approach(world, i, when)
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
    elif kind == Kind.LIFE:
        life(world, i, when)
    elif kind == Kind.ANSWER:
        answer(world, i, when)
    elif kind == Kind.WORD:
        hear_word(world, i, when, met)
    elif kind == Kind.LEAD:
        followed_up(world, i, when)


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


@step
def think(me, when, trigger, mood):
    """Reconsider and act on it; whoever stays is no longer alert. R7-R9."""
    extra = me.b.attrition_pull if trigger == Trigger.MOMENT else 0.0
    outcome, weighed = reconsider(me, when, trigger, mood, extra)
    act(me, when, trigger, outcome, weighed)


@rule
def act(me, when, trigger, outcome, weighed):
    """Do what was chosen; whoever stays is no longer alert. R9."""
    world, i, c, _, _ = me
    if outcome == c.firm:
        c.flags &= np.uint8(255 - Flag.ALERT)
        note_decision(world, i, when, Kind.STAY, (outcome, trigger), weighed)
    else:
        go(me, when, trigger, outcome, weighed)


@step
def go(me, when, trigger, outcome, weighed):
    """Leave for another firm or for the outside, and say what won the customer. R9, R15."""
    world, i, _, _, _ = me
    channel = np.int64(Channel.ADVERTISING if trigger == Trigger.OFFER else Channel.SWITCHING)
    wanted = np.int64(more(world, i).needs) if trigger == Trigger.NEED else np.int64(0)
    if trigger == Trigger.WORD:
        word = np.int64(more(world, i).word_firm)
        if word == praise_of(outcome):
            channel = np.int64(Channel.WORD)
        elif word == rewarded_praise_of(outcome):
            channel = np.int64(Channel.REFERRAL)
    note_forces(world, leave(world, i, when, outcome, (trigger, channel)), weighed)
    if wanted != 0 and outcome < world.n_firms:
        selling.moved_for(world, i, when, wanted)


@step
def contact(world, i, when):
    """The firm gets in touch; a dissatisfied customer may wake from it (R7, R11)."""
    c = customer(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    me = Me(world, i, c, b, its)
    fade(c, b, when)
    c.contacts += 1
    wait, u_relevant, _, _ = luck_of(world, i, Draw.CONTACT, c.contacts, 0)
    heard = receive(me, when, u_relevant)
    c.contact_at = when + exponential(wait) / its.contact_rate
    add(count_row(world, c), Count.CONTACTS, 1)
    note(world, i, when, Kind.CONTACT, (heard, -1, 0))
    if wakes(me):
        think(me, when, np.int64(Trigger.CONTACT), mood_of(me, when, place_of(Draw.CHOICE_WOKEN, c.contacts, 0)))


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


@step
def term(world, i, when):
    """The contract ends: a new term or none follows, and the customer surely reconsiders (R7)."""
    c = customer(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    me = Me(world, i, c, b, its)
    fade(c, b, when)
    ended = np.int64(math.floor((when - c.joined_at) * 1024.0))
    c.contract_end = math.inf
    firm, spell = c.firm, c.spells
    place = place_of(Draw.CHOICE_TERM, ended, spell)
    think(me, when, np.int64(Trigger.TERM), mood_of(me, when, place))
    if c.status == Status.ACTIVE and c.firm == firm and c.spells == spell and its.auto_renew != 0.0:
        c.contract_end = when + its.contract_term


@step
def life(world, i, when):
    """A life event, a product worn out or an offer; a need that stays open makes the customer think (R13, R7)."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    fade(c, me.b, when)
    m = more(world, i)
    lived = np.int64(m.lives)
    if needing.happen(world, i, when) != 0:
        # Tastes at a life event are its own; those at a product worn out are told apart by the offers so far.
        sub = 0 if m.lives != lived else 1 + np.int64(m.offers)
        think(me, when, np.int64(Trigger.NEED), mood_of(me, when, place_of(Draw.CHOICE_NEED, m.lives, sub)))

"""A firm's leads (R15): who is reached shows interest or not, decides alone, is followed up, or cools off.

A prospect is the lead of one firm at a time, the last that interested them. What others say, a win-back and an offer to
a rival's customer pass no funnel: there the customer decides at once.
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, step
from retsim.lifecycle.choosing import choose_firm
from retsim.lifecycle.fading import fade
from retsim.lifecycle.joining import join
from retsim.lifecycle.knowing import close_lead
from retsim.lifecycle.mood import place_of
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of
from retsim.rules.leads import believed, in_earnest, p_interested
from retsim.state import TRAIT, Channel, Count, Kind, Status
from retsim.streams import Draw
from retsim.world import Me, add, customer, firm_count_row, more, offer, segment, trait


@step
def met_by(world, i, when, meeting):
    """A firm with a funnel has reached a customer of nobody; `meeting` is (firm, number of the meeting, channel).

    Who is an open lead of the firm already is not counted again.
    """
    firm, nth, channel = meeting
    c, m, its = customer(world, i), more(world, i), offer(world, firm)
    if m.lead_firm == firm and m.lead_since >= when - its.lead_lasts:
        return
    me = Me(world, i, c, segment(world, c.segment), its)
    row = firm_count_row(world, firm, c.segment)
    add(row, Count.REACHED, 1)
    intent = trait(me, TRAIT.intent)
    u_interested, u_earnest, _, _ = luck_of(world, i, Draw.LEAD, nth, firm)
    if u_interested >= p_interested(intent, its.lead_appeal):
        note(world, i, when, Kind.DECLINE, (firm, -1, 0))
        return
    add(row, Count.INTERESTED, 1)
    note(world, i, when, Kind.LEAD, (firm, -1, 0))
    close_lead(world, i)
    m.lead_firm, m.lead_channel, m.lead_meeting = firm, channel, nth
    m.lead_since = when
    if in_earnest(u_earnest, intent, its.lead_unaided):
        _decide(world, i, when)


@step
def followed_up(world, i, when):
    """The firm gets back to a lead, who weighs its offer, or never meant to buy."""
    c, m = customer(world, i), more(world, i)
    firm = np.int64(m.lead_firm)
    me = Me(world, i, c, segment(world, c.segment), offer(world, firm))
    fade(c, me.b, when)
    m.lead_at = math.inf
    u_earnest = luck_of(world, i, Draw.LEAD, np.int64(m.lead_meeting), firm)[1]
    if in_earnest(u_earnest, trait(me, TRAIT.intent), 1.0):
        _decide(world, i, when)
        return
    close_lead(world, i)
    add(firm_count_row(world, firm, c.segment), Count.WASTED, 1)
    note(world, i, when, Kind.DECLINE, (firm, -1, 0))


@step
def _decide(world, i, when):
    """A lead weighs every firm they know against "not now", with the tastes of the meeting that made them one (R9)."""
    c, m = customer(world, i), more(world, i)
    firm, channel = np.int64(m.lead_firm), np.int64(m.lead_channel)
    its = offer(world, firm)
    me = Me(world, i, c, segment(world, c.segment), its)
    row = firm_count_row(world, firm, c.segment)
    add(row, Count.DECIDING, 1)
    bonus = its.promo_bonus if channel == Channel.PROMOTION else 0.0
    chosen = choose_firm(me, place_of(Draw.CHOICE_MET, np.int64(m.lead_meeting), firm), bonus)
    close_lead(world, i)
    if chosen < 0:
        note(world, i, when, Kind.DECLINE, (firm, -1, 0))
        return
    if chosen == firm:
        add(row, Count.LEADS_WON, 1)
    join(world, i, when, chosen, channel if chosen == firm else np.int64(Channel.ORGANIC))


@kernel
def open_leads(ref, n, chosen, ids, numbers):
    """Write who is an open lead that the firm believes in; returns how many there are.

    `chosen` is (firm, interested since, quality of qualification, least belief). `numbers` float64 (2, n) gets what is
    believed of each, and when in the tick a follow-up would come (0 to 1).
    """
    world = ref[0]
    firm, since, quality, mark = chosen
    found = 0
    for i in range(n):
        c, m = customer(world, i), more(world, i)
        if m.lead_firm != firm or m.lead_at < math.inf or m.lead_since < since:
            continue
        if c.status != Status.PROSPECT and c.status != Status.LAPSED:
            continue
        me = Me(world, i, c, segment(world, c.segment), offer(world, firm))
        _, _, u_believed, u_when = luck_of(world, i, Draw.LEAD, np.int64(m.lead_meeting), firm)
        score = believed(trait(me, TRAIT.intent), u_believed, quality)
        if score >= mark:
            ids[found] = i
            numbers[0, found], numbers[1, found] = score, u_when
            found += 1
    return found

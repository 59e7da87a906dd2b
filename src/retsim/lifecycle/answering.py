"""A complaint at a desk with a queue: it waits until it is answered, or until the customer gives up hope (R6, R16).

Owns what waiting and its end do to the customer; when the answer comes is the market's business (`retsim.market.desk`).
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.fading import fade
from retsim.lifecycle.posting import count_satisfaction, earn, micro, note, pay_out
from retsim.lifecycle.preparing import discount_at, luck_of
from retsim.rules.bonds import cut
from retsim.rules.voice import recovered
from retsim.state import Account, Count, Flag, Kind
from retsim.streams import Draw
from retsim.world import add, book_row, clock, count_row, customer, more, offer, segment

TOO_LATE = -1.0
"""In place of a grievance: the answer will come after the customer's patience has ended."""


@rule
def register(counters, row, its):
    """Count a complaint and book what handling it costs; returns that (micro)."""
    add(counters, Count.COMPLAINTS, 1)
    handling = micro(its.complaint_cost)
    pay_out(row, Account.COMPLAINTS, handling)
    return handling


@step
def queue_up(me, when, loss):
    """Join the queue; who waits already adds to what is to be made good. Returns the cost (micro).

    `loss` is the satisfaction that the failure took. Until the answer the customer is neither alert nor less attached.
    """
    world, i, c, _, its = me
    m = more(world, i)
    if c.flags & Flag.WAITING:
        if m.grievance >= 0.0:
            m.grievance = np.float32(m.grievance + max(loss, 0.0))
        return np.int64(0)
    c.flags |= Flag.WAITING
    m.complaints += 1
    m.complained_at = when
    m.desk_firm = c.firm
    m.grievance = np.float32(max(loss, 0.0))
    m.answer_at = math.inf
    handling = register(count_row(world, c), book_row(world, c), its)
    note(world, i, when, Kind.COMPLAINT, (-1, -1, handling))
    return handling


@step
def answer(world, i, when):
    """The desk's answer, or the end of patience: what is not made good in time leaves the customer alert. R6."""
    c, m = customer(world, i), more(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    fade(c, b, when)
    c.flags &= np.uint8(255 - Flag.WAITING)
    m.answer_at = math.inf
    u_recovery = luck_of(world, i, Draw.DESK, m.complaints, 0)[1]
    good = m.grievance >= 0.0 and u_recovery < its.recovery_quality
    paid = np.int64(0)
    if good:
        counters = count_row(world, c)
        count_satisfaction(counters, c, b.satisfied_mark, -1)
        now = c.satisfaction
        c.satisfaction = recovered(now + m.grievance, now, b.recovery_strength, b.recovery_paradox)
        count_satisfaction(counters, c, b.satisfied_mark, 1)
        add(counters, Count.RECOVERED, 1)
        paid = micro(its.compensation)
        pay_out(book_row(world, c), Account.COMPENSATION, paid)
        earn(c, discount_at(clock(world).discount, when), -paid)
    else:
        c.flags |= Flag.ALERT
        c.attachment = cut(c.attachment, b.attachment_cut)
    note(world, i, when, Kind.ANSWER, (np.int64(good), -1, paid))

"""Whom a programme takes (R19): the eligible in the order of a score, then of a rank drawn once, as far as the money goes.

Scores come from the firm's own database (`retsim.crm`); without them the rank alone decides.
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.leaving import stop_contact
from retsim.lifecycle.posting import pay_out, post
from retsim.lifecycle.preparing import luck_of
from retsim.state import Account, Flag, Status
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import book_row, customer, segment


@rule
def eligible(world, i, chosen):
    """Whether the firm takes customer i for its own and would reach them.

    Without a contract nobody gives notice: who has left or vanished looks like a quiet customer, and costs like one,
    until `silence` is over.
    """
    c = customer(world, i)
    if c.firm != chosen[0] or c.joined_at > chosen[2]:
        return False
    if c.status == Status.ACTIVE:
        return True
    gone = c.status == Status.GONE or c.status == Status.LAPSED
    return gone and segment(world, c.segment).contractual == 0.0 and c.decayed_at > chosen[3]


@rule
def _rank(world, i, flag):
    return luck_of(world, i, Draw.ENROLMENT, flag, 0)[0]


@rule
def taken(world, i, flag, cut, scores):
    """Whether customer i stands before the cut: (score, rank); without scores all have the score 0."""
    score = scores[i] if i < scores.size else 0.0
    return score > cut[0] or (score == cut[0] and _rank(world, i, flag) < cut[1])


@rule
def delivered(world, i, flag, execution):
    """Whether what is paid for customer i reaches them: the same customers, and more, with better execution. R23."""
    return execution >= 1.0 or luck_of(world, i, Draw.ENROLMENT, flag, 0)[1] < execution


@kernel
def ranks_of(ref, n, chosen, ranks):
    """Write the ranks of the eligible into `ranks`; returns how many there are.

    `chosen` is (firm, flag of the programme, joined at the latest, last sign of life at the earliest).
    """
    world = ref[0]
    found = 0
    for i in range(n):
        if eligible(world, i, chosen):
            ranks[found] = _rank(world, i, chosen[1])
            found += 1
    return found


@kernel
def queue_of(ref, n, chosen, ids, ranks):
    """Write numbers and ranks of the eligible into `ids` and `ranks`; returns how many there are (see `ranks_of`)."""
    world = ref[0]
    found = 0
    for i in range(n):
        if eligible(world, i, chosen):
            ids[found] = i
            ranks[found] = _rank(world, i, chosen[1])
            found += 1
    return found


@kernel
def enrol_discount(ref, n, chosen, order, terms):
    """Enrol the eligible before the cut, and nobody else; returns how many.

    `order` is (cut, scores by customer, or none), `terms` (execution, coupon): a coupon that does not reach its
    customer is paid at once and lost.
    """
    world = ref[0]
    cut, scores = order
    execution, coupon = terms
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm == chosen[0]:
            wanted = eligible(world, i, chosen) and taken(world, i, chosen[1], cut, scores)
            enrolled += wanted
            served = wanted and delivered(world, i, chosen[1], execution)
            if served and c.status == Status.ACTIVE:
                c.flags |= Flag.DISCOUNT
            else:
                c.flags &= np.uint8(255 - Flag.DISCOUNT)
            if wanted and not served:
                post(book_row(world, c), Account.DISCOUNT, Account.CASH, coupon)
    return enrolled


@kernel
def enrol_contact(ref, n, chosen, order, terms):
    """The same for contact: starts and stops the clocks and books the cost.

    `terms` is (now, rate of the tick before, rate, cost, execution); a clock is rebased only where its rate changed.
    """
    world = ref[0]
    cut, scores = order
    now, before, rate, cost, execution = terms
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != chosen[0]:
            continue
        was = (c.flags & Flag.CONTACT) != 0
        wanted = eligible(world, i, chosen) and taken(world, i, chosen[1], cut, scores)
        served = wanted and delivered(world, i, chosen[1], execution)
        if was and (not served or rate != before):
            stop_contact(c, now, before)
        if wanted:
            pay_out(book_row(world, c), Account.PROGRAMME_CONTACT, cost)
            enrolled += 1
        if served and c.status == Status.ACTIVE and (not was or rate != before):
            if c.contact_left < 0.0:
                c.contact_left = exponential(luck_of(world, i, Draw.CONTACT, 0, 0)[0])
            c.flags |= Flag.CONTACT
            c.contact_at = now + c.contact_left / rate if rate > 0.0 else math.inf
    return enrolled


@kernel
def enrol_core(ref, n, chosen, order, terms):
    """The same for the service tier of core customers, whose cost is paid for each; `terms` is (execution, cost)."""
    world = ref[0]
    cut, scores = order
    execution, cost = terms
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != chosen[0]:
            continue
        wanted = eligible(world, i, chosen) and taken(world, i, chosen[1], cut, scores)
        if wanted:
            pay_out(book_row(world, c), Account.PROGRAMME_CORE, cost)
            enrolled += 1
        if wanted and c.status == Status.ACTIVE and delivered(world, i, chosen[1], execution):
            c.flags |= Flag.CORE
        else:
            c.flags &= np.uint8(255 - Flag.CORE)
    return enrolled

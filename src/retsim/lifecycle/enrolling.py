"""Whom a programme takes (R19): the eligible in the order of a rank drawn once, as far as the money goes."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.moving import stop_contact
from retsim.lifecycle.posting import pay_out
from retsim.lifecycle.preparing import luck_of
from retsim.state import Account, Flag, Status
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import book_row, customer, segment


@rule
def _eligible(world, i, chosen):
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


@kernel
def ranks_of(ref, n, chosen, ranks):
    """Write the ranks of the eligible into `ranks`; returns how many there are.

    `chosen` is (firm, flag of the programme, joined at the latest, last sign of life at the earliest).
    """
    world = ref[0]
    found = 0
    for i in range(n):
        if _eligible(world, i, chosen):
            ranks[found] = _rank(world, i, chosen[1])
            found += 1
    return found


@kernel
def enrol_discount(ref, n, chosen, cut):
    """Enrol the eligible whose rank is below the cut, and nobody else; returns how many."""
    world = ref[0]
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm == chosen[0]:
            wanted = _eligible(world, i, chosen) and _rank(world, i, chosen[1]) < cut
            enrolled += wanted
            if wanted and c.status == Status.ACTIVE:
                c.flags |= Flag.DISCOUNT
            else:
                c.flags &= np.uint8(255 - Flag.DISCOUNT)
    return enrolled


@kernel
def enrol_contact(ref, n, chosen, cut, terms):
    """The same for contact: starts and stops the clocks and books the cost.

    `terms` is (now, rate of the tick before, rate, cost); a clock is rebased only where its rate changed.
    """
    world = ref[0]
    now, before, rate, cost = terms
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != chosen[0]:
            continue
        was = (c.flags & Flag.CONTACT) != 0
        wanted = _eligible(world, i, chosen) and _rank(world, i, chosen[1]) < cut
        if was and (not wanted or rate != before):
            stop_contact(c, now, before)
        if wanted:
            pay_out(book_row(world, c), Account.PROGRAMME_CONTACT, cost)
            enrolled += 1
            if c.status == Status.ACTIVE and (not was or rate != before):
                if c.contact_left < 0.0:
                    c.contact_left = exponential(luck_of(world, i, Draw.CONTACT, 0, 0)[0])
                c.flags |= Flag.CONTACT
                c.contact_at = now + c.contact_left / rate if rate > 0.0 else math.inf
    return enrolled

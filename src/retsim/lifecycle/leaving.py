"""Leaving a firm, for another one, for the outside, or for good and in silence."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle import needing
from retsim.lifecycle.joining import join
from retsim.lifecycle.posting import count_satisfaction, earn, micro, note, post
from retsim.lifecycle.preparing import discount_at
from retsim.lifecycle.reaching import ELSEWHERE, FROZEN, PROSPECTS, move_clock
from retsim.lifecycle.tying import untie
from retsim.rules.forces import contract_fee
from retsim.state import Account, Count, Flag, Force, Kind, Pool, Status
from retsim.world import (
    add,
    base_row,
    book_row,
    clock,
    count_row,
    customer,
    decision_row,
    more,
    offer,
    pool_row,
    relation,
    segment,
)


@step
def leave(world, i, when, outcome, why):
    """Leave the firm for `outcome` (a firm, or n_firms for the outside); `why` is (trigger, channel of the winner)."""
    c = customer(world, i)
    trigger, channel = why
    n_firms = world.n_firms
    fee = _pay_fee(world, i, when)
    row = note(world, i, when, Kind.LEAVE, (outcome, trigger, fee))
    if world.has_more != 0:
        untie(world, i)
    _end_spell(world, i, when)
    if outcome < n_firms:
        add(count_row(world, c), Count.LOST_TO_RIVAL, 1)
        join(world, i, when, outcome, channel)
    else:
        add(count_row(world, c), Count.LOST_TO_OUTSIDE, 1)
        for k in range(n_firms):
            move_clock(world, i, k, (FROZEN if k == c.firm else ELSEWHERE, PROSPECTS), when)
        c.status = Status.LAPSED
        add(pool_row(world, c), Pool.LAPSED, 1)
    return row


@step
def vanish(world, i, when, trigger):
    """Natural attrition: gone for good, silently, and no fee is asked."""
    c = customer(world, i)
    n_firms = world.n_firms
    note(world, i, when, Kind.LEAVE, (n_firms + 1, trigger, 0))
    b = segment(world, c.segment)
    row = decision_row(world, (c.firm, c.segment), trigger, n_firms + 1)
    add(row, Force.COUNT, 1)
    if c.satisfaction >= b.satisfied_mark:
        add(row, Force.SATISFIED, 1)
    if world.has_more != 0 and b.contractual != 0.0:
        # Without a contract nobody is told: points stay on the books until they lapse.
        untie(world, i)
    _end_spell(world, i, when)
    add(count_row(world, c), Count.VANISHED, 1)
    c.status = Status.GONE
    add(pool_row(world, c), Pool.GONE, 1)


@rule
def _end_spell(world, i, when):
    """Take the customer out of the firm's stocks and remember how satisfied they were."""
    c = customer(world, i)
    b = segment(world, c.segment)
    bond = relation(world, i, c.firm)
    bond.memory = np.float32(c.satisfaction)
    if c.flags & Flag.CONTACT:
        stop_contact(c, when, offer(world, c.firm).contact_rate)
    c.flags = 0
    if world.n_products != 0:
        needing.end(world, i)
    if world.has_more != 0:
        m = more(world, i)
        m.answer_at = math.inf
        m.community = 0
        m.left_at = when
        m.left_firm = c.firm
    add(base_row(world, c), 0, -1)
    counters = count_row(world, c)
    add(counters, Count.ACTIVE, -1)
    count_satisfaction(counters, c, b.satisfied_mark, -1)
    add(counters, Count.TENURE_LOST, np.int64((when - c.joined_at) * 2.0**20))


@rule
def _pay_fee(world, i, when):
    """The fee for leaving within the contract; returns it in micro-units."""
    c = customer(world, i)
    if c.contract_end == math.inf or c.contract_end <= when:
        return np.int64(0)
    its = offer(world, c.firm)
    fee = micro(contract_fee(c.contract_end - when, its.fee_fixed, its.fee_per_month))
    post(book_row(world, c), Account.CASH, Account.FEES, fee)
    earn(c, discount_at(clock(world).discount, when), fee)
    return fee


@rule
def stop_contact(c, when, rate):
    """Stop the contact clock and keep what is left of the wait."""
    if rate > 0.0:
        c.contact_left = np.float32((c.contact_at - when) * rate)
    c.contact_at = math.inf
    c.flags &= np.uint8(255 - Flag.CONTACT)

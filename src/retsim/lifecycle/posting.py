"""Writing down what happened: ledger postings, counters, the event log."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.state import MICRO, Account, Count
from retsim.world import add_book, add_count, clock, customer, event

_FINE = 2.0**32


@rule
def micro(money):
    """Money as an integer count of micro-units, halves rounded up."""
    return np.int64(math.floor(money * MICRO + 0.5))


@rule
def post(world, c, debit, credit, amount):
    """Post `amount` micro-units to two accounts of the customer's row: debit up, credit down."""
    add_book(world, c, debit, amount)
    add_book(world, c, credit, -amount)


@rule
def earn(world, c, when, amount):
    """Add a margin to the customer's value, discounted continuously to time 0."""
    if amount != 0:
        c.value += np.int64(math.floor(amount * math.exp(-clock(world).discount * when) + 0.5))


@rule
def pay_out(world, c, account, amount):
    """A cash cost for this customer."""
    if amount != 0:
        post(world, c, account, Account.CASH, amount)


@rule
def fine(satisfaction):
    """Satisfaction as an integer, in units of 2**-32, so that sums over customers are exact."""
    return np.int64(satisfaction * _FINE)


@rule
def count(world, c, what, n):
    """Add to a counter of the customer's firm and segment."""
    add_count(world, c.firm, c.segment, what, n)


@rule
def count_satisfaction(world, c, mark, sign):
    """Add (sign 1) or take away (-1) the customer's satisfaction from the firm's stocks."""
    count(world, c, Count.SATISFACTION, sign * fine(c.satisfaction))
    if c.satisfaction >= mark:
        count(world, c, Count.SATISFIED, sign)


@step
def note(world, i, when, kind, detail):
    """Write one event to the log, if there is one; returns its row (-1: no log).

    `detail` is (outcome, trigger, amount).
    """
    if world.log_room < 0:
        return -1
    n = world.written
    world.written = n + 1
    c = customer(world, i)
    e = event(world, n)
    e.time = when
    e.customer = i
    e.kind = kind
    e.firm = c.firm
    e.outcome = detail[0]
    e.trigger = detail[1]
    e.amount = detail[2]
    e.satisfaction = c.satisfaction
    e.expectation = c.expectation
    e.attachment = c.attachment
    e.sunk = c.sunk
    e.surplus = e.force_attachment = e.force_sunk = 0.0
    e.transaction = e.switching = e.termination = e.opportunity = 0.0
    return n

"""Writing down what happened: ledger postings, counters, the event log."""

from __future__ import annotations

import numpy as np

from retsim.jit import rule, step
from retsim.state import MICRO, Account, Count
from retsim.world import add, customer, event

_FINE = 2.0**32


@rule
def micro(money):
    """A sum of money, 0 or more, as an integer count of micro-units, halves rounded up."""
    return np.int64(money * MICRO + 0.5)


@rule
def post(row, debit, credit, amount):
    """Post `amount` micro-units to two accounts of a row of the book: debit up, credit down."""
    add(row, debit, amount)
    add(row, credit, -amount)


@rule
def pay_out(row, account, amount):
    """A cash cost, in micro-units, in a row of the book."""
    if amount != 0:
        post(row, account, Account.CASH, amount)


@rule
def earn(c, discount, amount):
    """Add a margin to the customer's value, discounted to time 0 and cut to whole micro-units."""
    c.value += np.int64(amount * discount)


@rule
def fine(satisfaction):
    """Satisfaction as an integer, in units of 2**-32, so that sums over customers are exact."""
    return np.int64(satisfaction * _FINE)


@rule
def count_satisfaction(row, c, mark, sign):
    """Add (sign 1) or take away (-1) the customer's satisfaction from the firm's stocks."""
    add(row, Count.SATISFACTION, sign * fine(c.satisfaction))
    if c.satisfaction >= mark:
        add(row, Count.SATISFIED, sign)


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

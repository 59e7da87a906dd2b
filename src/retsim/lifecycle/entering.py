"""Entering the market: as a prospect, or straight into a firm, maybe as a customer of long standing."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import step
from retsim.lifecycle import needing
from retsim.lifecycle.joining import first_wait, join
from retsim.lifecycle.knowing import recall
from retsim.lifecycle.posting import note
from retsim.lifecycle.reaching import FROZEN, PROSPECTS, move_clock
from retsim.rules.growth import rate_multiple
from retsim.state import Channel, Kind, Pool, Status
from retsim.world import Me, add, customer, offer, pool_row, segment


@step
def enter(world, i, when):
    """A customer comes into the market: as a prospect, or straight into the firm they are bound for."""
    c = customer(world, i)
    tenure = -c.joined_at
    for firm in range(world.n_firms):
        move_clock(world, i, firm, (FROZEN, PROSPECTS), when)
    c.decayed_at = when
    if world.n_products != 0:
        needing.begin(world, i, when)
    if c.firm < 0:
        c.status = Status.PROSPECT
        add(pool_row(world, c), Pool.PROSPECT, 1)
        note(world, i, when, Kind.ENTER, (-1, -1, 0))
    else:
        firm, c.firm = c.firm, -1
        attachment = c.attachment
        add(pool_row(world, c), Pool.PROSPECT, 1)
        c.status = Status.PROSPECT
        join(world, i, when, np.int64(firm), np.int64(c.channel))
        c.attachment = attachment
        if world.n_products != 0 and c.channel == Channel.INITIAL:
            needing.endow(world, i, when)
        if tenure > 0.0:
            _set_back(world, i, when, tenure)


@step
def _set_back(world, i, when, tenure):
    """Make a newly entered customer one of long standing: bills and contract keep their dates."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    c.joined_at = when - tenure
    if world.has_more != 0:
        recall(Me(world, i, c, b, its), tenure)
    if b.contractual != 0.0:
        since_first = max(tenure - b.first_bill, 0.0)
        bills = math.ceil(since_first / b.billing_period)
        c.occasion_at = max(c.joined_at + b.first_bill + bills * b.billing_period, when)
    elif b.first_purchase != 0.0:
        c.occasion_at = when + first_wait(world, i, when)
    else:
        c.occasion_at = when + (c.occasion_at - when) / rate_multiple(tenure, b)
    if its.contract_term > 0.0:
        terms = math.floor(tenure / its.contract_term) + 1.0
        if terms > 1.0 and its.auto_renew == 0.0:
            c.contract_end = math.inf
        else:
            c.contract_end = c.joined_at + terms * its.contract_term

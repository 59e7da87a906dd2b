"""What ties a customer beyond habit: integration, points, status, cash back, club (R14, R19).

What is kept for it lies in `state.MORE`; where nothing is kept only the club is left.
"""

from __future__ import annotations

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.posting import micro, note, post
from retsim.rules import integration, rewards, tiers
from retsim.state import MICRO, Account, Count, Flag, Kind
from retsim.world import add, book_row, count_row, customer, more


@rule
def integration_at(me, when):
    """Integration now; it is written down only where the customer enters or leaves the system."""
    m = more(me.world, me.i)
    months = when - m.integrated_at
    if me.c.flags & Flag.STRUCTURAL:
        return integration.grown_together(m.integration, me.b.integration_rate, months)
    return integration.grown_apart(m.integration, me.b.integration_decay, months)


@step
def ties(me, when, usage):
    """What ties add to staying: (money a month, beside surplus; money lost by leaving, beside the procedural cost). R8.

    A month: status on `usage` ordinary occasions, club, structural value. Lost by leaving: points that have not lapsed,
    cash back still owed, status, integration undone. Of a system only the share `execution` works (R23).
    """
    world, i, c, b, its = me
    flow = 0.0
    lost = 0.0
    if c.flags & Flag.CLUB:
        flow += its.club_benefit - its.club_fee
    if c.flags & Flag.STATUS:
        tier = more(world, i).tier
        flow += usage * its.price * tiers.of(tier, its.status_discount, its.gold_discount, its.platinum_discount)
        lost += tiers.of(tier, its.status_value, its.gold_value, its.platinum_value)
    if world.has_more != 0:
        m = more(world, i)
        if m.integration > 0.0 or c.flags & Flag.STRUCTURAL:
            deep = its.execution * integration_at(me, when)
            flow += its.structural_value * deep
            lost += b.structural_cost * deep
        points = np.int64(0) if rewards.lapsed(m.points_at, its.points_expiry, when) else m.points
        lost += (points + m.owed) / MICRO
    return flow, lost


@step
def give_back(me, when, amount, due):
    """Status, points and cash back at a bill; returns the cash that the firm forgoes (micro).

    `amount` is the bill, `due` what coupons have left of it. Points and the next cash back are earned on what is paid.
    """
    world, _, c, _, its = me
    m = more(world, me.i)
    row = book_row(world, c)
    advantage = np.int64(0)
    if c.flags & Flag.STATUS:
        share = tiers.of(m.tier, its.status_discount, its.gold_discount, its.platinum_discount)
        advantage = min(rewards.share_of(amount, share), due)
        post(row, Account.STATUS, Account.CASH, advantage)
    back = m.owed
    post(row, Account.CASH_BACK, Account.CASH, back)
    used = np.int64(0)
    if m.points > 0:
        used = _redeem(me, when, due - advantage)
    paid = due - advantage - used
    m.owed = rewards.share_of(paid, its.cash_back)
    if its.points_rate > 0.0:
        _earn_points(me, when, paid)
    _rise(me, c.revenue + amount - m.revenue_before)
    return advantage + back + used


@rule
def _rise(me, billed):
    """Into the tier that these bills reach; nobody falls while they stay. R19."""
    m = more(me.world, me.i)
    its = me.its
    tier = tiers.reached(billed, micro(its.status_threshold), micro(its.gold_threshold), micro(its.platinum_threshold))
    if tier > m.tier:
        m.tier = tier
        me.c.flags |= Flag.STATUS


@rule
def status_service(me):
    """Better service that a customer's tier brings, where they have one. R2, R19."""
    better = 0.0
    if me.c.flags & Flag.STATUS:
        its = me.its
        better = tiers.of(more(me.world, me.i).tier, its.status_service, its.gold_service, its.platinum_service)
    return better


@rule
def _redeem(me, when, due):
    """Pay with points, where there are enough; the difference to what they were thought to cost is a correction."""
    world, i, c, _, its = me
    m = more(world, i)
    if rewards.lapsed(m.points_at, its.points_expiry, when):
        lapse(world, i)
        return np.int64(0)
    m.points_at = when
    used = rewards.redeemed(m.points, micro(its.points_threshold), due)
    if used > 0:
        row = book_row(world, c)
        free = rewards.released(m.provision, m.points, used)
        post(row, Account.POINTS_LIABILITY, Account.CASH, free)
        post(row, Account.POINTS_CORRECTION, Account.CASH, used - free)
        m.points -= used
        m.provision -= free
        add(count_row(world, c), Count.REDEEMED, 1)
        note(world, i, when, Kind.REDEEM, (-1, -1, used))
    return used


@rule
def _earn_points(me, when, paid):
    world, i, c, _, its = me
    m = more(world, i)
    points = rewards.share_of(paid, its.points_rate)
    provision = rewards.provision_for(points, its.assumed_breakage)
    post(book_row(world, c), Account.POINTS, Account.POINTS_LIABILITY, provision)
    m.points += points
    m.provision += provision
    m.points_at = when


@rule
def lapse(world, i):
    """Points are lost: what stood against them is released."""
    m = more(world, i)
    post(book_row(world, customer(world, i)), Account.POINTS_LIABILITY, Account.POINTS_CORRECTION, m.provision)
    m.points = 0
    m.provision = 0


@step
def untie(world, i):
    """Leaving ends every tie: points and cash back are forfeited, integration is undone, status is counted anew."""
    m = more(world, i)
    if m.points > 0:
        lapse(world, i)
    m.owed = 0
    m.integration = 0.0
    m.tier = 0
    m.revenue_before = customer(world, i).revenue

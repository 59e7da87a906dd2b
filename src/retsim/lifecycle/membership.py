"""A firm's club at a tick (R19): who is a member, what members pay and cost, and what membership does to attachment."""

from __future__ import annotations

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.fading import fade
from retsim.lifecycle.posting import earn, pay_out, post
from retsim.lifecycle.preparing import discount_at, luck_of
from retsim.rules.bonds import closer, kept
from retsim.rules.club import membership_worth, p_member
from retsim.state import TRAIT, Account, Flag, Status
from retsim.streams import Draw
from retsim.world import Me, book_row, clock, customer, offer, segment, trait


@rule
def _wants(me):
    """Whether the customer is a member at today's fee and benefit; the inclination is drawn once a spell."""
    _, _, c, b, its = me
    effort = trait(me, TRAIT.price_of_time) * b.decision_cost
    worth = membership_worth(b.planning_horizon, its.club_benefit, its.club_fee, effort)
    return luck_of(me.world, me.i, Draw.CLUB, c.spells, 0)[0] < p_member(worth, b.choice_noise)


@kernel
def run_club(ref, n, chosen, money):
    """Ask every customer of the firm, take the fees and book the costs of the tick; returns how many members there are.

    `chosen` is (firm, whether there is a club, now, months), `money` (fee, cost) of the tick in micro-units.
    """
    world = ref[0]
    firm, open_, now, months = chosen
    factor = discount_at(clock(world).discount, now)
    members = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != firm or c.status != Status.ACTIVE:
            continue
        me = Me(world, i, c, segment(world, c.segment), offer(world, firm))
        if not (open_ and _wants(me)):
            c.flags &= np.uint8(255 - Flag.CLUB)
            continue
        c.flags |= Flag.CLUB
        members += 1
        row = book_row(world, c)
        post(row, Account.CASH, Account.FEES, money[0])
        pay_out(row, Account.PROGRAMME_CLUB, money[1])
        earn(c, factor, money[0])
        if me.its.club_attachment > 0.0:
            fade(c, me.b, now)
            gain = 1.0 - kept(me.its.club_attachment, months)
            c.attachment = closer(c.attachment, gain, trait(me, TRAIT.social_sensitivity))
    return members

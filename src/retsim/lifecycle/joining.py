"""Joining a firm: clocks, stocks, and the money that changes hands."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle import needing
from retsim.lifecycle.knowing import acquaint
from retsim.lifecycle.posting import count_satisfaction, earn, micro, note, pay_out, post
from retsim.lifecycle.preparing import discount_at, luck_of
from retsim.lifecycle.reaching import ELSEWHERE, FROZEN, PROSPECTS, move_clock
from retsim.rules.growth import rate_multiple
from retsim.state import TRAIT, Account, Channel, Count, Kind, Pool, Status
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import (
    Me,
    add,
    base_row,
    book_row,
    clock,
    count_row,
    customer,
    offer,
    pool_row,
    relation,
    segment,
    trait,
)


@step
def join(world, i, when, firm, channel):
    """Become a customer of `firm`, won by `channel`, from being a customer of nobody or (R9) of another firm."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, firm)
    came_from = c.firm if c.status == Status.ACTIVE else -1
    _reset_bonds(world, i, firm)
    if world.has_more != 0:
        acquaint(world, i, firm)
    _change_standing(world, i, when, (came_from, firm))
    c.status = Status.ACTIVE
    c.firm = firm
    c.channel = channel
    c.cohort = 0 if (channel == Channel.INITIAL and when == 0.0) else clock(world).period + 1
    c.joined_at = when
    c.decayed_at = when
    c.price_seen = its.price
    c.contract_end = when + its.contract_term if its.contract_term > 0.0 else math.inf
    _set_first_events(world, i, when, b)
    _count_in(world, i, channel)
    if channel != Channel.INITIAL:
        _settle(world, i, when, came_from)
    if channel == Channel.WORD or channel == Channel.REFERRAL:
        c.attachment = min(b.word_bond * trait(Me(world, i, c, b, its), TRAIT.social_sensitivity), 1.0)
    note(world, i, when, Kind.JOIN, (came_from, channel, 0))
    if world.n_products != 0:
        needing.start(world, i, when)
    c.spells += 1


@rule
def _change_standing(world, i, when, firms):
    """The clocks of meetings go on as those of a customer of `firm`; who was nobody's leaves a pool."""
    came_from, firm = firms
    c = customer(world, i)
    if came_from >= 0:
        move_clock(world, i, came_from, (FROZEN, ELSEWHERE), when)
        move_clock(world, i, firm, (ELSEWHERE, FROZEN), when)
        return
    for k in range(world.n_firms):
        move_clock(world, i, k, (PROSPECTS, FROZEN if k == firm else ELSEWHERE), when)
    pool = Pool.PROSPECT if c.status == Status.PROSPECT else Pool.LAPSED
    add(pool_row(world, c), pool, -1)


@rule
def _count_in(world, i, channel):
    """Count the customer among the firm's, as won by `channel`."""
    c = customer(world, i)
    add(base_row(world, c), 0, 1)
    counters = count_row(world, c)
    add(counters, Count.ACTIVE, 1)
    add(counters, Count.JOINED + channel, 1)
    count_satisfaction(counters, c, segment(world, c.segment).satisfied_mark, 1)


@rule
def _settle(world, i, when, came_from):
    """What is paid when a customer is won: bonuses and rewards by the firm, a fee for setting up by the customer."""
    c = customer(world, i)
    its, channel = offer(world, c.firm), c.channel
    welcome = micro(its.welcome_bonus + (its.poaching_bonus if came_from >= 0 else 0.0))
    back = micro(its.win_back_bonus) if channel == Channel.WIN_BACK else np.int64(0)
    if channel == Channel.PROMOTION:
        welcome += micro(its.promo_bonus)
    reward = micro(its.reward) if channel == Channel.REFERRAL else np.int64(0)
    fee = micro(its.setup_fee)
    row = book_row(world, c)
    pay_out(row, Account.WELCOME, welcome)
    pay_out(row, Account.WIN_BACK, back)
    post(row, Account.CASH, Account.FEES, fee)
    pay_out(row, Account.REFERRAL, reward)
    earn(c, discount_at(clock(world).discount, when), fee - welcome - back - reward)
    c.sunk = segment(world, c.segment).sunk_setup + its.setup_fee


@rule
def _reset_bonds(world, i, firm):
    """A new bond starts from memory or reputation; the very first from the trait the customer was born with."""
    c = customer(world, i)
    if c.spells > 0:
        memory = relation(world, i, firm).memory
        c.satisfaction = memory if memory >= 0.0 else offer(world, firm).reputation
    c.attachment = 0.0
    c.sunk = 0.0
    c.flags = 0
    c.contact_at = math.inf


@rule
def _set_first_events(world, i, when, b):
    c = customer(world, i)
    if b.contractual != 0.0:
        c.occasion_at = when + b.first_bill
    elif b.first_purchase != 0.0:
        c.occasion_at = when
    else:
        c.occasion_at = when + first_wait(world, i, when)
    c.vanish_at = math.inf
    rate = trait(Me(world, i, c, b, offer(world, c.firm)), TRAIT.vanish_rate)
    if rate > 0.0:
        c.vanish_at = when + exponential(luck_of(world, i, Draw.LIFETIME, c.spells, 0)[0]) / rate


@step
def first_wait(world, i, when):
    """Wait from joining (or from the start) to the first free purchase."""
    c = customer(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    rate = trait(Me(world, i, c, b, its), TRAIT.purchase_rate)
    rate *= rate_multiple(when - c.joined_at, b)
    if rate <= 0.0:
        return math.inf
    return exponential(luck_of(world, i, Draw.FIRST_WAIT, c.spells, 0)[0]) / rate

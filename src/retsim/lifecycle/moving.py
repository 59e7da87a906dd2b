"""Entering the market, joining a firm, leaving it: status, clocks, stocks and the money that changes hands."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle import needing
from retsim.lifecycle.knowing import acquaint, recall
from retsim.lifecycle.posting import (
    count_satisfaction,
    earn,
    micro,
    note,
    pay_out,
    post,
)
from retsim.lifecycle.preparing import discount_at, luck_of
from retsim.lifecycle.tying import untie
from retsim.rules.bonds import kept
from retsim.rules.forces import contract_fee
from retsim.rules.growth import rate_multiple
from retsim.state import TRAIT, Account, Channel, Count, Flag, Force, Kind, Pool, Status
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
    decision_row,
    more,
    offer,
    pool_row,
    reach,
    relation,
    segment,
    trait,
)  # fmt: skip

_PROSPECTS = 0
_ELSEWHERE = 1
_FROZEN = 2


@rule
def fade(c, b, when):
    """Let attachment and sunk stock fade to now."""
    months = when - c.decayed_at
    c.attachment *= kept(b.attachment_decay, months)
    c.sunk *= kept(b.sunk_depreciation, months)
    c.decayed_at = when


@rule
def _reached(world, standing, s, firm, when):
    if standing == _FROZEN:
        return 0.0
    r = reach(world, standing, s, firm)
    return r.reached + r.rate * (when - r.since)


@step
def _move_clock(world, i, firm, standing, when):
    """Carry what is left of the wait for a firm's next meeting from one standing to another."""
    old, new = standing
    s = customer(world, i).segment
    bond = relation(world, i, firm)
    left = max(bond.meet_at - _reached(world, old, s, firm, when), 0.0)
    bond.meet_at = left + _reached(world, new, s, firm, when)


@step
def enter(world, i, when):
    """A customer comes into the market: as a prospect, or straight into the firm they are bound for."""
    c = customer(world, i)
    tenure = -c.joined_at
    for firm in range(world.n_firms):
        _move_clock(world, i, firm, (_FROZEN, _PROSPECTS), when)
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
    if came_from >= 0:
        _move_clock(world, i, came_from, (_FROZEN, _ELSEWHERE), when)
        _move_clock(world, i, firm, (_ELSEWHERE, _FROZEN), when)
    else:
        for k in range(world.n_firms):
            _move_clock(world, i, k, (_PROSPECTS, _FROZEN if k == firm else _ELSEWHERE), when)
        pool = Pool.PROSPECT if c.status == Status.PROSPECT else Pool.LAPSED
        add(pool_row(world, c), pool, -1)
    c.status = Status.ACTIVE
    c.firm = firm
    c.channel = channel
    c.cohort = 0 if (channel == Channel.INITIAL and when == 0.0) else clock(world).period + 1
    c.joined_at = when
    c.decayed_at = when
    c.price_seen = its.price
    c.contract_end = when + its.contract_term if its.contract_term > 0.0 else math.inf
    _set_first_events(world, i, when, b)
    add(base_row(world, c), 0, 1)
    counters = count_row(world, c)
    add(counters, Count.ACTIVE, 1)
    add(counters, Count.JOINED + channel, 1)
    count_satisfaction(counters, c, b.satisfied_mark, 1)
    if channel != Channel.INITIAL:
        welcome = micro(its.welcome_bonus + (its.poaching_bonus if came_from >= 0 else 0.0))
        back = micro(its.win_back_bonus) if channel == Channel.WIN_BACK else np.int64(0)
        if channel == Channel.PROMOTION:
            welcome += micro(its.promo_bonus)
        fee = micro(its.setup_fee)
        row = book_row(world, c)
        pay_out(row, Account.WELCOME, welcome)
        pay_out(row, Account.WIN_BACK, back)
        post(row, Account.CASH, Account.FEES, fee)
        reward = micro(its.reward) if channel == Channel.REFERRAL else np.int64(0)
        pay_out(row, Account.REFERRAL, reward)
        earn(c, discount_at(clock(world).discount, when), fee - welcome - back - reward)
        c.sunk = b.sunk_setup + its.setup_fee
    if channel == Channel.WORD or channel == Channel.REFERRAL:
        c.attachment = min(b.word_bond * trait(Me(world, i, c, b, its), TRAIT.social_sensitivity), 1.0)
    note(world, i, when, Kind.JOIN, (came_from, channel, 0))
    if world.n_products != 0:
        needing.start(world, i, when)
    c.spells += 1


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


@rule
def stop_contact(c, when, rate):
    """Stop the contact clock and keep what is left of the wait."""
    if rate > 0.0:
        c.contact_left = np.float32((c.contact_at - when) * rate)
    c.contact_at = math.inf
    c.flags &= np.uint8(255 - Flag.CONTACT)


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
            _move_clock(world, i, k, (_FROZEN if k == c.firm else _ELSEWHERE, _PROSPECTS), when)
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

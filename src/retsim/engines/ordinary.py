"""Ordinary occasions of a batch, in columns: nothing fails, nobody vanishes, no programme or further mechanism acts.

The rules are those of `lifecycle.occasion` and `lifecycle.deciding`, in the same order, so the bits are the same; who
is not ordinary is left alone here and lived through one by one.
"""

from __future__ import annotations

import math

import numpy as np

from retsim.engines import room as r
from retsim.engines.room import ask_for_next, cell
from retsim.jit import rule, step
from retsim.lifecycle.posting import earn, fine, micro
from retsim.lifecycle.upcoming import occasion_is_next
from retsim.rules import bonds, experience, growth, sharing
from retsim.rules.choice import p_reconsider, price_rise_noticed
from retsim.state import TRAIT, Account, Count, Trigger
from retsim.world import (
    add,
    book_row_of,
    common_trait,
    customer,
    firm_count_row,
    own_trait,
    spend_scatter,
    trait_column,
)


@rule
def traits_in_columns(world, segment, n, room):
    """Write the traits that ordinary occasions need into their columns."""
    trait_in_column(world, segment, n, (TRAIT.spend, r.SPEND), room)
    trait_in_column(world, segment, n, (TRAIT.social_sensitivity, r.SOCIAL), room)
    trait_in_column(world, segment, n, (TRAIT.attention, r.ATTENTION), room)
    trait_in_column(world, segment, n, (TRAIT.purchase_rate, r.RATE), room)
    trait_in_column(world, segment, n, (TRAIT.stance, r.STANCE), room)
    trait_in_column(world, segment, n, (TRAIT.vanish_probability, r.VANISHES), room)


@rule
def trait_in_column(world, segment, n, what, room):
    """Write one trait of the batch into a column that nothing else writes to; `what` is (trait, column).

    Who belongs to any segment has the trait as her own as soon as it varies in one (`market.setting.nature_of`), so a
    column filled with what is common is never read into later.
    """
    own = trait_column(world, segment, what[0])
    if own < 0:
        x = common_trait(world, segment, what[0])
        if room.constants[what[1]] != x:
            room.constants[what[1]] = x
            _fill(room.numbers, what[1], x)
    else:
        _read(world, n, (own, what[1]), room.numbers, room.words)


@step
def _fill(numbers, column, x):
    for k in range(r.SIZE):
        numbers[cell(column, k)] = x


@step
def _read(world, n, what, numbers, words):
    own, column = what
    for k in range(n):
        numbers[cell(column, k)] = own_trait(world, words[cell(r.WHO, k)], own)


@step
def feel(n, quality, b, stance, numbers):
    """Experience, satisfaction, expectation, attachment and sunk stock (R2-R5)."""
    for k in range(n):
        x = experience.perceived(quality, b.experience_noise * numbers[cell(r.SCATTER, k)], 0.0)
        s, e = numbers[cell(r.SATISFACTION, k)], numbers[cell(r.EXPECTATION, k)]
        a = numbers[cell(r.ATTACHMENT, k)] * numbers[cell(r.ATTACHMENT_KEPT, k)]
        gain = b.attachment_gain
        if b.identification != 0.0:
            gain = sharing.identified(gain, sharing.fit(numbers[cell(r.STANCE, k)], stance), b.identification)
        gain = gain if x >= e else 0.0
        numbers[cell(r.SATISFACTION, k)] = experience.satisfaction_after(s, e, x, b.learning_rate, b.loss_aversion)
        numbers[cell(r.EXPECTATION, k)] = experience.expectation_after(e, x, b.expectation_learning)
        numbers[cell(r.ATTACHMENT, k)] = bonds.closer(a, gain, numbers[cell(r.SOCIAL, k)])
        numbers[cell(r.SUNK, k)] = numbers[cell(r.SUNK, k)] * numbers[cell(r.SUNK_KEPT, k)] + b.sunk_per_occasion


@step
def spend(world, segment, n, b, numbers):
    """Size of the basket and cost of serving it, before prices (R12)."""
    for k in range(n):
        size = numbers[cell(r.SPEND, k)]
        size *= growth.spend_multiple(numbers[cell(r.TENURE, k)], numbers[cell(r.SATISFACTION, k)], b)
        numbers[cell(r.MONEY_SIZE, k)] = size
    if world.spend_width != 0:
        for k in range(n):
            numbers[cell(r.MONEY_SIZE, k)] *= spend_scatter(world, segment, numbers[cell(r.U_SPEND, k)])
    for k in range(n):
        numbers[cell(r.SERVING, k)] = growth.serving_multiple(numbers[cell(r.TENURE, k)], b)


@step
def set_next(n, b, numbers):
    """When the next occasion comes (R1)."""
    for k in range(n):
        rate = numbers[cell(r.RATE, k)] * growth.rate_multiple(numbers[cell(r.TENURE, k)], b)
        wait = numbers[cell(r.WAIT, k)] / rate if rate > 0.0 else math.inf
        numbers[cell(r.NEXT, k)] = numbers[cell(r.WHEN, k)] + (b.billing_period if b.contractual != 0.0 else wait)


@rule
def is_ordinary(world, k, failure_rate, attrition_from, room):
    """Whether the occasion of the k-th of the batch is an ordinary one."""
    numbers, words = room.numbers, room.words
    calm = numbers[cell(r.U_FAILURE, k)] >= failure_rate and customer(world, words[cell(r.WHO, k)]).flags == 0
    vanishes = numbers[cell(r.VANISHES, k)]
    if vanishes != 0.0:
        calm = calm and (numbers[cell(r.U_VANISH, k)] >= vanishes or words[cell(r.NTH, k)] < attrition_from)
    return calm


@step
def write_down(world, n, where, common, room):
    """Store what became of those whose occasion is ordinary, and post their bills (R6-R12).

    `where` is (firm, segment), `common` (habits, terms, whether no other firm reaches them). Lists in `THINKER` who thinks
    it over, with `TRIGGER`, and in `SPECIAL` the others; says in `QUIET` for whom the next occasion is what happens next.
    Returns how many think and how many are special.
    """
    b, its, unreached = common
    numbers, words = room.numbers, room.words
    thinkers = specials = 0
    moved = crossed = ordinary = np.int64(0)
    for k in range(n):
        ask_for_next(world, k, room)
        if not is_ordinary(world, k, its.failure_rate, b.attrition_from, room):
            words[cell(r.SPECIAL, specials)], words[cell(r.QUIET, k)] = k, 0
            specials += 1
            continue
        c = customer(world, words[cell(r.WHO, k)])
        before, after = c.satisfaction, numbers[cell(r.SATISFACTION, k)]
        moved += fine(after) - fine(before)
        crossed += np.int64(after >= b.satisfied_mark) - np.int64(before >= b.satisfied_mark)
        ordinary += 1
        c.satisfaction, c.expectation = after, numbers[cell(r.EXPECTATION, k)]
        c.attachment, c.sunk = numbers[cell(r.ATTACHMENT, k)], numbers[cell(r.SUNK, k)]
        c.decayed_at = numbers[cell(r.WHEN, k)]
        c.occasion_at = numbers[cell(r.NEXT, k)]
        words[cell(r.QUIET, k)] = unreached & occasion_is_next(c, numbers[cell(r.NEXT, k)])
        c.occasions += 1
        _bill(world, c, where, its, (k, numbers))
        trigger = _trigger(b, its.price, k, numbers)
        c.price_seen = its.price
        words[cell(r.THINKER, thinkers)] = k
        words[cell(r.TRIGGER, thinkers)] = trigger
        thinkers += trigger >= 0
    if ordinary > 0:
        row = firm_count_row(world, where[0], where[1])
        add(row, Count.SATISFACTION, moved)
        add(row, Count.SATISFIED, crossed)
        add(row, Count.OCCASIONS, ordinary)
    return thinkers, specials


@rule
def _bill(world, c, where, its, place):
    """Post the bill of an ordinary occasion: `occasion.bill` without coupon, ties and losses; `place` is (k, columns)."""
    k, numbers = place
    size = numbers[cell(r.MONEY_SIZE, k)]
    amount, goods = micro(its.price * size), micro(its.unit_cost * size)
    serving = micro(its.cost_to_serve * numbers[cell(r.SERVING, k)])
    row = book_row_of(world, c, where)
    add(row, Account.CASH, amount - goods - serving)
    add(row, Account.REVENUE, -amount)
    add(row, Account.GOODS, goods)
    if its.cost_to_serve != 0.0:
        add(row, Account.SERVING, serving)
    earn(c, numbers[cell(r.DISCOUNT, k)], amount - goods - serving)
    c.revenue += amount


@rule
def _trigger(b, price, k, numbers):
    """What makes a calm customer reconsider, or -1 (R7)."""
    if price_rise_noticed(price, numbers[cell(r.PRICE_SEEN, k)], b.price_tolerance):
        return np.int64(Trigger.PRICE)
    thinks = numbers[cell(r.U_ATTENTION, k)] < p_reconsider(numbers[cell(r.ATTENTION, k)], b.alert_attention, False)
    return np.int64(Trigger.ATTENTION) if thinks else np.int64(-1)

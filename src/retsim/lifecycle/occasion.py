"""An occasion from experience to bill (R1-R6, R12)."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.answering import queue_up, register
from retsim.lifecycle.knowing import gain_of, learn
from retsim.lifecycle.posting import earn, fine, micro, note, pay_out, post
from retsim.lifecycle.preparing import luck_of
from retsim.lifecycle.risking import lost_of
from retsim.lifecycle.tying import give_back, status_service
from retsim.rules import bonds, experience, growth, serving, voice
from retsim.state import TRAIT, Account, Count, Flag, Kind
from retsim.streams import Draw
from retsim.world import (
    add,
    book_row,
    clock,
    count_row,
    more,
    spend_scatter,
    trait,
)

_BETTER_SERVED = Flag.STATUS | Flag.CORE


@rule
def undergo(me, when, scatter, failed):
    """Experience, satisfaction, attachment, voice and recovery; returns the money spent on a complaint (micro)."""
    world, _, c, b, its = me
    loss = its.severity if failed else 0.0
    quality = experience.weighted(its, b)
    if c.flags & _BETTER_SERVED:
        better = serving.advantage(c.flags, status_service(me), its.core_service)
        quality += b.service_weight * experience.better_by(its.service_quality, better)
    if c.flags & Flag.CONTACT:
        quality += its.cared_experience
    x = experience.perceived(quality, b.experience_noise * scatter, loss)
    before, expected = c.satisfaction, c.expectation
    after = experience.satisfaction_after(before, expected, x, b.learning_rate, b.loss_aversion)
    c.satisfaction = after
    c.expectation = experience.expectation_after(expected, x, b.expectation_learning)
    spent = np.int64(0)
    if failed:
        spent = _after_failure(me, when, before)
        after = c.satisfaction
    else:
        gain = gain_of(me, b.attachment_gain)
        c.attachment = bonds.closer(c.attachment, gain if x >= expected else 0.0, trait(me, TRAIT.social_sensitivity))
    row = count_row(world, c)
    mark = b.satisfied_mark
    add(row, Count.SATISFACTION, fine(after) - fine(before))
    add(row, Count.SATISFIED, np.int64(after >= mark) - np.int64(before >= mark))
    add(row, Count.OCCASIONS, 1)
    return spent


@step
def _after_failure(me, when, before):
    """Voice or silence; a good answer restores, anything else leaves the customer alert and less attached. R6."""
    world, i, c, b, its = me
    add(count_row(world, c), Count.FAILURES, 1)
    speaks, answered, _, _ = luck_of(world, i, Draw.VOICE, c.occasions, 0)
    inclination = trait(me, TRAIT.voice)
    spent = np.int64(0)
    good = False
    if speaks < voice.p_voice(inclination, its.accessibility, b.voice_attachment, c.attachment):
        if its.desk_staff > 0.0 and world.has_more != 0:
            return queue_up(me, when, before - c.satisfaction)
        if world.has_more != 0:
            known = more(world, i)
            known.complaints += 1
        good = answered < its.recovery_quality
        learn(world, i, its)
        spent = _answer(world, c, its, good)
        note(world, i, when, Kind.COMPLAINT, (np.int64(good), -1, spent))
    if good:
        c.satisfaction = voice.recovered(before, c.satisfaction, b.recovery_strength, b.recovery_paradox)
    else:
        c.flags |= Flag.ALERT
        c.attachment = bonds.cut(c.attachment, b.attachment_cut)
    return spent


@rule
def _answer(world, c, its, good):
    """Book a complaint that is answered at once; returns its cost."""
    counters, row = count_row(world, c), book_row(world, c)
    handling = register(counters, row, its)
    if not good:
        return handling
    add(counters, Count.RECOVERED, 1)
    compensation = micro(its.compensation)
    pay_out(row, Account.COMPENSATION, compensation)
    return handling + compensation


@rule
def size_of(me, when, u_spend):
    """Ordinary occasions that this one is worth: usual basket x growth x scatter (R12)."""
    world, _, c, b, _ = me
    size = trait(me, TRAIT.spend)
    size *= growth.spend_multiple(when - c.joined_at, c.satisfaction, b)
    return size * spend_scatter(world, c.segment, u_spend)


@rule
def bill(me, when, size, owed):
    """Post one bill: revenue, coupon, cost of goods and of serving; returns its amount (micro).

    `owed` is (discount factor to time 0, micro-units already spent at this occasion).
    """
    world, _, c, b, its = me
    amount = micro(its.price * size)
    goods = micro(its.unit_cost * size)
    serving = micro(its.cost_to_serve * growth.serving_multiple(when - c.joined_at, b))
    row = book_row(world, c)
    add(row, Account.CASH, amount - goods - serving)
    add(row, Account.REVENUE, -amount)
    add(row, Account.GOODS, goods)
    add(row, Account.SERVING, serving)
    coupon = np.int64(0)
    if c.flags & Flag.DISCOUNT and c.coupon_tick != clock(world).tick:
        coupon = min(micro(its.coupon), amount)
        c.coupon_tick = clock(world).tick
        post(row, Account.DISCOUNT, Account.CASH, coupon)
        add(count_row(world, c), Count.COUPONS, 1)
    back = np.int64(0)
    if world.has_more != 0:
        back = give_back(me, when, amount, amount - coupon)
    lost = np.int64(0)
    if its.bad_debt != 0.0 or its.return_rate != 0.0:
        # Points and advantages were never paid in money: nothing of them can be owed or given back.
        lost = lost_of(me, max(amount - coupon - back, 0), goods)
    earn(c, owed[0], amount - goods - serving - coupon - back - lost - owed[1])
    c.revenue += amount
    return amount


@rule
def next_occasion(me, when, wait):
    """When the next occasion comes: a billing period later, or after an exponential wait at today's rate. R1."""
    _, _, c, b, _ = me
    if b.contractual != 0.0:
        return when + b.billing_period
    rate = trait(me, TRAIT.purchase_rate) * growth.rate_multiple(when - c.joined_at, b)
    return when + wait / rate if rate > 0.0 else math.inf

"""An occasion from experience to bill (R1-R6, R12)."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.moving import luck_of
from retsim.lifecycle.posting import count, earn, fine, micro, note, pay_out, post
from retsim.rules import bonds, experience, growth, voice
from retsim.state import TRAIT, Account, Count, Flag, Kind
from retsim.streams import Draw
from retsim.variates import exponential, normal
from retsim.world import clock, customer, offer, segment, spend_scatter, trait


@rule
def undergo(world, i, when, luck):
    """Experience, satisfaction, attachment, voice and recovery; returns the money spent on a complaint (micro)."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    scatter = b.experience_noise * normal(luck[1]) if b.experience_noise != 0.0 else 0.0
    failed = luck[3] < its.failure_rate
    x = experience.perceived(experience.weighted(its, b), scatter, its.severity if failed else 0.0)
    before = c.satisfaction
    good = x >= c.expectation and not failed
    c.satisfaction = experience.satisfaction_after(before, c.expectation, x, b.learning_rate, b.loss_aversion)
    c.expectation = experience.expectation_after(c.expectation, x, b.expectation_learning)
    spent = np.int64(0)
    if failed:
        spent = _after_failure(world, i, when, before)
    elif good and b.attachment_gain != 0.0:
        social = trait(world, i, c.segment, TRAIT.social_sensitivity)
        c.attachment = bonds.closer(c.attachment, b.attachment_gain, social)
    _count_change(world, i, before)
    return spent


@rule
def _count_change(world, i, before):
    c = customer(world, i)
    mark = segment(world, c.segment).satisfied_mark
    count(world, c, Count.SATISFACTION, fine(c.satisfaction) - fine(before))
    count(world, c, Count.SATISFIED, np.int64(c.satisfaction >= mark) - np.int64(before >= mark))


@step
def _after_failure(world, i, when, before):
    """Voice or silence; a good answer restores, anything else leaves the customer alert and less attached. R6."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    count(world, c, Count.FAILURES, 1)
    speaks, answered, _, _ = luck_of(world, i, Draw.VOICE, c.occasions, 0)
    inclination = trait(world, i, c.segment, TRAIT.voice)
    spent = np.int64(0)
    good = False
    if speaks < voice.p_voice(inclination, its.accessibility, b.voice_attachment, c.attachment):
        good = answered < its.recovery_quality
        spent = _answer(world, i, good)
        note(world, i, when, Kind.COMPLAINT, (np.int64(good), -1, spent))
    if good:
        c.satisfaction = voice.recovered(before, c.satisfaction, b.recovery_strength, b.recovery_paradox)
    else:
        c.flags |= Flag.ALERT
        c.attachment = bonds.cut(c.attachment, b.attachment_cut)
    return spent


@rule
def _answer(world, i, good):
    """Book a complaint that is answered at once; returns its cost."""
    c = customer(world, i)
    its = offer(world, c.firm)
    count(world, c, Count.COMPLAINTS, 1)
    handling = micro(its.complaint_cost)
    pay_out(world, c, Account.COMPLAINTS, handling)
    if not good:
        return handling
    count(world, c, Count.RECOVERED, 1)
    compensation = micro(its.compensation)
    pay_out(world, c, Account.COMPENSATION, compensation)
    return handling + compensation


@rule
def size_of(world, i, when, u_spend):
    """Ordinary occasions that this one is worth: usual basket x growth x scatter (R12)."""
    c = customer(world, i)
    size = trait(world, i, c.segment, TRAIT.spend)
    size *= growth.spend_multiple(when - c.joined_at, c.satisfaction, segment(world, c.segment))
    return size * spend_scatter(world, c.segment, u_spend)


@rule
def bill(world, i, when, size, spent):
    """Post one bill: revenue, coupon, cost of goods and of serving; returns its amount (micro)."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    amount = micro(its.price * size)
    goods = micro(its.unit_cost * size)
    serving = micro(its.cost_to_serve * growth.serving_multiple(when - c.joined_at, b))
    post(world, c, Account.CASH, Account.REVENUE, amount)
    pay_out(world, c, Account.GOODS, goods)
    pay_out(world, c, Account.SERVING, serving)
    coupon = np.int64(0)
    if c.flags & Flag.DISCOUNT and c.coupon_tick != clock(world).tick:
        coupon = min(micro(its.coupon), amount)
        c.coupon_tick = clock(world).tick
        pay_out(world, c, Account.DISCOUNT, coupon)
        count(world, c, Count.COUPONS, 1)
    earn(world, c, when, amount - goods - serving - coupon - spent)
    c.revenue += amount
    count(world, c, Count.OCCASIONS, 1)
    return amount


@rule
def next_occasion(world, i, when, u_wait):
    """When the next occasion comes: a billing period later, or after an exponential wait at today's rate. R1."""
    c = customer(world, i)
    b = segment(world, c.segment)
    if b.contractual != 0.0:
        return when + b.billing_period
    rate = trait(world, i, c.segment, TRAIT.purchase_rate) * growth.rate_multiple(when - c.joined_at, b)
    return when + exponential(u_wait) / rate if rate > 0.0 else math.inf

"""R8 and R9 put together: weigh the forces, choose, and write down what weighed how much."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.moving import luck_of
from retsim.lifecycle.posting import micro, note
from retsim.rules import forces
from retsim.rules.choice import beats
from retsim.state import TRAIT, Flag, Force
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import add_decision, customer, event, offer, relation, segment, trait

_OUTSIDE = -1


@rule
def usage_of(world, i):
    """Ordinary occasions a month that the customer plans with, and occasions of any size."""
    c = customer(world, i)
    b = segment(world, c.segment)
    if b.contractual != 0.0:
        occasions = 1.0 / b.billing_period
    else:
        occasions = trait(world, i, c.segment, TRAIT.purchase_rate)
    return occasions * trait(world, i, c.segment, TRAIT.spend), occasions


@rule
def hold(world, i, when):
    """Everything that speaks for the present firm, and the months over which flows count."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, c.firm)
    left = c.contract_end - when if c.contract_end < math.inf else 0.0
    months = forces.months_that_count(b.planning_horizon, left) if left > 0.0 else b.planning_horizon
    usage, occasions = usage_of(world, i)
    worth = trait(world, i, c.segment, TRAIT.willingness_to_pay)
    flow = forces.surplus(usage, worth, c.satisfaction, its.price)
    if c.flags & Flag.DISCOUNT:
        flow += its.coupon * min(occasions, 1.0)
    bond = 0.0
    if c.attachment != 0.0:
        social = trait(world, i, c.segment, TRAIT.social_sensitivity)
        bond = forces.attachment_worth(b.attachment_value, c.attachment, social)
    fee = forces.contract_fee(left, its.fee_fixed, its.fee_per_month)
    holding = forces.Holding(
        months * flow,
        months * bond,
        trait(world, i, c.segment, TRAIT.sunk_sensitivity) * c.sunk,
        forces.switching_cost(when - c.joined_at, b),
        forces.termination_barrier(fee, c.attachment, b),
    )
    return holding, months


@rule
def pull(world, i, k, months):
    """What firm k offers a customer who is not its own: (surplus with the welcome, transaction cost)."""
    c = customer(world, i)
    b = segment(world, c.segment)
    its = offer(world, k)
    bond = relation(world, i, k)
    believed = bond.memory if bond.memory >= 0.0 else its.reputation
    usage, _ = usage_of(world, i)
    worth = trait(world, i, c.segment, TRAIT.willingness_to_pay)
    gain = months * forces.surplus(usage, worth, believed, its.price)
    gain += its.welcome_bonus - its.setup_fee
    known = forces.exposure(bond.meetings, bond.memory >= 0.0, b.exposure_gain)
    effort = forces.transaction_cost(known, trait(world, i, c.segment, TRAIT.price_of_time), b)
    return gain, effort


@rule
def knows(world, i, k):
    """Whether customer i has heard of firm k."""
    return relation(world, i, k).meetings > 0


@rule
def luck_at(draw, index, sub):
    """Place of a choice in the streams: (draw, index, sub)."""
    return np.int64(draw), np.int64(index), np.int64(sub)


@step
def taste(world, i, place, alternative):
    """Exp(1) patience with an alternative (0: outside, k + 1: firm k); `place` is (draw, index, sub)."""
    lanes = luck_of(world, i, place[0], place[1], place[2] * 1024 + alternative // 4)
    return exponential(lanes[alternative % 4])


@step
def reconsider(world, i, when, trigger, place, extra):
    """Weigh staying against every known firm and against leaving the category; returns the outcome.

    The outcome is the present firm (stay), another firm, or n_firms (outside). `place` says which luck is used; `extra`
    is an additional pull of the outside, in money (natural attrition that is a choice).
    """
    c = customer(world, i)
    b = segment(world, c.segment)
    n_firms = world.n_firms
    holding, months = hold(world, i, when)
    given_up = holding.sunk + holding.switching + holding.termination
    best = holding.surplus + holding.attachment
    noise = b.choice_noise
    group = (c.firm + 1) // 4
    lanes = luck_of(world, i, place[0], place[1], place[2] * 1024 + group)
    best_patience = exponential(lanes[(c.firm + 1) % 4]) if noise != 0.0 else 0.0
    outcome = np.int64(c.firm)
    against, opportunity, transaction = -math.inf, 0.0, 0.0
    for alternative in range(n_firms + 1):
        k = alternative - 1
        if k == c.firm or (k >= 0 and not knows(world, i, k)):
            continue
        if alternative // 4 != group:
            group = alternative // 4
            lanes = luck_of(world, i, place[0], place[1], place[2] * 1024 + group)
        if k == _OUTSIDE:
            gain = months * b.outside_value + extra
            effort = trait(world, i, c.segment, TRAIT.price_of_time) * b.decision_cost
        else:
            gain, effort = pull(world, i, k, months)
        value = gain - effort - given_up
        if value > against:
            against, opportunity, transaction = value, gain, effort
        patience = exponential(lanes[alternative % 4]) if noise != 0.0 else 0.0
        if beats(value, patience, best, best_patience, noise):
            best, best_patience = value, patience
            outcome = np.int64(k) if k >= 0 else np.int64(n_firms)
    _record(world, i, (trigger, outcome), holding, (transaction, opportunity))
    return outcome, holding, transaction, opportunity


@rule
def _record(world, i, decision, holding, other):
    c = customer(world, i)
    outcome = decision[1]
    transaction, opportunity = other
    add_decision(world, c, decision, Force.COUNT, 1)
    if c.satisfaction >= segment(world, c.segment).satisfied_mark:
        add_decision(world, c, decision, Force.SATISFIED, 1)
    add_decision(world, c, decision, Force.SURPLUS, micro(holding.surplus))
    add_decision(world, c, decision, Force.ATTACHMENT, micro(holding.attachment))
    add_decision(world, c, decision, Force.SUNK, micro(holding.sunk))
    add_decision(world, c, decision, Force.TRANSACTION, micro(transaction))
    add_decision(world, c, decision, Force.SWITCHING, micro(holding.switching))
    add_decision(world, c, decision, Force.TERMINATION, micro(holding.termination))
    add_decision(world, c, decision, Force.OPPORTUNITY, micro(opportunity))
    if outcome == c.firm and opportunity > holding.surplus:
        add_decision(world, c, decision, Force.AGAINST_SURPLUS, 1)


@rule
def note_decision(world, i, when, kind, decision, weighed):
    """Log a decision with all its forces."""
    outcome, trigger = decision
    holding, transaction, opportunity = weighed
    note_forces(world, note(world, i, when, kind, (outcome, trigger, 0)), holding, transaction, opportunity)


@step
def note_forces(world, row, holding, transaction, opportunity):
    """Fill in the forces of a logged decision."""
    if row < 0:
        return
    e = event(world, row)
    e.surplus = holding.surplus
    e.force_attachment = holding.attachment
    e.force_sunk = holding.sunk
    e.transaction = transaction
    e.switching = holding.switching
    e.termination = holding.termination
    e.opportunity = opportunity


@step
def choose_firm(world, i, met, index):
    """A customer of nobody who meets firm `met`: the firm joined, or -1 for "not now". R15."""
    b = segment(world, customer(world, i).segment)
    noise = b.choice_noise
    place = luck_at(Draw.CHOICE_MET, index, met)
    best = b.planning_horizon * b.outside_value
    patience = taste(world, i, place, 0) if noise != 0.0 else 0.0
    outcome = -1
    for k in range(world.n_firms):
        if not knows(world, i, k):
            continue
        gain, effort = pull(world, i, k, b.planning_horizon)
        own = taste(world, i, place, k + 1) if noise != 0.0 else 0.0
        if beats(gain - effort, own, best, patience, noise):
            best, patience, outcome = gain - effort, own, k
    return outcome

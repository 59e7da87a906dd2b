"""R8 and R9 put together: weigh the forces, choose, and write down what weighed how much."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of
from retsim.lifecycle.tying import ties
from retsim.rules import forces
from retsim.rules.choice import appeal
from retsim.rules.growth import risen
from retsim.rules.needs import number_of, products_cost
from retsim.state import MICRO, TRAIT, Flag, Force, Trigger
from retsim.variates import gumbel
from retsim.world import (
    add,
    clock,
    decision_row,
    event,
    more,
    offer,
    relation,
    trait,
)


class Mood(NamedTuple):
    """What a customer brings to a decision: where its luck stands in the streams, and what is known of it already."""

    draw: int
    nth: int
    sub: int
    tastes: tuple[float, float, float, float]  # Gumbel of the four alternatives around the present firm
    grown: float  # share of the procedural switching cost


class Weighed(NamedTuple):
    """The forces of one decision; opportunity and transaction are those of the best alternative."""

    holding: forces.Holding
    transaction: float
    opportunity: float


@rule
def one_of(four, n):
    """The n-th of four numbers, without a branch."""
    low = four[0] if n == 0 else four[1]
    high = four[2] if n == 2 else four[3]
    return low if n < 2 else high


@rule
def _tastes(world, i, place, group):
    u = luck_of(world, i, place[0], place[1], place[2] * 1024 + group)
    return gumbel(u[0]), gumbel(u[1]), gumbel(u[2]), gumbel(u[3])


@step
def mood_of(me, when, place):
    """The mood of a decision outside an occasion; `place` is (draw, index, sub)."""
    world, i, c, b, _ = me
    tastes = _tastes(world, i, place, (np.int64(c.firm) + 1) // 4)
    grown = risen(when - c.joined_at, b.procedural_scale)
    return Mood(place[0], place[1], place[2], tastes, grown)


@rule
def usage_of(me):
    """Ordinary occasions a month that the customer plans with, and occasions of any size."""
    b = me.b
    occasions = 1.0 / b.billing_period
    if b.contractual == 0.0:
        occasions = trait(me, TRAIT.purchase_rate)
    return occasions * trait(me, TRAIT.spend), occasions


class Felt(NamedTuple):
    """Bonds of a customer and how much they mean to them."""

    attachment: float
    sunk: float
    social_sensitivity: float
    sunk_sensitivity: float


@rule
def months_left(contract_end, when):
    """Months that the contract still has; 0 where there is none."""
    return contract_end - when if contract_end < math.inf else 0.0


@rule
def months_of(left, b):
    """Months over which flows count in a decision."""
    return forces.months_that_count(b.planning_horizon, left) if left > 0.0 else b.planning_horizon


@rule
def holding_of(felt, flow, span, switching, terms):
    """The five forces that hold: `flow` a month, `span` (months that count, months left), `terms` (segment, offer)."""
    b, its = terms
    months, left = span
    fee = forces.contract_fee(left, its.fee_fixed, its.fee_per_month)
    return forces.Holding(
        months * flow,
        months * forces.attachment_worth(b.attachment_value, felt.attachment, felt.social_sensitivity),
        felt.sunk_sensitivity * felt.sunk,
        switching,
        forces.termination_barrier(fee, felt.attachment, b),
    )


@rule
def hold(me, when, grown):
    """Everything that speaks for the present firm, the months over which flows count, and usage and worth."""
    _, _, c, b, its = me
    left = months_left(c.contract_end, when)
    months = months_of(left, b)
    usage, occasions = usage_of(me)
    worth = trait(me, TRAIT.willingness_to_pay) * b.worth
    flow = forces.surplus(usage, worth, c.satisfaction, its.net_price)
    if c.flags & Flag.DISCOUNT:
        flow += its.coupon * min(occasions, 1.0 / clock(me.world).months)
    tied = 0.0
    if me.world.has_more != 0 or (c.flags & Flag.CLUB) != 0:
        further, tied = ties(me, when, usage)
        flow += further
    flow += its.added_value
    if c.flags & Flag.CONTACT:
        flow += its.cared_worth
    switching = forces.switching_cost(grown, b)
    if me.world.n_products != 0:
        held = number_of(np.int64(more(me.world, me.i).products))
        switching += products_cost(held, b.product_switching_cost)
    felt = Felt(c.attachment, c.sunk, trait(me, TRAIT.social_sensitivity), trait(me, TRAIT.sunk_sensitivity))
    return holding_of(felt, flow, (months, left), switching + tied, (b, its)), months, usage, worth


@rule
def pull(me, k, months, plan):
    """What firm k offers a customer who is not its own: (surplus with the welcome, transaction cost).

    `plan` is (usage, willingness to pay).
    """
    world, i, _, b, _ = me
    its = offer(world, k)
    bond = relation(world, i, k)
    believed = bond.memory if bond.memory >= 0.0 else its.reputation
    gain = months * (forces.surplus(plan[0], plan[1], believed, its.net_price) + its.added_value + its.structural_draw)
    gain += its.welcome_bonus - its.setup_fee
    known = forces.exposure(times_met(bond) + times_heard(bond), bond.memory >= 0.0, b.exposure_gain)
    effort = forces.transaction_cost(known, trait(me, TRAIT.price_of_time), b)
    return gain, effort


@rule
def times_met(bond):
    """How often the customer has met the firm: the low 24 bits of `meetings`, which number the luck of meetings."""
    return np.int64(bond.meetings) & 0xFFFFFF


@rule
def times_heard(bond):
    """How often others have recommended the firm to the customer, at most 255: the high 8 bits of `meetings`."""
    return np.int64(bond.meetings) >> 24


@rule
def knows(world, i, k):
    """Whether customer i has heard of firm k."""
    return relation(world, i, k).meetings > 0


@rule
def place_of(draw, index, sub):
    """Place of a choice in the streams."""
    return np.int64(draw), np.int64(index), np.int64(sub)


class Best(NamedTuple):
    """The best way on so far: what it is and its appeal; and the best way of leaving with what speaks for it."""

    outcome: int
    appeal: float
    against: float
    opportunity: float
    transaction: float


@rule
def given_up_with(holding):
    """What every way of leaving gives up once."""
    return holding.sunk + holding.switching + holding.termination


@rule
def stay_or_quit(holding, months, extra, effort, tastes, b):
    """Weigh staying against leaving the category.

    `extra` is an additional pull of the outside, `effort` what making up one's mind costs, `tastes` those for the
    present firm and for the outside. Returns appeal of staying, appeal of quitting, value of quitting, its opportunity.
    """
    staying = appeal(holding.surplus + holding.attachment, b.choice_noise, tastes[0])
    opportunity = months * b.outside_value + extra
    against = opportunity - effort - given_up_with(holding)
    return staying, appeal(against, b.choice_noise, tastes[1]), against, opportunity


@rule
def reconsider(me, when, trigger, mood, extra):
    """Weigh staying against leaving the category and against every known firm.

    Returns the outcome - the present firm (stay), another firm, or n_firms (outside) - and what was weighed. `extra` is
    an additional pull of the outside, in money (natural attrition that is a choice).
    """
    world, i, c, b, _ = me
    holding, months, usage, worth = hold(me, when, mood.grown)
    own = np.int64(c.firm) + 1
    first = mood.tastes if own // 4 == 0 else _tastes(world, i, (mood.draw, mood.nth, mood.sub), 0)
    effort = trait(me, TRAIT.price_of_time) * b.decision_cost
    staying, quitting, against, opportunity = stay_or_quit(
        holding, months, extra, effort, (one_of(mood.tastes, own % 4), first[0]), b
    )
    outcome = np.int64(world.n_firms) if quitting > staying else np.int64(c.firm)
    best = Best(outcome, max(staying, quitting), against, opportunity, effort)
    best = among_rivals(me, trigger, (mood, first), best, (months, usage, worth, given_up_with(holding)))
    weighed = Weighed(holding, best.transaction, best.opportunity)
    satisfied = c.satisfaction >= b.satisfied_mark
    record(world, (np.int64(c.firm), np.int64(c.segment)), satisfied, (trigger, best.outcome), weighed)
    return best.outcome, weighed


@rule
def among_rivals(me, trigger, moods, best, plan):
    """Weigh every other known firm, too.

    `moods` is (mood, tastes for the outside and the first three firms); `plan` is (months that count, usage, worth, what
    leaving gives up).
    """
    mood, tastes = moods
    world, i, c, b, _ = me
    months, usage, worth, given_up = plan
    outcome, highest, against, opportunity, transaction = best
    own = np.int64(c.firm) + 1
    group = np.int64(0)
    for k in range(world.n_firms):
        if k + 1 == own or not knows(world, i, k):
            continue
        gain, effort = pull(me, k, months, (usage, worth))
        if trigger == Trigger.NEED:
            gain += b.need_pull
        gain += offer(world, k).poaching_bonus
        value = gain - effort - given_up
        if value > against:
            against, opportunity, transaction = value, gain, effort
        if (k + 1) // 4 != group:
            group = (k + 1) // 4
            tastes = mood.tastes if group == own // 4 else _tastes(world, i, (mood.draw, mood.nth, mood.sub), group)
        now = appeal(value, b.choice_noise, one_of(tastes, (k + 1) % 4))
        if now > highest:
            highest, outcome = now, np.int64(k)
    return Best(outcome, highest, against, opportunity, transaction)


@rule
def record(world, where, satisfied, decision, weighed):
    """Add a decision to the sums; forces are cut to whole micro-units.

    `where` is (firm, segment), `decision` is (trigger, outcome).
    """
    holding = weighed.holding
    row = decision_row(world, where, decision[0], decision[1])
    against_surplus = decision[1] == where[0] and weighed.opportunity > holding.surplus
    add(row, Force.COUNT, 1)
    add(row, Force.SATISFIED, satisfied)
    add(row, Force.SURPLUS, holding.surplus * MICRO)
    add(row, Force.ATTACHMENT, holding.attachment * MICRO)
    add(row, Force.SUNK, holding.sunk * MICRO)
    add(row, Force.TRANSACTION, weighed.transaction * MICRO)
    add(row, Force.SWITCHING, holding.switching * MICRO)
    add(row, Force.TERMINATION, holding.termination * MICRO)
    add(row, Force.OPPORTUNITY, weighed.opportunity * MICRO)
    add(row, Force.AGAINST_SURPLUS, against_surplus)


@rule
def note_decision(world, i, when, kind, decision, weighed):
    """Log a decision with all its forces."""
    if world.log_room >= 0:
        outcome, trigger = decision
        note_forces(world, note(world, i, when, kind, (outcome, trigger, 0)), weighed)


@step
def note_forces(world, row, weighed):
    """Fill in the forces of a logged decision."""
    if row < 0:
        return
    e = event(world, row)
    e.surplus = weighed.holding.surplus
    e.force_attachment = weighed.holding.attachment
    e.force_sunk = weighed.holding.sunk
    e.transaction = weighed.transaction
    e.switching = weighed.holding.switching
    e.termination = weighed.holding.termination
    e.opportunity = weighed.opportunity


@step
def choose_firm(me, place, bonus):
    """A customer of nobody weighs every known firm against "not now": the firm joined, or -1. R15.

    `place` is (draw, index, firm met); `bonus` is what this firm gives for joining beside its welcome.
    """
    world, i, _, b, _ = me
    usage, _ = usage_of(me)
    worth = trait(me, TRAIT.willingness_to_pay) * b.worth
    tastes = _tastes(world, i, place, 0)
    best = appeal(b.planning_horizon * b.outside_value, b.choice_noise, tastes[0])
    outcome, group = np.int64(-1), np.int64(0)
    for k in range(world.n_firms):
        if not knows(world, i, k):
            continue
        if (k + 1) // 4 != group:
            group = (k + 1) // 4
            tastes = _tastes(world, i, place, group)
        gain, effort = pull(me, k, b.planning_horizon, (usage, worth))
        if k == place[2]:
            gain += bonus
        now = appeal(gain - effort, b.choice_noise, one_of(tastes, (k + 1) % 4))
        if now > best:
            best, outcome = now, np.int64(k)
    return outcome

"""R8, what holds a customer: everything that speaks for the present firm."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from retsim.jit import rule
from retsim.lifecycle.tying import ties
from retsim.rules import forces
from retsim.rules.needs import number_of, products_cost
from retsim.state import TRAIT, Flag
from retsim.world import clock, more, trait


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

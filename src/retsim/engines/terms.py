"""What a batch has in common, as plain numbers: loops over columns keep them in registers.

A record is read through its address, and what a loop writes might lie there; numbers cannot be written to.
"""

from __future__ import annotations

from typing import NamedTuple

from retsim.jit import rule


class Habits(NamedTuple):
    """What an ordinary occasion and decision need of a segment; the names are those of `parameters.Behaviour`."""

    contractual: float
    billing_period: float
    learning_rate: float
    loss_aversion: float
    expectation_learning: float
    experience_noise: float
    attachment_gain: float
    identification: float
    sunk_per_occasion: float
    satisfaction_growth: float
    spend_growth: float
    rate_growth: float
    growth_scale: float
    growth_ceiling: float
    service_saving: float
    saving_scale: float
    planning_horizon: float
    worth: float
    attachment_value: float
    procedural_cost: float
    relational_barrier: float
    power_imbalance: float
    outside_value: float
    decision_cost: float
    choice_noise: float
    price_tolerance: float
    alert_attention: float
    satisfied_mark: float
    attrition_from: float


class Terms(NamedTuple):
    """What they need of a firm."""

    price: float
    net_price: float
    cost_to_serve: float
    fee_fixed: float
    fee_per_month: float
    added_value: float
    stance: float
    unit_cost: float
    failure_rate: float


@rule
def habits_of(b):
    """The habits of a segment."""
    return Habits(
        b.contractual, b.billing_period, b.learning_rate, b.loss_aversion, b.expectation_learning, b.experience_noise,
        b.attachment_gain, b.identification, b.sunk_per_occasion, b.satisfaction_growth, b.spend_growth, b.rate_growth,
        b.growth_scale, b.growth_ceiling, b.service_saving, b.saving_scale, b.planning_horizon, b.worth,
        b.attachment_value, b.procedural_cost, b.relational_barrier, b.power_imbalance, b.outside_value,
        b.decision_cost, b.choice_noise, b.price_tolerance, b.alert_attention, b.satisfied_mark, b.attrition_from,
    )  # fmt: skip


@rule
def terms_of(its):
    """The terms of a firm."""
    return Terms(
        its.price, its.net_price, its.cost_to_serve, its.fee_fixed, its.fee_per_month, its.added_value, its.stance,
        its.unit_cost, its.failure_rate,
    )  # fmt: skip

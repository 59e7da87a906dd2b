"""R8: the forces that drive, hold and pull a customer, each a sum of money, nothing merged.

Flows (surplus, attachment) are a month's money times the months that count; the other forces are paid once.
"""

from __future__ import annotations

from typing import NamedTuple

from retsim.jit import rule


class Holding(NamedTuple):
    """What speaks for the present firm, in money; the same for every way of leaving it."""

    surplus: float
    attachment: float
    sunk: float
    switching: float
    termination: float


@rule
def months_that_count(planning_horizon, months_left):
    """Months over which flows count: the planning horizon, or what is left of the contract if that is less.

    Leaving now instead of at the contract's end gains only the flows of the months that remain. R8.
    """
    return min(planning_horizon, months_left)


@rule
def surplus(usage, willingness_to_pay, quality, price):
    """Customer surplus a month: usage (willingness to pay x quality - price); usage in occasions a month. R8."""
    return usage * (willingness_to_pay * quality - price)


@rule
def attachment_worth(attachment_value, attachment, social_sensitivity):
    """Worth of the bond a month: attachment_value x A x social sensitivity. R8."""
    return attachment_value * attachment * social_sensitivity


@rule
def exposure(meetings, been_there, gain):
    """How well an alternative is known, 0 to 1: 1 - (1 - gain)^meetings, and 1 for those who were its customers. R8."""
    if been_there:
        return 1.0
    unknown = 1.0
    for _ in range(min(meetings, 64)):
        unknown *= 1.0 - gain
    return 1.0 - unknown


@rule
def transaction_cost(known, price_of_time, b):
    """Six costs of moving to an alternative.

    Formula: price of time x ((search + information)(1 - exposure) + bargaining + decision + monitoring) + breach risk.
    Williamson (1975); exposure lowers the first two. R8.
    """
    effort = (b.search_cost + b.information_cost) * (1.0 - known)
    effort += b.bargaining_cost + b.decision_cost + b.monitoring_cost
    return price_of_time * effort + b.breach_risk


@rule
def switching_cost(grown, b):
    """Procedural cost of starting anew: procedural_cost x grown, grown = risen(tenure, procedural_scale).

    Burnham, Frels & Mahajan (2003). R8.
    """
    return b.procedural_cost * grown


@rule
def contract_fee(months_left, fee_fixed, fee_per_month):
    """Fee for leaving now: fixed + per month left; 0 outside a contract. R8."""
    if months_left <= 0.0:
        return 0.0
    return fee_fixed + fee_per_month * months_left


@rule
def termination_barrier(fee, attachment, b):
    """Contract fee + relational barrier x A + power imbalance. Burnham, Frels & Mahajan (2003). R8."""
    return fee + b.relational_barrier * attachment + b.power_imbalance

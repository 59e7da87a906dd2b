"""The assumed part of a calibrated scenario: firm, mind and strategies, each value beside its ground.

Forces are measured in mean purchases, so that they weigh the same in every currency.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from retsim.calibrate.economy import NOISE, TRANSACTION, Assumptions, Economy, rounded

__all__ = ["USUAL", "Value", "Values", "firm", "mind", "strategies"]

USUAL = 0.7
"""Satisfaction under usual service: where quality 0.75 and a failure at one occasion in twenty lead."""
PLANNING = 3.0
"""Months over which flows count in a decision."""
PULL = 1.2
"""Extra pull of leaving when the moment comes, in mean purchases (R8)."""
BOND_A_MONTH, BOND_AT_ONCE = 0.8, 0.6
"""Worth of full attachment, in mean purchases: a month, and at the moment of breaking it (R8)."""


class Value(NamedTuple):
    """A value of the scenario and where it comes from."""

    value: Any
    ground: str


Values = dict[str, Value]


def firm(economy: Economy, assumed: Assumptions) -> Values:
    """The firm's offer, its costs and what its money does."""
    price = economy.price
    cost = assumed.acquisition_cost
    winning = f"{100 * cost:g} % of the {economy.value:.4g} that a customer brings in three years wins one"
    return {
        "firm.price": Value(price, "fitted: mean amount of a purchase under the gamma-gamma law"),
        "firm.unit_cost": Value(
            rounded(price * (1.0 - assumed.gross_margin)),
            f"assumption: gross margin {100 * assumed.gross_margin:g} %",
        ),
        "firm.cost_to_serve": Value(economy.cost_to_serve, "assumption: 3 % of a mean purchase"),
        "firm.complaint_cost": Value(rounded(0.05 * price), "assumption: 5 % of a mean purchase"),
        "firm.product_quality": Value(0.75, "assumption: with failure_rate gives satisfaction 0.7"),
        "firm.service_quality": Value(0.75, "assumption: with failure_rate gives satisfaction 0.7"),
        "firm.delivery_quality": Value(0.75, "assumption: with failure_rate gives satisfaction 0.7"),
        "firm.failure_rate": Value(0.05, "assumption: one occasion in twenty"),
        "firm.reputation": Value(USUAL, "assumption: prospects believe what customers find"),
        "firm.awareness": Value(0.0, "assumption: prospects know the shop once it has reached them"),
        "firm.organic": Value(0.0, "assumption: nobody comes, or comes back, unless advertising reaches them"),
        "firm.ad_ceiling": Value(
            economy.ad_ceiling, "form: Blattberg & Deighton 1996; assumption: three times what the budget reaches"
        ),
        "firm.ad_efficiency": Value(
            economy.ad_efficiency,
            f"form: Blattberg & Deighton 1996; assumption: {winning} when the whole budget advertises",
        ),
        "firm.service_efficiency": Value(
            economy.service_efficiency,
            "form: Blattberg & Deighton 1996; assumption: the whole budget on service would prevent 86 % of "
            "the failures that can be prevented",
        ),
        "firm.contact_cost": Value(
            economy.contact_cost, "assumption: a third of the budget would pay for all observed customers"
        ),
        "firm.discount": Value(0.1, "assumption: a coupon of 10 %"),
        "firm.discount_tenure": Value(3.0, "assumption: coupons after a quarter of a year"),
    }  # fmt: skip


def mind(economy: Economy, assumed: Assumptions) -> Values:
    """How customers think: not at all, except at the moments that are a choice."""
    price = economy.price
    once, flow = rounded(BOND_AT_ONCE * price), rounded(BOND_A_MONTH * price)
    purchases = "of a mean purchase"
    return {
        "behaviour.avoidable_attrition": Value(
            assumed.avoidable_attrition,
            "ASSUMPTION THAT THE ANSWER DEPENDS ON: no log tells which departures could have been prevented; "
            "compare with other values, 0 to 1",
        ),
        "behaviour.attrition_pull": Value(
            rounded(PULL * price),
            f"assumption: {100 * PULL:g} % {purchases}, so that without a programme one or two in a "
            "hundred avoidable departures do not happen",
        ),
        "behaviour.choice_noise": Value(
            rounded(NOISE * price), f"form: McFadden 1974; assumption: {100 * NOISE:g} % {purchases}"
        ),
        "behaviour.planning_horizon": Value(PLANNING, "assumption: a quarter of a year of purchases"),
        "behaviour.alert_attention": Value(0.0, "the fitted law: purchases and departures have no other cause"),
        "behaviour.attachment_gain": Value(0.0, "the fitted law: buying alone does not bind"),
        "behaviour.contact_gain": Value(0.1, "kind: Bowlby 1969; value assumed"),
        "behaviour.attachment_value": Value(flow, f"assumption: {100 * BOND_A_MONTH:g} % {purchases} a month"),
        "behaviour.relational_barrier": Value(
            once, f"kind: Burnham, Frels & Mahajan 2003; assumption: {100 * BOND_AT_ONCE:g} % {purchases}"
        ),
        "behaviour.procedural_cost": Value(0.0, "assumption: one leaves a shop by not coming back"),
        "behaviour.experience_noise": Value(0.05, "assumption: usual service is even"),
        **{
            f"behaviour.{cost}": Value(
                rounded(share * price),
                f"kind: Williamson 1975; assumption: {100 * share:g} % {purchases}; all six together let one "
                "in five join who meets the shop for the first time",
            )
            for cost, share in TRANSACTION.items()
        },
    }  # fmt: skip


def strategies() -> Values:
    """Ways to spend the same budget."""
    mix = {"service": 0.3, "price": 0.2, "contact": 0.5}
    return {
        "strategy": Value("acquisition-led", "choice: the lever under study"),
        "strategies.acquisition-led": Value(
            {"title": "Win: most of the budget is advertising", "retention_share": 0.2, "mix": mix},
            "definition: a fifth of the budget keeps",
        ),
        "strategies.retention-led": Value(
            {"title": "Keep: most of the budget is contact, service and coupons", "retention_share": 0.7, "mix": mix},
            "definition: seven tenths of the budget keep",
        ),
    }  # fmt: skip

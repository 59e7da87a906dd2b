"""Customers who stay with the same chance each period are worth what the formulas of retention CLV say."""

import math

import pytest
from helpers import CONTRACTUAL, assert_close, assert_mean, bare_scenario, run_market, values_of

from retsim.theory.clv import (
    CONTINUOUS,
    IMMEDIATE,
    IN_ARREARS,
    MID_PERIOD,
    RENEWALS_ONLY,
    Convention,
    retention_clv,
)

AFTER_TEST = {"behaviour.attrition_before": 1.0, "behaviour.attrition_from": 0.0}
BEFORE_TEST = {"behaviour.attrition_before": 0.0, "behaviour.attrition_from": 0.0}


def yearly(retention_rate, discount_rate=0.1, margin=100.0, **overrides):
    """One bill a year for a century, and a chance to leave at each."""
    return bare_scenario(customers=60_000, horizon=1200.0, tick=12.0, period=12.0, discount_rate=discount_rate).with_(
        **CONTRACTUAL
        | {
            "firm.price": margin,
            "behaviour.billing_period": 12.0,
            "segments.all.traits.vanish_probability": 1.0 - retention_rate,
        }
        | overrides
    )


CONVENTIONS = {
    "first margin at the end of period 1 if retained": (RENEWALS_ONLY, {"behaviour.first_bill": 12.0} | AFTER_TEST, 450.0),
    "immediate margin, then renewals": (IMMEDIATE, {"behaviour.first_bill": 0.0, "behaviour.attrition_before": 1.0}, 550.0),
    "immediate margin, tested right after it": (IMMEDIATE, {"behaviour.first_bill": 0.0} | BEFORE_TEST, 550.0),
    "at period end to those alive at its start": (IN_ARREARS, {"behaviour.first_bill": 12.0} | BEFORE_TEST, 500.0),
    "in mid-period": (MID_PERIOD, {"behaviour.first_bill": 6.0} | BEFORE_TEST, 524.404),
}  # fmt: skip


@pytest.mark.parametrize(("convention", "setting", "published"), CONVENTIONS.values(), ids=list(CONVENTIONS))
def test_published_case_in_every_convention(convention, setting, published):
    exact = retention_clv(100.0, 0.9, discount_rate=0.1, convention=convention)
    assert exact == pytest.approx(published, abs=5e-4)
    assert_mean(values_of(run_market(yearly(0.9, **setting), 11)), exact)


@pytest.mark.parametrize(
    ("retention_rate", "discount_rate", "margin"), [(0.7, 0.12, 35.5), (0.8, 0.05, 12.0), (0.5, 0.3, 999.99)]
)
@pytest.mark.parametrize(("convention", "setting"), [c[:2] for c in CONVENTIONS.values()], ids=list(CONVENTIONS))
def test_other_instances_of_the_family(convention, setting, retention_rate, discount_rate, margin):
    exact = retention_clv(margin, retention_rate, discount_rate=discount_rate, convention=convention)
    scenario = yearly(retention_rate, discount_rate, margin, **setting)
    assert_mean(values_of(run_market(scenario, 12)), exact)


def test_monthly_periods():
    """The same law with a month as the period, and the discount rate that compounds to a year's."""
    per_month = 1.1 ** (1 / 12) - 1
    exact = retention_clv(20.0, 0.97, discount_rate=per_month, convention=IMMEDIATE)
    scenario = bare_scenario(
        customers=60_000, horizon=600.0, tick=12.0, period=12.0, discount_rate=0.1, **CONTRACTUAL
    ).with_(**{"firm.price": 20.0, "segments.all.traits.vanish_probability": 0.03, "behaviour.attrition_before": 1.0})
    assert_mean(values_of(run_market(scenario, 13)), exact)


@pytest.mark.parametrize(("retention_rate", "published"), [(0.9, 498.329), (0.6, None)])
def test_continuous_time(retention_rate, published):
    """Purchases at random under a constant hazard: a flow, in the mean."""
    exact = retention_clv(100.0, retention_rate, discount_rate=0.1, convention=CONTINUOUS)
    assert published is None or exact == pytest.approx(published, abs=5e-4)
    scenario = bare_scenario(customers=100_000, horizon=1200.0, tick=12.0, period=12.0, discount_rate=0.1).with_(
        **{
            "firm.price": 100.0 / 3,
            "behaviour.first_purchase": 0.0,
            "segments.all.traits.purchase_rate": 0.25,
            "segments.all.traits.vanish_rate": -math.log(retention_rate) / 12,
        }
    )
    assert_mean(values_of(run_market(scenario, 14)), exact)


def test_finite_horizon():
    """Five renewals fall due before six years are over."""
    five_years = Convention(first_margin="after_one_period", survival="before_margin", discounting="end", horizon=5)
    exact = retention_clv(100.0, 0.9, discount_rate=0.1, convention=five_years)
    assert exact == pytest.approx(285.008, abs=5e-4)
    scenario = yearly(0.9, **AFTER_TEST, **{"behaviour.first_bill": 12.0}).with_(horizon=72.0)
    assert_mean(values_of(run_market(scenario, 15)), exact)


def test_growing_margin():
    """A process of the user's own raises the price by 3 % a year, between two bills."""

    def dearer(market):
        for year in range(1, 100):
            yield market.at(12.0 * year + 6.0)
            market.set("focal", price=100.0 * 1.03**year)

    exact = retention_clv(100.0, 0.9, discount_rate=0.1, convention=RENEWALS_ONLY, margin_growth=0.03)
    assert exact == pytest.approx(520.231, abs=5e-4)
    scenario = yearly(0.9, **AFTER_TEST, **{"behaviour.first_bill": 12.0})
    assert_mean(values_of(run_market(scenario, 16, processes=[dearer])), exact)


def test_without_chance_the_value_is_exact():
    """Nobody leaves: ten certain margins, discounted; the ledger's integers round each to a micro-unit."""
    scenario = yearly(1.0, **{"behaviour.first_bill": 12.0}).with_(customers=3, horizon=132.0)
    exact = sum(100.0 / 1.1**year for year in range(1, 11))
    assert values_of(run_market(scenario)) == pytest.approx([exact] * 3, abs=1e-5)


@pytest.mark.verify
@pytest.mark.parametrize(("retention_rate", "gain"), [(0.7, 0.0271), (0.8, 0.0359), (0.9, 0.0531)])
def test_one_per_cent_more_retention(retention_rate, gain):
    """The same customers under the same luck: what one (relative) per cent of retention is worth at d = 12 %."""
    setting = {"behaviour.first_bill": 12.0, "customers": 4_000_000, "horizon": 480.0} | AFTER_TEST
    before = values_of(run_market(yearly(retention_rate, 0.12, **setting), 17))
    after = values_of(run_market(yearly(retention_rate * 1.01, 0.12, **setting), 17))
    law = [
        retention_clv(100.0, r, discount_rate=0.12, convention=RENEWALS_ONLY)
        for r in (retention_rate, retention_rate * 1.01)
    ]
    assert law[1] / law[0] - 1 == pytest.approx(gain, abs=5e-5)
    assert (after >= before).all()
    difference = after - before
    error = difference.std() / math.sqrt(difference.size) / law[0]
    assert_close(difference.mean() / law[0], law[1] / law[0] - 1, error)

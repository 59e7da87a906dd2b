"""Response curves, the Blattberg-Deighton optimum, recovery and opportunity cost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retsim.theory import blattberg_deighton as bd
from retsim.theory import opportunity, recovery
from retsim.theory.clv import IMMEDIATE, retention_clv
from retsim.theory.response_curve import ResponseCurve, chance_from_hazard, hazard_from_chance

FIXED = settings(derandomize=True, deadline=None, max_examples=40)
WIN = ResponseCurve.through(5, 0.20, ceiling=0.40)
KEEP = ResponseCurve.through(8, 0.40, ceiling=0.70)
curves = st.builds(ResponseCurve, ceiling=st.floats(0.05, 1.0), efficiency=st.floats(0.005, 1.0))


def test_published_optimum():
    best = bd.optimal_spend(WIN, KEEP, margin=50, discount_rate=0.12)
    assert best.acquisition_spend == pytest.approx(10.078, abs=5.1e-4)
    assert best.retention_spend == pytest.approx(15.933, abs=5.1e-4)
    assert best.value == pytest.approx(11.876, abs=5.1e-4)


def test_at_the_optimum_marginal_costs_are_equal_whatever_the_average_costs():
    averages = []
    for win in (WIN, ResponseCurve(0.40, 10 * WIN.efficiency), ResponseCurve(0.10, WIN.efficiency)):
        best = bd.optimal_spend(win, KEEP, margin=50, discount_rate=0.12)
        assert best.marginal_cost_winning == pytest.approx(best.clv, rel=1e-9)
        assert best.marginal_cost_keeping == pytest.approx(best.clv, rel=1e-9)
        averages.append(win.average_cost(best.acquisition_spend) / KEEP.average_cost(best.retention_spend))
    # The "costs k times as much to win" of three firms that all spend rightly.
    assert max(averages) > 4 * min(averages)


@FIXED
@given(win=curves, keep=curves, margin=st.floats(1.0, 500.0), d=st.floats(0.0, 0.5))
def test_no_other_spending_is_better(win, keep, margin, d):
    best = bd.optimal_spend(win, keep, margin=margin, discount_rate=d)
    grid = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, 120)])
    spend_a = np.append(grid * 60 / win.efficiency, best.acquisition_spend * np.array([0.99, 1.01]))
    spend_r = np.append(grid * margin * 1.2, best.retention_spend * np.array([0.99, 1.01]))
    values = bd.prospect_value(
        spend_a[:, None], spend_r[None, :], acquisition=win, retention=keep, margin=margin, discount_rate=d
    )
    assert values.max() <= best.value + 1e-9 * (1 + abs(best.value))
    at_best = bd.prospect_value(
        best.acquisition_spend,
        best.retention_spend,
        acquisition=win,
        retention=keep,
        margin=margin,
        discount_rate=d,
    )
    assert at_best == pytest.approx(best.value, rel=1e-9, abs=1e-9)


@FIXED
@given(win=curves, keep=curves, margin=st.floats(1.0, 500.0), d=st.floats(0.0, 0.5))
def test_each_marginal_cost_is_the_value_of_a_customer_or_the_spend_is_zero(win, keep, margin, d):
    best = bd.optimal_spend(win, keep, margin=margin, discount_rate=d)
    for spend, cost in (
        (best.acquisition_spend, best.marginal_cost_winning),
        (best.retention_spend, best.marginal_cost_keeping),
    ):
        if spend > 0.0:
            assert cost == pytest.approx(best.clv, rel=1e-6)
        else:
            assert cost >= best.clv * (1 - 1e-12)


def test_optimum_moves_with_margin_churn_and_discount():
    def spends(margin=50.0, d=0.12, ceiling=0.70):
        keep = ResponseCurve(ceiling, KEEP.efficiency)
        best = bd.optimal_spend(WIN, keep, margin=margin, discount_rate=d)
        return best.acquisition_spend, best.retention_spend

    base = spends()
    assert all(np.array(spends(margin=60.0)) > base)
    assert all(np.array(spends(d=0.3)) < base)
    assert all(np.array(spends(ceiling=0.9)) > base)


def test_value_of_a_customer_is_the_retention_value_with_a_cost_for_each_attempt():
    for spend in (0.5, 8.0, 20.0):
        by_clv = retention_clv(50, KEEP.rate(spend), discount_rate=0.12, convention=IMMEDIATE, retention_cost=spend)
        assert bd.customer_value(spend, KEEP, margin=50, discount_rate=0.12) == pytest.approx(by_clv, rel=1e-12)
    assert bd.customer_value(0.0, KEEP, margin=50, discount_rate=0.12) == 50.0


def test_worthless_prospects_and_hopeless_keeping_get_nothing():
    best = bd.optimal_spend(ResponseCurve(0.1, 0.01), ResponseCurve(0.1, 0.01), margin=5, discount_rate=0.1)
    assert (best.acquisition_spend, best.retention_spend, best.value) == (0.0, 0.0, 0.0)
    assert best.clv == 5.0


@FIXED
@given(curve=curves, spend=st.floats(0.01, 20.0))
def test_curve_passes_its_point_and_inverts(curve, spend):
    rate = curve.rate(spend)
    again = ResponseCurve.through(spend, rate, ceiling=curve.ceiling)
    assert again.efficiency == pytest.approx(curve.efficiency, rel=1e-6)
    assert curve.spend_for(rate) == pytest.approx(spend, rel=1e-6)
    step = 1e-4 * spend
    slope = (curve.rate(spend + step) - curve.rate(spend - step)) / (2 * step)
    assert curve.slope(spend) == pytest.approx(slope, rel=1e-5)
    assert curve.marginal_cost(spend) == pytest.approx(1 / curve.slope(spend), rel=1e-12)
    # Diminishing returns: the next response costs more than those before.
    assert curve.marginal_cost(spend) > curve.average_cost(spend) >= curve.average_cost(0.0) * (1 - 1e-12)


def test_checked_curve_points():
    assert WIN.rate(5) == pytest.approx(0.20, rel=1e-14)
    assert KEEP.rate([0.0, 8.0]).tolist() == pytest.approx([0.0, 0.40])
    assert WIN.rate(1e9) == pytest.approx(0.40)


def test_hazards_add_up_where_chances_do_not():
    one, two = hazard_from_chance(0.2), hazard_from_chance(0.5)
    assert chance_from_hazard(one + two) == pytest.approx(1 - 0.8 * 0.5)
    assert one == pytest.approx(0.22314355, abs=1e-8)
    assert hazard_from_chance([0.0, 1e-12]) == pytest.approx(np.array([0.0, 1e-12]), rel=1e-11)


def test_recovery_is_worth_the_rise_in_the_chance_to_stay():
    # TARP: a minor problem, complained and unsatisfied 46 %, satisfied 70 %, satisfied quickly 95 %.
    got = recovery.most_worth_spending(450, p_stay_recovered=[0.70, 0.95, 0.30], p_stay_otherwise=0.46)
    assert got == pytest.approx(np.array([108.0, 220.5, -72.0]))
    assert recovery.break_even_rise(108.0, 450.0) == pytest.approx(0.70 - 0.46)


def test_opportunity_cost_is_arithmetic():
    assert opportunity.economic_gain(450, 180) == 270
    assert opportunity.economic_gain(150, 180) == -30
    assert opportunity.opportunity_cost([450, 180, 20], chosen=0) == 180
    assert opportunity.opportunity_cost([450, 180, 20], chosen=2) == 450


@FIXED
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=8), data=st.data())
def test_only_the_best_choice_gains_over_what_it_rules_out(values, data):
    chosen = data.draw(st.integers(0, len(values) - 1))
    gain = opportunity.economic_gain(values[chosen], opportunity.opportunity_cost(values, chosen))
    assert (gain >= 0) == (values[chosen] == max(values))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ResponseCurve(0.0, 1.0), "ceiling = 0, must lie in 0..1 and not be 0"),
        (lambda: ResponseCurve(70, 1.0), r"ceiling = 70, .* did you mean 0.7\?"),
        (lambda: ResponseCurve(0.5, 0.0), "efficiency = 0, must be above 0"),
        (
            lambda: ResponseCurve.through(5, 0.4, ceiling=0.4),
            "rate = 0.4, must be above 0 and below the ceiling 0.4",
        ),
        (lambda: WIN.spend_for(0.4), "rate = 0.4, must be 0 or more and below the ceiling"),
        (lambda: WIN.rate(-1), "ResponseCurve.rate: spend = -1, must be 0 or more"),
        (lambda: hazard_from_chance(1.0), "chance = 1, must be 0 or more and below 1"),
        (lambda: chance_from_hazard(-1.0), "hazard = -1"),
        (lambda: bd.optimal_spend(WIN, KEEP, margin=0, discount_rate=0.1), "margin = 0, must be above 0"),
        (
            lambda: recovery.most_worth_spending(1, p_stay_recovered=70, p_stay_otherwise=0),
            "did you mean 0.7",
        ),
        (lambda: recovery.break_even_rise(1, 0), "customer_value = 0, must be above 0"),
        (lambda: opportunity.opportunity_cost([1], 0), "must have two or more"),
        (lambda: opportunity.opportunity_cost([1, 2], 2), "chosen = 2, must be below"),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Size of the base, mean life, leaky funnel, quitting a contract, lock-in prices."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retsim.theory import base, contract, sbg
from retsim.theory.lockin import lock_in_prices

FIXED = settings(derandomize=True, deadline=None, max_examples=40)


@FIXED
@given(
    inflow=st.floats(0.0, 1e4),
    churn=st.floats(0.01, 1.0),
    start=st.floats(0.0, 1e5),
    periods=st.integers(0, 80),
)
def test_base_follows_its_recursion(inflow, churn, start, periods):
    size = start
    for _ in range(periods):
        size = size * (1 - churn) + inflow
    got = base.base_after(periods, inflow=inflow, churn_rate=churn, start=start)
    assert got == pytest.approx(size, rel=1e-9, abs=1e-9)


def test_base_fills_to_inflow_over_churn():
    assert base.steady_base(100, 0.05) == pytest.approx(2000.0)
    assert base.base_after(2000, inflow=100, churn_rate=0.05) == pytest.approx(2000.0)
    assert base.base_after([0, 1, 2], inflow=100, churn_rate=0.05).tolist() == pytest.approx([0, 100, 195])
    # Linear in what is poured in, not in what leaks: halving churn doubles the base.
    assert base.steady_base(100, 0.025) == pytest.approx(2 * base.steady_base(100, 0.05))


def test_any_law_of_life_fills_the_base_to_little():
    geometric = base.base_from_survival(100, 0.95 ** np.arange(500))
    assert geometric[:60] == pytest.approx(base.base_after(np.arange(1, 61), inflow=100, churn_rate=0.05), rel=1e-12)
    fixed_life = base.base_from_survival(100, np.repeat([1.0, 0.0], [12, 30]))
    assert fixed_life[-1] == base.little_base(100, 12)
    mixed = base.base_from_survival(100, sbg.survival(np.arange(60_000), a=3.0, b=4.0))
    assert mixed[-1] == pytest.approx(base.little_base(100, sbg.expected_tenure(a=3.0, b=4.0)), rel=1e-4)


def test_averages_of_churn_may_not_be_inverted():
    life = base.mean_life([0.05, 0.35], shares=[0.5, 0.5])
    assert life == pytest.approx(11.43, abs=5e-3)
    assert 1 / np.mean([0.05, 0.35]) == pytest.approx(5.0)
    lives = np.random.default_rng(3).geometric(np.repeat([0.05, 0.35], 200_000))
    assert lives.mean() == pytest.approx(life, abs=4 * lives.std() / np.sqrt(lives.size))


@FIXED
@given(churn=st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6), seed=st.integers(0, 1000))
def test_mean_life_is_never_below_the_inverse_of_mean_churn(churn, seed):
    shares = np.random.default_rng(seed).dirichlet(np.ones(len(churn)))
    life = base.mean_life(churn, shares=shares)
    assert life >= 1 / (shares @ churn) * (1 - 1e-12)
    assert base.mean_life([churn[0]] * len(churn), shares=shares) == pytest.approx(1 / churn[0], rel=1e-12)


def test_one_point_of_churn_costs_base_times_acquisition_cost():
    assert base.cost_of_churn(1_000_000, 300) == pytest.approx(3_000_000)
    five = base.cost_of_churn(2000, 150, points=5)
    assert five == pytest.approx(2000 * (0.10 - 0.05) * 150)


def test_leaky_funnel_keeps_sales_and_loses_profit():
    leaky = base.funnel(5000, n_won=100, n_lost=100, margin=4, acquisition_cost=150, n_periods=52)
    plugged = base.funnel(5000, n_won=0, n_lost=0, margin=4, acquisition_cost=150, n_periods=52)
    assert (leaky.base == plugged.base).all()
    assert (plugged.profit - leaky.profit).tolist() == [15_000.0] * 52
    assert leaky.profit.shape == (52,)


def test_funnel_cannot_lose_more_than_are_there():
    drained = base.funnel(250, n_won=10, n_lost=100, margin=1, acquisition_cost=2, n_periods=5)
    assert drained.base.tolist() == [250, 160, 70, 10, 10, 10]
    assert drained.profit.tolist() == [230, 140, 50, -10, -10]


# --- Contract -----------------------------------------------------------------------------------------------


def test_early_quit_rule_flips_where_remaining_months_times_disutility_meet_the_fee():
    months = np.arange(25)
    assert contract.quits_early(months, 10.0, fee=120.0).tolist() == [m > 12 for m in months]
    # A fee by the month can never be waited out: who would quit at all quits at once.
    assert contract.quits_early(months, 10.0, fee=0.0, monthly_fee=9.0)[1:].all()
    assert not contract.quits_early(months, 10.0, fee=0.0, monthly_fee=10.0).any()


def test_quit_time_at_once_at_the_end_or_never():
    got = contract.quit_time([20.0, 3.0, -1.0, 0.0], contract_months=24, fee=120.0)
    assert got.tolist() == [0.0, 24.0, np.inf, np.inf]
    late = contract.quit_time(20.0, contract_months=24, fee=120.0, noticed=[17.9, 18.0, 24.0])
    assert late.tolist() == [17.9, 24.0, 24.0]


def simulate_contract(pain, notice, months, fee):
    """Each customer month by month: notices, compares, leaves; at the end everybody thinks."""
    left = np.zeros(months)
    there = np.ones(len(pain), dtype=bool)
    for t in range(1, months + 1):
        thinks = (notice[:, t - 1]) | (t == months)
        quits = there & thinks & ((months - t) * pain > fee if t < months else pain > 0)
        left[t - 1] = quits.sum()
        there &= ~quits
    return left / len(pain)


@pytest.mark.parametrize("p_notice", [0.05, 0.4, 1.0])
@pytest.mark.parametrize("fee", [0.0, 60.0, 500.0])
def test_churn_by_month_is_what_customers_do_one_by_one(p_notice, fee):
    from scipy.stats import norm

    law = norm(loc=5.0, scale=8.0)
    rng = np.random.default_rng(11)
    n, months = 60_000, 12
    pain, notice = law.rvs(n, random_state=rng), rng.random((n, months)) < p_notice
    exact = contract.churn_by_month(law.sf, contract_months=months, fee=fee, p_notice=p_notice)
    simulated = simulate_contract(pain, notice, months, fee)
    error = np.sqrt(exact * (1 - exact) / n)
    assert (np.abs(simulated - exact) <= 4.5 * error + 1e-12).all()
    assert exact.sum() == pytest.approx(law.sf(0.0), rel=1e-12)


def test_contract_end_shows_a_spike_that_the_fee_feeds():
    segments = contract.mixture([-5.0, 3.0, 20.0], [0.5, 0.3, 0.2])
    churn = contract.churn_by_month(segments, contract_months=24, fee=120.0, p_notice=0.1)
    assert churn[-1] > 10 * churn[:-1].max()
    # The third segment's own threshold: 20 a month beats the fee while more than 6 months remain.
    assert churn[:17] == pytest.approx(0.2 * 0.1 * 0.9 ** np.arange(17))
    assert churn[17:23].tolist() == [0.0] * 6
    spikes = [
        contract.churn_by_month(segments, contract_months=24, fee=f, p_notice=0.1)[-1] for f in (0, 30, 120, 460, 1e6)
    ]
    assert (np.diff(spikes) >= 0).all()
    assert spikes[-1] == pytest.approx(0.5)
    free = contract.churn_by_month(segments, contract_months=24, fee=0.0, p_notice=0.1)
    assert free[:-1] == pytest.approx(0.5 * 0.1 * 0.9 ** np.arange(23))


def test_contract_of_one_month_is_all_end():
    assert contract.churn_by_month(contract.mixture([1.0], [1.0]), contract_months=1, fee=5.0).tolist() == [1.0]


def test_mixture_is_the_share_above_a_level():
    exceeds = contract.mixture([1.0, 2.0, 2.0], [0.2, 0.3, 0.5])
    assert exceeds(np.array([0.0, 1.0, 1.9, 2.0])) == pytest.approx(np.array([1.0, 0.8, 0.8, 0.0]))


# --- Lock-in ------------------------------------------------------------------------------------------------


@FIXED
@given(c=st.floats(0, 100), extra=st.floats(0, 100), delta=st.floats(0.01, 1.0), n=st.integers(1, 12))
def test_bargain_then_rip_off_earns_nothing_over_the_relation(c, extra, delta, n):
    prices = lock_in_prices(c, c + extra, discount_factor=delta, n_later=n)
    profit = prices.first - c + sum(delta**t * (prices.later - c) for t in range(1, n + 1))
    assert profit == pytest.approx(0.0, abs=1e-9)
    assert prices.first <= c <= prices.later + 1e-12


def test_lock_in_prices_of_two_periods():
    first, later = lock_in_prices(10, [16, 25], discount_factor=0.9)
    assert first.tolist() == pytest.approx([10 - 0.9 * 6, 10 - 0.9 * 15])
    assert later.tolist() == [16, 25]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: base.steady_base(1, 0), "churn_rate = 0, must lie in 0..1 and not be 0"),
        (lambda: base.steady_base(1, 5), r"churn_rate = 5, .* did you mean 0.05\?"),
        (lambda: base.base_after(1.5, inflow=1, churn_rate=0.1), "n_periods = 1.5, must be a whole number"),
        (lambda: base.base_from_survival(1, [0.9, 0.8]), r"survival\[0\] = 0.9, must be 1"),
        (lambda: base.base_from_survival(1, [1, 0.8, 0.9]), r"survival\[2\] = 0.9, must not exceed .* 0.8"),
        (lambda: base.mean_life([0.1], shares=[0.5, 0.5]), "must have one for each of the 1 churn rates"),
        (lambda: base.mean_life([0.1, 0.2], shares=[0.5, 0.6]), "shares sum to 1.1, must sum to 1"),
        (
            lambda: base.funnel(-1, n_won=0, n_lost=0, margin=1, acquisition_cost=1, n_periods=1),
            "base.funnel: base = -1, must be 0 or more",
        ),
        (
            lambda: contract.quit_time(1, contract_months=3, fee=1, noticed=4),
            "noticed = 4, must not lie after",
        ),
        (lambda: contract.mixture([1.0], [0.5, 0.5]), "one for each of the 1 disutilities"),
        (
            lambda: contract.churn_by_month(lambda x: x, contract_months=3, fee=0.5),
            "p_exceeds rises with the level",
        ),
        (
            lambda: contract.churn_by_month(lambda x: 0 * x, contract_months=3, fee=1, p_notice=0),
            "p_notice = 0, must lie in 0..1",
        ),
        (lambda: lock_in_prices(10, 9, discount_factor=0.9), "valuation = 9, must not lie below cost = 10"),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Contracts: who quits early is who gains more than the fee, and the rest of the discontented leave at the end."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    account_totals,
    assert_share,
    bare_scenario,
    customers_of,
    decisions_of,
    events_of,
    run_market,
    trait_of,
)

from retsim.state import Force, Kind, Trigger
from retsim.theory import contract

N = 40_000
TERM, PRICE, SATISFACTION = 12, 30.0, 0.5
LOWEST, HIGHEST = 20.0, 70.0


def locked(notice=1.0, **overrides):
    """Contracts of a year with bills in arrears; monthly pain of staying = price - S x willingness, from -5 to 20."""
    return bare_scenario(customers=N, horizon=14.0, **CONTRACTUAL).with_(
        **{
            "firm.price": PRICE,
            "firm.contract_term": float(TERM),
            "behaviour.first_bill": 1.0,
            "behaviour.planning_horizon": 36.0,
            "segments.all.traits.attention": notice,
            "segments.all.traits.initial_satisfaction": SATISFACTION,
            "segments.all.traits.willingness_to_pay": {"dist": "uniform", "low": LOWEST, "high": HIGHEST},
        }
        | overrides
    )


def p_exceeds(pain):
    """Share of customers whose monthly disutility exceeds so much."""
    return np.clip((PRICE - SATISFACTION * LOWEST - pain) / (SATISFACTION * (HIGHEST - LOWEST)), 0, 1)


@pytest.mark.parametrize("notice", [1.0, 0.3])
@pytest.mark.parametrize(("fee", "monthly_fee"), [(0.0, 0.0), (60.0, 0.0), (40.0, 5.0), (0.0, 8.0)])
def test_churn_by_month_of_the_contract(notice, fee, monthly_fee):
    market = run_market(locked(notice, **{"firm.fee_fixed": fee, "firm.fee_per_month": monthly_fee}), 61, log=True)
    exact = contract.churn_by_month(p_exceeds, contract_months=TERM, fee=fee, monthly_fee=monthly_fee, p_notice=notice)
    left = events_of(market, Kind.LEAVE)
    found = np.bincount(left["time"].astype(int), minlength=TERM + 1)[1 : TERM + 1]
    assert found.sum() == left.size
    for month, share in enumerate(exact):
        error = np.sqrt(share * (1 - share) / N)
        assert abs(found[month] / N - share) <= 4 * error + 1e-12, month + 1
    assert_share(int(found.sum()), N, float(exact.sum()))
    if fee:
        assert found[-1] > 3 * found[TERM // 2 : -1].max(), "no spike at the contract's end"
    assert (left["trigger"][left["time"] == TERM] == Trigger.TERM).all()


@pytest.mark.parametrize(("fee", "monthly_fee"), [(60.0, 0.0), (40.0, 5.0), (0.0, 8.0)])
def test_each_decision_weighs_the_fee_against_the_months_that_remain(fee, monthly_fee):
    """Without noise, at every single decision: leave when remaining months x disutility exceeds the fee."""
    market = run_market(locked(0.5, **{"firm.fee_fixed": fee, "firm.fee_per_month": monthly_fee}), 62, log=True)
    thought = events_of(market, Kind.STAY, Kind.LEAVE)
    within = thought[thought["time"] < TERM]
    pain = PRICE - SATISFACTION * trait_of(market, "willingness_to_pay")
    left = TERM - within["time"]
    due = contract.quits_early(left, pain[within["customer"]], fee=fee, monthly_fee=monthly_fee)
    assert ((within["kind"] == Kind.LEAVE) == due).all()
    assert 0.05 < due.mean() < 0.95
    paid = within[within["kind"] == Kind.LEAVE]
    owed = fee + monthly_fee * (TERM - paid["time"])
    np.testing.assert_allclose(paid["amount"] / 1e6, owed, rtol=0, atol=1e-6)
    np.testing.assert_allclose(paid["termination"], owed, rtol=0, atol=1e-9)
    np.testing.assert_allclose(paid["surplus"], -(TERM - paid["time"]) * pain[paid["customer"]], rtol=0, atol=1e-9)
    assert account_totals(market)["fees"] == -int(paid["amount"].sum())
    after = thought[thought["time"] >= TERM]
    assert ((after["kind"] == Kind.LEAVE) == (pain[after["customer"]] > 0)).all()


def test_planning_less_far_than_the_contract_runs():
    """Who looks three months ahead weighs three months, not the twelve that remain."""
    market = run_market(
        locked(1.0, **{"firm.fee_fixed": 30.0, "behaviour.planning_horizon": 3.0, "customers": 80_000}), 63, log=True
    )
    left = events_of(market, Kind.LEAVE)
    early = left[left["time"] == 1.0]
    assert_share(early.size, 80_000, float(p_exceeds(10.0)))
    # In the last two months fewer than three remain: the bar rises, and nobody new passes it.
    assert not left[(left["time"] > 1.0) & (left["time"] < TERM)].size


@pytest.mark.parametrize("auto_renew", [0.0, 1.0])
def test_a_contract_that_renews_itself_ends_again(auto_renew):
    """With a fee that nobody pays, customers think of leaving at each end of a term; without renewal, at every bill."""
    overrides = {"firm.fee_fixed": 1e6, "firm.auto_renew": auto_renew, "horizon": 30.0, "customers": 2000}
    market = run_market(locked(0.4, **overrides), 64, log=True)
    term = events_of(market, Kind.STAY, Kind.LEAVE)
    ends = np.unique(term["time"][term["trigger"] == Trigger.TERM])
    assert list(ends) == ([12.0, 24.0] if auto_renew else [12.0])
    assert np.isinf(customers_of(market)["contract_end"][customers_of(market)["status"] == 2]).all() == (not auto_renew)
    leavers = events_of(market, Kind.LEAVE)
    assert set(leavers["time"]) == ({12.0})
    assert decisions_of(market)[:, 0, 0, Trigger.TERM, 1, Force.COUNT].sum() == leavers.size


def test_customers_of_long_standing_keep_the_dates_of_their_contract():
    """Joined seven months before the start under a contract of twelve: it ends in month five, then goes on without."""
    market = run_market(locked(0.0, **{"segments.all.traits.tenure": 7.0, "customers": 100}), 65, log=True)
    term = events_of(market, Kind.STAY, Kind.LEAVE)
    assert set(term["time"]) == {5.0}
    bills = events_of(market, Kind.OCCASION)
    assert set(np.unique(bills["time"])) <= set(range(14))

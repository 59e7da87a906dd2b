"""R23: a programme that is delivered in part, and money beyond the budget."""

import numpy as np
import pytest
from helpers import account_totals, assert_lawful, counts_of, differing, events_of, ledger_of, run_market
from ties import assert_nobody_leaves_earlier, by_period, stays, thinkers, unpaid_market

import retsim as rs
from retsim.rules.acquisition import saturating
from retsim.scenario import load
from retsim.state import MICRO, Account, Channel, Count, Kind


def small(name="telecom", **overrides):
    defaults = {"customers": 300, "horizon": 12.0, "strategy": "retention-led", "firm.discount_tenure": 0.0}
    return load(name).with_(**(defaults | overrides))


def test_service_has_the_effect_of_what_is_delivered_and_the_cost_of_what_is_paid():
    prevented, paid = {}, {}
    for share in (1.0, 0.5):
        market = run_market(small(horizon=1.0, **{"firm.execution": share}), 1)
        prevented[share] = market.firms[0].prevented
        paid[share] = account_totals(market)["programme_service"]
    assert paid[1.0] == paid[0.5]
    # 1 - exp(-k) at the whole and at half the exponent.
    whole, half = prevented[1.0] / 0.7, prevented[0.5] / 0.7
    assert 1.0 - whole == pytest.approx((1.0 - half) ** 2)
    assert saturating(1.0, 0.7, 0.5) == pytest.approx(0.7 * (1.0 - np.exp(-0.5)))


def test_half_the_contact_for_the_same_money():
    scenario = small(budget={"monthly": 6000}, **{"behaviour.attachment_value": 0.0})
    contacts, money = [], []
    for share in (1.0, 0.5, 0.0):
        market = run_market(scenario.with_(**{"firm.execution": share}), 2)
        first = ledger_of(market)[0, :, 0]
        money.append(first[..., Account.PROGRAMME_CONTACT].sum())
        contacts.append(int(counts_of(market)[0, 0, :, Count.CONTACTS].sum()))
    assert money[0] == money[1] == money[2] > 0
    assert contacts[2] == 0
    assert 0.3 * contacts[0] < contacts[1] < 0.7 * contacts[0]


def test_coupons_that_do_not_arrive_are_paid_and_do_nothing():
    arrived, paid = [], []
    for share in (1.0, 0.5, 0.0):
        market = run_market(small(budget={"monthly": 6000}, **{"firm.execution": share}), 2)
        arrived.append(int(counts_of(market)[0, 0, :, Count.COUPONS].sum()))
        paid.append(int(ledger_of(market)[0, :, 0, :, :, Account.DISCOUNT].sum()))
        assert_lawful(market)
    assert arrived[0] > arrived[1] > arrived[2] == 0
    assert paid[0] <= paid[1] <= paid[2]


def test_better_execution_serves_the_same_customers_and_more():
    from retsim.state import Flag

    served = []
    for share in (0.3, 0.6, 0.9):
        market = run_market(small(budget={"monthly": 20000}, horizon=1.0, **{"firm.execution": share}), 3)
        served.append(set(np.flatnonzero(market.population.customers["flags"] & Flag.CONTACT)))
    assert served[0] < served[1] < served[2]


def test_better_execution_keeps_more_customers():
    scenario = small(budget={"monthly": 4000}, horizon=24.0, **{"firm.contract_term": 0.0})
    kept = [
        np.array([run_market(scenario.with_(**{"firm.execution": share}), seed).active() for seed in range(8)])
        for share in (0.1, 1.0)
    ]
    gain = kept[1] - kept[0]
    assert gain.mean() > 2.0 * gain.std(ddof=1) / np.sqrt(gain.size)


SYSTEM = {
    "budget.monthly": 1e6, "budget.retention_share": 1.0, "budget.mix": {"structural": 1.0},
    "firm.structural_value": 12.0, "firm.structural_draw": 4.0, "behaviour.structural_cost": 50.0,
    "behaviour.integration_rate": 0.3,
}  # fmt: skip


def test_of_a_system_that_works_in_part_only_the_part_is_worth_anything_and_holds():
    """Z = 1 - exp(-0.3 t) of 12 a month and of 50 to undo, times the share that works; it costs the same."""
    seen, cost, drawn = {}, {}, {}
    for share in (1.0, 0.25):
        market = run_market(thinkers(**SYSTEM | {"firm.execution": share}), log=True)
        seen[share], cost[share] = stays(market), by_period(market, "PROGRAMME_STRUCTURAL").tolist()
        drawn[share] = float(market.world.offers["structural_draw"][0])
    z = 1.0 - np.exp(-0.3 * seen[1.0]["time"])
    np.testing.assert_allclose(
        seen[1.0]["switching"] - seen[0.25]["switching"], 0.75 * 50.0 * z, rtol=1e-12, atol=1e-12
    )
    np.testing.assert_allclose(seen[1.0]["surplus"] - seen[0.25]["surplus"], 0.75 * 12.0 * z, rtol=1e-9, atol=1e-9)
    assert cost[1.0] == cost[0.25]
    assert drawn == {1.0: 4.0, 0.25: 1.0}


def test_a_system_that_works_better_holds():
    captive = {"behaviour.outside_value": -1e6, "behaviour.structural_cost": 300.0, "firm.structural_draw": 0.0}
    weak, strong = (unpaid_market("telecom", **captive | SYSTEM | {"firm.execution": x}) for x in (0.0, 1.0))
    assert_nobody_leaves_earlier(weak, strong, 51, moved=0.3)


def test_better_execution_asks_the_same_lapsed_customers_back_and_more():
    """Everyone is driven out, and comes back at once when asked: how many are asked is paid all the same."""
    asking = {
        "budget.monthly": 1e6, "budget.retention_share": 1.0, "budget.mix": {"win_back": 1.0}, "customers": 200,
        "behaviour.outside_value": 0.0, "firm.win_back_bonus": 1000.0, "horizon": 5.0, "behaviour.first_bill": 0.5,
    }  # fmt: skip
    dear = {"segments.all.traits.willingness_to_pay": 100.0, "segments.all.traits.initial_satisfaction": 0.75}
    back, asked = [], []
    for share in (0.3, 0.9):
        market = run_market(thinkers(**asking | dear | {"firm.execution": share}), 3, log=True)
        came = events_of(market, Kind.JOIN)
        back.append(set(came["customer"][came["trigger"] == Channel.WIN_BACK].tolist()))
        asked.append(market.firms[0].approaches)
    assert back[0] < back[1]
    assert len(back[1] - back[0]) >= 0.3 * len(back[1])


def borrowing(spend, rate=0.1, **overrides):
    return small(budget={"monthly": 1000, "spend": spend, "credit": 1, "credit_rate": rate}, **overrides)


def test_interest_on_what_is_borrowed_by_hand():
    """A fifth more than 1000 a month for a year: the debt grows by 200 at each tick, and each month costs 1.1**(1/12) - 1."""
    market = run_market(borrowing(1.2), 1)
    firm = market.firms[0]
    monthly = 1.1 ** (1 / 12) - 1
    due = sum(round(200 * k * MICRO * monthly) for k in range(1, 13))
    assert firm.debt == 12 * 200 * MICRO
    assert firm.budgeted == 12 * 1200 * MICRO
    assert account_totals(market)["credit"] == pytest.approx(due, abs=12)
    assert_lawful(market)
    run = rs.simulate(borrowing(1.2), seed=1)
    run.check()
    assert run.totals["interest"].sum() == pytest.approx(account_totals(market)["credit"] / MICRO)


def test_dearer_credit_lowers_profit_by_the_interest_and_changes_nothing_else():
    cheap, dear = (rs.simulate(borrowing(1.5, rate), seed=2) for rate in (0.0, 0.3))
    assert (cheap.records == dear.records).all()
    focal = [run.totals[run.totals.firm == "focal"] for run in (cheap, dear)]
    lost = focal[0]["profit"].sum() - focal[1]["profit"].sum()
    assert lost == pytest.approx(focal[1]["interest"].sum())
    assert lost > 0.0


def test_saving_is_spending_less_than_the_budget():
    market = run_market(small(budget={"monthly": 1000, "spend": 0.5}), 1)
    assert market.firms[0].budgeted == 12 * 500 * MICRO
    assert market.firms[0].debt == 0


def test_spending_the_budget_with_credit_at_hand_changes_nothing():
    assert differing(run_market(small(), 3), run_market(small(**{"budget.credit": 1}), 3)) == []


def test_engines_and_threads_agree():
    scenario = borrowing(1.4, **{"firm.execution": 0.6})
    compiled = run_market(scenario, 4, log=True)
    assert differing(compiled, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 4, threads=2, log=True)) == []


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"budget.spend": 1.2}, "budget.spend = 1.2, must be at most 1 .the budget. without credit"),
        ({"rivals.network.budget.spend": 2.0}, "rivals.network.budget.spend = 2.0, must be at most 1"),
        ({"firm.execution": 1.5}, "firm.execution = 1.5, must lie in 0..1"),
        ({"budget.credit": 0.5}, "budget.credit = 0.5, must be 0 or 1"),
    ],
)
def test_overspending_and_nonsense_are_refused(overrides, message):
    with pytest.raises(rs.ScenarioError, match=message):
        small(**overrides)

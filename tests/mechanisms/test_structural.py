"""R19, level 3: what the system costs, how integration grows and fades, what it is worth, holds and draws."""

import math

import numpy as np
import pytest
from helpers import counts_of, customers_of, events_of, rival, run_market
from ties import (
    assert_engines_agree,
    assert_nobody_leaves_earlier,
    by_period,
    stays,
    thinkers,
    unpaid_market,
)

import retsim as rs
from retsim.rules import integration
from retsim.state import Count, Flag, Kind

SYSTEM = {
    "budget.monthly": 100.0, "budget.retention_share": 1.0, "budget.mix": {"structural": 1.0},
    "firm.structural_setup": 15.0, "firm.structural_upkeep": 5.0, "firm.structural_value": 0.0,
    "behaviour.structural_cost": 0.0,
}  # fmt: skip
RICH = SYSTEM | {"budget.monthly": 1e6}


@pytest.mark.parametrize(
    ("rule", "arguments", "due"),
    [
        (integration.grown_together, (0.2, 0.5, 2.0), 1 - 0.8 * 0.36787944117144233),
        (integration.grown_together, (0.2, 0.5, 0.0), 0.2),
        (integration.grown_together, (1.0, 0.5, 9.0), 1.0),
        (integration.grown_apart, (0.8, 0.25, 4.0), 0.8 * 0.36787944117144233),
        (integration.grown_apart, (0.8, 0.0, 4.0), 0.8),
    ],
)
def test_rules_at_numbers_worked_out_by_hand(rule, arguments, due):
    assert rule(*arguments) == pytest.approx(due, rel=1e-13)
    assert getattr(rule, "py_func", rule)(*arguments) == pytest.approx(due, rel=1e-13)


def test_money_goes_to_those_inside_first_and_never_further_than_it_reaches():
    """100 a month: five are taken at 20; then 25 keep them and three more come; then 40 keep eight, and the last two come."""
    market = run_market(thinkers(**SYSTEM))
    assert list(by_period(market, "PROGRAMME_STRUCTURAL")) == [100.0, 85.0, 80.0, 50.0, 50.0, 50.0]
    assert market.firms[0].funds["structural"] == 600_000_000 - 415_000_000
    rs.simulate(thinkers(**SYSTEM)).check()


def test_the_launch_is_paid_once_from_what_was_saved_for_it():
    """250 are there at the third tick; what is left takes two, the next month five more, and the last three follow."""
    market = run_market(thinkers(**SYSTEM, **{"firm.structural_launch": 250.0}))
    assert list(by_period(market, "PROGRAMME_STRUCTURAL")) == [0.0, 0.0, 290.0, 110.0, 95.0, 50.0]
    assert market.firms[0].launched


def test_a_larger_budget_takes_the_same_customers_and_more():
    few, many = (run_market(thinkers(**SYSTEM | {"budget.monthly": m, "customers": 200})) for m in (300.0, 900.0))
    inside = [{int(i) for i in np.flatnonzero(customers_of(m)["flags"] & Flag.STRUCTURAL)} for m in (few, many)]
    assert 40 < len(inside[0]) < len(inside[1]) < 200
    assert inside[0] < inside[1]


def test_integration_adds_value_and_switching_cost_as_it_grows():
    rate = {"behaviour.integration_rate": 0.3, "firm.structural_value": 12.0, "behaviour.structural_cost": 50.0}
    seen = stays(run_market(thinkers(**RICH | rate), log=True))
    plain = stays(run_market(thinkers(), log=True))
    assert len(seen) == len(plain) == 6
    z = 1 - np.exp(-0.3 * seen["time"])
    np.testing.assert_allclose(seen["switching"] - plain["switching"], 50.0 * z, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(seen["surplus"] - plain["surplus"], 12.0 * z, rtol=1e-9, atol=1e-9)


def test_integration_fades_when_the_money_is_gone():
    """From the tick at 3 on nobody can be kept in the system: 0.8 a month leaves."""
    rates = {"behaviour.integration_rate": 0.5, "behaviour.integration_decay": 0.8, "behaviour.structural_cost": 50.0}

    def dearer(market):
        yield market.at(2.5)
        market.set("focal", structural_upkeep=1e9)

    market = run_market(thinkers(**RICH | rates), processes=[dearer], log=True)
    seen = stays(market)
    reached = 1 - math.exp(-1.5)
    due = [0.0, 1 - math.exp(-0.5), 1 - math.exp(-1.0), reached, reached * math.exp(-0.8), reached * math.exp(-1.6)]
    np.testing.assert_allclose(seen["switching"], 50.0 * np.array(due), rtol=1e-12, atol=1e-12)
    assert not (customers_of(market)["flags"] & Flag.STRUCTURAL).any()


def test_leaving_undoes_integration():
    """Everyone is driven out at month 4 by a price that nobody pays."""

    def absurd(market):
        yield market.at(3.5)
        market.set("focal", price=1e6)

    scenario = thinkers(**RICH | {"behaviour.outside_value": 0.0, "behaviour.integration_rate": 0.5})
    run = rs.simulate(scenario, processes=[absurd])
    run.check()
    assert run.customers["status"].eq("lapsed").all()
    assert not run.more["integration"].any()
    assert run.totals["programme_structural"].iloc[-1] == 0.0


@pytest.mark.parametrize("name", ["telecom", "retail"])
@pytest.mark.parametrize(
    ("tie", "low", "high"), [("firm.structural_value", 0.0, 40.0), ("behaviour.structural_cost", 0.0, 400.0)]
)
def test_what_integration_is_worth_and_costs_to_undo_holds(name, tie, low, high):
    captive = {"behaviour.outside_value": -1e6}
    weak, strong = (unpaid_market(name, **captive | RICH | {tie: x}) for x in (low, high))
    assert_nobody_leaves_earlier(weak, strong, 31)


def test_faster_integration_holds():
    ties = {"behaviour.structural_cost": 300.0}
    weak, strong = (unpaid_market("telecom", **RICH | ties | {"behaviour.integration_rate": r}) for r in (0.0, 0.5))
    assert_nobody_leaves_earlier(weak, strong, 32)


def test_the_draw_brings_rivals_customers_while_the_programme_runs():
    """A rival's customers leave no later, and more come over; where there is no money for the system nothing is drawn."""
    draw = {"firm.structural_draw": 15.0}
    weak, strong = (unpaid_market("telecom", **RICH | d) for d in ({}, draw))
    assert_nobody_leaves_earlier(strong, weak, 33, moved=0.1, of=1)
    came = [counts_of(run_market(s, 33))[:, 0, :, Count.JOINED + 3].sum() for s in (weak, strong)]
    assert came[1] > 1.3 * came[0] > 0
    idle, boast = (unpaid_market("telecom", **SYSTEM | d | {"budget.monthly": 0.0}) for d in ({}, draw))
    assert rs.simulate(idle, seed=33).digest() == rs.simulate(boast, seed=33).digest()


def test_engines_agree():
    scenario = rs.load("structural-bond").with_(customers=300, horizon=15.0)
    assert_engines_agree(scenario, "PROGRAMME_STRUCTURAL")
    rs.simulate(scenario, seed=7).check()


def test_it_works_for_rivals_too():
    mine = {"budget": {"monthly": 3000.0, "retention_share": 1.0, "mix": {"structural": 1.0}}}
    run = rs.simulate(rs.load("telecom").with_(customers=300, horizon=9.0, rivals={"network": mine}), seed=2)
    run.check()
    cost = run.totals.groupby("firm", observed=False)["programme_structural"].sum()
    assert cost["network"] > 0
    assert cost["focal"] == cost["discounter"] == 0


def test_a_share_of_the_mix_must_leave_a_whole():
    with pytest.raises(rs.ScenarioError, match=r"shares that sum to 1, not 1\.3"):
        rs.load("telecom").with_(**{"budget.mix": {"service": 0.5, "price": 0.5, "structural": 0.3}})
    with pytest.raises(rs.ScenarioError, match="structural_value"):
        rs.load("telecom").with_(**{"firm.structural_value": -1.0})


GAP = {
    "segments.all.traits.attention": 0.3, "behaviour.choice_noise": 8.0, "behaviour.planning_horizon": 6.0,
    "behaviour.outside_value": -1e6, "segments.all.traits.initial_satisfaction": 0.75,
}  # fmt: skip


def kept_against(gap, **bond):
    """Share kept through two years against a rival, equal but for its price: dear for half a year, then cheaper by a gap."""

    def attack(market):
        yield market.at(5.5)
        market.set("cheap", price=100.0 - gap)

    figures = {"service_quality": 0.75, "reputation": 0.75, "awareness": 1.0, "price": 200.0}
    scenario = thinkers(**GAP | bond | {"rivals": {"cheap": rival(**figures)}, "customers": 600, "horizon": 24.0})
    market = run_market(scenario, 8, log=True, processes=[attack])
    leavers = events_of(market, Kind.LEAVE)
    return 1 - np.unique(leavers["customer"][leavers["firm"] == 0]).size / 600


def test_a_social_bond_holds_a_small_gap_and_breaks_at_a_large_one_where_a_structural_one_holds():
    """Pattern 7 in part: nothing but R8 decides. Both bonds at their fullest; attachment is worth at most 10 a month."""
    settled = {"segments.all.traits.initial_attachment": 1.0, "behaviour.attachment_value": 10.0}
    system = RICH | {
        "firm.structural_value": 10.0,
        "behaviour.structural_cost": 150.0,
        "behaviour.integration_rate": 2.0,
    }
    none, social, structural = ([kept_against(gap, **bond) for gap in (3.0, 25.0)] for bond in ({}, settled, system))
    assert none[0] < 0.1
    assert social[0] > 0.9
    assert social[1] < 0.1
    assert structural[0] > 0.9
    assert structural[1] > 0.7

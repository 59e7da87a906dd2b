"""R14: points are earned, pay, lapse and are lost; what they are thought to cost stands in the books, exactly."""

import numpy as np
import pytest
from helpers import account_totals, bare_scenario, customers_of, differing, run_market
from ties import (
    MONTHLY,
    assert_engines_agree,
    assert_nobody_leaves_earlier,
    by_period,
    stays,
    thinkers,
    unpaid_market,
)

import retsim as rs
from retsim.rules import rewards
from retsim.state import MICRO
from retsim.theory.points import breakage_loss

POINTS = {"firm.points_rate": 0.1, "firm.points_threshold": 25.0, "firm.assumed_breakage": 0.5}


@pytest.mark.parametrize(
    ("rule", "arguments", "due"),
    [
        (rewards.share_of, (1_000_001, 0.5), 500_000),
        (rewards.share_of, (999, 0.0), 0),
        (rewards.provision_for, (1_000_001, 0.5), 500_001),
        (rewards.provision_for, (1_000_000, 0.0), 1_000_000),
        (rewards.provision_for, (1_000_000, 1.0), 0),
        (rewards.redeemed, (30, 25.0, 100), 30),
        (rewards.redeemed, (30, 30.0, 20), 20),
        (rewards.redeemed, (30, 31.0, 100), 0),
        (rewards.released, (15, 30, 30), 15),
        (rewards.released, (15, 30, 10), 5),
        (rewards.released, (10, 30, 1), 0),
        (rewards.released, (0, 30, 29), 0),
        (rewards.lapsed, (2.0, 3.0, 5.0), True),
        (rewards.lapsed, (2.0, 3.0, 4.999), False),
        (rewards.lapsed, (2.0, 0.0, 1e6), False),
    ],
)
def test_rules_at_numbers_worked_out_by_hand(rule, arguments, due):
    assert rule(*arguments) == due
    assert getattr(rule, "py_func", rule)(*arguments) == due


def test_a_customers_points_in_the_books():
    """100 a month earns 10, thought to cost 5. With the fourth bill 30 are redeemed: 15 more than was thought. It earns 7."""
    scenario = thinkers(**POINTS, customers=1)
    market = run_market(scenario, log=True)
    assert list(by_period(market, "POINTS")) == [5.0, 5.0, 5.0, 3.5, 5.0, 5.0]
    assert list(by_period(market, "POINTS_CORRECTION")) == [0.0, 0.0, 0.0, 15.0, 0.0, 0.0]
    assert list(-by_period(market, "POINTS_LIABILITY").cumsum()) == [5.0, 10.0, 15.0, 3.5, 8.5, 13.5]
    assert list(by_period(market, "CASH")) == [100.0, 100.0, 100.0, 70.0, 100.0, 100.0]
    run = rs.simulate(scenario, log=True)
    run.check()
    assert list(run.totals["profit"]) == [95.0, 95.0, 95.0, 81.5, 95.0, 95.0]
    assert list(run.totals["redeemed"]) == [0, 0, 0, 1, 0, 0]
    assert list(run.totals["points_liability"]) == [5.0, 10.0, 15.0, 3.5, 8.5, 13.5]
    (redeemed,) = run.events[run.events["event"] == "redeem"].to_dict("records")
    assert (redeemed["time"], redeemed["amount"]) == (3.0, 30.0)
    assert customers_of(market)["value"][0] == 570 * MICRO
    assert run.measures()["profit"] == 556.5


def test_points_beyond_a_bill_wait_for_the_next():
    """270 stand against the fourth bill of 100; what is left is too little for the fifth and enough for the sixth."""
    scenario = thinkers(**POINTS | {"firm.points_rate": 0.9, "firm.points_threshold": 200.0}, customers=1)
    market = run_market(scenario)
    assert list(by_period(market, "CASH")) == [100.0, 100.0, 100.0, 0.0, 100.0, 0.0]
    assert market.population.more["points"][0] == (270 - 100 + 90 - 100) * MICRO


def test_points_lapse_at_the_first_tick_after_their_time_or_at_the_purchase_before_it():
    """Bills come twice a year and points last three months: the tick at 3 strikes out what the bill at 0 earned."""
    slow = POINTS | {"behaviour.billing_period": 6.0, "firm.points_expiry": 3.0, "customers": 1, "horizon": 12.0}
    monthly = by_period(run_market(thinkers(**slow)), "POINTS_CORRECTION")
    assert list(monthly) == [0, 0, 0, -5.0, 0, 0, 0, 0, 0, -5.0, 0, 0]
    yearly = run_market(thinkers(**slow | {"tick": 12.0}))
    assert list(by_period(yearly, "POINTS_CORRECTION")) == [0, 0, 0, 0, 0, 0, -5.0, 0, 0, 0, 0, 0]
    rs.simulate(thinkers(**slow)).check()


def test_leaving_forfeits_points_and_releases_what_stood_against_them():
    def absurd(market):
        yield market.at(1.5)
        market.set("focal", price=1e6)

    run = rs.simulate(thinkers(**POINTS, **{"behaviour.outside_value": 0.0}), processes=[absurd])
    run.check()
    assert run.customers["status"].eq("lapsed").all()
    assert not run.more["points"].any()
    # Ten customers earn 10 at 0 and 1; at 2 they pay a million once more, earn a tenth of it, and go.
    assert list(run.totals["points_correction"]) == [0.0, 0.0, -10 * (50_000.0 + 10.0), 0.0, 0.0, 0.0]
    assert run.totals["points_liability"].iloc[-1] == 0.0


def silent(**overrides):
    """Free purchases by customers who vanish one by one: nobody tells the firm."""
    dying = {"segments.all.traits.vanish_rate": 0.15, "customers": 400, "horizon": 84.0}
    return bare_scenario(**POINTS | dying | overrides)


def test_points_of_those_who_vanish_stay_in_the_books_until_they_lapse():
    kept, struck = (rs.simulate(silent(**{"firm.points_expiry": e}), seed=4) for e in (0.0, 6.0))
    kept.check()
    struck.check()
    assert kept.customers["status"].eq("gone").all()
    assert kept.totals["points_liability"].iloc[-1] > 0
    assert struck.totals["points_liability"].iloc[-1] == 0.0


def test_the_correction_is_what_theory_says_of_a_wrong_breakage():
    """All points are redeemed or have lapsed at the end: the corrections add up to issued x (assumed - true)."""
    run = rs.simulate(silent(**{"firm.points_expiry": 6.0}), seed=4, log=True)
    issued = 2.0 * run.totals["points"].sum()
    redeemed = run.events.loc[run.events["event"] == "redeem", "amount"].sum()
    assert 0.05 < 1 - redeemed / issued < 0.45
    due = breakage_loss(issued, value_per_point=1.0, assumed_breakage=0.5, true_breakage=1 - redeemed / issued)
    assert due > 0
    assert run.totals["points_correction"].sum() == pytest.approx(due, abs=1e-6 * run.totals["occasions"].sum())


def test_pattern_10_points_costed_too_low_are_a_profit_first_and_a_loss_later():
    """The same customers, the same cash: only the books differ, and in the end they agree again."""
    right, wrong = (
        rs.simulate(silent(**{"firm.points_expiry": 6.0, "firm.assumed_breakage": a}), seed=4) for a in (0.2, 0.9)
    )
    assert (right.records == wrong.records).all()
    gain = wrong.totals["profit"] - right.totals["profit"]
    assert gain.iloc[:2].sum() > 0
    assert gain.iloc[12:60].sum() < 0
    assert (wrong.totals["points_correction"].iloc[12:36].groupby(np.arange(24) // 12).sum() > 0).all()
    assert gain.sum() == pytest.approx(0.0, abs=1e-3)


def test_the_packaged_scenario_shows_the_loss():
    """As planned: a profit in the first year, a loss in each of the last three. Costed right: a loss from the start."""
    scenario = rs.load("points-gone-wrong")
    wrong = rs.simulate(scenario, seed=1)
    right = rs.simulate(scenario.with_(**{"firm.assumed_breakage": 0.2}), seed=1)
    for run in (wrong, right):
        run.check()
    mine = [run.totals[run.totals["firm"] == "focal"].reset_index(drop=True) for run in (wrong, right)]
    years = [frame["profit"].groupby(frame.index // 12).sum() for frame in mine]
    assert years[0][0] > 0
    assert (years[0][2:] < 0).all()
    assert (years[1] < 0).all()
    assert (mine[0]["points_correction"][12:] >= 0).all()
    assert mine[0]["points_correction"].sum() > mine[0]["points"].sum()
    assert abs(mine[1]["points_correction"].sum()) < 0.05 * mine[1]["points"].sum()


def test_points_held_are_a_switching_cost_and_a_lower_price():
    scenario = {"firm.points_threshold": 1e9, "firm.points_rate": 0.1}
    seen, plain = (stays(run_market(thinkers(**s), log=True)) for s in (scenario, {}))
    np.testing.assert_allclose(seen["switching"] - plain["switching"], [10, 20, 30, 40, 50, 60], rtol=1e-12)
    np.testing.assert_allclose(seen["surplus"] - plain["surplus"], 10.0, rtol=1e-9)


def test_points_that_have_lapsed_hold_nobody():
    """Attention is drawn at bills only, so the price rise of month 5 has no bill to be seen at: the next is at 6."""
    slow = {"firm.points_threshold": 1e9, "firm.points_rate": 0.1, "behaviour.billing_period": 6.0, "horizon": 12.0}
    for expiry, due in ((3.0, [10.0, 10.0]), (7.0, [10.0, 20.0])):
        seen = stays(run_market(thinkers(**slow, **{"firm.points_expiry": expiry}), log=True))
        np.testing.assert_allclose(seen["switching"], due, rtol=1e-12)


@pytest.mark.parametrize(
    ("figure", "low", "high"),
    [("firm.points_rate", 0.0, 0.3), ("firm.points_expiry", 1.0, 0.0)],
    ids=["rate", "expiry"],
)
def test_more_points_and_longer_lasting_ones_hold(figure, low, high):
    """Points that can only be held: nobody leaves earlier where there are more of them, or where they last."""
    held = {"firm.points_threshold": 1e9, "firm.points_rate": 0.3}
    weak, strong = (unpaid_market("retail", **held | {figure: x}) for x in (low, high))
    assert_nobody_leaves_earlier(weak, strong, 21, moved=0.1)


def test_engines_agree():
    scenario = rs.load("points-gone-wrong").with_(customers=300, horizon=18.0, **{"firm.points_expiry": 2.0})
    assert_engines_agree(scenario, "POINTS", "POINTS_LIABILITY", "POINTS_CORRECTION")


def test_every_micro_unit_adds_up():
    totals = account_totals(run_market(rs.load("points-gone-wrong").with_(customers=200, horizon=24.0), 3))
    assert sum(totals.values()) == 0


def test_a_broken_provision_is_found():
    run = rs.simulate(thinkers(**POINTS))
    run.more["provision"][3] += 1
    with pytest.raises(rs.BrokenInvariantError, match="liability for points"):
        run.check()


def test_without_points_their_figures_change_nothing():
    odd = {"firm.points_threshold": 3.0, "firm.points_expiry": 2.0, "firm.assumed_breakage": 0.7}
    scenario = rs.load("retail").with_(customers=200, horizon=9.0)
    one, other = (run_market(s, 3, log=True) for s in (scenario, scenario.with_(**odd)))
    assert differing(one, other) == []
    assert one.population.more.size == 0


def test_what_cannot_be_is_refused():
    with pytest.raises(rs.ScenarioError, match=r"firm\.points_rate = 5, must lie in 0\.\.1"):
        thinkers(**{"firm.points_rate": 5})
    with pytest.raises(rs.ScenarioError, match="points_rate and cash_back sum to at most 1"):
        thinkers(**{"firm.points_rate": 0.6, "firm.cash_back": 0.5})

    def late(market):
        yield market.at(1.5)
        market.set("focal", points_rate=0.1)

    def generous(market):
        yield market.at(1.5)
        market.set("focal", cash_back=0.95)

    with pytest.raises(ValueError, match=r"points_rate \+ cash_back = 0\.1 \+ 0\.95, must be at most 1"):
        run_market(thinkers(**POINTS), processes=[generous])
    with pytest.raises(ValueError, match=r"points_rate = 0\.1, must be above 0 for some firm from the start"):
        run_market(thinkers(**MONTHLY), processes=[late])

"""R17: a brand is a belief that money builds and time wears away."""

import math

import numpy as np
import pytest
from helpers import account_totals, bare_scenario, counts_of, events_of, first_leaving, rival, run_market
from ties import assert_engines_agree

import retsim as rs
from retsim.rules.brand import believed, goodwill_after
from retsim.state import MICRO, Kind

BRAND = {"budget.monthly": 100.0, "budget.winning": {"advertising": 0.0, "brand": 1.0}}


@pytest.mark.parametrize(
    ("goodwill", "spend", "terms", "due"),
    [
        (0.0, 0.0, (0.5, 0.1, 1.0), 0.0),
        (0.4, 0.0, (0.5, 0.0, 9.0), 0.4),
        (0.4, 0.0, (0.5, 0.1, 5.0), 0.4 * math.exp(-0.5)),
        (0.0, 2.0, (0.5, 0.0, 1.0), 1 - math.exp(-1.0)),
        # Built at .3 and forgotten at .1 a month, it tends to .75.
        (0.0, 0.6, (0.5, 0.1, 1e9), 0.75),
        (0.75, 0.6, (0.5, 0.1, 3.0), 0.75),
        (1.0, 0.6, (0.5, 0.1, 2.5), 0.75 + 0.25 * math.exp(-1.0)),
    ],
)
def test_goodwill_by_hand(goodwill, spend, terms, due):
    assert goodwill_after(goodwill, spend, terms) == pytest.approx(due, abs=1e-12)


def test_believed_by_hand():
    assert believed(0.6, 0.5, 0.4) == pytest.approx(0.68)
    assert believed(0.6, 0.5, 0.0) == believed(0.6, 0.0, 0.4) == 0.6
    assert believed(1.0, 1.0, 1.0) == believed(0.0, 1.0, 1.0) == 1.0


def reputations(scenario, firm=0):
    """What is believed of a firm at the end of each month."""
    return (
        rs.simulate(scenario)
        .periods.pivot(index="period", columns="firm", values="reputation")
        .iloc[:, firm]
        .to_numpy()
    )


def test_money_a_person_builds_it_and_it_fades_without():
    """50 people, 100 a month for the brand from the start: 2 a head. In the fourth month the money ends."""

    def ends(market):
        yield market.at(2.5)
        market.firms[0].monthly = 0.0

    scenario = bare_scenario(**BRAND, customers=50, horizon=6.0, **{"firm.reputation": 0.5, "firm.brand_decay": 0.2})
    seen = []

    def look(market):
        for month in range(6):
            yield market.at(month + 0.5)
            seen.append((market.firms[0].goodwill, float(market.world.offers[0]["reputation"])))

    market = run_market(scenario, processes=[ends, look])
    due, expected = 0.0, []
    for month in range(6):
        rate = 0.5 * 2.0 if month < 3 else 0.0
        due = rate / (rate + 0.2) + (due - rate / (rate + 0.2)) * math.exp(-(rate + 0.2))
        expected.append((due, 0.5 + 0.3 * due * 0.5))
    np.testing.assert_allclose(seen, expected, rtol=1e-12)
    assert account_totals(market)["brand"] == 300 * MICRO


def test_a_shorter_tick_builds_the_same_brand():
    monthly, weekly = (
        bare_scenario(**BRAND, customers=50, horizon=12.0, tick=tick, **{"firm.reputation": 0.5})
        for tick in (1.0, 0.25)
    )
    assert reputations(weekly)[-1] == pytest.approx(reputations(monthly)[-1], rel=1e-12)
    assert reputations(weekly)[-1] > 0.6


def test_the_run_balances_and_the_money_counts_as_winning():
    scenario = rs.load("brand-promise").with_(customers=300, horizon=12.0)
    run = rs.simulate(scenario)
    run.check()
    assert run.totals["brand"].sum() == pytest.approx(12.0 * 3000.0 * 0.7 * 0.4)
    study = rs.compare({"s": scenario}, replications=1, workers=1)
    mine = run.totals[run.totals["firm"] == scenario.focal]
    spent = mine[["advertising", "brand", "welcome", "win_back", "referral", "promotion", "follow_up"]].sum().sum()
    assert study.paths["acquisition_spend"].sum() == pytest.approx(spent)


def test_only_who_was_never_there_believes_it():
    """A rival's customers, who have never been with the firm, come to it for its brand; its own first ones leave as before."""
    there = {
        "customers": 600, "horizon": 18.0, "segments.all.initial": {"focal": 0.5, "other": 0.5},
        "segments.all.traits.attention": 0.6, "firm.reputation": 0.6, "firm.awareness": 1.0, "firm.brand_decay": 0.0,
        "behaviour.choice_noise": 20.0,
    }  # fmt: skip
    plain = bare_scenario(
        **BRAND | there | {"firm.brand_lift": 0.0}, rivals={"other": rival(reputation=0.6, awareness=1.0)}
    )
    markets = [run_market(s, 5, log=True) for s in (plain, plain.with_(**{"firm.brand_lift": 0.9}))]
    first = events_of(markets[0], Kind.JOIN)
    first = first[first["time"] == 0.0]
    own, others = (first["customer"][first["firm"] == firm] for firm in (0, 1))
    before, after = (first_leaving(market).at for market in markets)
    assert np.isfinite(before[own]).sum() > 30
    np.testing.assert_array_equal(before[own], after[own])
    assert (after[others] <= before[others]).all()
    assert (after[others] < before[others]).mean() > 0.1


def test_a_brand_that_lifts_nothing_changes_nothing_but_the_money():
    scenario = rs.load("brand-promise").with_(customers=300, horizon=18.0).without("brand")
    other = scenario.with_(**{"firm.brand_efficiency": 9.0, "firm.brand_decay": 2.0})
    one, two = (run_market(s, 3) for s in (scenario, other))
    np.testing.assert_array_equal(counts_of(one), counts_of(two))
    assert account_totals(one)["brand"] == account_totals(two)["brand"] > 0


def test_engines_agree():
    rivals = {"rivals.suite.budget.monthly": 900.0, "rivals.suite.budget.winning": {"advertising": 0.5, "brand": 0.5}}
    assert_engines_agree(rs.load("brand-promise").with_(customers=300, horizon=15.0, **rivals), "BRAND")


def test_what_cannot_be_is_refused():
    scenario = rs.load("brand-promise")
    with pytest.raises(rs.ScenarioError, match=r"firm\.brand_lift = 2\.0, must lie in 0\.\.1"):
        scenario.with_(**{"firm.brand_lift": 2.0})
    with pytest.raises(rs.ScenarioError, match=r"firm\.brand_decay = -1\.0"):
        scenario.with_(**{"firm.brand_decay": -1.0})
    with pytest.raises(rs.ScenarioError, match=r"budget\.winning.*must have shares that sum to 1, not 1\.3"):
        scenario.with_(**{"budget.winning": {"advertising": 0.9, "brand": 0.4}})

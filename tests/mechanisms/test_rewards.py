"""R19, level 1: cash back and status tiers."""

import numpy as np
import pytest
from helpers import customers_of, differing, run_market
from ties import (
    assert_engines_agree,
    assert_nobody_leaves_earlier,
    by_period,
    stays,
    thinkers,
    unpaid_market,
)

import retsim as rs
from retsim.rules import experience, tiers
from retsim.state import MICRO, Flag

TIERS = {
    "firm.status_threshold": 150.0, "firm.status_discount": 0.1, "firm.status_value": 40.0,
    "firm.gold_threshold": 250.0, "firm.gold_discount": 0.15, "firm.gold_value": 70.0,
    "firm.platinum_threshold": 450.0, "firm.platinum_discount": 0.25, "firm.platinum_value": 90.0,
}  # fmt: skip
STATUS = {"firm.status_threshold": 250.0, "firm.status_discount": 0.1, "firm.status_value": 40.0}


def test_cash_back_comes_with_the_next_bill():
    scenario = thinkers(**{"firm.cash_back": 0.08}, customers=1)
    market = run_market(scenario, log=True)
    assert list(by_period(market, "CASH_BACK")) == [0.0, 8.0, 8.0, 8.0, 8.0, 8.0]
    assert customers_of(market)["value"][0] == 560 * MICRO
    seen, plain = stays(market), stays(run_market(thinkers(customers=1), log=True))
    np.testing.assert_allclose(seen["switching"] - plain["switching"], 8.0, rtol=1e-12)
    np.testing.assert_allclose(seen["surplus"] - plain["surplus"], 8.0, rtol=1e-9)
    rs.simulate(scenario).check()


def test_cash_back_is_forfeited_by_leaving():
    def absurd(market):
        yield market.at(1.5)
        market.set("focal", price=1e6)

    run = rs.simulate(thinkers(**{"firm.cash_back": 0.08, "behaviour.outside_value": 0.0}), processes=[absurd])
    assert list(run.totals["cash_back"]) == [0.0, 80.0, 80.0, 0.0, 0.0, 0.0]
    assert not run.more["owed"].any()


def test_status_comes_with_the_bill_that_passes_the_threshold():
    """The third bill makes it 300: from then on status is a tie, and from the fourth on it lowers what is paid."""
    market = run_market(thinkers(**STATUS, customers=1), log=True)
    assert list(by_period(market, "STATUS")) == [0.0, 0.0, 0.0, 10.0, 10.0, 10.0]
    assert list(by_period(market, "REVENUE")) == [-100.0] * 6
    seen, plain = stays(market), stays(run_market(thinkers(customers=1), log=True))
    np.testing.assert_allclose(seen["switching"] - plain["switching"], [0, 0, 40, 40, 40, 40], rtol=1e-12)
    np.testing.assert_allclose(seen["surplus"] - plain["surplus"], [0, 0, 10, 10, 10, 10], rtol=1e-9)


@pytest.mark.parametrize(("service", "better"), [(0.6, 0.1), (0.9, 0.05)])
def test_status_gets_better_service_as_far_as_there_is_any(service, better):
    figures = {"firm.service_quality": service, "firm.status_service": 0.2, "behaviour.learning_rate": 1.0}
    seen, plain = (
        stays(run_market(thinkers(**STATUS | figures | {"firm.status_service": s}), log=True)) for s in (0.2, 0.0)
    )
    np.testing.assert_allclose(seen["satisfaction"] - plain["satisfaction"], [0, 0, 0, *[better] * 3], atol=1e-12)
    assert experience.better_by(service, 0.2) == pytest.approx(2 * better)


@pytest.mark.parametrize(
    ("billed", "tier"), [(0, 0), (150, 0), (151, 1), (250, 1), (251, 2), (450, 2), (451, 3), (10**9, 3)]
)
def test_a_tier_is_reached_beyond_its_threshold(billed, tier):
    assert tiers.reached(billed, 150, 250, 450) == tier
    assert tiers.reached(billed, 150, 0, 0) == min(tier, 1)
    assert tiers.reached(billed, 150, 250, 0) == min(tier, 2)
    assert tiers.reached(billed, 0, 0, 0) == 0
    assert tiers.of(tier, 0.1, 0.2, 0.3) == (0.1, 0.1, 0.2, 0.3)[tier]


def test_each_tier_stands_in_place_of_the_one_below():
    """Billed 100 a month: status with the second bill, gold with the third, platinum with the fifth."""
    market = run_market(thinkers(**TIERS, customers=1, horizon=7.0), log=True)
    assert list(by_period(market, "STATUS")) == [0.0, 0.0, 10.0, 15.0, 15.0, 25.0, 25.0]
    seen, plain = stays(market), stays(run_market(thinkers(customers=1, horizon=7.0), log=True))
    np.testing.assert_allclose(seen["switching"] - plain["switching"], [0, 40, 70, 70, 90, 90, 90], rtol=1e-12)
    np.testing.assert_allclose(seen["surplus"] - plain["surplus"], [0, 10, 15, 15, 25, 25, 25], rtol=1e-9)
    assert market.population.more["tier"][0] == 3


def test_each_tier_has_service_of_its_own():
    service = {"firm.service_quality": 0.5, "behaviour.learning_rate": 1.0}
    better = {"firm.status_service": 0.1, "firm.gold_service": 0.2, "firm.platinum_service": 0.4}
    seen, plain = (
        stays(run_market(thinkers(**TIERS | service | more, customers=1, horizon=7.0), log=True))
        for more in (better, {})
    )
    expected = [0, 0, *(experience.better_by(0.5, x) * 0.5 for x in (0.1, 0.2, 0.2, 0.4, 0.4))]
    np.testing.assert_allclose(seen["satisfaction"] - plain["satisfaction"], expected, atol=1e-12)


def test_nobody_falls_from_a_tier_while_they_stay():
    """Platinum's threshold is taken away in the sixth month: who has it keeps it."""

    def dearer(market):
        yield market.at(5.5)
        market.set("focal", platinum_threshold=0.0, gold_threshold=0.0)

    market = run_market(thinkers(**TIERS, customers=1, horizon=8.0), processes=[dearer], log=True)
    assert list(by_period(market, "STATUS"))[5:] == [25.0, 25.0, 25.0]


def test_status_is_lost_by_leaving_and_earned_anew():
    """Driven out at month 4; whoever comes back begins at nothing."""

    def absurd(market):
        yield market.at(3.5)
        market.set("focal", price=1e6)
        yield market.at(4.5)
        market.set("focal", price=100.0, organic=20.0)

    back = {"behaviour.outside_value": 0.0, "firm.organic": 0.0, "horizon": 12.0, "segments.all.traits.attention": 0.0}
    market = run_market(thinkers(**STATUS | back), processes=[absurd], log=True)
    people, more = customers_of(market), market.population.more
    returned = people["spells"] == 2
    assert returned.sum() >= 8
    before = 400 * MICRO + 10**6 * MICRO
    assert (more["revenue_before"][: people.size][returned] >= before - 100 * MICRO).all()
    billed = (people["revenue"] - more["revenue_before"][: people.size])[returned]
    assert ((people["flags"][returned] & Flag.STATUS != 0) == (billed > 250 * MICRO)).all()
    assert (billed > 250 * MICRO).any()


@pytest.mark.parametrize(
    ("figure", "low", "high"),
    [
        ("status_value", 0.0, 200.0), ("status_discount", 0.0, 0.4), ("cash_back", 0.0, 0.4),
        ("gold_value", 0.0, 200.0), ("gold_discount", 0.0, 0.4), ("platinum_value", 0.0, 300.0),
    ],
)  # fmt: skip
def test_what_would_be_lost_holds(figure, low, high):
    tiers_up_to_it = {"cash": 0, "status": 1, "gold": 2, "platinum": 3}[figure.split("_")[0]]
    rising = {"firm.status_threshold": 60.0, "firm.gold_threshold": 90.0, "firm.platinum_threshold": 120.0}
    thresholds = dict(list(rising.items())[:tiers_up_to_it])
    weak, strong = (unpaid_market("telecom", **thresholds | {f"firm.{figure}": x}) for x in (low, high))
    assert_nobody_leaves_earlier(weak, strong, 41)


def test_a_lower_threshold_gives_status_to_more():
    shares = []
    for threshold in (400.0, 900.0):
        run = rs.simulate(rs.load("loyalty-tiers").with_(customers=400, **{"firm.status_threshold": threshold}), seed=5)
        run.check()
        mine = run.customers[run.customers["firm"] == "focal"]
        shares.append(mine["has_status"].mean())
    assert shares[0] > shares[1] > 0


def test_tiers_are_seen_in_the_frame_of_customers():
    run = rs.simulate(rs.load("loyalty-tiers").with_(customers=600, horizon=36.0), seed=5)
    run.check()
    mine = run.customers[run.customers["firm"] == "focal"]
    heads = mine["status_tier"].value_counts()
    assert heads[0] > heads[1] > 10
    assert min(heads[2], heads[3]) > 10
    assert ((run.customers["status_tier"] > 0) == run.customers["has_status"]).all()
    assert (run.customers.loc[run.customers["firm"] != "focal", "status_tier"] == 0).all()


@pytest.mark.parametrize("seed", [31, 77])
def test_gold_and_platinum_keep_customers_and_cost_more_than_these_bring(seed):
    """Paired, n = 12, against one tier: they are for those who have bought much, and would mostly have stayed."""
    tiered = rs.load("loyalty-tiers").with_(customers=1500)
    one = tiered.with_(**{"firm.gold_threshold": 0.0, "firm.platinum_threshold": 0.0})
    study = rs.compare({"one tier": one, "three": tiered}, replications=12, seed=seed)
    found = study.differences(["retention_rate", "customers", "profit"]).set_index("metric")
    assert (found.loc[["retention_rate", "customers"], "low"] > 0).all()
    assert found.loc["profit", "high"] < 0


def test_engines_agree():
    scenario = rs.load("loyalty-tiers").with_(customers=300, horizon=15.0)
    assert_engines_agree(scenario, "STATUS", "CASH_BACK")


def test_without_a_threshold_the_figures_of_status_change_nothing():
    odd = {"firm.status_discount": 0.5, "firm.status_service": 0.5, "firm.status_value": 500.0}
    scenario = rs.load("saas").with_(customers=200, horizon=9.0)
    assert differing(*(run_market(s, 3, log=True) for s in (scenario, scenario.with_(**odd)))) == []


def test_what_cannot_be_is_refused():
    with pytest.raises(rs.ScenarioError, match=r"firm\.status_discount = 10, must lie in 0\.\.1"):
        thinkers(**{"firm.status_discount": 10})
    with pytest.raises(rs.ScenarioError, match=r"rivals\.cheap\.cash_back"):
        rs.load("telecom").with_(rivals={"cheap": {"points_rate": 0.8, "cash_back": 0.3}})
    rule = r"gold_threshold = 250\.0, must be 0 or above status_threshold, which must be above 0: "
    for status in (0.0, 250.0, 300.0):
        with pytest.raises(rs.ScenarioError, match=rule + f"{status:g} now"):
            thinkers(**TIERS | {"firm.status_threshold": status})
    with pytest.raises(
        rs.ScenarioError, match=r"rivals\.cheap\.platinum_threshold = 9\.0, must be 0 or above gold_threshold"
    ):
        rs.load("telecom").with_(rivals={"cheap": {"platinum_threshold": 9.0}})

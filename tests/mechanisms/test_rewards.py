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
from retsim.rules import experience
from retsim.state import MICRO, Flag

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
    [("status_value", 0.0, 200.0), ("status_discount", 0.0, 0.4), ("cash_back", 0.0, 0.4)],
)
def test_what_would_be_lost_holds(figure, low, high):
    tiers = {"firm.status_threshold": 60.0}
    weak, strong = (unpaid_market("telecom", **tiers | {f"firm.{figure}": x}) for x in (low, high))
    assert_nobody_leaves_earlier(weak, strong, 41)


def test_a_lower_threshold_gives_status_to_more():
    shares = []
    for threshold in (500.0, 1000.0):
        run = rs.simulate(rs.load("loyalty-tiers").with_(customers=400, **{"firm.status_threshold": threshold}), seed=5)
        run.check()
        mine = run.customers[run.customers["firm"] == "focal"]
        shares.append(mine["has_status"].mean())
    assert shares[0] > shares[1] > 0


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

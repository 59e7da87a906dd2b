"""SimPy processes of the user's own: what they change counts equally in both engines, what they read changes nothing."""

import numpy as np
import pytest
from helpers import assert_lawful, customers_of, differing, events_of, run_market

from retsim.scenario import load
from retsim.state import Kind, Trigger

SCENARIOS = ("telecom", "retail", "saas")


def small(name):
    return load(name).with_(customers=250, horizon=24.0, strategy="retention-led")


def cheaper_at(when, **figures):
    """A process that changes figures of the focal firm at one moment."""

    def process(market):
        yield market.env.timeout(when)
        market.set("focal", **figures)

    return process


def reader(step, seen):
    """A process that syncs and reads everything at odd moments."""

    def process(market):
        while True:
            yield market.env.timeout(step)
            people = customers_of(market)
            seen.append((market.now, market.active(), float(people["satisfaction"].sum())))

    return process


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_price_changed_in_mid_month_is_the_same_in_both_engines(name):
    scenario = small(name)
    change = [cheaper_at(12.34, price=scenario.firm.price * 1.15)]
    compiled = run_market(scenario, 6, log=True, processes=change)
    reference = run_market(scenario, 6, engine="reference", log=True, processes=change)
    threaded = run_market(scenario, 6, threads=2, log=True, processes=change)
    assert differing(compiled, reference) == []
    assert differing(compiled, threaded) == []
    assert_lawful(compiled)
    untouched = run_market(scenario, 6, log=True)
    before, after = (run_events[run_events["time"] < 12.34] for run_events in map(events_of, (untouched, compiled)))
    assert before.tobytes() == after.tobytes()
    risen = events_of(compiled, Kind.STAY, Kind.LEAVE)
    assert (risen["time"][risen["trigger"] == Trigger.PRICE] >= 12.34).all()
    focal = events_of(compiled, Kind.OCCASION)
    focal = focal[(focal["firm"] == 0) & (focal["time"] >= 12.34)]
    assert (risen["trigger"] == Trigger.PRICE).sum() >= 0.3 * np.unique(focal["customer"]).size


@pytest.mark.parametrize(
    "figures",
    [
        {"service_quality": 0.2, "failure_rate": 0.5},
        {"welcome_bonus": 40.0, "setup_fee": 0.0},
        {"contract_term": 3.0, "fee_fixed": 9.0, "auto_renew": 1.0},
        {"recovery_quality": 0.0, "accessibility": 1.0},
    ],
)
def test_any_figure_may_change_in_both_engines(figures):
    scenario = small("telecom")
    change = [cheaper_at(7.123456789, **figures)]
    compiled = run_market(scenario, 2, log=True, processes=change)
    assert differing(compiled, run_market(scenario, 2, engine="reference", log=True, processes=change)) == []
    assert "customers" in differing(compiled, run_market(scenario, 2, log=True))


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_reading_changes_nothing(name, engine):
    scenario, seen = small(name), []
    alone = run_market(scenario, 8, engine=engine, log=True)
    watched = run_market(scenario, 8, engine=engine, log=True, processes=[reader(np.pi / 7, seen), reader(1.0, [])])
    assert differing(alone, watched) == []
    assert len(seen) == 53
    assert len({active for _, active, _ in seen}) > 5


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_engines_show_the_same_market_at_any_moment(name):
    looks = {"compiled": [], "reference": []}
    for engine, seen in looks.items():
        run_market(small(name), 8, engine=engine, processes=[reader(0.777, seen)])
    assert looks["compiled"] == looks["reference"]


def test_setting_a_figure_to_what_it_is_changes_nothing():
    scenario = small("telecom")
    same = [cheaper_at(3.3, price=scenario.firm.price), cheaper_at(10.0, organic=scenario.firm.organic)]
    for engine in ("compiled", "reference"):
        alone = run_market(scenario, 1, engine=engine, log=True)
        assert differing(alone, run_market(scenario, 1, engine=engine, log=True, processes=same)) == []


def test_processes_meet_the_market_before_the_customers_of_the_same_instant():
    """A price set exactly when bills fall due holds for these bills, in both engines."""
    scenario = small("telecom").with_(**{
        "segments.convenience.traits.tenure": 0.0, "segments.bargain.traits.tenure": 0.0,
        "behaviour.price_tolerance": 9.0,
    })  # fmt: skip
    for engine in ("compiled", "reference"):
        market = run_market(scenario, 1, engine=engine, log=True, processes=[cheaper_at(5.0, price=31.0)])
        bills = events_of(market, Kind.OCCASION)
        bills = bills[(bills["firm"] == 0) & (bills["time"] == 5.0)]
        assert bills.size > 20
        assert (bills["amount"] == 31_000_000).all()


@pytest.mark.parametrize(
    ("figures", "said"),
    [({"price": -1.0}, "price = -1.0"), ({"prize": 3.0}, "prize"), ({"failure_rate": 5.0}, "failure_rate = 5.0")],
)
def test_a_wrong_figure_is_refused_and_nothing_is_changed(figures, said):
    market = run_market(small("telecom").with_(horizon=1.0))
    before = dict(market.firms[0].figures)
    with pytest.raises(ValueError, match=said):
        market.set("focal", **figures)
    assert market.firms[0].figures == before
    with pytest.raises(ValueError, match="nobody"):
        market.set("nobody", price=1.0)

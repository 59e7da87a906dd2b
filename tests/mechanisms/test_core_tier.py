"""R21: core customers in a service tier of their own: who is in it, what they get, and what it costs."""

import numpy as np
import pytest
from helpers import assert_lawful, counts_of, customers_of, differing, events_of, ledger_of, run_market
from ties import assert_nobody_leaves_earlier, by_period, thinkers, unpaid_market

import retsim as rs
from retsim.rules.serving import advantage
from retsim.scenario import load
from retsim.state import Account, Count, Flag, Kind

TIER = {
    "budget.monthly": 100.0, "budget.retention_share": 1.0, "budget.mix": {"core": 1.0}, "firm.core_cost": 20.0,
}  # fmt: skip
ALL = TIER | {"budget.monthly": 1e6}


def in_tier(market):
    return (customers_of(market)["flags"] & Flag.CORE) != 0


def test_the_rule_by_hand():
    for flags, due in ((0, 0.0), (Flag.STATUS, 0.1), (Flag.CORE, 0.2), (Flag.STATUS | Flag.CORE, 0.1 + 0.2)):
        assert advantage(int(flags), 0.1, 0.2) == due


def test_as_many_are_in_it_as_the_fund_keeps_and_each_costs():
    """100 a month keep five of ten at 20; what a tick cannot use waits, and 90 for four leaves 10 for the next."""
    market = run_market(thinkers(**TIER))
    assert list(by_period(market, "PROGRAMME_CORE")) == [100.0] * 6
    assert in_tier(market).sum() == 5
    dearer = run_market(thinkers(**TIER | {"firm.core_cost": 22.5}))
    assert list(by_period(dearer, "PROGRAMME_CORE")) == [90.0, 90.0, 112.5, 90.0, 112.5, 90.0]
    rs.simulate(thinkers(**TIER)).check()


@pytest.mark.parametrize(("better", "due"), [(0.2, 0.5 * 0.95 + 0.5 * 0.75), (0.6, 0.5 * 1.0 + 0.5 * 0.75)])
def test_they_are_served_better_as_far_as_there_is_any(better, due):
    """Service weighs half and is 0.75; with a learning rate of 1 satisfaction is the last experience."""
    quick = {"behaviour.learning_rate": 1.0, "firm.core_service": better}
    market = run_market(thinkers(**TIER | quick))
    satisfaction, core = customers_of(market)["satisfaction"], in_tier(market)
    assert satisfaction[core] == pytest.approx(due)
    assert satisfaction[~core] == pytest.approx(0.75)


def test_a_desk_of_their_own_by_hand():
    """All ten complain at once. Five wait for a desk of their own, five for the other: each as if it were alone."""
    failing = {
        "firm.failure_rate": 1.0, "firm.accessibility": 1.0, "segments.all.traits.voice": 1.0, "firm.desk_staff": 1.0,
        "firm.desk_rate": 4.0, "firm.staff_cost": 10.0, "behaviour.billing_period": 100.0, "horizon": 12.0,
        "behaviour.patience": 1200.0, "firm.recovery_quality": 1.0, "behaviour.first_bill": 0.5,
    }  # fmt: skip
    runs = [run_market(thinkers(**TIER | failing | {"firm.core_staff": n}), 3, log=True) for n in (0.0, 1.0)]
    core = in_tier(runs[1])
    assert core.sum() == 5
    answered = [np.full(10, np.inf) for _ in runs]
    for at, market in zip(answered, runs, strict=True):
        for event in events_of(market, Kind.ANSWER):
            at[event["customer"]] = event["time"]
    assert (answered[1] <= answered[0]).all()
    assert (answered[1] < answered[0]).mean() >= 0.3
    # Ten in a row before; the last of each five is done long before the last of ten.
    assert max(answered[1]) < max(answered[0]) < np.inf
    assert [by_period(market, "STAFF")[0] for market in runs] == [10.0, 20.0]


def test_the_tier_is_lost_by_leaving():
    def absurd(market):
        yield market.at(3.5)
        market.set("focal", price=1e6)

    market = run_market(thinkers(**ALL | {"behaviour.outside_value": 0.0}), processes=[absurd])
    assert not in_tier(market).any()
    assert by_period(market, "PROGRAMME_CORE")[-1] == 0.0


def scarce(name, **strategy):
    plan = {"retention_share": 1.0, "mix": {"core": 1.0}} | strategy
    scenario = load(name).with_(customers=250, horizon=14.0, strategies={"tier": plan}, strategy="tier")
    return scenario.with_(**{"budget.monthly": 80.0, "firm.core_service": 0.2})


@pytest.mark.parametrize("kind", ["past-value", "predicted-value", "churn-risk", "value-at-risk", "random", "worst"])
@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_it_takes_whom_the_strategy_aims_at_and_the_engines_agree(name, kind):
    """`core_by` aims the tier alone; as `targeting` of the whole strategy it is the same where nothing else is paid."""
    one, other = scarce(name, core_by=kind), scarce(name, targeting=kind)
    market = run_market(one, 6, log=True)
    assert differing(market, run_market(other, 6, log=True)) == []
    assert differing(market, run_market(one, 6, engine="reference", log=True)) == []
    assert differing(market, run_market(scarce(name), 6, log=True)) != []
    assert_lawful(market)


def test_the_biggest_spenders_are_in_it():
    seen = {}

    def watch(market):
        for _ in range(2):
            yield market.at(9.0)
        known = market.database.customers(0, 12.0)
        seen["revenue"], seen["core"] = known.revenue, in_tier(market)[known.number]

    run_market(scarce("retail", core_by="past-value"), 2, processes=[watch])
    assert 5 < seen["core"].sum() < 0.5 * seen["core"].size
    assert seen["revenue"][seen["core"]].min() >= np.sort(seen["revenue"])[-seen["core"].sum() - 8]


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_better_service_for_all_core_customers_never_loses_one_earlier(name):
    """Expectations learn from what they get and are feedback, so they are off."""
    calm = {"behaviour.expectation_learning": 0.0, "behaviour.loss_aversion": 1.0, "behaviour.choice_noise": 6.0}
    calm |= {"firm.service_quality": 0.3, "firm.silence": 1200.0}
    weak, strong = (unpaid_market(name, **ALL | calm | {"firm.core_service": x}) for x in (0.0, 0.7))
    assert_nobody_leaves_earlier(weak, strong, 41, moved=0.3)


def test_a_larger_fund_keeps_the_same_customers_and_more():
    tiers = [in_tier(run_market(thinkers(**TIER | {"budget.monthly": m, "customers": 200}))) for m in (400.0, 1400.0)]
    assert (tiers[1] >= tiers[0]).all()
    assert 0 < tiers[0].sum() < 0.7 * tiers[1].sum()


def test_half_executed_it_reaches_half_and_costs_the_same():
    whole, half = (run_market(thinkers(**ALL | {"firm.execution": x, "customers": 400})) for x in (1.0, 0.5))
    assert by_period(whole, "PROGRAMME_CORE").tolist() == by_period(half, "PROGRAMME_CORE").tolist()
    assert 0.4 < in_tier(half).sum() / in_tier(whole).sum() < 0.6
    assert (in_tier(whole) >= in_tier(half)).all()


def test_it_works_for_rivals_and_without_is_off():
    mine = {"budget": {"monthly": 2000.0, "retention_share": 1.0, "mix": {"core": 1.0}}, "core_service": 0.2}
    run = rs.simulate(load("telecom").with_(customers=300, horizon=9.0, rivals={"network": mine}), seed=2)
    run.check()
    cost = run.totals.groupby("firm", observed=False)["programme_core"].sum()
    assert cost["network"] > 0.0
    assert cost["focal"] == cost["discounter"] == 0.0
    scenario = scarce("telecom", core_by="past-value")
    off = run_market(scenario.without("core"), 2)
    plain = run_market(scenario.with_(**{"firm.core_service": 0.0}), 2)
    assert differing(off, plain) == []
    assert counts_of(off)[..., Count.OCCASIONS].sum() > 0
    assert ledger_of(off)[..., Account.PROGRAMME_CORE].sum() > 0


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"firm.core_service": 20}, "firm.core_service = 20, must lie in 0..1"),
        ({"firm.core_cost": 0}, "firm.core_cost = 0, must lie in 1e-06"),
        ({"firm.core_staff": 1.5, "firm.desk_staff": 1}, "firm.core_staff = 1.5, must be a whole number of servers"),
        ({"firm.core_staff": 2}, "firm.core_staff = 2, must be 0 where desk_staff is 0"),
        ({"budget.mix": {"core": 1.2}}, "budget.mix.core = 1.2, must lie in 0..1"),
        ({"strategies.even.core_by": "best"}, 'core_by = "best", must be one of everyone, random, past-value'),
    ],
)
def test_refusals(overrides, message):
    with pytest.raises(rs.ScenarioError) as refusal:
        load("telecom").with_(**overrides)
    assert message in str(refusal.value)
    assert str(refusal.value).count("\n") < 4

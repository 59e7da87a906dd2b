"""Switching mechanisms off, and what each of them carries."""

import numpy as np
import pytest
from helpers import everything

import retsim as rs
from retsim.parameters import Behaviour, Firm, Traits, table_of

SMALL = {"customers": 150, "horizon": 12.0}


def test_every_value_that_switches_off_is_a_parameter_and_lies_in_its_range():
    for mechanism in rs.MECHANISMS.values():
        for group, values in ((Behaviour, mechanism.behaviour), (Firm, mechanism.firm), (Traits, mechanism.traits)):
            for name, value in values.items():
                parameter = table_of(group)[name]
                assert parameter.low <= value <= parameter.high


@pytest.mark.parametrize("name", rs.MECHANISMS)
def test_a_mechanism_is_off_for_every_segment_firm_and_strategy(name):
    on = everything(rs.load("telecom"))
    scenario = on.without(name)
    for firm in scenario.firms():
        strategy = scenario.plan_of(firm).strategy
        for key, value in rs.MECHANISMS[name].strategy.items():
            has = getattr(strategy, key)
            assert has.by_programme() == {} if key == "only" else has in (value, None)
    off = rs.MECHANISMS[name]
    for segment in scenario.segments:
        behaviour = scenario.behaviour_of(segment)
        assert {key: getattr(behaviour, key) for key in off.behaviour} == dict(off.behaviour)
        traits = scenario.segments[segment].traits
        assert {key: getattr(traits, key).mean() for key in off.traits} == dict(off.traits)
    for firm in scenario.firms().values():
        assert {key: getattr(firm, key) for key in off.firm} == dict(off.firm)


def test_without_word_nobody_hears_anything_also_where_referrals_are_paid_for():
    paid = rs.load("word-of-mouth").with_(**SMALL)
    unpaid = paid.with_(budget={"winning": {"advertising": 0.7, "promotion": 0.3, "referral": 0.0}})
    run, other = (rs.simulate(market.without("word"), seed=3) for market in (paid, unpaid))
    heard = ["recommended", "warned", "joined_word", "joined_referral"]
    assert run.totals[heard].to_numpy().sum() == other.totals[heard].to_numpy().sum() == 0
    # Where both ways to switch it off are possible, nothing that happens tells them apart.
    deaf = rs.simulate(unpaid.with_(behaviour={"word_response": 0.0}, word={"reputation_learning": 0.0}), seed=3)
    assert deaf.totals.equals(other.totals)
    assert deaf.ledger.equals(other.ledger)


def test_the_order_does_not_matter_and_twice_is_once():
    scenario = rs.load("saas")
    both = scenario.without("attachment", "sunk")
    assert both == scenario.without("sunk").without("attachment", "attachment")
    assert both.digest() != scenario.digest()


def test_an_unknown_mechanism_is_refused_with_what_was_meant():
    with pytest.raises(rs.ScenarioError, match=r'"atachment", must be a mechanism: .*did you mean attachment\?'):
        rs.load("telecom").without("atachment")


def test_without_failures_nobody_complains_and_without_attachment_nobody_is_attached():
    scenario = rs.load("telecom").with_(**SMALL)
    assert rs.simulate(scenario.without("failures")).periods["complaints"].sum() == 0
    assert rs.simulate(scenario).periods["complaints"].sum() > 0
    attached = rs.simulate(scenario.without("attachment")).customers["attachment"].dropna()
    assert attached.size > 0
    assert (attached == 0.0).all()


def test_what_is_carried_is_the_paired_difference():
    scenario = rs.load("telecom").with_(**SMALL)
    pair = ("acquisition-led", "retention-led")
    frame = rs.carried(scenario, pair, mechanisms=["failures", "sunk"], replications=3, workers=1)
    assert next(iter(frame["mechanism"])) == "everything on"
    by_hand = {}
    for name, case in {"everything on": scenario, "failures": scenario.without("failures")}.items():
        study = rs.compare({s: case.with_(strategy=s) for s in pair}, replications=3, workers=1)
        profit = study.runs.pivot(index="replication", columns="scenario", values="discounted_profit")
        by_hand[name] = (profit["retention-led"] - profit["acquisition-led"]).to_numpy()
    row = frame.set_index("mechanism").loc["failures"]
    assert row["result"] == pytest.approx(by_hand["failures"].mean())
    assert row["carried"] == pytest.approx((by_hand["everything on"] - by_hand["failures"]).mean())
    assert row["low"] < row["carried"] < row["high"]
    assert row["n"] == 3


def test_mechanisms_that_change_nothing_are_left_out():
    scenario = rs.load("telecom").with_(**SMALL).without("sunk", "growth")
    frame = rs.carried(scenario, replications=2, workers=1)
    assert not {"sunk", "growth"} & set(frame["mechanism"])
    assert np.isfinite(frame["result"]).all()


@pytest.mark.parametrize(
    ("mechanism", "of_it"),
    [
        (
            "attachment",
            {"behaviour": {"word_bond": 0.5}, "firm": {"club_attachment": 0.2, "community_attachment": 0.2}},
        ),
        ("poaching", {"firm": {"poaching_bonus": 30.0}}),
        ("addedvalue", {"firm": {"added_value": 12.0}}),
        ("execution", {"firm": {"execution": 0.3}}),
    ],
)
def test_with_a_mechanism_off_none_of_its_figures_matters(mechanism, of_it):
    market = rs.load("telecom").with_(**SMALL, word={"rate": 1.0}, firm={"club": 1, "club_fee": 1.0})
    market = market.with_(strategy="retention-led")
    plain, changed = market, market.with_(**of_it)
    assert rs.simulate(plain, seed=2).digest() != rs.simulate(changed, seed=2).digest()
    plain, changed = plain.without(mechanism), changed.without(mechanism)
    assert rs.simulate(plain, seed=2).digest() == rs.simulate(changed, seed=2).digest()


def test_without_replacement_nothing_wears_out():
    bank = rs.load("bank").with_(customers=300, horizon=24.0)
    off = bank.without("replacement", "needs")
    assert any(product.cycle > 0.0 for product in bank.products.values())
    assert all(product.cycle == 0.0 for product in off.products.values())
    events = rs.simulate(off, seed=1, log=True).events
    assert not (events["trigger"] == "need").any()
    assert (rs.simulate(bank.without("needs"), seed=1, log=True).events["trigger"] == "need").any()


def test_strategies_of_all_scenarios_are_off_too_and_those_that_nobody_has_carry_nothing():
    bank = rs.load("bank").with_(customers=200, horizon=12.0)
    chosen = bank.with_(strategy="by-status")
    off = chosen.without("policy")
    assert {name: getattr(off.plan_of("focal").strategy, name) for name in ("reward_loyal", "court_wavering", "charge_leaver")} == {
        "reward_loyal": 0.0, "court_wavering": 0.0, "charge_leaver": 0.0,
    }  # fmt: skip
    assert off.plan_of("focal").mix == chosen.plan_of("focal").mix
    assert "by-status" not in bank.without("policy").strategies
    unused = bank.with_(strategies={"mine": {"targeting": "tenure", "charge_leaver": 5.0}})
    names = set(rs.carried(unused, ("even", "personal"), replications=2, workers=1)["mechanism"])
    assert names.isdisjoint(("policy", "targeting", "shocks", "paradox"))
    used = rs.carried(unused, ("even", "mine"), replications=2, workers=1)["mechanism"]
    assert {"policy", "targeting"} <= set(used)


def test_without_shocks_nothing_comes_and_a_community_without_the_mechanism_has_no_members():
    calm = rs.load("telecom").with_(**SMALL)
    hit = calm.with_(shocks={"slump": {"kind": "recession", "start": 3.0}})
    assert rs.simulate(hit, seed=4).digest() != rs.simulate(calm, seed=4).digest()
    assert rs.simulate(hit.without("shocks"), seed=4).digest() == rs.simulate(calm, seed=4).digest()
    market = rs.load("customer-community").with_(customers=300, horizon=24.0)
    on, off = (rs.simulate(m, seed=4).customers["in_community"] for m in (market, market.without("community")))
    assert on.sum() > 0
    assert off.sum() == 0

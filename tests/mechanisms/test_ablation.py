"""Switching mechanisms off, and what each of them carries."""

import numpy as np
import pytest

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
def test_a_mechanism_is_off_for_every_segment_and_firm(name):
    scenario = rs.load("telecom").without(name)
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

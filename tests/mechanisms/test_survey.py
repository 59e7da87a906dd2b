"""R21: surveys, who answers them, what the firm sees of satisfaction, and what it can do with that."""

import math

import numpy as np
import pytest
from helpers import assert_lawful, assert_share, counts_of, customers_of, differing, ledger_of, run_market
from ties import by_period, thinkers

import retsim as rs
from retsim.rules import survey
from retsim.scenario import load
from retsim.state import Account, Count, Flag

ASKING = {
    "budget.monthly": 100.0, "budget.retention_share": 1.0, "budget.mix": {"survey": 1.0}, "firm.survey_cost": 20.0,
    "firm.survey_pause": 3.0,
}  # fmt: skip
ALL = ASKING | {"budget.monthly": 1e8, "firm.survey_cost": 1.0}


class Asked:
    """Behaviour that the rule reads."""

    survey_response, survey_pleased, survey_extreme, survey_attached = 0.25, 1.0, 0.5, 2.0


@pytest.mark.parametrize(
    ("satisfaction", "attachment", "odds"),
    [(0.5, 0.0, 1 / 3), (1.0, 0.0, math.exp(1.5) / 3), (0.0, 0.0, math.exp(-0.5) / 3), (0.5, 1.0, math.exp(2.0) / 3)],
)
def test_the_rule_by_hand(satisfaction, attachment, odds):
    p = getattr(survey.p_replies, "py_func", survey.p_replies)(satisfaction, attachment, Asked())
    assert p == pytest.approx(odds / (1 + odds))


def test_what_is_said_by_hand():
    for felt, error, said in ((0.6, 0.1, 0.7), (0.95, 0.1, 1.0), (0.05, -0.1, 0.0)):
        assert survey.answer(felt, error) == pytest.approx(said)


def asked_at(market):
    return market.database.asked(np.arange(market.population.n))


def test_nobody_is_asked_twice_within_the_pause_and_the_longest_unasked_first():
    """100 a month ask five at 20; ten are through after two ticks, and the money waits till the first are due again."""
    market = run_market(thinkers(**ASKING))
    assert list(by_period(market, "SURVEY")) == [100.0, 100.0, 0.0, 100.0, 100.0, 0.0]
    assert sorted(asked_at(market)) == [3.0] * 5 + [4.0] * 5
    assert counts_of(market)[:, 0, 0, Count.ASKED].tolist() == [5, 5, 0, 5, 5, 0]
    rs.simulate(thinkers(**ASKING)).check()


def test_answers_are_what_is_felt_where_everyone_answers_without_error():
    candid = {"behaviour.survey_response": 1.0, "behaviour.survey_noise": 0.0, "horizon": 3.0}
    scenario = thinkers(
        **ALL | candid | {"segments.all.traits.initial_satisfaction": {"dist": "uniform", "low": 0.2, "high": 0.9}}
    )
    run = rs.simulate(scenario, seed=1)
    # Asked at the start and silent since: what they said is what they felt then, and nothing changed it.
    market = run_market(scenario, 1)
    assert (market.database.answer[:10] == customers_of(market)["satisfaction"]).all()
    assert run.measures()["surveyed_satisfaction"] == pytest.approx(run.measures()["mean_satisfaction"])


def test_the_share_that_answers_is_that_of_the_rule():
    some = {"behaviour.survey_response": 0.3, "behaviour.survey_pleased": 2.0, "behaviour.survey_attached": 0.0}
    market = run_market(thinkers(**ALL | some | {"customers": 60_000, "horizon": 1.0}), 4)
    odds = 0.3 / 0.7 * math.exp(2.0 * 0.5)
    replied = int(counts_of(market)[..., Count.REPLIED].sum())
    assert_share(replied, 60_000, odds / (1 + odds), precision=0.01)


SPREAD = {"segments.all.traits.initial_satisfaction": {"dist": "uniform", "low": 0.1, "high": 1.0}, "customers": 4000}


def seen(**overrides):
    """True and surveyed satisfaction in the first month of a market where satisfaction differs."""
    run = rs.simulate(thinkers(**ALL | SPREAD | {"horizon": 1.0} | overrides), seed=5)
    return run.measures()["mean_satisfaction"], run.measures()["surveyed_satisfaction"]


def test_the_more_the_content_answer_the_rosier_the_picture():
    gaps = []
    for pleased in (-3.0, 0.0, 3.0):
        true, surveyed = seen(**{"behaviour.survey_pleased": pleased})
        gaps.append(surveyed - true)
    assert gaps[0] < -0.1
    assert abs(gaps[1]) < 0.02
    assert gaps[2] > 0.1


def test_the_attached_say_what_others_do_not():
    """Where the attached are the content, asking the attached flatters."""
    true, plain = seen(**{"behaviour.survey_pleased": 0.0, "behaviour.survey_attached": 0.0})
    tied = {"segments.all.traits.initial_attachment": 0.9, "behaviour.survey_pleased": 0.0}
    run = [
        rs.simulate(thinkers(**ALL | SPREAD | tied | {"horizon": 1.0, "behaviour.survey_attached": w}), seed=5)
        for w in (0.0, 3.0)
    ]
    replied = [int(r.totals.replied.sum()) for r in run]
    assert replied[1] > 1.3 * replied[0] > 0
    assert abs(plain - true) < 0.02


def test_who_answers_at_a_lower_response_answers_at_a_higher_too():
    told = [
        ~np.isnan(
            run_market(thinkers(**ALL | SPREAD | {"horizon": 1.0, "behaviour.survey_response": r})).database.answer[
                :4000
            ]
        )
        for r in (0.2, 0.6)
    ]
    assert (told[1] >= told[0]).all()
    assert (told[1] > told[0]).mean() >= 0.3


def test_a_dearer_questionnaire_asks_the_same_customers_and_fewer():
    asked = [
        np.isfinite(asked_at(run_market(thinkers(**ASKING | SPREAD | {"firm.survey_cost": c, "horizon": 1.0}))))
        for c in (0.04, 0.1)
    ]
    assert (asked[0] >= asked[1]).all()
    assert 0 < asked[1].sum() < 0.7 * asked[0].sum()


def listening(name="retail", **overrides):
    plan = {"retention_share": 1.0, "mix": {"survey": 0.2, "contact": 0.8}, "targeting": "dissatisfied"}
    scenario = load(name).with_(customers=300, horizon=14.0, strategies={"listen": plan}, strategy="listen")
    return scenario.with_(**{"budget.monthly": 60.0, "firm.survey_cost": 0.2} | overrides)


def test_the_dissatisfied_who_said_so_are_courted_first():
    found = {}

    def watch(market):
        for _ in range(2):
            yield market.at(9.0)
        known = market.database.customers(0, 12.0)
        found["answer"] = known.answer
        found["courted"] = (customers_of(market)["flags"][known.number] & Flag.CONTACT) != 0

    run_market(listening(), 3, processes=[watch])
    told = ~np.isnan(found["answer"])
    assert 5 < found["courted"].sum() < found["courted"].size
    assert 5 < told.sum() < told.size
    assert np.nanmean(found["answer"][found["courted"]]) < np.nanmean(found["answer"][~found["courted"]])
    assert found["courted"][told].mean() > found["courted"][~told].mean()


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree(name):
    scenario = listening(name, **{"firm.execution": 0.7, "firm.survey_pause": 2.0})
    compiled = run_market(scenario, 6, log=True)
    assert differing(compiled, run_market(scenario, 6, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 6, threads=2, log=True)) == []
    assert ledger_of(compiled)[..., Account.SURVEY].sum() > 0
    assert_lawful(compiled)
    run = rs.simulate(scenario, seed=6)
    run.check()
    assert (run.totals.asked >= run.totals.replied).all()
    assert run.totals.surveyed_satisfaction[run.totals.firm != "focal"].isna().all()


def test_a_survey_nobody_acts_upon_changes_nothing_but_money():
    asked, silent = (rs.simulate(thinkers(**ALL | {"budget.mix": mix})) for mix in ({"survey": 1.0}, {"service": 1.0}))
    assert (
        asked.records[["satisfaction", "attachment", "revenue"]]
        == silent.records[["satisfaction", "attachment", "revenue"]]
    ).all()
    assert asked.totals.surveys.sum() == 20.0


def test_a_strategy_of_ones_own_reads_answers_and_their_age():
    views = []
    rs.simulate(listening(), seed=3, strategy=lambda view: views.append(view.customers))
    ages = np.concatenate([view.answer_age for view in views])
    answers = np.concatenate([view.answer for view in views])
    assert (np.isnan(ages) == np.isnan(answers)).all()
    assert np.nanmin(ages) == 1.0
    assert np.nanmax(ages) > 1.0
    assert not views[-1].answer.flags.writeable


def test_without_surveys_there_are_no_answers():
    run = rs.simulate(listening().without("survey"), seed=3)
    assert run.totals.replied.sum() == 0
    assert math.isnan(run.measures()["surveyed_satisfaction"])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"behaviour.survey_response": 30}, "behaviour.survey_response = 30, must lie in 0..1"),
        ({"behaviour.survey_pleased": 50}, "behaviour.survey_pleased = 50, must lie in -20..20"),
        ({"behaviour.survey_noise": -0.1}, "behaviour.survey_noise = -0.1, must lie in 0..1"),
        ({"firm.survey_cost": 0}, "firm.survey_cost = 0, must lie in 1e-06"),
        ({"firm.survey_pause": -1}, "firm.survey_pause = -1, must lie in 0..1200"),
        ({"budget.mix": {"survey": 0.5}}, "shares that sum to 1, not 0.5"),
        ({"strategies.even.targeting": "disatisfied"}, "did you mean dissatisfied?"),
    ],
)
def test_refusals(overrides, message):
    with pytest.raises(rs.ScenarioError) as refusal:
        load("telecom").with_(**overrides)
    assert message in str(refusal.value)
    assert str(refusal.value).count("\n") < 4

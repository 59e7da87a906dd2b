"""Who wins: one answer for tables, pictures and machines."""

import math

import pytest
from test_experiments_study import study_of

import retsim as rs
from retsim import plots
from retsim.cli.compare import _sentence
from retsim.experiments.answer import answer, verdict


@pytest.fixture(scope="module")
def scenario():
    return rs.load("retail")


def test_the_best_against_the_next_by_hand(scenario):
    study = study_of(scenario, a=[10.0, 20.0, 30.0], b=[12.0, 21.0, 33.0], c=[0.0, 0.0, 90.0])
    found = answer(study)
    # Means 20, 22, 30. Differences c less b: -12, -21, 57: mean 8, s = 42.673177, t(2) = 4.302653.
    assert (found.best, found.against, found.n, found.n_better) == ("c", "b", 3, 1)
    half = 4.302653 * 42.673177 / math.sqrt(3)
    assert (found.mean, found.low, found.high) == pytest.approx((8.0, 8.0 - half, 8.0 + half), abs=1e-4)
    assert not found.is_sure
    assert verdict(study, "discounted_profit", "EUR") == (
        "No sure winner: c is +8.00 EUR discounted profit ahead of b, but the 95 % interval -98.01 to +114.0 includes 0 "
        "(better in 1 of 3 replications)"
    )


def test_less_is_better_where_it_is(scenario):
    study = study_of(scenario, "churn_rate", a=[0.02, 0.03, 0.04], b=[0.01, 0.021, 0.029])
    found = answer(study, "churn_rate")
    assert (found.best, found.n_better, found.is_sure) == ("b", 3, True)
    assert verdict(study, "churn_rate").startswith("b wins: -1.00 pts churn rate against a (95 % interval -1.25 pts to")


def test_without_a_difference_there_is_no_winner(scenario):
    assert (
        verdict(study_of(scenario, a=[5.0, 7.0], b=[5.0, 7.0])) == "No difference in discounted profit between a and b"
    )
    assert verdict(study_of(scenario, a=[5.0], b=[5.0])) == "No difference in discounted profit between a and b"


def test_one_replication_claims_no_certainty(scenario):
    study = study_of(scenario, a=[5.0], b=[1505.0])
    assert not answer(study).is_sure
    assert verdict(study, unit="EUR") == (
        "b is ahead of a: +1,500 EUR discounted profit in one replication, which cannot say how sure that is"
    )


def test_only_replications_of_both_count(scenario):
    assert answer(study_of(scenario, a=[1.0, None], b=[None, 2.0])) is None
    assert verdict(study_of(scenario, a=[1.0, None], b=[None, 2.0])).startswith("No answer: no replication of two")
    found = answer(study_of(scenario, a=[1.0, 2.0, 3.0], b=[None, 4.0, 6.0]))
    assert (found.n, found.mean) == (2, 2.5)


def test_one_scenario_is_told_by_itself(scenario):
    assert answer(study_of(scenario, a=[5.0, 7.0])) is None
    said = verdict(study_of(scenario, a=[1000.0, 3000.0]), unit="EUR")
    assert said == "a: 2,000 EUR discounted profit on average (95 % interval -10,706 to 14,706)"
    assert verdict(study_of(scenario, "clv", a=[math.nan, math.nan]), "clv") == (
        "No answer: no replication has a CLV of a customer won"
    )


def test_no_such_measure(scenario):
    with pytest.raises(ValueError, match="metric = 'luck', must be one of discounted_profit"):
        answer(study_of(scenario, a=[1.0], b=[2.0]), "luck")


def test_terminal_and_pictures_say_the_same(study):
    """But for the minus sign, which is typeset in a picture, and the line breaks."""
    printed = _sentence(study, "EUR")
    figure = plots.profit_paths(study)
    drawn = " ".join(figure.get_suptitle().split()).replace("\N{MINUS SIGN}", "-")
    assert printed == f"{drawn}."

"""Graded exercises: right and wrong answers, of the right and the wrong kind; no answer in clear."""

from __future__ import annotations

import inspect
import math

import pytest

import retsim as rs
from retsim.classroom import formulas, trials
from retsim.classroom.judging import number, word

check = rs.classroom.check


def test_there_are_exercises_for_every_notebook_and_each_says_what_to_hand_in() -> None:
    table = rs.classroom.exercises()
    assert {key[:2] for key in table["exercise"]} >= {"01", "02", "03", "10", "11", "12", "14", "16"}
    assert table["question"].str.contains(r"\(|[Hh]and in|Name").all()
    assert rs.classroom.exercises("12")["exercise"].tolist() == ["12-1", "12-2", "12-3"]
    with pytest.raises(ValueError, match="did you mean '12-"):
        check("12-l", 1.0)


def test_formulas_by_hand() -> None:
    # Base: inflow over churn; half-life: ln 2 over rate; breakage: expiry over both rates.
    assert check("02-a", 100 / 0.04).right
    assert check("05-a", math.log(2) / 0.08).right
    assert check("09-a", 0.03 / 0.15).right
    # Five renewals after a margin at once.
    assert check("12-1", sum(100 * (0.8 / 1.1) ** t for t in range(6))).right
    assert not check("12-1", sum(100 * (0.8 / 1.1) ** t for t in range(1, 6))).right
    # m r / (1 + d - r), before and after five points.
    assert check("13-a", 100 * ((0.85 / 0.25) / (0.8 / 0.3) - 1)).right
    assert check("12-3", "seldom").right


def test_words_of_advice_are_friendly_and_give_nothing_away() -> None:
    judge = number(lambda: 0.2, "share")
    assert "too high" in str(judge(0.3))
    assert "percentage" in str(judge(20.0))
    assert "is no number" in str(judge("a fifth"))
    assert "is no number" in str(judge(math.nan))
    for wrong in (0.3, 20.0, 0.1):
        assert "0.2 " not in judge(wrong).message
    chosen = word({"a": "one", "b": "other"}, lambda: ("a", "because"))
    assert str(chosen("a")) == "Right: because"
    assert "because" not in str(chosen("b"))
    assert "is none of" in str(chosen(["a"]))


def test_no_answer_stands_in_the_source() -> None:
    source = inspect.getsource(formulas) + inspect.getsource(trials)
    for found in ("2500", "8.66", "0.2 ", "321", "27.5"):
        assert found not in source


def test_what_is_handed_in_is_run() -> None:
    def spread_word(market):
        yield market.at(3.0)
        market.set("focal", service_quality=0.2, product_quality=0.3)

    assert check("16-2", spread_word).right

    def nothing(market):
        yield market.at(3.0)

    assert not check("16-2", nothing).right
    assert "it stopped" in check("16-2", lambda market: market.nowhere).message
    assert "no function" in check("16-1", 3).message
    assert "no packaged scenario" in check("01-3", "utopia").message

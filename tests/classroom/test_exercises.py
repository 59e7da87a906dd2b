"""Graded exercises: right and wrong answers, of the right and the wrong kind; no answer in clear."""

from __future__ import annotations

import inspect
import math
from pathlib import Path

import pytest

import retsim as rs
from retsim.calibrate import fit_bgnbd, read_transactions, summarise, tracking, transactions_from_frame
from retsim.classroom import formulas, lives, slogans, trials
from retsim.classroom.judging import number, word

DATA = Path(__file__).resolve().parents[2] / "data"

check = rs.classroom.check


def test_there_are_exercises_for_every_notebook_and_each_says_what_to_hand_in() -> None:
    table = rs.classroom.exercises()
    assert {key[:2] for key in table["exercise"]} >= {"01", "02", "03", "10", "11", "12", "13", "14", "15", "16"}
    assert table["question"].str.contains(r"\(|[Hh]and in|Name").all()
    assert rs.classroom.exercises("12")["exercise"].tolist() == ["12-1", "12-2", "12-3"]
    assert rs.classroom.exercises("13")["exercise"].tolist() == [*(f"13-{k}" for k in range(1, 6)), "13-a"]
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
    # (m r - c) / (1 + d - r), with five points more and c as without: c = m r - m r0 (1 + d - r) / (1 + d - r0).
    assert check("13-1", 85 - 80 * 0.25 / 0.3).right
    assert not check("13-1", 5.0).right
    # s = 4 (1 - s); odds of 7 to 3 times six are 14 to 1.
    assert check("13-3", 4 / 5).right
    assert check("13-5", 100 / 15).right
    # The interval of a difference of two shares is 1.96 (2 p q / n)^(1/2) to either side.
    assert check("15-3", 2 * 0.4 * 0.6 / (0.03 / 1.96) ** 2).right


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
    source = "".join(map(inspect.getsource, (formulas, lives, slogans, trials)))
    for found in ("2500", "8.66", "0.2 ", "321", "27.5", "18.3", "0.8)", "6.67", "2049", "2048", "15.4", "airline"):
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


def test_the_ratio_upside_down_is_found_by_experiment() -> None:
    assert check("13-2", "grocery").right
    # There winning is the dearer of the two.
    assert not check("13-2", "saas").right
    assert "nothing is spent" in check("13-2", "bad-film").message
    assert "no packaged scenario" in check("13-2", ["airline"]).message


def test_a_market_with_dissatisfied_leavers_is_lived_through() -> None:
    telecom = rs.load("telecom")
    assert check("13-4", telecom.with_(firm={"service_quality": 0.62})).right
    # As packaged most leavers were satisfied; and where all is bad most customers are not.
    assert not check("13-4", telecom).right
    assert not check("13-4", telecom.with_(firm={"service_quality": 0.3})).right
    assert "no Scenario" in check("13-4", "telecom").message


def test_a_forecast_is_held_against_the_log_that_was_handed_in() -> None:
    log = read_transactions(DATA / "CDNOW_sample.txt.gz")
    summary = summarise(log, cutoff="1997-06-30", unit="week")
    foreseen = tracking(summary, fit_bgnbd(summary).params).frame.query("holdout")
    off = 100 * (foreseen["expected"].sum() / foreseen["actual"].sum() - 1)
    assert check("15-1", (log, off)).right
    assert not check("15-1", (log, -off)).right
    assert "no pair" in check("15-1", off).message
    early = transactions_from_frame(log.days[log.days["date"] <= "1997-06-30"])
    assert not check("15-1", (early, off)).right

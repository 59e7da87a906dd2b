"""The mystery market and its leaderboard: nobody sees or forges what is not theirs."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path

import pytest

import retsim as rs
from retsim.classroom import unknown
from retsim.classroom.board import Board
from retsim.classroom.unknown import HIDDEN, KNOWN, Result

SECRET = "a teacher's secret"


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller market, a shorter time, fewer runs."""
    for name, value in {"CUSTOMERS": 100, "CHOOSING": 2, "SCORING": 3, "RULED": 6.0, "AFTER": 3.0}.items():
        monkeypatch.setattr(unknown, name, value)
    monkeypatch.setattr(unknown, "KNOWN", {name: KNOWN[name] for name in ("as before", "win", "save")})


def result(student: str = "ada", regret: float = 100.0) -> Result:
    return Result(student, 0, rs.Plan(retention_share=0.2), "win", regret, regret - 9.0, regret + 9.0, 500.0, 10)


def test_each_student_has_a_market_of_their_own_and_always_the_same() -> None:
    ada, bob = rs.classroom.mystery("ada"), rs.classroom.mystery("bob")
    assert ada._values() == rs.classroom.mystery("ada")._values()
    assert all(ada._values()[name] != bob._values()[name] for name in HIDDEN)
    assert ada._values() != rs.classroom.mystery("ada", class_seed=1)._values()
    for name, (low, high) in HIDDEN.items():
        assert low <= ada._values()[name] <= high
    # What is hidden reaches the customers and the firm.
    assert ada._scenario.firm.failure_rate == ada._values()["failure_rate"]
    assert ada._scenario.digest() != bob._scenario.digest()


@pytest.mark.usefixtures("quick")
def test_a_plan_is_scored_against_the_best_known_one_with_the_same_luck() -> None:
    market = rs.classroom.mystery("ada")
    with pytest.raises(ValueError, match="after a plan was handed in"):
        market.reveal()
    assert market.sight.month == 12.0
    best = market.hand_in(unknown.KNOWN[market._known.idxmax()])
    assert (best.regret, best.low, best.high) == (0.0, 0.0, 0.0)
    worst = market.hand_in(unknown.KNOWN[market._known.idxmin()])
    assert worst.low <= worst.regret <= worst.high
    assert worst.regret > 0.0
    assert worst.n == 3
    assert set(market.reveal()["hidden"]) == set(HIDDEN)
    assert market.known()["profit"].is_monotonic_decreasing
    with pytest.raises(ValueError, match=r"plan\.figures: stay as they are"):
        market.hand_in(rs.Plan(figures={"price": 31.0}))


def test_a_board_keeps_what_is_whole_and_names_what_is_damaged(tmp_path: Path) -> None:
    board = Board(tmp_path / "board.jsonl")
    assert board.table().empty
    board.add(result("ada", 300.0))
    board.add(result("bob", 200.0))
    # A writer that was killed in the middle of a line does not swallow the next.
    with board.path.open("a") as file:
        file.write('{"student": "eve", "regr')
    board.add(result("ada", 100.0))
    text = board.path.read_text().replace('"regret": 200', '"regret": 2')
    board.path.write_text(text)
    table = board.table()
    assert table[["student", "regret", "first", "tries"]].to_numpy().tolist() == [["ada", 100.0, 300, 2]]
    assert [damage.reason.split(":")[0] for damage in board.damage()] == [
        "does not say what was written",
        "is no JSON",
    ]


def _write(path: Path, student: str) -> None:
    for k in range(20):
        Board(path).add(result(student, float(k)))


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "board.jsonl"
    writers = [multiprocessing.get_context("fork").Process(target=_write, args=(path, s)) for s in ("ada", "bob")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    board = Board(path)
    assert board.damage() == []
    assert board.table()["tries"].tolist() == [20, 20]


@pytest.mark.usefixtures("quick")
def test_a_forged_score_is_made_anew_and_a_forged_name_does_not_count(tmp_path: Path) -> None:
    board, codes = Board(tmp_path / "board.jsonl"), rs.classroom.codes(["ada", "bob"], SECRET)
    true = rs.classroom.mystery("ada").hand_in(rs.Plan(retention_share=0.0))
    board.add(true, codes["ada"])
    # Bob writes himself a score with a true digest, and hands in a bad plan in Ada's name.
    board.add(result("bob", -9999.0), codes["bob"])
    board.add(result("ada", -5.0), codes["bob"])
    table = board.verify(SECRET).set_index("student")
    assert table.loc["ada", "verdict"] == "true"
    assert table.loc["ada", "tries"] == 1
    assert table.loc["ada", "regret"] == pytest.approx(true.regret)
    assert table.loc["bob", "verdict"] == "claims -9,999"
    assert table.loc["bob", "regret"] > -9999.0
    assert [entry["regret"] for entry in board.strangers(SECRET)] == [-5]
    with pytest.raises(ValueError, match="8 or more"):
        rs.classroom.codes(["ada"], "short")


def test_a_line_holds_the_plan_so_that_anybody_can_score_it(tmp_path: Path) -> None:
    board = Board(tmp_path / "board.jsonl")
    board.add(result())
    (line,) = [line for line in board.path.read_text().splitlines() if line]
    assert json.loads(line)["plan"] == {"retention_share": 0.2}


@pytest.mark.parametrize("name", ["", "  ", "a\nb", 7])
def test_a_student_has_a_name(name: object) -> None:
    with pytest.raises(ValueError, match="student"):
        rs.classroom.mystery(name)

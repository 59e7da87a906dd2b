"""The game in rounds: one simulation whatever the number of rounds, saved, resumed, compared, refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

import retsim as rs
from retsim.classroom.rounds import Game
from retsim.classroom.rules import Rules

SHORT = {"seed": 7, "rounds": 3, "months": 2, "after": 4, "customers": 120}
PLANS = (rs.Plan(retention_share=0.9, mix={"contact": 1.0}), rs.Plan(figures={"price": 27.0}), rs.Plan(spend=0.2))


def played(team: str = "Blue", plans: tuple[rs.Plan, ...] = PLANS, **how: object) -> Game:
    game = rs.classroom.game(team, **SHORT, **how)
    for plan in plans:
        game.play(plan)
    return game


def test_rounds_go_on_with_one_simulation_bit_for_bit() -> None:
    game, runs, books = rs.classroom.game("Blue", **SHORT), [], []
    for plan in PLANS:
        game.play(plan)
        runs.append(game.so_far())
        books.append(game.books())
    whole = runs[-1].closed
    for k, run in enumerate(runs, start=1):
        months = k * SHORT["months"]
        assert np.array_equal(run.closed.totals[:months], whole.totals[:months])
        assert np.array_equal(run.closed.counts[:months], whole.counts[:months])
        assert books[-1].iloc[:months].equals(books[k - 1])
    # And what follows does depend on the plan.
    other = rs.classroom.game("Red", **SHORT)
    other.play(rs.Plan(retention_share=0.0))
    assert not np.array_equal(other.so_far().closed.totals[:2], whole.totals[:2])


def test_teams_that_plan_the_same_see_the_same() -> None:
    blue, red = played("Blue", PLANS[:2]), played("Red", PLANS[:2])
    assert blue.so_far().digest() == red.so_far().digest()
    assert blue.database().equals(red.database())
    assert blue.sight.survey().equals(red.sight.survey())


def test_the_database_is_the_firms_own_and_says_nothing_of_the_mind() -> None:
    game = played(plans=PLANS[:1])
    database = game.database()
    assert not {"satisfaction", "attachment", "attention", "expectation"} & set(database.columns)
    # The run goes one tick beyond what is seen, so the books are asked.
    assert len(database) == game.books()["customers"].iloc[-1]
    bills = game.sight.bills()
    assert (bills["revenue"] >= 0).all()
    assert set(game.sight.survey()["customer"]) <= set(database["customer"])
    assert game.sight.research()["people"].sum() > 0


def test_a_saved_game_goes_on_where_it_was(tmp_path) -> None:
    path = tmp_path / "blue.json"
    game = played(plans=PLANS[:2], path=path)
    again = rs.classroom.resume(path)
    assert again.so_far().digest() == game.so_far().digest()
    again.play(PLANS[2])
    game = played()
    assert again.score(2) == game.score(2)
    with pytest.raises(FileExistsError, match=r"resume"):
        rs.classroom.game("Blue", path=path)


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"rounds": 3', '"rounds": 1'),
        lambda text: text.replace('"price": 27.0', '"unit_cost": 0.0'),
        lambda text: text.replace("telecom", "retail"),
        lambda text: "[]",
    ],
)
def test_a_damaged_or_improved_file_is_refused(tmp_path, harm) -> None:
    path = tmp_path / "blue.json"
    played(plans=PLANS[:2], path=path)
    path.write_text(harm(path.read_text()))
    with pytest.raises(ValueError, match=r"blue\.json"):
        rs.classroom.resume(path)


def test_no_score_stands_in_the_file_so_none_can_be_written_in(tmp_path) -> None:
    path = tmp_path / "blue.json"
    blue = played(path=path)
    content = json.loads(path.read_text())
    assert "score" not in content
    content["score"] = 1e9
    path.write_text(json.dumps(content))
    table = rs.classroom.standings([path, played("Red", (rs.Plan(),) * 3)], lives=3)
    mine = table.set_index("team").loc["Blue"]
    assert mine["mean"] == blue.score(3).mean
    # Who changes nothing gains nothing, in any life.
    red = table.set_index("team").loc["Red"]
    assert red[["gain", "mean", "low", "high"]].tolist() == [0.0] * 4


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (rs.Plan(figures={"product_quality": 1.0}), "product_quality.*not a manager's"),
        (rs.Plan(figures={"price": 300.0}), r"price = 300.0, must be a number in 25.5..34.5"),
        (rs.Plan(retention_share=2.0), "retention_share = 2.0"),
        (rs.Plan(mix={"service": 0.4}), "sum to 1"),
        (rs.Plan(targeting="the rich"), "targeting"),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_is_played(plan: rs.Plan, message: str) -> None:
    game = rs.classroom.game("Blue", **SHORT)
    with pytest.raises(ValueError, match=message):
        game.play(plan)
    assert game.plans == ()
    with pytest.raises(TypeError, match=r"retsim\.Plan"):
        game.play({"retention_share": 0.5})


def test_rules_are_checked_and_must_be_the_same_for_a_comparison() -> None:
    with pytest.raises(ValueError, match=r"rules\.round: there is no such rule"):
        rs.classroom.game("Blue", round=3)
    with pytest.raises(ValueError, match=r"rounds"):
        rs.classroom.game("Blue", rounds=0)
    with pytest.raises(ValueError, match=r"rounds are left"):
        rs.classroom.game("Blue", **SHORT).score()
    with pytest.raises(ValueError, match="must be the same"):
        rs.classroom.standings([played(), played(plans=(rs.Plan(),) * 3).__class__("Red", Rules(customers=60))])


def test_the_cockpit_plays_what_its_sliders_say() -> None:
    from retsim.classroom.cockpit import Cockpit

    game = rs.classroom.game("Blue", **SHORT)
    cockpit = Cockpit(game)
    cockpit.keep.value = 0.8
    for name, part in cockpit.parts.items():
        part.value = 10.0 * (name == "service")
    cockpit.button.click()
    by_code = played(plans=(rs.Plan(0.8, 1.0, {"service": 1.0}, "everyone", {"price": 30.0}),))
    assert game.so_far().digest() == by_code.so_far().digest()
    cockpit.button.click()
    cockpit.button.click()
    assert game.over
    assert cockpit.button.disabled
    assert "against the starting plan" in cockpit.word.value

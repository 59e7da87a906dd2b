"""Questions of one's own: the answers are those of the runs, paired, with Student's intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

import retsim as rs

N, SEED = 3, 5


@pytest.fixture(scope="module")
def markets():
    base = rs.load("leaky-funnel").resized(300).with_(horizon=6)
    return {name: base.with_(strategy=name) for name in ("leaky", "plugged")}


def lost(run):
    return run.totals["lost"].sum()


@pytest.fixture(scope="module")
def found(markets):
    return rs.ask(markets, {"lost": lost, "profit": "profit"}, replications=N, seed=SEED)


def alone(scenario, question):
    return np.array([question(rs.simulate(scenario, seed=SEED, replication=r)) for r in range(N)], float)


def test_answers_are_those_of_the_runs(found, markets):
    for name, scenario in markets.items():
        mine = found.values[found.values["scenario"] == name]
        assert mine["lost"].tolist() == alone(scenario, lost).tolist()
        assert mine["profit"].tolist() == alone(scenario, lambda run: run.measures()["profit"]).tolist()
    assert found.names == ("leaky", "plugged")
    assert found.replications == N


def test_intervals_are_students_of_means_and_of_paired_differences(found, markets):
    values = {name: alone(scenario, lost) for name, scenario in markets.items()}
    gap = values["plugged"] - values["leaky"]
    rows = (
        found.means().query("scenario == 'plugged' and question == 'lost'"),
        found.differences().query("question == 'lost'"),
    )
    for row, x in zip(rows, (values["plugged"], gap), strict=True):
        low, high = stats.t.interval(0.95, N - 1, x.mean(), stats.sem(x))
        assert row["mean"].item() == pytest.approx(x.mean())
        assert row["low"].item() == pytest.approx(low)
        assert row["high"].item() == pytest.approx(high)
        assert row["n"].item() == N
    assert gap.std() > 0.0


def test_a_scenario_has_a_place_on_an_axis_or_its_answers_have(markets):
    placed = rs.ask({(name, 1.5): s for name, s in markets.items()}, {"lost": lost}, replications=N, seed=SEED)
    by_month = rs.ask(
        markets,
        {"lost": lambda run: dict(zip(run.totals["time"], run.totals["lost"], strict=True))},
        replications=N,
        seed=SEED,
    )
    assert placed.means()["at"].tolist() == [1.5, 1.5]
    assert by_month.means()["at"].tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0] * 2
    monthly = by_month.means().groupby("scenario", sort=False)["mean"].sum()
    assert monthly.tolist() == pytest.approx(placed.means()["mean"].tolist())
    assert by_month.differences()["mean"].sum() == pytest.approx(placed.differences()["mean"].item())


def test_the_table_to_read_has_formats_signs_and_a_dash_for_no_answer(markets):
    found = rs.ask(
        markets,
        {
            "fixed": lambda run: 0.25 * (run.replication + 1) + 0.5 * (run.scenario.strategy == "plugged"),
            "never": lambda run: math.nan,
        },
        replications=2,
        seed=SEED,
    )
    assert found.shown({"fixed": ".0%"})["fixed"].tolist() == ["38% (-121% to 196%)", "88% (-71% to 246%)"]
    assert found.shown({"fixed": ".1f"}, baseline="leaky").to_dict("list") == {
        "scenario": ["plugged"], "fixed": ["+0.5 (+0.5 to +0.5)"], "never": ["no answer"]
    }  # fmt: skip


def test_a_log_is_kept_only_where_it_is_wanted(markets):
    one = {"leaky": markets["leaky"]}
    joins = rs.ask(one, {"events": lambda run: len(run.events)}, replications=1, seed=SEED, log=True)
    assert joins.means()["mean"].item() > 100
    with pytest.raises(ValueError, match="kept no log"):
        rs.ask(one, {"events": lambda run: len(run.events)}, replications=1, seed=SEED)


@pytest.mark.parametrize(
    ("changes", "error", "says"),
    [
        ({"questions": {"x": "churn"}}, ValueError, "metric = 'churn', must be one of"),
        ({"questions": {"x": 3}}, TypeError, "questions\\['x'\\] = 3, must be a function"),
        ({"questions": {}}, ValueError, "at least one"),
        ({"scenarios": {"a": "telecom"}}, TypeError, "scenarios\\['a'\\] = 'telecom', must be a Scenario"),
        ({"replications": 0}, ValueError, "replications = 0"),
        (
            {"questions": {"x": lambda run: {1.0: 2.0}, "y": "profit"}},
            ValueError,
            "answers by place, so all questions must",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused(markets, changes, error, says):
    asked = {"scenarios": markets, "questions": {"lost": lost}, "replications": 1} | changes
    with pytest.raises(error, match=says):
        rs.ask(asked.pop("scenarios"), asked.pop("questions"), **asked)


def test_differences_need_a_baseline_that_was_asked_there(found, markets):
    with pytest.raises(ValueError, match="baseline = 'x', must be one of leaky, plugged"):
        found.differences("x")
    apart = rs.ask(
        {("leaky", 1.0): markets["leaky"], ("plugged", 2.0): markets["plugged"]}, {"lost": lost}, replications=1
    )
    with pytest.raises(ValueError, match="was not asked at 2"):
        apart.differences()

"""Sweeps and break-even points: designs that are what they say, flips where they are known to be."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import retsim as rs
from retsim.cli import main
from retsim.cli.axes import ranges_of, values_of
from retsim.cli.errors import UserError
from retsim.experiments.breakeven import Breakeven, Facts, Question
from retsim.experiments.design import Design, changed, grid, spanned


@pytest.fixture(scope="module")
def small():
    return rs.load("telecom").with_(customers=150, horizon=12)


class TestDesign:
    def test_a_grid_has_all_combinations_and_exact_ends(self):
        assert grid({"a": [1, 2], "b": ["x"]}) == [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
        assert spanned({"a": (0.1, 0.7)}, Design("grid", 4))[3] == {"a": 0.7}
        assert len(spanned({"a": (0, 1), "b": (0, 1)}, Design("grid", 4))) == 16
        assert grid({}) == spanned({}, Design()) == [{}]

    def test_a_latin_hypercube_meets_every_slice_once(self):
        points = spanned({"a": (2.0, 4.0), "b": (-1.0, 0.0)}, Design("latin", 20))
        for key, low, width in (("a", 2.0, 2.0), ("b", -1.0, 1.0)):
            slices = [int((point[key] - low) / width * 20) for point in points]
            assert sorted(slices) == list(range(20))

    def test_sobol_points_are_even_and_can_be_added_to(self):
        points = spanned({"a": (0.0, 1.0), "b": (0.0, 1.0)}, Design("sobol", 64))
        cells = {(int(p["a"] * 8), int(p["b"] * 8)) for p in points}
        assert len(cells) == 64
        assert spanned({"a": (0.0, 1.0), "b": (0.0, 1.0)}, Design("sobol", 20)) == points[:20]
        assert spanned({"a": (0.0, 1.0), "b": (0.0, 1.0)}, Design("sobol", 20, seed=1)) != points[:20]

    def test_whole_numbers_where_they_must_be(self, small):
        assert changed(small, {"customers": 99.6, "firm.price": 30.5}).customers == 100
        with pytest.raises(rs.ScenarioError, match=r"firm\.pride"):
            changed(small, {"firm.pride": 1.0})

    @pytest.mark.parametrize(
        ("ranges", "design", "message"),
        [
            ({"a": (2, 1)}, Design(), "a = .2, 1., must be a range"),
            ({"a": (0, math.nan)}, Design(), "the lower first"),
            ({"a": 3}, Design(), r"must be a range \(low, high\)"),
            ({"a": (0, 1)}, Design("random"), "must be one of 'sobol', 'latin', 'grid'"),
            ({"a": (0, 1)}, Design(points=0), "design.points = 0"),
        ],
    )
    def test_senseless_designs_are_refused(self, ranges, design, message):
        with pytest.raises((TypeError, ValueError), match=message):
            spanned(ranges, design)


class TestSweep:
    def test_a_sweep_of_one_point_is_the_comparison(self, small):
        pair = {name: small.with_(strategy=name) for name in ("even", "retention-led")}
        sweep = rs.sweep(pair, {"firm.price": [31.0]}, replications=2, seed=5, workers=1)
        study = rs.compare(
            {name: s.with_(**{"firm.price": 31.0}) for name, s in pair.items()}, replications=2, seed=5, workers=1
        )
        mine = sweep.runs.drop(columns=["setting", "world", "firm.price"])
        theirs = study.runs.sort_values(["scenario", "replication"])
        mine = mine.sort_values(["scenario", "replication"])
        for column in ("replication", "discounted_profit", "clv"):
            assert mine[column].tolist() == theirs[column].tolist()

    def test_runs_are_made_round_robin_and_settings_share_their_worlds(self, small, monkeypatch):
        from retsim.experiments import making

        order, attempt = [], making.attempt

        def noted(scenario, task, settings):
            order.append((task.replication, scenario.budget.retention_share, scenario.firm.unit_cost))
            return attempt(scenario, task, settings)

        monkeypatch.setattr(making, "attempt", noted)
        sweep = rs.sweep(
            small, {"budget.retention_share": [0.2, 0.8]}, {"firm.unit_cost": (6, 10)}, design=Design(points=3),
            replications=2, workers=1,
        )  # fmt: skip
        assert [r for r, _, _ in order] == [0] * 6 + [1] * 6
        assert [share for _, share, _ in order[:6]] == [0.2, 0.8] * 3
        assert [cost for _, _, cost in order[:6:2]] == [cost for _, _, cost in order[1:6:2]]
        assert len({cost for _, _, cost in order}) == 3
        frame = sweep.runs
        assert frame.columns[:6].tolist() == [
            "scenario", "setting", "budget.retention_share", "world", "firm.unit_cost", "replication"]  # fmt: skip
        assert len(frame) == 12
        by_hand = frame[frame["setting"] == 1].groupby("world")["profit"].mean()
        row = sweep.summary("profit").iloc[1]
        assert row["mean"] == pytest.approx(by_hand.mean())
        assert (row["worst"], row["best"], row["n"]) == (by_hand.min(), by_hand.max(), 3)

    def test_choice_by_hand(self, small):
        sweep = rs.sweep(
            small, {"budget.retention_share": [0.0, 1.0]}, {"firm.price": (20, 40)}, design=Design("grid", 2),
            replications=1, workers=1,
        )  # fmt: skip
        table = sweep.runs.pivot(index="world", columns="setting", values="discounted_profit")
        regret = table.max(axis=1).to_numpy()[:, None] - table.to_numpy()
        frame = sweep.choice().set_index("setting")
        for k in (0, 1):
            assert frame.loc[k, "regret"] == pytest.approx(regret[:, k].mean())
            assert frame.loc[k, "most_regret"] == pytest.approx(regret[:, k].max())
            assert frame.loc[k, "p_best"] == (regret[:, k] == 0).mean()
        assert sweep.choice()["regret"].is_monotonic_increasing

    def test_a_key_is_a_lever_or_uncertain(self, small):
        with pytest.raises(ValueError, match=r"firm\.price: is a lever and uncertain, must be one of the two"):
            rs.sweep(small, {"firm.price": [1.0]}, {"firm.price": (1, 2)})


def line(x, values, names=("a", "b"), **question):
    points = [{"k": float(place)} for place in x]
    return Breakeven(
        names, {"k": (min(x), max(x))}, Question(**question), (points, np.array(values, float)), Facts("EUR", "", 0)
    )


class TestFlips:
    def test_a_straight_line_flips_where_fieller_says(self):
        dice = np.random.default_rng(1)
        x, n = np.linspace(0, 10, 11), 25
        slope, start = dice.normal(1.0, 0.1, n), dice.normal(-4.0, 1.5, n)
        found = line(x, start[:, None] + slope[:, None] * x)
        (flip,) = found.flips.to_dict("records")
        assert flip["at"] == pytest.approx(-start.mean() / slope.mean())
        # Fieller: the values x with (mean + slope x)^2 <= t^2 var(start + slope x) / n, a quadratic in x.
        t2 = stats.t.ppf(0.975, n - 1) ** 2 / n
        (v0, cov), (_, v1) = np.cov(start, slope)
        roots = np.roots([
            slope.mean() ** 2 - t2 * v1, 2 * (start.mean() * slope.mean() - t2 * cov), start.mean() ** 2 - t2 * v0])  # fmt: skip
        assert (flip["low"], flip["high"]) == pytest.approx(tuple(sorted(roots)), abs=0.006)
        assert (flip["below"], flip["above"], flip["sure"]) == ("a", "b", True)
        assert found.ranges["better"].tolist() == ["a", "undecided", "b"]
        assert found.sentence().startswith(f"Flips at k = {flip['at']:.4g} (")

    def test_every_flip_of_a_curve_is_named(self):
        x = np.linspace(0.0, 4.0, 9)
        luck = np.random.default_rng(2).normal(0.0, 0.1, (20, 1))
        found = line(x, np.cos(x * np.pi / 2 + 0.2) + luck)
        assert found.flips["above"].tolist() == ["a", "b"]
        assert found.flips["at"].tolist() == pytest.approx([0.87, 2.87], abs=0.03)
        assert found.sentence().count("Flips at") == 2

    def test_a_band_that_leaves_the_range_is_open(self):
        luck = np.random.default_rng(3).normal(0.0, 30.0, (6, 1))
        luck -= luck.mean()
        found = line([0, 1], np.array([[-1.0, 1.0]]) + luck)
        (flip,) = found.flips.to_dict("records")
        assert flip["at"] == pytest.approx(0.5)
        assert (flip["low"], flip["high"], flip["sure"]) == (-math.inf, math.inf, False)
        assert "May flip at k = 0.5, but the band goes beyond" in found.sentence()

    def test_no_flip_is_said(self):
        ones = np.ones((4, 3)) + np.arange(4)[:, None]
        assert line([0, 1, 2], ones).sentence() == "No flip: b is better for k from 0 to 2"
        assert line([0, 1], np.zeros((4, 2))).sentence() == "No flip and no sure winner for k from 0 to 1"

    def test_less_is_better_turns_who_wins_and_not_the_numbers(self):
        # Oriented: above 0 the second is better. Its churn is then less, so the difference shown is negative.
        found = line([0, 1], np.array([[1.0, 2.0], [1.1, 2.2], [0.9, 1.8]]), metric="churn_rate")
        assert found.table["better"].tolist() == ["b", "b"]
        assert found.table["mean"].tolist() == pytest.approx([-1.0, -2.0])
        assert (found.table["low"] < found.table["mean"]).all()
        assert (found.table["high"] < 0.0).all()

    def test_runs_that_are_missing_are_left_out(self):
        values = np.array([[1.0, 1.0], [2.0, math.nan], [3.0, 3.0]])
        assert line([0, 1], values).table["n"].tolist() == [3, 2]


def test_a_star_is_every_name(small):
    changed_one = changed(small, {"segments.*.traits.vanish_rate": 0.125})
    assert len(small.segments) > 1
    assert changed_one == small.with_(**{f"segments.{name}.traits.vanish_rate": 0.125 for name in small.segments})


class TestBreakeven:
    def test_where_one_is_always_dearer_nothing_flips(self, small):
        pair = {name: small.with_(**{"firm.cost_to_serve": cost}) for name, cost in (("dear", 5.0), ("cheap", 3.0))}
        found = rs.breakeven(pair, {"firm.unit_cost": (6, 12)}, Question(points=3, replications=3), workers=1)
        assert found.ranges["better"].tolist() == ["cheap"]
        assert found.flips.empty
        assert found.sentence() == "No flip: cheap is better for firm.unit_cost from 6 to 12"

    def test_points_are_added_around_a_flip_and_pairs_are_those_of_compare(self, small):
        pair = {name: small.with_(strategy=name) for name in ("acquisition-led", "retention-led")}
        found = rs.breakeven(pair, {"entry.per_month": (0.0, 80.0)}, Question(points=3, replications=4), workers=1)
        assert found.table["entry.per_month"].is_monotonic_increasing
        assert len(found.flips) == (len(found.points) - 3) / 2
        at = found.points[1]["entry.per_month"]
        study = rs.compare(
            {name: s.with_(**{"entry.per_month": at}) for name, s in pair.items()}, replications=4, workers=1
        )
        row = study.differences("discounted_profit").iloc[0]
        mine = found.table.iloc[1]
        for key in ("mean", "low", "high"):
            assert mine[key] == pytest.approx(row[key])

    @pytest.mark.parametrize(
        ("key", "span"),
        [
            ("segments.*.traits.vanish_rate", (0.0, 0.2)),
            ("firm.unit_cost", (0.0, 25.0)),
            ("entry.per_month", (0.0, 80.0)),
            ("firm.ad_efficiency", (0.0, 1.0)),
            ("discount_rate", (0.0, 1.0)),
        ],
        ids=["churn", "margin", "saturation", "cost to win", "discount rate"],
    )
    def test_every_axis_of_the_question_moves_the_answer(self, small, key, span):
        pair = {name: small.with_(strategy=name) for name in ("acquisition-led", "retention-led")}
        found = rs.breakeven(pair, {key: span}, Question(points=2, replications=2), workers=1)
        assert found.table["mean"].iloc[0] != found.table["mean"].iloc[-1]

    def test_two_keys_make_a_map(self, small):
        pair = {name: small.with_(strategy=name) for name in ("even", "retention-led")}
        over = {"firm.price": (25.0, 35.0), "entry.per_month": (0.0, 20.0)}
        found = rs.breakeven(pair, over, Question(points=2, replications=2), workers=1)
        assert found.table[list(over)].to_numpy().tolist() == [[25, 0], [25, 20], [35, 0], [35, 20]]
        assert found.sentence().startswith("Of 4 points even is better at")
        with pytest.raises(ValueError, match="flips and ranges are of one"):
            _ = found.flips

    def test_senseless_questions_are_refused(self, small):
        with pytest.raises(ValueError, match="must have two"):
            rs.breakeven({"a": small}, {"firm.price": (1, 2)})
        with pytest.raises(ValueError, match="must have one key or two"):
            rs.breakeven({"a": small, "b": small}, {})
        with pytest.raises(ValueError, match=r"question\.points = 1"):
            rs.breakeven({"a": small, "b": small}, {"firm.price": (1, 2)}, Question(points=1))


class TestCommand:
    def test_values_and_ranges_are_read(self):
        assert values_of(["a=0:1:0.1"], "--over")["a"] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]
        assert values_of(["a=1,2.5,x"], "--over") == {"a": [1, 2.5, "x"]}
        assert ranges_of(["a=-1:2e1", "b=0:1"], "--vary") == {"a": (-1.0, 20.0), "b": (0.0, 1.0)}
        for wrong in ("a", "=1", "a=", "a=1:2", "a=2:1:1", "a=0:1:0", "a=0:1:1e-9", "a=0:nan:1"):
            with pytest.raises(UserError, match="--over "):
                values_of([wrong], "--over")
        with pytest.raises(UserError, match="a is given twice"):
            ranges_of(["a=0:1", "a=0:2"], "--vary")

    def test_sweep(self, tmp_path, capsys):
        command = ["sweep", "telecom", "--set", "customers=100", "--set", "horizon=6", "--replications", "2",
                   "--over", "budget.retention_share=0:1:0.5", "--study", str(tmp_path / "kept")]  # fmt: skip
        assert main([*command, "--vary", "firm.price=25:35", "--points", "2", "--out", str(tmp_path / "x.csv")]) == 0
        text = capsys.readouterr().out
        assert "3 settings, 2 worlds, 2 replications" in text
        assert "worst world" in text
        assert len(pd.read_csv(tmp_path / "x.csv")) == 12
        assert main(command) == 0
        assert "p(best)" in capsys.readouterr().out
        for wrong, message in (
            (["sweep", "telecom"], "nothing to sweep"),
            (["sweep", "telecom", "--over", "a=1", "--metric", "joy"], "--metric: metric = 'joy'"),
            (["sweep", "telecom", "--over", "firm.pride=1"], "firm.pride"),
        ):
            assert main(wrong) == 2
            assert message in capsys.readouterr().err

    def test_breakeven(self, tmp_path, capsys):
        command = ["breakeven", "telecom", "--strategy", "even", "--strategy", "retention-led", "--points", "2",
                   "--set", "customers=100", "--set", "horizon=6", "--replications", "3"]  # fmt: skip
        assert main([*command, "--over", "firm.price=25:35", "--out", str(tmp_path)]) == 0
        text = capsys.readouterr().out
        assert "retention-led less even" in text
        assert (tmp_path / "breakeven.png").stat().st_size > 10_000
        assert len(pd.read_csv(tmp_path / "breakeven.csv")) >= 2
        assert main(["breakeven", "telecom", "--over", "firm.price=25:35"]) == 2
        assert "name two with --strategy" in capsys.readouterr().err

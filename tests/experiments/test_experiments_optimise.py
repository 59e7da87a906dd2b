"""The optimiser against a known best, and on real runs."""

from __future__ import annotations

import json

import numpy as np
import pytest

import retsim as rs
from retsim.cli import main
from retsim.experiments import optimise as room
from retsim.experiments.divisions import MIX, WINNING, divided
from retsim.experiments.optimise import Search
from retsim.theory.blattberg_deighton import ResponseCurve, optimal_spend, prospect_value

WIN = ResponseCurve.through(5, 0.20, ceiling=0.40)
KEEP = ResponseCurve.through(8, 0.40, ceiling=0.70)
MONEY = {"margin": 50.0, "discount_rate": 0.12}


def noisy(points, span, *, sd=3.0):
    """Value of a prospect, with luck that all points of a replication share and a little that they do not."""
    out = np.empty((span[1] - span[0], len(points)))
    for row, replication in enumerate(range(*span)):
        shared = np.random.default_rng(replication).normal(0.0, sd)
        for column, point in enumerate(points):
            own = np.random.default_rng([replication, int(1e6 * sum(point.values()))]).normal(0.0, 0.05)
            value = prospect_value(point["win"], point["keep"], acquisition=WIN, retention=KEEP, **MONEY)
            out[row, column] = value + shared + own
    return out


class TestKnownBest:
    def test_blattberg_and_deighton_is_found(self):
        best = optimal_spend(WIN, KEEP, **MONEY)
        found = room._optimum(
            noisy, {"win": (0.0, 30.0), "keep": (0.0, 40.0)}, Search(points=150, replications=20, fresh=400)
        )
        assert found.best["win"] == pytest.approx(best.acquisition_spend, abs=0.05 * 30)
        assert found.best["keep"] == pytest.approx(best.retention_spend, abs=0.05 * 40)
        truth = prospect_value(found.best["win"], found.best["keep"], acquisition=WIN, retention=KEEP, **MONEY)
        assert truth >= 0.99 * best.value
        assert found.best["low"] <= truth <= found.best["high"]
        assert found.finalists["p_best"].sum() == pytest.approx(1.0)
        for key, at in (("win", best.acquisition_spend), ("keep", best.retention_spend)):
            low, high = found.flat[key]
            assert low <= at + 1.0
            assert high >= at - 1.0

    def test_the_flat_top_of_one_lever_is_where_the_loss_is_allowed(self):
        # Value 100 - (x - 0.4)^2 * 100: a loss of 1 % is 1, so from 0.3 to 0.5.
        def evaluate(points, span):
            value = [100.0 - 100.0 * (point["x"] - 0.4) ** 2 for point in points]
            return np.array(value) + np.random.default_rng(1).normal(0.0, 5.0, (span[1], 1))[span[0] :]

        found = room._optimum(evaluate, {"x": (0.0, 1.0)}, Search(points=60, replications=10, fresh=50))
        assert found.best["x"] == pytest.approx(0.4, abs=0.02)
        low, high = found.flat["x"]
        assert 0.3 - 1e-6 <= low <= 0.36
        assert 0.44 <= high <= 0.5 + 1e-6
        assert "as good within 1 %: x from " in found.sentence()

    def test_a_corner_is_found_exactly(self):
        found = room._optimum(
            lambda points, span: np.array([[p["x"] - p["y"] for p in points]] * (span[1] - span[0])),
            {"x": (0.0, 2.0), "y": (1.0, 3.0)}, Search(points=10, replications=2, fresh=4),
        )  # fmt: skip
        assert (found.best["x"], found.best["y"], found.best["mean"]) == (2.0, 1.0, 1.0)

    def test_fresh_luck_shows_what_the_best_of_many_is_worth(self):
        # No point differs, and luck is not shared: the best of the search looks good, its fresh runs do not.
        def evaluate(points, span):
            return np.array(
                [[np.random.default_rng([r, int(1e9 * p["x"])]).normal() for p in points] for r in range(*span)]
            )

        found = room._optimum(evaluate, {"x": (0.0, 1.0)}, Search(points=60, replications=5, fresh=400))
        assert found.tried["mean"].max() > 0.6
        assert found.best["low"] - 0.1 <= 0.0 <= found.best["high"]

    def test_divisions_are_shares_and_even(self):
        parts = ("service", "price", "contact", "structural")
        for place in ((0, 0, 0), (1, 0, 0), (1, 1, 1), (0.3, 0.6, 0.1)):
            mix = divided(parts, place)
            assert tuple(mix) == parts
            assert sum(mix.values()) == pytest.approx(1.0)
            assert min(mix.values()) >= 0.0
        pure = [divided(parts, place) for place in ((0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1))]
        assert [mix[part] for mix, part in zip(pure, parts, strict=True)] == [1.0] * 4
        # Even over all divisions into k parts: each share has mean 1 / k and variance (k - 1) / (k^2 (k + 1)).
        shares = np.array([list(divided(parts, u).values()) for u in np.random.default_rng(1).random((20_000, 3))])
        assert shares.mean(axis=0) == pytest.approx([0.25] * 4, abs=0.01)
        assert shares.var(axis=0) == pytest.approx([3 / 80] * 4, rel=0.05)

    def test_levels_and_channels_are_found_together(self):
        # The best of six levers: a bowl in the shares, 100 at the top; a loss of 1 is a hundredth.
        best = {"share": 0.6, "service": 0.1, "price": 0.2, "contact": 0.3, "structural": 0.4,
                "advertising": 0.7, "promotion": 0.3}  # fmt: skip

        def value(point):
            shares = {"share": point["budget.retention_share"]} | point[MIX] | point[WINNING]
            return 100.0 - 40.0 * sum((x - best[name]) ** 2 for name, x in shares.items())

        def evaluate(points, span):
            luck = np.random.default_rng(4).normal(0.0, 5.0, (span[1], 1))[span[0] :]
            return np.array([value(point) for point in points]) + luck

        over = {"budget.retention_share": (0.0, 1.0), MIX: (0.0, 1.0), WINNING: (0.0, 1.0)}
        found = room._optimum(evaluate, over, Search(points=200, replications=5, fresh=20))
        shares = found.tried[list(found.keys)].to_numpy()
        assert shares[:, 1:5].sum(axis=1) == pytest.approx(1.0)
        assert found.keys[5:] == ("winning.advertising", "winning.promotion")
        top = [found.best[key] for key in found.keys]
        assert top == pytest.approx(list(best.values()), abs=0.08)
        assert 100.0 - 40.0 * sum((a - b) ** 2 for a, b in zip(top, best.values(), strict=True)) >= 99.0


@pytest.fixture(scope="module")
def small():
    return rs.load("retail").with_(customers=120, horizon=8)


class TestRealRuns:
    def test_tried_points_and_finalists_are_those_of_compare(self, small):
        found = rs.optimise(small, search=Search(points=5, replications=3, finalists=2, fresh=4), seed=2, workers=1)
        shares = found.tried["budget.retention_share"]
        assert shares.is_monotonic_increasing
        assert {0.0, 1.0} <= set(shares)
        best = found.best["budget.retention_share"]
        arm = {"best": small.with_(budget={"retention_share": best})}
        runs = rs.compare(arm, replications=7, seed=2, workers=1).runs["discounted_profit"]
        row = found.tried[shares == best].iloc[0]
        assert row["mean"] == pytest.approx(runs[:3].mean())
        assert found.best["mean"] == pytest.approx(runs[3:].mean())
        assert found.best["n"] == 4

    def test_a_mix_is_two_levers(self, small):
        found = rs.optimise(
            small, {"budget.retention_share": (0.5, 1.0), MIX: ("service", "price", "contact")},
            Search("churn_rate", points=8, replications=2, finalists=2, fresh=4), workers=1,
        )  # fmt: skip
        parts = ["mix.service", "mix.price", "mix.contact"]
        assert found.keys == ("budget.retention_share", *parts)
        # Less churn is better: what loses nothing has the least.
        assert found.tried.loc[found.tried["loss"].idxmin(), "mean"] == found.tried["mean"].min()
        assert (found.tried["loss"] >= 0.0).all()
        assert found.tried[parts].sum(axis=1).to_numpy() == pytest.approx(1.0)
        assert not found.tried[list(found.keys)].duplicated().any()
        assert found.tried["mix.service"].nunique() > 2

    @pytest.mark.parametrize(
        ("over", "search", "message"),
        [
            ({"budget.retention_share": (1, 0)}, Search(), "the lower first"),
            ({MIX: (0.0, 0.5)}, Search(), "all ways to divide it"),
            ({WINNING: ("advertising", "telly")}, Search(), "advertising, promotion, referral"),
            ({f"k{k}": (0, 1) for k in range(9)}, Search(), "9 levers, .* at most 8"),
            (None, Search(tolerance=5), "search.tolerance = 5"),
            (None, Search(finalists=1), "search.finalists = 1"),
        ],
    )
    def test_senseless_searches_are_refused(self, small, over, search, message):
        with pytest.raises(ValueError, match=message):
            rs.optimise(small, over, search)

    def test_command(self, tmp_path, capsys):
        command = ["optimise", "retail", "--set", "customers=100", "--set", "horizon=6", "--points", "5",
                   "--replications", "2", "--fresh", "4", "--study", str(tmp_path / "kept")]  # fmt: skip
        assert main(command) == 0
        first = capsys.readouterr().out
        assert "Best at budget.retention_share = " in first
        assert "as good within 1 %" in first
        assert main([*command, "--json", "--out", str(tmp_path / "o.csv")]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["answer"][1:] in first.replace("\n", " ")
        assert (tmp_path / "o.csv").exists()
        assert main(["optimise", "retail", "--over", "budget.mix=0:0.5"]) == 2
        assert "all ways to divide it" in capsys.readouterr().err

    def test_channels_from_the_command_line(self, capsys):
        command = ["optimise", "retail", "--set", "customers=60", "--set", "horizon=4", "--points", "5", "--json",
                   "--replications", "2", "--fresh", "4", "--over", "budget.winning=advertising,promotion"]  # fmt: skip
        assert main(command) == 0
        best = json.loads(capsys.readouterr().out)["best"]
        assert best["winning.advertising"] + best["winning.promotion"] == pytest.approx(1.0)

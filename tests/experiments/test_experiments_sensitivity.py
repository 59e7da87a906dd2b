"""Sensitivity against functions whose indices are known, with luck and without."""

from __future__ import annotations

import json
import secrets

import numpy as np
import pytest
from scipy import stats

import retsim as rs
from retsim.cli import main
from retsim.experiments import sensitivity as room
from retsim.experiments.sensitivity import Facts, Sampling

PI = np.pi
A, B = 7.0, 0.1
ISHIGAMI = dict.fromkeys("xyz", (-PI, PI))


def ishigami(x, y, z):
    return np.sin(x) + A * np.sin(y) ** 2 + B * z**4 * np.sin(x)


def ishigami_indices():
    """Ishigami and Homma (1990), in closed form."""
    first = np.array([(1 + B * PI**4 / 5) ** 2 / 2, A**2 / 8, 0.0])
    both = B**2 * PI**8 * (1 / 18 - 1 / 50)
    variance = first.sum() + both
    return first / variance, np.array([first[0] + both, first[1], both]) / variance


def measured(function, vary, sampling, *, sd=0.0, seed=0):
    """Sensitivity of a function plus luck: some that all points of a replication share, some that each has alone."""

    def evaluate(points):
        dice = np.random.default_rng(seed)
        exact = np.array([function(*point.values()) for point in points])
        shape = (sampling.replications, len(points))
        return exact + sd * dice.normal(size=shape) + 2.0 * sd * dice.normal(size=(shape[0], 1))

    return room._measured(evaluate, (("fake",), vary), sampling, Facts("EUR", "A function", 0))


def by_key(found):
    return found.table.set_index("key").loc[list(found.vary)]


class TestSobol:
    def test_without_luck_they_are_those_of_salib(self):
        from SALib.analyze import sobol

        found = measured(ishigami, ISHIGAMI, Sampling("sobol", size=256, replications=4, resamples=100))
        problem = {"num_vars": 3, "names": list("xyz"), "bounds": list(ISHIGAMI.values())}
        theirs = sobol.analyze(problem, found.values[0], calc_second_order=False, seed=1)
        assert by_key(found)["first"].to_numpy() == pytest.approx(theirs["S1"], abs=1e-12)
        assert by_key(found)["total"].to_numpy() == pytest.approx(theirs["ST"], abs=1e-12)
        assert found.luck == 0.0

    def test_ishigami_through_heavy_luck(self):
        # A single run's luck has 2.6 times the variance of the function: 6^2 = 36 against 13.8.
        first, total = ishigami_indices()
        sampling = Sampling("sobol", size=1024, replications=10, resamples=200)
        found = measured(ishigami, ISHIGAMI, sampling, sd=6.0 / np.sqrt(5.0))
        table = by_key(found)
        assert table["first"].to_numpy() == pytest.approx(first, abs=0.06)
        assert table["total"].to_numpy() == pytest.approx(total, abs=0.06)
        for kind, truth in (("first", first), ("total", total)):
            assert (table[f"{kind}_low"] <= truth).all()
            assert (truth <= table[f"{kind}_high"]).all()
        assert found.luck == pytest.approx(6.0, rel=0.3)
        assert found.spread == pytest.approx(np.sqrt(13.845), rel=0.05)
        assert found.sentence().startswith("x explains most of discounted profit: 5")

    def test_what_does_nothing_has_no_index_however_heavy_the_luck(self):
        sampling = Sampling("sobol", size=256, replications=8, resamples=200)
        found = measured(lambda x, y: 3.0 * x, {"x": (0.0, 1.0), "y": (0.0, 1.0)}, sampling, sd=0.8)
        table = by_key(found)
        # SALib on the means takes the luck for an effect of y: 0.64 / 8 of 0.75 + 0.08.
        assert table.loc["y", "total"] == pytest.approx(0.0, abs=0.04)
        assert not table.loc["y", "matters"]
        assert table.loc["x", "first"] == pytest.approx(1.0, abs=0.08)
        assert "no sure effect of y" in found.sentence()

    def test_more_luck_makes_wider_intervals(self):
        sampling = Sampling("sobol", size=128, replications=6, resamples=200)
        linear = {"x": (0.0, 1.0), "y": (0.0, 1.0)}
        wide, narrow = (measured(lambda x, y: 3.0 * x + y, linear, sampling, sd=sd).half_width for sd in (1.0, 0.0))
        assert wide > 1.3 * narrow

    def test_wide_intervals_come_with_what_would_make_them_narrow(self):
        found = measured(ishigami, ISHIGAMI, Sampling("sobol", size=64, replications=4, resamples=200))
        assert found.half_width > 0.1
        assert found.advised >= 128
        assert f"size {found.advised} would" in found.sentence()


class TestMorris:
    def test_without_luck_they_are_those_of_salib(self):
        from SALib.analyze import morris

        found = measured(ishigami, ISHIGAMI, Sampling("morris", size=30, replications=4, resamples=100))
        problem = {"num_vars": 3, "names": list("xyz"), "bounds": [[0.0, 1.0]] * 3}
        theirs = morris.analyze(problem, found.unit, found.values[0], num_levels=4, seed=1)
        for ours, key in (("mu", "mu"), ("mu_star", "mu_star"), ("sigma", "sigma")):
            assert by_key(found)[ours].to_numpy() == pytest.approx(np.asarray(theirs[key]), abs=1e-12)

    def test_a_linear_function_through_luck(self):
        # Effects over the whole range: 2 * 10, -3 * 2, 0; none changes with the others.
        vary = {"a": (0.0, 10.0), "b": (4.0, 6.0), "c": (-1.0, 1.0)}
        found = measured(lambda a, b, c: 2.0 * a - 3.0 * b, vary, Sampling(size=40, replications=10), sd=1.0)
        table = by_key(found)
        assert table["mu"].to_numpy() == pytest.approx([20.0, -6.0, 0.0], abs=0.5)
        assert (table["mu_low"] <= [20.0, -6.0, 0.0]).all()
        assert (table["mu_high"] >= [20.0, -6.0, 0.0]).all()
        assert table.loc["a", "mu_star"] == pytest.approx(20.0, abs=0.5)
        # Luck makes |effect| of c look like something: that is what the noise says.
        assert table.loc["c", "mu_star"] == pytest.approx(table.loc["c", "noise"], rel=0.3)
        assert table["matters"].tolist() == [True, True, False]
        # The spread of effects with the luck in them would be 0.67.
        assert (table["sigma"] < 0.6).all()

    def test_interactions_are_in_sigma(self):
        vary = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
        found = measured(lambda a, b: 10.0 * a * b, vary, Sampling(size=40, replications=4), sd=0.1)
        # The effect of a is 10 b with b on 4 even levels: sd 10 * sqrt(5) / 6 = 3.73.
        assert by_key(found)["sigma"].to_numpy() == pytest.approx([3.73, 3.73], rel=0.15)

    def test_only_luck_is_nothing(self):
        vary = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
        found = measured(lambda a, b: 0.0, vary, Sampling(size=20, replications=10), sd=1.0)
        assert "Nothing moves discounted profit more than luck" in found.sentence()


@pytest.mark.verify
def test_coverage_of_the_intervals_of_indices():
    """95 % intervals of linear indices hold the truth in at least 91 % of 400 samples.

    The bootstrap leans to the wide side with Sobol points; false alarm 1e-9 if the coverage is 0.95 or more.
    """
    seed, truth, hits, times = secrets.randbits(32), np.array([9.0, 1.0]) / 10.0, np.zeros(4), 400
    for k in range(times):
        sampling = Sampling("sobol", size=64, replications=8, resamples=200, seed=k)
        found = measured(lambda x, y: 3.0 * x + y, {"x": (0, 1), "y": (0, 1)}, sampling, sd=0.3, seed=[seed, k])
        table = by_key(found)
        hits += [
            hit for i in ("first", "total") for hit in (table[f"{i}_low"] <= truth) & (truth <= table[f"{i}_high"])
        ]
    print(f"seed {seed}: {hits / times}")
    assert (hits >= stats.binom.ppf(1e-9, times, 0.95)).all(), seed


class TestRefusals:
    @pytest.mark.parametrize(
        ("sampling", "message"),
        [
            (Sampling(size=4), "size = 4, must be 10 trajectories or more .* with 2 keys that is 30 points, 300 runs"),
            (Sampling("sobol", size=16), "must be 64 base points or more .* 256 points, 2,560 runs"),
            (Sampling("sobol", size=100), "a power of 2, such as 64 or 128"),
            (Sampling(replications=2), "replications = 2, must be 4 or more"),
            (Sampling("fast"), "must be 'morris' or 'sobol'"),
            (Sampling(metric="luck"), "metric = 'luck'"),
        ],
    )
    def test_too_small_and_senseless(self, sampling, message):
        with pytest.raises(ValueError, match=message):
            rs.sensitivity(rs.load("retail"), {"firm.price": (20, 30), "discount_rate": (0, 0.2)}, sampling)

    def test_one_key(self):
        with pytest.raises(ValueError, match="two keys or more"):
            rs.sensitivity(rs.load("retail"), {"firm.price": (20, 30)})


VARY = {"budget.monthly": (100.0, 2000.0), "firm.complaint_cost": (0.0, 0.001)}


@pytest.fixture(scope="module")
def pair():
    scenario = rs.load("retail").with_(customers=30, horizon=2)
    return {name: scenario.with_(strategy=name) for name in ("acquisition-led", "retention-led")}


class TestRealRuns:
    def test_values_are_differences_of_compare(self, pair):
        sampling = Sampling(metric="profit", size=10, replications=4, resamples=100)
        found = rs.sensitivity(pair, VARY, sampling, seed=3, workers=1)
        assert found.values.shape == (4, 30)
        at = {name: scenario.with_(**found.points[7]) for name, scenario in pair.items()}
        study = rs.compare(at, replications=4, seed=3, workers=1)
        assert found.values[:, 7].mean() == pytest.approx(study.differences("profit")["mean"][0])

    def test_command(self, tmp_path, capsys):
        command = ["sensitivity", "retail:retention-led", "--set", "customers=30", "--set", "horizon=2", "--size", "10",
                   "--replications", "4", "--metric", "budget_spent", "--workers", "1", "--vary", "budget.monthly=100:2000",
                   "--vary", "firm.complaint_cost=0:0.001"]  # fmt: skip
        command += ["--study", str(tmp_path / "kept")]
        assert main(command) == 0
        first = capsys.readouterr().out
        assert "budget.monthly moves budget spent most" in first
        assert main([*command, "--json", "--out", str(tmp_path / "out")]) == 0
        document = json.loads(capsys.readouterr().out)
        assert document["answer"] in first
        assert {path.name for path in (tmp_path / "out").iterdir()} == {"sensitivity.csv", "sensitivity.png"}
        assert main([*command, "--size", "3"]) == 2
        assert "must be 10 trajectories or more" in capsys.readouterr().err

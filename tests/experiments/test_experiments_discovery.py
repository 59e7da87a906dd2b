"""A planted box is found again, and chance is not taken for one."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import retsim as rs
from retsim.cli import main
from retsim.experiments.boxes import Facts, Rules, inside
from retsim.experiments.peeling import find_boxes, quasi_p
from retsim.experiments.sweep import Sweep

FACTS = Facts("keep", ("win",), "discounted_profit", 5, 0, 0)
PLANTED = {"churn": (-math.inf, 0.4), "margin": (0.3, 0.7)}


def worlds(n, seed=0):
    return pd.DataFrame(np.random.default_rng(seed).random((n, 4)), columns=["churn", "margin", "price", "luck"])


@pytest.fixture(scope="module")
def planted():
    """400 worlds; lost are those in the planted box, and 3 % are on the wrong side."""
    x = worlds(400)
    wrong = np.random.default_rng(5).random(400) < 0.03
    return find_boxes(x, inside(x, PLANTED) ^ wrong, Rules(boxes=1, resamples=4), FACTS)


def test_the_planted_box_is_found(planted):
    first = planted.boxes[0]
    assert set(first.limits) == set(PLANTED)
    assert first.limits["churn"] == (-math.inf, pytest.approx(0.4, abs=0.05))
    assert first.limits["margin"] == pytest.approx((0.3, 0.7), abs=0.06)
    assert max(first.quasi_p.values()) < 1e-6
    assert first.density >= 0.8
    assert first.coverage > 0.75
    assert "churn < 0." in planted.sentence()
    assert "margin from 0." in planted.sentence()


def test_coverage_and_density_count(planted):
    first = planted.boxes[0]
    mask = inside(planted.worlds, first.limits)
    assert (first.n, first.lost) == (mask.sum(), planted.lost[mask].sum())
    assert first.density == pytest.approx(planted.lost[mask].mean())
    assert first.coverage == pytest.approx(planted.lost[mask].sum() / planted.lost.sum())


def test_it_is_found_on_halves_too(planted):
    assert len(planted.resampled) == 4
    shares = planted.resampled[["churn", "margin", "price", "luck"]].mean()
    assert shares["churn"] == shares["margin"] == 1.0
    assert shares["price"] <= 0.5
    assert planted.resampled["density"].mean() > 0.75
    table = planted.table[planted.table["box"] == 1].set_index("key")
    assert table["reproduced"].to_dict() == shares[list(table.index)].to_dict()


def test_quasi_p_is_the_binomial_tail():
    x = pd.DataFrame({"a": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]})
    lost = np.array([False, False, False, True, True, True])
    found = quasi_p(x, lost, {"a": (3.0, math.inf)}, "a")
    assert found == pytest.approx(stats.binomtest(3, 3, 0.5, alternative="greater").pvalue)


def test_two_boxes_are_two():
    x = worlds(300, seed=2)
    lost = (x["churn"] < 0.25).to_numpy() | (x["price"] > 0.8).to_numpy()
    found = find_boxes(x, lost, Rules(boxes=2, resamples=0), FACTS)
    assert len(found.boxes) == 2
    assert {next(iter(box.limits)) for box in found.boxes[:2]} == {"churn", "price"}
    assert sum(box.coverage for box in found.boxes) > 0.8


def test_chance_is_no_box():
    x = worlds(200, seed=3)
    lost = np.random.default_rng(9).random(200) < 0.3
    found = find_boxes(x, lost, Rules(resamples=0), FACTS)
    assert not found.boxes
    assert "no conditions were found" in found.sentence()


class FakeStudy:
    replications, seed = 3, 4


def swept(difference, n=100, settings=1):
    """A sweep whose runs are given by the difference of keep to win in each world."""
    states = [{"a": k / n, "b": (k * 37 % n) / n} for k in range(n)]
    sweep = Sweep(FakeStudy(), {}, [{}] * settings, states)
    rows = [
        {"scenario": name, "world": k, "replication": r, "discounted_profit": r + (name == "keep") * difference(**at)}
        for k, at in enumerate(states) for r in range(3) for name in ("win", "keep")
    ]  # fmt: skip
    sweep.__dict__["runs"] = pd.DataFrame(rows)
    return sweep


def test_worlds_are_lost_by_the_paired_mean():
    found = rs.discover(swept(lambda a, b: a - 0.45), rules=Rules(resamples=0))
    assert found.facts.loser == "keep"
    assert found.lost.tolist() == [k / 100 < 0.45 for k in range(100)]
    assert found.boxes[0].limits == {"a": (-math.inf, pytest.approx(0.44, abs=0.03))}
    other = rs.discover(swept(lambda a, b: a - 0.45), lose="win", rules=Rules(resamples=0))
    assert (other.lost == [k / 100 > 0.45 for k in range(100)]).all()


@pytest.mark.parametrize(
    ("sweep", "options", "message"),
    [
        (swept(lambda a, b: a - 0.5, n=40), {}, "40 worlds, must have 64"),
        (swept(lambda a, b: a - 0.05), {}, "loses in 5 of 100 worlds, .* about 200 worlds"),
        (swept(lambda a, b: a - 0.5), {"lose": "even"}, "must be one of two scenarios"),
        (swept(lambda a, b: a - 0.5, settings=2), {}, "2 settings"),
        (swept(lambda a, b: a - 0.5), {"rules": Rules(density=80)}, "rules.density = 80"),
    ],
)
def test_refusals(sweep, options, message):
    with pytest.raises(ValueError, match=message):
        rs.discover(sweep, **options)


def test_command(tmp_path, capsys):
    """A budget of which too much is spent on few people: the more there is, the more surely keeping loses."""
    command = ["discover", "telecom", "--set", "customers=60", "--set", "horizon=6",
               "--strategy", "acquisition-led", "--strategy", "retention-led",
               "--vary", "budget.monthly=0:60", "--vary", "firm.unit_cost=4:28",
               "--points", "64", "--replications", "2", "--workers", "1", "--study", str(tmp_path / "kept")]  # fmt: skip
    code = main([*command, "--json", "--out", str(tmp_path / "out")])
    answer = capsys.readouterr()
    assert code == 0, answer.err
    document = json.loads(answer.out)
    assert 10 <= document["lost"] <= 54
    assert "budget.monthly" in document["answer"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"discover.csv", "discover.png", "worlds.csv"}
    assert main(command) == 0
    assert document["answer"] in capsys.readouterr().out
    assert main([*command, "--lose", "even"]) == 2
    assert "must be one of two scenarios" in capsys.readouterr().err


def test_a_command_whose_answer_never_flips_says_so(capsys):
    command = ["discover", "retail", "--set", "customers=20", "--set", "horizon=1", "--strategy", "acquisition-led",
               "--strategy", "retention-led", "--vary", "budget.monthly=0:2000", "--points", "64",
               "--replications", "1", "--workers", "1"]  # fmt: skip
    assert main(command) == 2
    assert "must lose and win in 10 or more; widen the ranges" in capsys.readouterr().err

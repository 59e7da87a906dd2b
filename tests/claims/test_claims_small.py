"""Every experiment on a small market: it runs, says something, and what is sharp enough already points the right way."""

import numpy as np
import pytest

from retsim.claims import CLAIMS, Lab, best_split, five_points
from retsim.claims.claim import verdict_of


class Small(Lab):
    """Two replications of a tenth of each market, and telecom for all industries."""

    def __init__(self):
        super().__init__(replications=2, seed=3, workers=1, size=0.1)

    def industries(self):
        return ["telecom"]


@pytest.fixture(scope="module")
def findings():
    """Of each claim, made when first asked for."""
    made = {}

    def of(key):
        if key not in made:
            with pytest.MonkeyPatch.context() as patch:
                # Less to do where a claim searches: three splits, and two steps of two runs towards five points.
                patch.setattr(best_split, "_SPLITS", (0.0, 0.5, 1.0))
                patch.setattr(five_points, "STEPS", 2)
                patch.setattr(five_points, "TRIES", 2)
                made[key] = list(CLAIMS[key].test(Small()))
        return made[key]

    return of


def test_the_best_split_is_the_top_of_a_parabola_or_an_end():
    """A parabola is found exactly: 1 - (x - 0.4) squared at 0, 1/4, 1/2, 3/4 and 1."""
    assert best_split._top([1.0 - (x - 0.4) ** 2 for x in best_split._SPLITS]) == pytest.approx(0.4)
    assert best_split._top([1.0, 2.0, 3.0, 4.0, 5.0]) == 1.0
    assert best_split._top([5.0, 4.0, 3.0, 2.0, 1.0]) == 0.0
    assert best_split._top([1.0, 2.0, 2.0, 2.0, 1.0]) == pytest.approx(0.375)


@pytest.mark.parametrize("key", CLAIMS)
def test_every_finding_is_measured_and_judged_by_its_border(key, findings):
    found = findings(key)
    assert len({(f.where, f.effect) for f in found}) == len(found)
    for f in found:
        assert f.n == 2, f
        assert f.low <= f.mean <= f.high, f
        assert np.isfinite([f.above, f.below]).any(), f
        assert f.verdict == verdict_of((f.mean, f.low, f.high), f.above, f.below), f


@pytest.mark.parametrize("key", sorted(set(CLAIMS) - {"five-times", "best-split"}))
def test_every_claim_is_shown_at_its_limit_too(key, findings):
    """But for the two that say of an optimum or an average where it lies."""
    assert {f.limit for f in findings(key)} == {True, False}


SHARP = [
    ("leaky-funnel", "leaky-funnel", "profit of the leaky", -0.5, -0.1),
    ("leaky-funnel", "leaky-funnel: money for service", "profit of the leaky", -0.05, 0.5),
    ("satisfied-and-gone", "telecom: bad service", "satisfied", 0.0, 0.2),
    ("completely-satisfied", "telecom: free to go", "they leave more often", 0.1, 0.6),
    ("completely-satisfied", "telecom: locked in", "they leave more often", -0.1, 0.1),
    ("five-points", "telecom: a firm", "the firm's profit", 0.0, 0.1),
    ("best-split", "telecom: nobody", "share of the budget", -1e-9, 0.5),
    ("three-levels", "culture-relational, level 2: the firm is twice", "of the customers", 0.0, 0.2),
    ("over-contacting", "sleepers: contact wakes nobody", "profit at four", -0.4, -0.02),
    ("over-contacting", "sleepers: contact neither", "profit at four", 0.02, 0.4),
    ("cross-selling", "insurance: nobody", "profit", -1.0, -0.02),
    ("points-costed-wrongly", "points-gone-wrong: eight", "change of yearly", -1e6, -1.0),
    ("points-costed-wrongly", "points-gone-wrong: none", "change of yearly", 1.0, 1e6),
    ("complaints", "saas: one failure", "the well answered", 0.05, 1.0),
    ("complaints", "saas: a desk", "all who complained", -1.0, 0.05),
    ("staff-loop", "staff-loop: a good start, quality 0.9", "profit", 1.0, 1e6),
    ("staff-loop", "staff-loop: a bad start, quality 0.6", "profit", -1e6, -1.0),
    ("staff-loop", "staff-loop: a good start, quality 0.9, service", "profit", -1e-9, 1e-9),
    ("quality-crisis", "structural-bond: neither", "customers who run", 0.1, 1.0),
    ("quality-crisis", "structural-bond: tied", "who run, less", -1.0, -0.02),
]


@pytest.mark.parametrize(("key", "where", "effect", "low", "high"), SHARP)
def test_what_is_sharp_points_the_right_way_on_a_small_market(key, where, effect, low, high, findings):
    mine = [f for f in findings(key) if f.where.startswith(where) and f.effect.startswith(effect)]
    assert mine, [(f.where, f.effect) for f in findings(key)]
    assert low < mine[0].mean < high, mine[0]

"""The claims: verdicts from intervals, and what all of them have in common."""

import math

import numpy as np
import pytest

from retsim.claims import CLAIMS, Lab, chosen, headlines, standing, verdicts
from retsim.claims.claim import finding, ratio_values, verdict_of


@pytest.mark.parametrize(
    ("interval", "borders", "verdict"),
    [
        ((0.7, 0.65, 0.75), (0.6, 0.85), "holds"),
        ((0.7, 0.55, 0.85), (0.6, 0.85), "not sure"),
        ((0.5, 0.45, 0.55), (0.6, 0.85), "does not hold"),
        ((0.9, 0.86, 0.94), (0.6, 0.85), "does not hold"),
        ((0.1, 0.05, 0.15), (0.0, math.inf), "holds"),
        ((0.0, 0.0, 0.0), (0.0, math.inf), "does not hold"),
        ((0.1, math.nan, math.nan), (0.0, math.inf), "not sure"),
    ],
)
def test_a_claim_holds_where_the_whole_interval_does(interval, borders, verdict):
    assert verdict_of(interval, *borders) == verdict


def test_a_finding_carries_the_interval_of_its_values():
    found = finding("here", "an effect", [1.0, 2.0, 3.0], "money", above=0.0)
    assert (found.mean, found.n, found.unit) == (2.0, 3, "money")
    assert (found.above, found.below, found.limit) == (0.0, math.inf, False)
    # Student's t of 2 degrees of freedom, 95 %: 4.303; standard error 1 / sqrt 3.
    assert found.high - found.mean == pytest.approx(4.302653 / math.sqrt(3.0), rel=1e-6)


def test_a_ratio_is_that_of_the_means_and_its_interval_that_of_the_jackknife():
    """By hand: 6 / 4 in all; without the first 5 / 3, without the second 1 / 1."""
    assert ratio_values([1.0, 5.0], [1.0, 3.0]).tolist() == pytest.approx([2 * 1.5 - 5 / 3, 2 * 1.5 - 1.0])
    rng = np.random.default_rng(4)
    before = rng.gamma(50.0, 2.0, 400)
    after = 1.2 * before + rng.normal(0.0, 5.0, 400)
    values = ratio_values(after, before)
    assert values.mean() == pytest.approx(after.sum() / before.sum(), rel=1e-4)
    # The delta method: residuals about the ratio over the mean below.
    error = (after - 1.2 * before).std(ddof=1) / before.mean()
    assert values.std(ddof=1) == pytest.approx(error, rel=0.02)
    assert ratio_values([3.0], [2.0]).tolist() == [1.5]


def found(*verdicts_there, limit=False):
    values = {"holds": [1.0, 1.1], "does not hold": [-1.0, -1.1], "not sure": [-1.0, 1.0]}
    return [finding("w", "e", values[v], "EUR", above=0.0, limit=limit) for v in verdicts_there]


def test_findings_stand_together_where_they_agree_and_limits_do_not_count():
    assert standing(found("holds", "holds")) == "holds"
    assert standing(found("does not hold")) == "does not hold"
    assert standing(found("not sure", "not sure")) == "not sure"
    assert standing(found("holds", "not sure", "holds")) == "holds in 2 of 3"
    assert standing(found("holds") + found("does not hold", limit=True)) == "holds"


@pytest.mark.parametrize("key", CLAIMS)
def test_every_claim_says_what_it_means_and_where_it_comes_from(key):
    claim = CLAIMS[key]
    assert claim.key == key
    assert claim.text.endswith(".")
    assert claim.source
    assert claim.condition
    assert not claim.condition.endswith(".")


def test_a_small_experiment_gives_findings_with_intervals():
    frame = verdicts(["satisfied-and-gone"], Lab(replications=2, workers=1, size=0.1))
    assert list(frame["where"]) == [*Lab().industries(), "telecom: bad service"]
    assert (frame["low"] <= frame["mean"]).all()
    assert frame["verdict"].isin(["holds", "does not hold", "not sure"]).all()
    assert frame["limit"].tolist() == [False] * (len(frame) - 1) + [True]
    first = headlines(frame)
    assert list(first["where"]) == ["telecom", "telecom: bad service"]


def test_a_smaller_lab_has_fewer_people_with_as_much_money_each():
    whole, part = Lab().load("telecom"), Lab(size=0.25).load("telecom")
    assert part.customers * 4 == whole.customers
    assert part.budget.monthly * 4 == whole.budget.monthly
    assert part.rivals["network"].budget.monthly * 4 == whole.rivals["network"].budget.monthly
    changed = Lab(size=0.25).load("telecom", customers=4000, **{"budget.monthly": 800.0})
    assert (changed.customers, changed.budget.monthly) == (1000, 200.0)


def test_an_unknown_claim_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="claim 'fife': there is none of this name; there are leaky-funnel"):
        chosen(["fife"])

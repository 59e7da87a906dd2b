"""Families of distributions: moments and quantiles against scipy, luck that does not depend on its place."""

import math

import numpy as np
import pytest
from scipy import stats

from retsim.scenario import Scenario, ScenarioError
from retsim.scenario.distributions import (
    Beta,
    Constant,
    Gamma,
    InverseGamma,
    Lognormal,
    Normal,
    Uniform,
    Values,
)

SIGMA = math.sqrt(math.log(1 + 0.7**2))
KNOWN = [
    (Uniform(low=2.0, high=5.0), stats.uniform(2, 3)),
    (Normal(mean=3.0, sd=2.0), stats.norm(3, 2)),
    (Normal(mean=1.0, sd=0.5, low=0.0, high=3.0), stats.truncnorm(-2, 4, 1, 0.5)),
    (Normal(mean=-3.0, sd=1.0, low=0.0), stats.truncnorm(3, np.inf, -3, 1)),
    (Normal(mean=9.0, sd=1.0, high=5.0), stats.truncnorm(-np.inf, -4, 9, 1)),
    (Lognormal(mean=40.0, cv=0.7), stats.lognorm(SIGMA, scale=40 * math.exp(-(SIGMA**2) / 2))),
    (Gamma(shape=0.553, rate=2.433), stats.gamma(0.553, scale=1 / 2.433)),
    (Gamma(mean=3.0, cv=0.5), stats.gamma(4, scale=0.75)),
    (InverseGamma(shape=5.0, scale=4.0), stats.invgamma(5.0, scale=4.0)),
    (Beta(a=2.0, b=38.0), stats.beta(2, 38)),
    (Values(values=(1.0, 4.0, 2.0)), stats.rv_discrete(values=([1, 2, 4], [1 / 3, 1 / 3, 1 / 3]))),
    (
        Values(values=(4.0, 1.0, 9.0), weights=(1.0, 3.0, 0.0)),
        stats.rv_discrete(values=([1, 4, 9], [0.75, 0.25, 0])),
    ),
]
FAMILIES = [family for family, _ in KNOWN]


def identity(family):
    return f"{family.dist}-{family.mean():.3g}"


@pytest.mark.parametrize(("family", "known"), KNOWN, ids=[identity(f) for f in FAMILIES])
class TestAgainstScipy:
    def test_mean(self, family, known):
        assert family.mean() == pytest.approx(known.mean(), rel=1e-9)

    def test_quantiles(self, family, known):
        u = np.concatenate([np.linspace(0.003, 0.997, 331), [1e-9, 1e-6, 1 - 1e-6, 1 - 1e-9]])
        np.testing.assert_allclose(family.quantile(u), known.ppf(u), rtol=2e-7, atol=1e-12)

    def test_spread(self, family, known):
        u = (np.arange(200_000) + 0.5) / 200_000
        assert family.quantile(u).std() == pytest.approx(known.std(), rel=5e-3)


@pytest.mark.parametrize("family", [*FAMILIES, Constant(value=2.0)], ids=identity)
class TestLuck:
    def test_a_value_does_not_depend_on_its_place(self, family):
        u = np.random.default_rng(7).random(1003)
        whole = family.quantile(u)
        single = np.array([family.quantile(np.array([value]))[0] for value in u])
        strided = np.empty(2006)
        strided[::2] = u
        assert whole.tobytes() == single.tobytes()
        assert whole.tobytes() == np.ascontiguousarray(family.quantile(strided[::2])).tobytes()
        assert whole[501:].tobytes() == family.quantile(u[501:]).tobytes()

    def test_more_luck_is_never_less(self, family):
        u = np.sort(np.random.default_rng(8).random(20_000))
        assert (np.diff(family.quantile(u)) >= 0).all()

    def test_no_draw_leaves_its_reach_and_support(self, family):
        extremes = np.array([2.0**-33, 0.5, 1 - 2.0**-33])
        for low, high in (family.support(), family.reach()):
            assert (family.quantile(extremes) >= low).all()
            assert (family.quantile(extremes) <= high).all()


@pytest.mark.parametrize(
    "family",
    [
        Constant(value=3.0),
        Uniform(low=3.0, high=3.0),
        Normal(mean=3.0, sd=0.0),
        Lognormal(mean=3.0, cv=0.0),
        Gamma(mean=3.0, cv=0.0),
        Values(values=(3.0, 3.0)),
    ],
    ids=lambda family: family.dist,
)
def test_families_without_spread_are_constant(family):
    assert family.constant
    assert family.mean() == 3.0
    np.testing.assert_array_equal(family.quantile(np.array([0.01, 0.5, 0.99])), [3.0, 3.0, 3.0])


@pytest.mark.parametrize("family", FAMILIES, ids=identity)
def test_families_with_spread_are_not_constant(family):
    assert not family.constant


def scenario_with(**segment):
    return Scenario(setting="non-contractual", segments={"all": segment})


@pytest.mark.parametrize(
    ("trait", "family", "refused"),
    [
        ("voice", {"dist": "gamma", "mean": 0.01, "cv": 0.1}, True),
        ("voice", {"dist": "beta", "a": 1, "b": 9}, False),
        ("voice", {"dist": "normal", "mean": 0.5, "sd": 0.01}, True),
        ("voice", {"dist": "normal", "mean": 0.5, "sd": 0.01, "low": 0, "high": 1}, False),
        ("purchase_rate", {"dist": "gamma", "shape": 0.553, "rate": 2.433}, False),
        ("purchase_rate", {"dist": "gamma", "shape": 0.5, "rate": 0.01}, True),
        ("purchase_rate", {"dist": "normal", "mean": 2, "sd": 1}, True),
        ("purchase_rate", {"dist": "normal", "mean": 2, "sd": 1, "low": 0}, False),
        ("spend", {"dist": "lognormal", "mean": 1, "cv": 0.8}, False),
        ("spend", {"dist": "lognormal", "mean": 1e5, "cv": 5}, True),
        ("spend", {"dist": "inverse_gamma", "shape": 3.74, "scale": 2.74}, False),
        ("spend", {"dist": "inverse_gamma", "shape": 1.2, "scale": 0.2}, True),
        ("tenure", {"dist": "uniform", "low": -1, "high": 5}, True),
        ("tenure", {"dist": "values", "values": [1, 2, 1201]}, True),
    ],
)
def test_a_distribution_must_lie_in_the_range_of_its_trait(trait, family, refused):
    if not refused:
        assert scenario_with(traits={trait: family}).segments["all"].traits.voice is not None
        return
    with pytest.raises(ScenarioError) as caught:
        scenario_with(traits={trait: family})
    (problem,) = caught.value.problems
    assert problem.key == f"segments.all.traits.{trait}"
    assert problem.rule.startswith("must be a distribution within the range")


@pytest.mark.parametrize(
    ("family", "rule"),
    [
        ({"dist": "uniform", "low": 2, "high": 1}, "must have low <= high"),
        ({"dist": "normal", "mean": 1, "sd": 1, "low": 2, "high": 1}, "must have low <= high"),
        ({"dist": "normal", "mean": 1, "sd": 0.1, "low": 90, "high": 91}, "must leave some probability"),
        ({"dist": "normal", "mean": 1, "sd": 0, "low": 2}, "must have its mean within low..high"),
        ({"dist": "gamma", "shape": 1, "cv": 1}, "must have either shape and rate, or mean and cv"),
        ({"dist": "gamma"}, "must have either shape and rate, or mean and cv"),
        ({"dist": "gamma", "mean": 1, "cv": 1e-200}, "must have a cv of 0 or at least 1e-6"),
        ({"dist": "values"}, "must have values"),
        ({"dist": "values", "values": [1, 2], "weights": [1]}, "must have as many weights as values (2)"),
        ({"dist": "values", "values": [1, 2], "weights": [0, 0]}, "must have weights >= 0, not all 0"),
        ({"dist": "values", "values": [1, 2], "weights": [1, -1]}, "must have weights >= 0, not all 0"),
        ({"dist": "values", "file": "x.csv"}, "must have values: a file of them is read where"),
    ],
)
def test_families_refuse_numbers_that_make_no_distribution(family, rule):
    with pytest.raises(ScenarioError) as caught:
        scenario_with(traits={"purchase_rate": family})
    (problem,) = caught.value.problems
    assert problem.key == "segments.all.traits.purchase_rate"
    assert problem.rule.startswith(rule)


def test_an_inverse_gamma_without_a_mean_is_refused():
    with pytest.raises(ScenarioError) as caught:
        scenario_with(traits={"spend": {"dist": "inverse_gamma", "shape": 1.0, "scale": 1.0}})
    (problem,) = caught.value.problems
    assert problem.key == "segments.all.traits.spend.shape"
    assert "greater than 1" in problem.rule


class TestSpendQuantiles:
    @pytest.mark.parametrize(
        ("noise", "known"),
        [
            (
                {"dist": "lognormal", "mean": 7.0, "cv": 0.7},
                stats.lognorm(SIGMA, scale=math.exp(-(SIGMA**2) / 2)),
            ),
            ({"dist": "gamma", "shape": 2.0, "rate": 9.0}, stats.gamma(2, scale=0.5)),
            ({"dist": "uniform", "low": 1.0, "high": 3.0}, stats.uniform(0.5, 1)),
            ({"dist": "normal", "mean": 2.0, "sd": 0.4, "low": 0.0}, stats.truncnorm(-5, np.inf, 1, 0.2)),
        ],
        ids=["lognormal", "gamma", "uniform", "normal"],
    )
    def test_table_has_mean_one_and_the_spread_of_the_family(self, noise, known):
        table = scenario_with(spend_noise=noise).segments["all"].spend_quantiles()
        assert table.shape == (1025,)
        assert np.isfinite(table).all()
        assert (table >= 0).all()
        assert (np.diff(table) >= 0).all()
        mean = (table.sum() - (table[0] + table[-1]) / 2) / 1024
        assert mean == pytest.approx(1.0, abs=5e-16)
        second = (table[:-1] ** 2 + table[:-1] * table[1:] + table[1:] ** 2).sum() / 3 / 1024
        assert math.sqrt(second - 1) == pytest.approx(known.std() / known.mean(), rel=0.01)

    def test_linear_interpolation_gives_the_quantiles_of_a_straight_family(self):
        noise = {"dist": "uniform", "low": 1, "high": 3}
        table = scenario_with(spend_noise=noise).segments["all"].spend_quantiles()
        u = np.array([0.001, 0.25, 0.77, 0.999])
        np.testing.assert_allclose(np.interp(u, np.linspace(0, 1, 1025), table), 0.5 + u, rtol=1e-12)

    def test_constant_noise_needs_no_table(self):
        assert scenario_with().segments["all"].spend_quantiles().size == 0
        assert scenario_with(spend_noise=3).segments["all"].spend_quantiles().size == 0

    @pytest.mark.parametrize("noise", [0, {"dist": "values", "values": [0, 0]}])
    def test_noise_without_a_mean_cannot_be_scaled(self, noise):
        with pytest.raises(ScenarioError, match="spend_noise with a mean above 0"):
            scenario_with(spend_noise=noise)

    def test_baskets_are_never_negative(self):
        with pytest.raises(ScenarioError, match=r"segments.all.spend_noise .*within the range 0\.\."):
            scenario_with(spend_noise={"dist": "normal", "mean": 1, "sd": 0.5})

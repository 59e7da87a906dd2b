"""Customer lifetime value: published numbers, period-by-period sums, slopes by differences."""

import dataclasses
import math
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from retsim.theory.clv import (
    CONTINUOUS,
    IMMEDIATE,
    IN_ARREARS,
    MID_PERIOD,
    RENEWALS_ONLY,
    Convention,
    elasticities,
    retention_clv,
)

FIXED = settings(derandomize=True, deadline=None, max_examples=50)
PERIODIC = [
    Convention(first_margin=first, survival=survival, discounting=discounting)
    for first, survival, discounting in product(
        ("now", "after_one_period"), ("before_margin", "after_margin"), ("start", "mid", "end", "continuous")
    )
    if (first, survival, discounting) != ("now", "after_margin", "start")
]


def summed(margin, r, d, convention, growth=0.0, cost=0.0, periods=4000):
    """The same value, told customer by customer and period by period."""
    value, level, there = 0.0, margin, 1.0
    if convention.first_margin == "now":
        value, level = margin, margin * (1 + growth)
    before = convention.survival == "before_margin"
    for t in range(1, periods + 1):
        opens = (1 + d) ** -(t - 1)
        inside = {
            "start": 1.0,
            "mid": (1 + d) ** -0.5,
            "end": 1 / (1 + d),
            "continuous": np.mean((1 + d) ** -((np.arange(2000) + 0.5) / 2000)),
        }[convention.discounting]
        if before:
            value -= there * cost * opens * (1.0 if convention.discounting == "continuous" else inside)
            there *= r
            value += there * level * opens * inside
        else:
            value += there * level * opens * inside
            value -= there * cost * opens / (1 + d)
            there *= r
        level *= 1 + growth
    return value


@pytest.mark.parametrize(
    ("convention", "extra", "value"),
    [
        (RENEWALS_ONLY, {}, 450.0),
        (IMMEDIATE, {}, 550.0),
        (IN_ARREARS, {}, 500.0),
        (MID_PERIOD, {}, 524.404),
        (CONTINUOUS, {}, 498.329),
        (dataclasses.replace(RENEWALS_ONLY, horizon=5), {}, 285.008),
        (RENEWALS_ONLY, {"margin_growth": 0.03}, 520.231),
        (IMMEDIATE, {"retention_cost": 10.0}, 500.0),
    ],
)
def test_published_numbers(convention, extra, value):
    got = retention_clv(100, 0.9, discount_rate=0.1, convention=convention, **extra)
    assert got == pytest.approx(value, abs=5.1e-4)


@pytest.mark.parametrize("convention", PERIODIC, ids=lambda c: "-".join((c.first_margin, c.survival, c.discounting)))
@pytest.mark.parametrize(
    ("r", "d", "growth", "cost"), [(0.9, 0.1, 0.03, 7.0), (0.6, 0.02, -0.2, 0.0), (0.0, 0.3, 0.0, 2.0)]
)
def test_every_convention_is_its_sum(convention, r, d, growth, cost):
    for horizon, periods in ((math.inf, 400), (1, 1), (7, 7)):
        scoped = dataclasses.replace(convention, horizon=horizon)
        got = retention_clv(100, r, discount_rate=d, convention=scoped, margin_growth=growth, retention_cost=cost)
        assert got == pytest.approx(summed(100, r, d, scoped, growth, cost, periods), rel=1e-7)


def test_two_spellings_of_the_immediate_margin_agree():
    advance = Convention(first_margin="after_one_period", survival="after_margin", discounting="start")
    for cost in (0.0, 10.0):
        values = [
            retention_clv(100, 0.8, discount_rate=0.07, convention=c, retention_cost=cost) for c in (IMMEDIATE, advance)
        ]
        assert values[0] == pytest.approx(values[1], rel=1e-13)


@FIXED
@given(r=st.floats(0.01, 0.99), d=st.floats(0.0, 1.0), m=st.floats(0.1, 1e4))
def test_conventions_stand_in_their_known_ratios(r, d, m):
    first, now, arrears, mid = (
        retention_clv(m, r, discount_rate=d, convention=c) for c in (RENEWALS_ONLY, IMMEDIATE, IN_ARREARS, MID_PERIOD)
    )
    assert now == pytest.approx(first + m, rel=1e-11)
    assert first == pytest.approx(arrears * r, rel=1e-11)
    assert now == pytest.approx(arrears * (1 + d), rel=1e-11)
    assert mid == pytest.approx(arrears * math.sqrt(1 + d), rel=1e-11)


def test_short_periods_tend_to_the_continuous_value():
    limit = 100 / (math.log(1.1) - math.log(0.9))
    for parts in (10, 100, 1000):
        r, d = 0.9 ** (1 / parts), 1.1 ** (1 / parts) - 1
        gap = retention_clv(100 / parts, r, discount_rate=d, convention=MID_PERIOD) - limit
        # Deaths are booked half a short period late on average: an error of first order, and of known size.
        assert gap == pytest.approx(-limit * math.log(0.9) / 2 / parts, rel=0.05)


def test_continuous_value_is_its_integral():
    from scipy.integrate import quad

    for horizon, growth, cost in ((3.5, 0.02, 4.0), (math.inf, -0.05, 1.0)):
        flow = lambda t, g=growth, c=cost: (100 * (1 + g) ** t - c) * (0.85 / 1.06) ** t  # noqa: E731
        convention = dataclasses.replace(CONTINUOUS, horizon=horizon)
        got = retention_clv(
            100, 0.85, discount_rate=0.06, convention=convention, margin_growth=growth, retention_cost=cost
        )
        assert got == pytest.approx(quad(flow, 0, horizon)[0], rel=1e-9)


def test_no_fading_at_all_counts_the_periods():
    twelve = dataclasses.replace(IN_ARREARS, horizon=12)
    assert retention_clv(5, 1.0, discount_rate=0.0, convention=twelve) == 60.0
    spread = Convention(first_margin="after_one_period", survival="before_margin", discounting="continuous", horizon=12)
    assert retention_clv(5, 1.0, discount_rate=[0.0, 1e-13], convention=spread) == pytest.approx(60.0, rel=1e-11)
    flow = dataclasses.replace(CONTINUOUS, horizon=2.5)
    assert retention_clv(5, 1.0, discount_rate=0.0, convention=flow) == 12.5


@FIXED
@given(r=st.floats(0.0, 0.98), more=st.floats(0.001, 0.02), d=st.floats(0.001, 1.0), horizon=st.integers(2, 600))
def test_value_rises_with_retention_and_horizon_and_falls_with_discount(r, more, d, horizon):
    scoped = dataclasses.replace(RENEWALS_ONLY, horizon=horizon)
    value = retention_clv(100, r, discount_rate=d, convention=scoped)
    assert retention_clv(100, r + more, discount_rate=d, convention=scoped) > value
    assert retention_clv(100, r, discount_rate=d + 0.01, convention=scoped) <= value
    assert retention_clv(100, r, discount_rate=d, convention=RENEWALS_ONLY) >= value * (1 - 1e-12)


@pytest.mark.parametrize(("r", "rise"), [(0.7, 2.71), (0.8, 3.59), (0.9, 5.31)])
def test_one_per_cent_more_retention(r, rise):
    value = [retention_clv(1, x, discount_rate=0.12, convention=RENEWALS_ONLY) for x in (r, 1.01 * r)]
    assert 100 * (value[1] / value[0] - 1) == pytest.approx(rise, abs=5e-3)


def test_churn_from_ten_to_five_per_cent_more_than_doubles_undiscounted_value():
    ten, five = (retention_clv(1, r, discount_rate=0.0, convention=RENEWALS_ONLY) for r in (0.9, 0.95))
    assert (ten, five) == (pytest.approx(9.0), pytest.approx(19.0))


@FIXED
@given(r=st.floats(0.05, 0.98), d=st.floats(0.0, 0.5))
def test_elasticities_of_the_renewal_formula(r, d):
    assume(r < 1 + d - 1e-3)
    e = elasticities(100, r, discount_rate=d, convention=RENEWALS_ONLY)
    assert e.margin == pytest.approx(1.0, rel=1e-12)
    assert e.retention_rate == pytest.approx((1 + d) / (1 + d - r), rel=1e-11)
    assert e.discount_rate == pytest.approx(-d / (1 + d - r), rel=1e-11)


@pytest.mark.parametrize(
    "convention",
    [
        *PERIODIC,
        dataclasses.replace(IMMEDIATE, horizon=6),
        CONTINUOUS,
        dataclasses.replace(CONTINUOUS, horizon=3.3),
    ],
)
def test_elasticities_are_slopes_in_every_convention(convention):
    point = {"margin": 80.0, "retention_rate": 0.85, "discount_rate": 0.09}
    rest = {"margin_growth": 0.02, "retention_cost": 6.0, "convention": convention}

    def value(**changed):
        args = point | changed
        return retention_clv(args["margin"], args["retention_rate"], discount_rate=args["discount_rate"], **rest)

    e = elasticities(80.0, 0.85, discount_rate=0.09, **rest)
    for name, at in point.items():
        step = at * 1e-5
        slope = (value(**{name: at + step}) - value(**{name: at - step})) / (2 * step)
        assert getattr(e, name) == pytest.approx(at * slope / value(), rel=1e-7), name


def test_slope_is_exact_where_a_finite_stream_does_not_fade():
    scoped = dataclasses.replace(IN_ARREARS, horizon=10)
    e = elasticities(1.0, 1.0, discount_rate=0.0, convention=scoped)
    assert e.retention_rate == pytest.approx(sum(range(10)) / 10, rel=1e-12)


def test_arrays_broadcast():
    got = retention_clv([100, 200], [[0.5], [0.9]], discount_rate=0.1, convention=RENEWALS_ONLY)
    assert got.shape == (2, 2)
    assert got[1, 0] == pytest.approx(450.0)
    assert got[1, 1] == pytest.approx(900.0)
    assert isinstance(retention_clv(100, 0.9, discount_rate=0.1, convention=RENEWALS_ONLY), float)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: retention_clv(1, 5, discount_rate=0.1, convention=IMMEDIATE),
            r"clv.retention_clv: retention_rate = 5, must lie in 0..1 \(.*\); did you mean 0.05\?",
        ),
        (
            lambda: retention_clv(1, [0.5, -1], discount_rate=0.1, convention=IMMEDIATE),
            r"retention_rate\[1\] = -1, must lie in 0..1",
        ),
        (
            lambda: retention_clv(1, 0.5, discount_rate=-0.1, convention=IMMEDIATE),
            "discount_rate = -0.1, must be 0 or",
        ),
        (
            lambda: retention_clv(math.nan, 0.5, discount_rate=0.1, convention=IMMEDIATE),
            "margin = nan, must be a finite",
        ),
        (
            lambda: retention_clv("100", 0.5, discount_rate=0.1, convention=IMMEDIATE),
            "margin = '100', must be a number",
        ),
        (
            lambda: retention_clv(True, 0.5, discount_rate=0.1, convention=IMMEDIATE),
            "margin = True, must be a number",
        ),
        (
            lambda: retention_clv(1, 1, discount_rate=0, convention=IMMEDIATE),
            "endless .* give the convention a horizon",
        ),
        (
            lambda: retention_clv(1, 0.99, discount_rate=0.01, margin_growth=0.03, convention=CONTINUOUS),
            r"retention_rate x \(1 \+ margin_growth\) = 1.0197, must be below",
        ),
        (
            lambda: retention_clv(1, 1, discount_rate=0, margin_growth=-0.5, retention_cost=1, convention=IN_ARREARS),
            "must be below 1",
        ),
        (lambda: elasticities(0, 0.5, discount_rate=0.1, convention=IMMEDIATE), "value is 0"),
        (
            lambda: elasticities(1, 0, discount_rate=0.1, convention=IMMEDIATE),
            "retention_rate = 0, must be above 0",
        ),
        (
            lambda: Convention(first_margin="later", survival="before_margin", discounting="end"),
            "first_margin = 'later', must be one of now, after_one_period",
        ),
        (
            lambda: Convention(first_margin="now", survival="continuous", discounting="end"),
            "discounting = 'end', must be 'continuous'",
        ),
        (
            lambda: Convention(first_margin="now", survival="after_margin", discounting="start"),
            "pays at time 0 and so does period 1",
        ),
        (
            lambda: dataclasses.replace(IMMEDIATE, horizon=2.5),
            "horizon = 2.5, must be a whole number, 1 or more",
        ),
        (lambda: dataclasses.replace(IMMEDIATE, horizon=0), "horizon = 0, must be a whole number"),
        (lambda: dataclasses.replace(CONTINUOUS, horizon=-1.0), "horizon = -1, must be above 0"),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

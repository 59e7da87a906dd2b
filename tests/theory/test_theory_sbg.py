"""Shifted beta-geometric: the published fit, mixtures of constant churn rates, sums to far horizons."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function

from retsim.theory import sbg
from retsim.theory.clv import IMMEDIATE, retention_clv

FIXED = settings(derandomize=True, deadline=None, max_examples=40)
shape = st.floats(0.2, 20.0)

# Fader & Hardie (2007), table 1: per cent of two contract segments surviving, years 0 to 12.
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]


def averaged_over_theta(function, a, b, n=400):
    """Mean of a function of the churn rate over Beta(a, b), by Gauss-Jacobi quadrature."""
    from scipy.special import roots_jacobi

    nodes, weights = roots_jacobi(n, b - 1, a - 1)
    return float(weights @ function((1 + nodes) / 2) / weights.sum())


@pytest.mark.parametrize(("percent", "a", "b"), [(REGULAR, 0.7041, 1.1820), (HIGH_END, 0.6681, 3.8061)])
def test_likelihood_of_seven_renewals_peaks_at_the_published_fit(percent, a, b):
    from scipy.optimize import minimize

    left = -np.diff(percent[:8])

    def misfit(logs):
        at = dict(zip("ab", np.exp(logs), strict=True))
        survivors = percent[7] * np.log(sbg.survival(7, **at))
        return -(left @ np.log(sbg.churn_share(np.arange(1, 8), **at)) + survivors)

    found = np.exp(minimize(misfit, [0.0, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-10}).x)
    assert found == pytest.approx([a, b], abs=1.0e-4)


@pytest.mark.parametrize(("percent", "a", "b"), [(REGULAR, 0.7041, 1.1820), (HIGH_END, 0.6681, 3.8061)])
def test_fit_on_seven_years_foresees_the_next_five_far_better_than_one_churn_rate(percent, a, b):
    years, seen, left = np.arange(8, 13), np.array(percent[:8]), -np.diff(percent[:8])
    churn = left.sum() / seen[:-1].sum()  # maximum likelihood of a constant churn rate
    miss = [
        np.abs(curve - percent[8:]).mean()
        for curve in (100 * sbg.survival(years, a=a, b=b), 100 * (1 - churn) ** years)
    ]
    assert miss[0] < miss[1] / 5


@FIXED
@given(a=shape, b=shape, t=st.integers(1, 60))
def test_survival_is_the_average_of_geometric_survivals(a, b, t):
    by_average = averaged_over_theta(lambda theta: (1 - theta) ** t, a, b, n=60)
    assert sbg.survival(t, a=a, b=b) == pytest.approx(by_average, rel=1e-9)


@FIXED
@given(a=shape, b=shape)
def test_churn_retention_and_survival_tell_one_story(a, b):
    t = np.arange(1, 41)
    survival = sbg.survival(np.arange(41), a=a, b=b)
    assert survival[0] == pytest.approx(1.0, abs=1e-13)
    assert sbg.churn_share(t, a=a, b=b) == pytest.approx(-np.diff(survival), rel=1e-7, abs=1e-14)
    assert sbg.retention_rate(t, a=a, b=b) == pytest.approx(survival[1:] / survival[:-1], rel=1e-9)
    assert (np.diff(sbg.retention_rate(t, a=a, b=b)) > 0).all()
    assert sbg.retention_rate(1, a=a, b=b) == pytest.approx(b / (a + b), rel=1e-12)


def test_identical_customers_are_the_limit_of_large_parameters():
    t = np.arange(30)
    assert sbg.survival(t, a=2e7, b=8e7) == pytest.approx(0.8**t, rel=1e-5)
    assert sbg.discounted_lifetime(0.1, a=2e5, b=8e5) == pytest.approx(
        retention_clv(1, 0.8, discount_rate=0.1, convention=IMMEDIATE), rel=1e-4
    )


@FIXED
@given(a=st.floats(1.5, 20.0), b=shape, n=st.integers(0, 30))
def test_expected_tenure_is_the_mean_of_one_over_theta(a, b, n):
    weighted, _ = quad(lambda theta: 1.0, 0, 1, weight="alg", wvar=(a - 2, b + n - 1), epsabs=0.0)
    by_average = weighted / beta_function(a, b + n)
    assert sbg.expected_tenure(a=a, b=b, n_renewals=n) == pytest.approx(by_average, rel=1e-7)


def test_expected_tenure_is_infinite_where_hardly_anybody_leaves_for_ever():
    assert sbg.expected_tenure(a=[0.7041, 1.0, 3.0], b=2.0).tolist() == [np.inf, np.inf, 2.0]
    assert sbg.expected_tenure(a=3.0, b=2.0) > (3.0 + 2.0) / 3.0


def test_mean_tenure_within_a_horizon():
    by_sum = 1 + 1.1820 / (0.7041 + 1.1820)
    assert sbg.mean_tenure_within(2, a=0.7041, b=1.1820) == pytest.approx(by_sum, rel=1e-12)
    assert sbg.mean_tenure_within(400_000, a=3.0, b=2.0) == pytest.approx(2.0, rel=1e-5)


@FIXED
@given(a=st.floats(0.3, 10.0), b=st.floats(0.3, 10.0), d=st.floats(0.005, 0.5), n=st.integers(0, 20))
def test_discounted_lifetimes_are_their_sums(a, b, d, n):
    t = np.arange(6000)
    survival = sbg.survival(t, a=a, b=b)
    assert sbg.discounted_lifetime(d, a=a, b=b) == pytest.approx(survival @ (1 + d) ** -t, rel=1e-8)
    ahead = survival[n + 1 :] / survival[n]
    residual = sbg.discounted_residual_lifetime(d, a=a, b=b, n_renewals=n)
    assert residual == pytest.approx(ahead @ (1 + d) ** -np.arange(len(ahead), dtype=float), rel=1e-8)


@pytest.mark.parametrize("d", [0.01, 0.1, 0.5])
@pytest.mark.parametrize(("a", "b"), [(15, 131.5), (9, 159), (252, 1), (7, 965), (2e5, 8e5), (1e-3, 4.0), (0.5, 1e6)])
def test_discounted_lifetime_where_hypergeometric_routines_fail(a, b, d):
    # Survival as a running product of retention rates, until discounting has eaten everything.
    t = np.arange(1, int(45 / np.log1p(d)))
    survival = np.concatenate([[1.0], np.cumprod(sbg.retention_rate(t, a=a, b=b))])
    by_sum = survival @ (1 + d) ** -np.arange(len(survival), dtype=float)
    assert sbg.discounted_lifetime(d, a=a, b=b) == pytest.approx(by_sum, rel=1e-11)


def test_the_longer_a_customer_stayed_the_more_the_rest_is_worth():
    worth = sbg.discounted_residual_lifetime(0.1, a=0.7041, b=1.1820, n_renewals=np.arange(15))
    assert (np.diff(worth) > 0).all()
    # One average retention rate for all, applied to the survivors, would undervalue them.
    average = sbg.retention_rate(1, a=0.7041, b=1.1820)
    assert worth[5] > retention_clv(1, average, discount_rate=0.1, convention=IMMEDIATE)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sbg.survival(-1, a=1, b=1), "sbg.survival: renewals = -1, must be 0 or more"),
        (lambda: sbg.survival(1, a=0, b=1), "a = 0, must be above 0"),
        (lambda: sbg.churn_share(0, a=1, b=1), "renewal = 0, must be a whole number, 1 or more"),
        (lambda: sbg.retention_rate(1.5, a=1, b=1), "renewal = 1.5, must be a whole number"),
        (lambda: sbg.discounted_lifetime(0.0, a=1, b=1), "discount_rate = 0, must be above 0"),
        (lambda: sbg.mean_tenure_within(0, a=1, b=1), "n_periods = 0"),
        (lambda: sbg.discounted_residual_lifetime(0.1, a=1, b=1, n_renewals=-2), "n_renewals = -2"),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Gamma-gamma and shifted beta-geometric: integrals, published fits, refits, refusals."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from conftest import DATA
from scipy import integrate, special, stats

from retsim.calibrate import FitError, GammaGamma, Sbg, fit_gammagamma, fit_sbg, summary_from_arrays

CDNOW = GammaGamma(6.25, 3.74, 15.44)


@pytest.mark.parametrize(("x", "mean_spend"), [(1, 35.0), (2, 4.0), (7, 120.0), (40, 31.0)])
def test_gammagamma_likelihood_is_the_mixture(x, mean_spend):
    # The mean of x amounts of shape p and rate nu has shape p x and rate nu x.
    def integrand(nu):
        of_mean = stats.gamma(CDNOW.p * x, scale=1 / (nu * x)).pdf(mean_spend)
        return of_mean * stats.gamma(CDNOW.q, scale=1 / CDNOW.gamma).pdf(nu)

    parts = np.geomspace(1e-6, 50.0, 15)
    exact = sum(integrate.quad(integrand, low, high, epsrel=1e-11)[0] for low, high in pairwise(parts))
    assert CDNOW.log_likelihood(x, mean_spend) == pytest.approx(math.log(exact), abs=1e-8)


def test_gammagamma_expectations():
    assert CDNOW.mean_spend() == pytest.approx(6.25 * 15.44 / 2.74)
    assert CDNOW.expected_spend(0, np.nan) == pytest.approx(CDNOW.mean_spend())
    # With much experience a customer's own mean counts, with little the population's.
    assert CDNOW.expected_spend(1000, 80.0) == pytest.approx(80.0, rel=0.01)
    assert CDNOW.mean_spend() < CDNOW.expected_spend(1, 80.0) < 80.0
    assert GammaGamma(2.0, 0.9, 10.0).mean_spend() == math.inf


def gammagamma_customers(rng, law, n):
    x = rng.geometric(0.4, n)
    nu = rng.gamma(law.q, 1 / law.gamma, n)
    return x, rng.gamma(law.p * x, 1 / nu) / x, law.p / nu


def test_gammagamma_refit_and_foresight(rng):
    x, m, true_mean = gammagamma_customers(rng, CDNOW, 4000)
    T = np.full(4000, 9.0)
    found = fit_gammagamma(summary_from_arrays(x, T, T, repeat_spend=m))
    se = np.sqrt(np.diag(found.log_covariance))
    assert found.converged
    assert np.all(np.abs(np.log(found.params) - np.log(CDNOW)) <= 4 * se)
    assert se.max() < 0.15
    gap = true_mean - CDNOW.expected_spend(x, m)
    assert abs(gap.mean()) <= 4 * gap.std() / math.sqrt(4000)


def test_gammagamma_leaves_out_who_did_not_pay(rng):
    x, m, _ = gammagamma_customers(rng, CDNOW, 500)
    x, m = np.append(x, [0, 3]), np.append(m, [np.nan, 0.0])
    T = np.full(502, 9.0)
    found = fit_gammagamma(summary_from_arrays(x, np.where(x > 0, T, 0.0), T, repeat_spend=m))
    assert found.n == 500


def test_gammagamma_refusals():
    T = np.full(30, 9.0)
    with pytest.raises(FitError, match="no amounts"):
        fit_gammagamma(summary_from_arrays(np.ones(30), T, T))
    with pytest.raises(FitError, match="0 of 30 customers bought again and paid"):
        fit_gammagamma(summary_from_arrays(np.zeros(30), 0 * T, T, repeat_spend=np.full(30, np.nan)))


@pytest.mark.parametrize(("segment", "a", "b"), [("regular", 0.7041, 1.1820), ("high_end", 0.6681, 3.8061)])
def test_sbg_on_seven_renewals(segment, a, b):
    table = pd.read_csv(DATA / "fader_hardie_2007_table1_survival_pct.csv")
    found = fit_sbg(10.0 * table[segment][:8])
    assert np.round(found.params, 4).tolist() == [a, b]
    assert found.converged
    # Projected five years on it is far better than a constant rate, the point of the article.
    at_end = table[segment][12]
    lost, renewals = table[segment][0] - table[segment][7], table[segment][:7].sum()
    constant = 100.0 * (1.0 - lost / renewals) ** 12
    assert abs(100.0 * found.params.survivor(12) - at_end) < abs(constant - at_end) / 5.0


def test_sbg_is_the_mixture_and_sums_to_one():
    law = Sbg(0.6681, 3.8061)
    for t in (1, 4, 12):
        exact = integrate.quad(lambda p, t=t: (1 - p) ** t * stats.beta(*law).pdf(p), 0, 1, epsrel=1e-10)[0]
        assert law.survivor(t) == pytest.approx(exact, rel=1e-8)
    assert law.survivor(0) == 1.0
    t = np.arange(1, 40)
    assert np.cumprod(law.retention_rate(t)) == pytest.approx(law.survivor(t), rel=1e-12)
    # One customer who leaves at t, or is left at the end: the likelihoods of all cases sum to 1.
    n = 6
    cases = [[1.0] * k + [0.0] * (n - k) for k in range(1, n + 1)]
    assert sum(math.exp(law.log_likelihood(case)) for case in cases) == pytest.approx(1.0)


def test_sbg_standard_errors_are_those_of_the_information():
    # Scores of one customer by digamma functions; the information is their variance, exactly.
    law, n, last = Sbg(0.7, 1.2), 1000, 7
    a, b = law
    t = np.arange(1, last + 1)
    base = np.array([special.digamma(a) - special.digamma(a + b), special.digamma(b) - special.digamma(a + b)])
    left_a = special.digamma(a + 1) - special.digamma(a + b + t) - base[0]
    left_b = special.digamma(b + t - 1) - special.digamma(a + b + t) - base[1]
    stay_a = special.digamma(a) - special.digamma(a + b + last) - base[0]
    stay_b = special.digamma(b + last) - special.digamma(a + b + last) - base[1]
    scores = np.column_stack([np.append(left_a, stay_a), np.append(left_b, stay_b)])
    survivors = law.survivor(np.arange(last + 1))
    p = np.append(-np.diff(survivors), survivors[-1])
    exact = np.sqrt(np.diag(np.linalg.inv(n * scores.T @ (p[:, None] * scores))))
    # Fitted to the expected table the estimate is the truth, and so is the information.
    found = fit_sbg(n * survivors)
    assert found.params == pytest.approx(law, rel=1e-5)
    assert found.se == pytest.approx(exact, rel=1e-4)


def test_sbg_tables_of_other_sizes():
    survivors = Sbg(0.7, 1.2).survivor(np.arange(8))
    small, large = fit_sbg(100 * survivors), fit_sbg(10_000 * survivors)
    assert small.params == pytest.approx(large.params, rel=1e-4)
    assert np.array(small.se) == pytest.approx(10 * np.array(large.se), rel=1e-3)
    assert (small.n, large.n) == (100, 10_000)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([100, 60], "at least|two renewals"),
        ([100, 60, 70], r"renewal 2 = 70, must lie in 0\.\.60"),
        ([100, -1, -2], r"renewal 1 = -1"),
        ([100, float("nan"), 3], "renewal 1 = nan"),
        ([100, 100, 100], "no leaving"),
        ([0, 0, 0], "no leaving"),
        ([[100, 60, 40]], "shape"),
    ],
)
def test_sbg_refusals(table, why):
    with pytest.raises(FitError, match=why):
        fit_sbg(table)

"""BG/NBD, Pareto/NBD and gamma-gamma against integrals over the individual-level story."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import beta as beta_function
from scipy.special import gammaln, roots_genlaguerre, roots_jacobi
from scipy.stats import poisson

from retsim.theory import bgnbd, gammagamma, paretonbd
from retsim.theory.bgnbd import BgNbd
from retsim.theory.gammagamma import GammaGamma
from retsim.theory.paretonbd import ParetoNbd

FIXED = settings(derandomize=True, deadline=None, max_examples=40)
CDNOW_BG = BgNbd(r=0.2426, alpha=4.4135, a=0.7929, b=2.4258)
CDNOW_PARETO = ParetoNbd(r=0.5533, alpha=10.578, s=0.6062, beta=11.668)
shape, rate = st.floats(0.2, 4.0), st.floats(1.0, 40.0)
bg_populations = st.builds(BgNbd, r=shape, alpha=rate, a=shape, b=shape)
pareto_populations = st.builds(ParetoNbd, r=shape, alpha=rate, s=shape, beta=rate)


def over_rates_and_chances(function, p, n=60):
    """Mean of function(lambda, p) over Gamma(r, alpha) x Beta(a, b), by Gauss quadrature."""
    u, weight_u = roots_genlaguerre(n, p.r - 1)
    v, weight_v = roots_jacobi(n, p.b - 1, p.a - 1)
    values = function((u / p.alpha)[:, None], (1 + v)[None, :] / 2)
    return float(weight_u @ values @ weight_v / weight_u.sum() / weight_v.sum())


# --- BG/NBD -------------------------------------------------------------------------------------------------


@FIXED
@given(p=bg_populations, x=st.integers(0, 8), share=st.floats(0.05, 1.0))
def test_bgnbd_counts_average_the_individual_law(p, x, share):
    t = share * p.alpha

    def one_customer(lam, vanish):
        active = (1 - vanish) ** x * poisson.pmf(x, lam * t)
        gone = vanish * (1 - vanish) ** (x - 1) * poisson.sf(x - 1, lam * t) if x else 0.0
        return active + gone

    got = bgnbd.purchase_count_probability(x, t, p)
    assert got == pytest.approx(over_rates_and_chances(one_customer, p), rel=1e-7, abs=1e-13)


@FIXED
@given(p=bg_populations, share=st.floats(0.05, 1.0))
def test_bgnbd_means_and_survival_average_the_individual_law(p, share):
    t = share * p.alpha
    mean = over_rates_and_chances(lambda lam, vanish: -np.expm1(-lam * vanish * t) / vanish, p)
    assert bgnbd.expected_purchases(t, p) == pytest.approx(mean, rel=1e-8)
    alive = over_rates_and_chances(lambda lam, vanish: np.exp(-lam * vanish * t), p)
    assert bgnbd.share_active(t, p) == pytest.approx(alive, rel=1e-9)


@pytest.mark.parametrize("t", [0.5, 39.0, 400.0])
def test_bgnbd_counts_sum_to_one_and_to_the_mean(t):
    x = np.arange(3000)
    chances = bgnbd.purchase_count_probability(x, t, CDNOW_BG)
    assert chances.sum() == pytest.approx(1.0, abs=1e-9)
    assert chances @ x == pytest.approx(bgnbd.expected_purchases(t, CDNOW_BG), rel=1e-7)
    assert (chances >= 0).all()


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.4), (1.0 + 1e-9, 2.4), (0.4, 0.6), (1.0, 0.5), (0.3, 0.5), (2.5, 0.7)])
def test_bgnbd_mean_is_smooth_where_its_formula_is_singular(a, b):
    p = BgNbd(r=0.8, alpha=5.0, a=a, b=b)

    def rise(vanish):
        return (1 - (1 + vanish * 30 / 5.0) ** -0.8) / vanish * vanish ** (a - 1) * (1 - vanish) ** (b - 1)

    # Powers at both ends are taken out by substitution.
    left = quad(lambda z: rise(z ** (1 / a)) * z ** (1 / a - 1) / a, 0, 0.5**a, epsrel=1e-11)[0]
    right = quad(lambda z: rise(1 - z ** (1 / b)) * z ** (1 / b - 1) / b, 0, 0.5**b, epsrel=1e-11)[0]
    assert bgnbd.expected_purchases(30.0, p) == pytest.approx((left + right) / beta_function(a, b), rel=1e-7)


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b"),
    [(3, 2, 1, 150), (0.36, 15, 0.56, 115), (5, 4.7, 43, 26), (1, 10, 2, 500), (60, 25, 4, 9)],
)
def test_bgnbd_mean_where_hypergeometric_routines_fail(r, alpha, a, b):
    p, x = BgNbd(r=r, alpha=alpha, a=a, b=b), np.arange(6000)
    by_counts = x @ bgnbd.purchase_count_probability(x, 36.0, p)
    assert bgnbd.expected_purchases(36.0, p) == pytest.approx(by_counts, rel=1e-9)
    # The chance to vanish on a coming purchase, times purchases, is who has vanished: d share / dt.
    step = 1e-3
    slope = (bgnbd.share_active(36.0 + step, p) - bgnbd.share_active(36.0 - step, p)) / (2 * step)

    def loss(vanish):
        weight = vanish**a * (1 - vanish) ** (b - 1) / beta_function(a, b)
        return -weight * r / alpha * (1 + vanish * 36.0 / alpha) ** (-r - 1)

    parts = [quad(loss, *ends, epsabs=0, epsrel=1e-11, limit=200)[0] for ends in ((0, 0.02), (0.02, 0.4), (0.4, 1))]
    assert slope == pytest.approx(sum(parts), rel=1e-6)


def test_bgnbd_mean_survives_heavy_buyers_and_long_times():
    ahead = bgnbd.expected_future_purchases([1.0, 1000.0, 1e5], 400, recency=38.9, age=39.0, population=CDNOW_BG)
    assert np.isfinite(ahead).all()
    assert (np.diff(ahead) > 0).all()


def test_bgnbd_published_conditional_expectation():
    # Fader, Hardie & Lee, customer 0001 of CDNOW: two repeat purchases, the last in week 30.43 of 38.86.
    got = bgnbd.expected_future_purchases(39.0, 2, recency=30.43, age=38.86, population=CDNOW_BG)
    assert got == pytest.approx(1.226, abs=1.5e-3)


@FIXED
@given(p=bg_populations, x=st.integers(1, 12), age=st.floats(1.0, 30.0), share=st.floats(0.0, 1.0))
def test_bgnbd_chance_to_be_active_is_bayes_rule(p, x, age, share):
    last = share * age

    def weight(power_of_stay, vanished, until):
        chance = beta_function(p.a + vanished, p.b + power_of_stay) / beta_function(p.a, p.b)
        return chance * np.exp(-(p.r + x) * np.log(p.alpha + until))

    active, gone = weight(x, 0, age), weight(x - 1, 1, last)
    got = bgnbd.p_active(x, last, age=age, population=p)
    assert got == pytest.approx(active / (active + gone), rel=1e-9)


def test_bgnbd_nobody_vanishes_before_a_repeat_purchase():
    assert bgnbd.p_active(0, 0.0, age=500.0, population=CDNOW_BG) == 1.0
    assert bgnbd.p_active([5, 5], [38.0, 2.0], age=39.0, population=CDNOW_BG).tolist() == sorted(
        bgnbd.p_active([5, 5], [38.0, 2.0], age=39.0, population=CDNOW_BG), reverse=True
    )
    assert 0.0 < bgnbd.p_active(60, 1.0, age=400.0, population=CDNOW_BG) < 1e-100


# --- Pareto/NBD ---------------------------------------------------------------------------------------------


def count_by_death(x, t, p):
    """P(X = x) told by the moment of death."""

    def nb(u):
        size = gammaln(p.r + x) - gammaln(p.r) - gammaln(x + 1)
        return np.exp(size) * (p.alpha / (p.alpha + u)) ** p.r * (u / (p.alpha + u)) ** x

    died = quad(lambda u: p.s / p.beta * (p.beta / (p.beta + u)) ** (p.s + 1) * nb(u), 0, t, epsabs=0, epsrel=1e-10)[0]
    return nb(t) * (p.beta / (p.beta + t)) ** p.s + died


@FIXED
@given(p=pareto_populations, x=st.integers(0, 25), t=st.floats(0.1, 80.0))
def test_pareto_counts_average_over_the_moment_of_death(p, x, t):
    got = paretonbd.purchase_count_probability(x, t, p)
    assert got == pytest.approx(count_by_death(x, t, p), rel=1e-7)


@pytest.mark.parametrize("swap", [False, True])
def test_pareto_tail_keeps_its_digits_at_high_counts(swap):
    p = ParetoNbd(r=2.0, alpha=20.0 if swap else 3.0, s=1.5, beta=3.0 if swap else 20.0)
    for x, t in ((60, 1.0), (120, 5.0), (300, 200.0)):
        assert paretonbd.purchase_count_probability(x, t, p) == pytest.approx(count_by_death(x, t, p), rel=1e-7)


@pytest.mark.parametrize(("t", "most"), [(0.5, 30), (39.0, 150), (120.0, 350)])
def test_pareto_counts_sum_to_one_and_to_the_mean(t, most):
    x = np.arange(most)
    chances = paretonbd.purchase_count_probability(x, t, CDNOW_PARETO)
    assert chances.sum() == pytest.approx(1.0, abs=1e-8)
    assert chances @ x == pytest.approx(paretonbd.expected_purchases(t, CDNOW_PARETO), rel=1e-6)


@FIXED
@given(p=pareto_populations, t=st.floats(0.1, 200.0))
def test_pareto_mean_is_the_rate_times_time_active(p, t):
    time_active = quad(lambda u: paretonbd.share_active(u, p), 0, t, epsrel=1e-11)[0]
    assert paretonbd.expected_purchases(t, p) == pytest.approx(p.r / p.alpha * time_active, rel=1e-9)
    frailty, weight = roots_genlaguerre(80, p.s - 1)
    by_rates = weight @ np.exp(-frailty / p.beta * min(t, p.beta)) / weight.sum()
    assert paretonbd.share_active(min(t, p.beta), p) == pytest.approx(by_rates, rel=1e-9)


def test_pareto_mean_has_a_limit_at_shape_one():
    near, at = (paretonbd.expected_purchases(50.0, ParetoNbd(r=1, alpha=10, s=s, beta=8)) for s in (1 + 1e-9, 1.0))
    assert at == pytest.approx(0.1 * 8 * np.log1p(50 / 8), rel=1e-12)
    assert near == pytest.approx(at, rel=1e-7)


@FIXED
@given(p=pareto_populations, x=st.integers(0, 30), age=st.floats(1.0, 60.0), share=st.floats(0.0, 1.0))
def test_pareto_chance_to_be_active_is_bayes_rule(p, x, age, share):
    last = share * age if x else 0.0

    def history(until):
        """Weight of x purchases by `until`, still active then, relative to its value at `age`."""
        return (
            ((p.alpha + age) / (p.alpha + until)) ** (p.r + x)
            * ((p.beta + age) / (p.beta + until)) ** p.s
            * p.s
            / (p.beta + until)
        )

    gone = quad(history, last, age, epsabs=0, epsrel=1e-11, limit=200)[0]
    got = paretonbd.p_active(x, last, age=age, population=p)
    assert got == pytest.approx(1 / (1 + gone), rel=1e-8)
    t = 7.0
    mean_time = quad(lambda u: ((p.beta + age) / (p.beta + age + u)) ** p.s, 0, t)[0]
    ahead = paretonbd.expected_future_purchases(t, x, recency=last, age=age, population=p)
    assert ahead == pytest.approx((p.r + x) / (p.alpha + age) * mean_time / (1 + gone), rel=1e-8)


@pytest.mark.parametrize(("alpha", "beta"), [(0.1, 100.0), (100.0, 0.1), (5.0, 5.0)])
def test_pareto_chance_to_be_active_stands_extremes(alpha, beta):
    p = ParetoNbd(r=0.5, alpha=alpha, s=0.6, beta=beta)
    chance = paretonbd.p_active([0, 1, 50, 500, 500], [0, 5, 30, 39, 1], age=39.0, population=p)
    assert ((chance >= 0) & (chance <= 1)).all()
    assert chance[3] > chance[4]


def test_models_agree_with_negative_binomial_where_nobody_leaves():
    x = np.arange(12)
    nb = np.exp(gammaln(0.5 + x) - gammaln(0.5) - gammaln(x + 1)) * 0.4**0.5 * 0.6**x
    immortal = ParetoNbd(r=0.5, alpha=10, s=1e-9, beta=10)
    faithful = BgNbd(r=0.5, alpha=10, a=1e-9, b=10)
    assert paretonbd.purchase_count_probability(x, 15.0, immortal) == pytest.approx(nb, rel=1e-6)
    assert bgnbd.purchase_count_probability(x, 15.0, faithful) == pytest.approx(nb, rel=1e-6)


wide, times = st.floats(0.01, 50.0), st.one_of(st.just(0.0), st.floats(1e-6, 1e4))


@FIXED
@given(
    model=st.sampled_from([(bgnbd, BgNbd, ("a", "b")), (paretonbd, ParetoNbd, ("s", "beta"))]),
    numbers=st.tuples(wide, st.floats(1e-3, 1e4), wide, st.floats(1e-2, 1e3)),
    past=st.tuples(st.integers(0, 400), st.floats(0.0, 1.0), times, times),
)
@example(  # Lifetimes a millionth of the time observed: quadrature that looks at purchases only misses them.
    model=(paretonbd, ParetoNbd, ("s", "beta")), numbers=(7.25, 9400.0, 47.0, 0.0079), past=(1, 0.5, 3377.0, 1.0)
)  # fmt: skip
def test_far_from_home_chances_are_chances_and_no_digit_is_lost(model, numbers, past):
    """A warning of numpy or scipy inside the formulas is an error here, as anywhere in the tests."""
    module, kind, leaving = model
    p = kind(**dict(zip(("r", "alpha", *leaving), numbers, strict=True)))
    x, share, age, ahead = past
    last = share * age if x else 0.0
    chances = [
        module.share_active(age, p),
        module.purchase_count_probability(x, age, p),
        module.p_active(x, last, age=age, population=p),
    ]
    assert all(0.0 <= chance <= 1.0 + 1e-12 for chance in chances)
    expected = module.expected_future_purchases(ahead, x, recency=last, age=age, population=p)
    assert 0.0 <= expected <= (p.r + x) / (p.alpha + age) * ahead * (1.0 + 1e-9)
    assert 0.0 <= module.expected_purchases(age, p) <= p.r / p.alpha * age * (1.0 + 1e-9)


@pytest.mark.parametrize("t", [1.0, 100.0, 3377.0, 1e5])
def test_pareto_counts_where_lives_are_short_and_purchases_rare(t):
    """The chance of a purchase is the chance that it comes before death, summed over logarithms of time."""
    p = ParetoNbd(r=7.25, alpha=9400.0, s=47.0, beta=0.0079)
    u = np.exp(np.linspace(np.log(1e-12), np.log(t), 200_001))
    density = p.s / p.beta * (1 + u / p.beta) ** (-p.s - 1) * u
    once = p.r * u / (p.alpha + u) * (1 + u / p.alpha) ** -p.r
    died = np.trapezoid(density * once, np.log(u))
    assert paretonbd.purchase_count_probability(1, t, p) == pytest.approx(died, rel=1e-7)


# --- Gamma-gamma --------------------------------------------------------------------------------------------


def test_gammagamma_mean_on_cdnow():
    p = GammaGamma(p=6.25, q=3.74, gamma=15.44)
    by_integral = quad(lambda z: 6.25 * 15.44 / z * z**2.74 * np.exp(-z) / np.exp(gammaln(3.74)), 0, np.inf)[0]
    assert gammagamma.mean_spend(p) == pytest.approx(by_integral, rel=1e-8)


@FIXED
@given(
    p=st.floats(0.5, 10),
    q=st.floats(1.5, 10),
    gamma=st.floats(1, 50),
    x=st.integers(1, 20),
    seen=st.floats(1, 200),
)
def test_gammagamma_forecast_is_the_posterior_mean(p, q, gamma, x, seen):
    population = GammaGamma(p=p, q=q, gamma=gamma)
    # Given purchases, nu ~ Gamma(q + p x, gamma + sum of values); the mean of p / nu follows.
    posterior = p * (gamma + x * seen) / (q + p * x - 1)
    assert gammagamma.expected_spend(x, seen, population=population) == pytest.approx(posterior, rel=1e-11)
    prior = gammagamma.mean_spend(population)
    assert gammagamma.expected_spend(0, seen, population=population) == pytest.approx(prior, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: BgNbd(r=0, alpha=1, a=1, b=1), "bgnbd.BgNbd: r = 0, must be above 0"),
        (lambda: ParetoNbd(r=1, alpha=1, s=-2, beta=1), "paretonbd.ParetoNbd: s = -2, must be above 0"),
        (lambda: GammaGamma(p=1, q=1, gamma=1), "q = 1, must be above 1"),
        (lambda: bgnbd.expected_purchases(-1, CDNOW_BG), "time = -1, must be 0 or more"),
        (lambda: bgnbd.purchase_count_probability(0.5, 1, CDNOW_BG), "count = 0.5, must be a whole number"),
        (
            lambda: bgnbd.p_active(1, 9, age=5, population=CDNOW_BG),
            r"recency = 9, must not exceed age \(with age = 5",
        ),
        (
            lambda: paretonbd.p_active(0, 3, age=5, population=CDNOW_PARETO),
            r"recency = 3, must be 0 \(with age = 5, frequency = 0",
        ),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

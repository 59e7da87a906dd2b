"""Bass diffusion and logit choice."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retsim.theory import bass, logit

FIXED = settings(derandomize=True, deadline=None, max_examples=40)
BASE = {"innovation": 0.03, "imitation": 0.38}
coefficients = st.fixed_dictionaries({"innovation": st.floats(1e-4, 0.5), "imitation": st.floats(0.0, 1.0)})
utilities = st.lists(st.floats(-5, 5), min_size=2, max_size=6)


# --- Bass ---------------------------------------------------------------------------------------------------


def test_published_curve():
    published = [0.0358, 0.0851, 0.1505, 0.2332, 0.3312, 0.4392, 0.5490, 0.6517, 0.7407, 0.8128]
    assert bass.cumulative(np.arange(1, 11), **BASE) == pytest.approx(np.array(published), abs=5.1e-5)
    peak = bass.peak_time(**BASE)
    assert peak == pytest.approx(6.193, abs=5.1e-4)
    assert bass.cumulative(peak, **BASE) == pytest.approx(0.4605, abs=5.1e-5)


@FIXED
@given(c=coefficients, t=st.floats(0.0, 40.0))
def test_density_obeys_the_hazard_and_is_the_slope(c, t):
    share, density = bass.cumulative(t, **c), bass.density(t, **c)
    assert density == pytest.approx((c["innovation"] + c["imitation"] * share) * (1 - share), rel=1e-8, abs=1e-14)
    slope = (bass.cumulative(t + 1e-5, **c) - bass.cumulative(max(t - 1e-5, 0.0), **c)) / (1e-5 + min(t, 1e-5))
    assert density == pytest.approx(slope, rel=1e-4, abs=1e-9)


@FIXED
@given(c=coefficients)
def test_peak_is_where_most_buy(c):
    peak = bass.peak_time(**c)
    times = np.linspace(0, 3 * peak + 10, 2001)
    assert bass.density(times, **c).max() <= bass.density(peak, **c) * (1 + 1e-12)
    if c["imitation"] > c["innovation"]:
        assert bass.cumulative(peak, **c) == pytest.approx(0.5 - c["innovation"] / (2 * c["imitation"]), abs=1e-9)
    else:
        assert peak == 0.0


@FIXED
@given(c=coefficients, share=st.floats(0.0, 0.999))
def test_time_to_reach_inverts(c, share):
    assert bass.cumulative(bass.time_to_reach(share, **c), **c) == pytest.approx(share, rel=1e-9, abs=1e-12)


def test_without_imitation_it_is_exponential():
    t = np.linspace(0, 50, 11)
    assert bass.cumulative(t, innovation=0.1, imitation=0.0) == pytest.approx(1 - np.exp(-0.1 * t), rel=1e-13)


def test_discrete_steps_converge_in_first_order():
    exact = bass.cumulative(10.0, **BASE)
    gaps = [bass.discrete(int(10 / h), step=h, **BASE)[-1] - exact for h in (0.4, 0.2, 0.1, 0.05)]
    ratios = np.array(gaps[:-1]) / np.array(gaps[1:])
    assert ratios[-1] == pytest.approx(2.0, abs=0.15)
    assert abs(gaps[-1]) < 0.01
    assert abs(bass.discrete(10, **BASE)[-1] - exact) > 0.02


def test_discrete_first_steps_by_hand():
    p, q = 0.03, 0.38
    second = p + (p + q * p) * (1 - p)
    assert bass.discrete(2, **BASE).tolist() == pytest.approx([0.0, p, second])
    long = bass.discrete(400, innovation=0.5, imitation=0.5)
    assert (np.diff(long) >= 0).all()
    assert long[-1] <= 1.0


# --- Logit --------------------------------------------------------------------------------------------------


def test_published_inertia():
    fixed = logit.two_brand_inertia(0.5, 1.0)
    assert fixed.transition[:, 0] == pytest.approx([0.8176, 0.3775], abs=5.1e-5)
    assert fixed.share == pytest.approx(0.6742, abs=5.1e-5)


@FIXED
@given(v=st.floats(-3, 3), g=st.floats(-3, 3))
def test_two_brands_are_a_chain_in_balance(v, g):
    got = logit.two_brand_inertia(v, g)
    assert logit.stationary_shares(got.transition) == pytest.approx([got.share, 1 - got.share], abs=1e-12)
    # Inertia g adds g to the brand held: the same as a switching cost of g.
    assert logit.switching_matrix([v, 0.0], g) == pytest.approx(got.transition, abs=1e-12)
    assert logit.two_brand_inertia(-v, g).share == pytest.approx(1 - got.share, abs=1e-12)


def test_inertia_alone_makes_repeats_not_shares():
    even = logit.two_brand_inertia(0.0, 2.0)
    assert even.share == pytest.approx(0.5)
    assert logit.repeat_rate(even.transition) == pytest.approx(1 / (1 + np.exp(-2)))
    free = logit.two_brand_inertia(0.5, 0.0)
    assert logit.repeat_rate(free.transition) == pytest.approx(free.share**2 + (1 - free.share) ** 2)


@FIXED
@given(v=utilities, noise=st.floats(0.1, 10), shift=st.floats(-100, 100))
def test_shares_follow_the_odds(v, noise, shift):
    shares = logit.shares(v, noise=noise)
    assert shares.sum() == pytest.approx(1.0)
    assert np.log(shares[0] / shares[1]) == pytest.approx((v[0] - v[1]) / noise, abs=1e-8)
    assert logit.shares(np.array(v) + shift, noise=noise) == pytest.approx(shares, abs=1e-9)
    fewer = logit.shares(v[:2], noise=noise)
    assert fewer[0] / fewer[1] == pytest.approx(shares[0] / shares[1], rel=1e-9)


def test_shares_and_expected_maximum_are_those_of_gumbel_choices():
    values, noise = np.array([1.0, 0.2, -0.5]), 0.7
    n = 400_000
    worth = values + noise * np.random.default_rng(2).gumbel(size=(n, 3))
    counted = np.bincount(worth.argmax(axis=1), minlength=3) / n
    exact = logit.shares(values, noise=noise)
    assert (np.abs(counted - exact) <= 4 * np.sqrt(exact * (1 - exact) / n)).all()
    best = worth.max(axis=1)
    mean = logit.expected_maximum(values, noise=noise)
    assert best.mean() == pytest.approx(mean, abs=4 * best.std() / np.sqrt(n))
    assert 4 * best.std() / np.sqrt(n) < 0.005 * mean


@FIXED
@given(v=utilities, noise=st.floats(0.2, 5))
def test_slope_of_the_expected_maximum_is_the_share(v, noise):
    v = np.array(v)
    up, down = (logit.expected_maximum(v + h * np.eye(len(v))[0], noise=noise) for h in (1e-5, -1e-5))
    assert (up - down) / 2e-5 == pytest.approx(logit.shares(v, noise=noise)[0], abs=1e-7)
    assert logit.expected_maximum(v[:1], noise=noise) == pytest.approx(v[0] + noise * 0.5772156649, abs=1e-8)


def test_large_values_do_not_overflow():
    assert logit.shares([1e6, 0.0], noise=1.0).tolist() == [1.0, 0.0]
    assert logit.expected_maximum([1e6, 0.0]) == pytest.approx(1e6 + np.euler_gamma)
    assert logit.shares(np.zeros((2, 3, 4))).shape == (2, 3, 4)


@FIXED
@given(v=utilities, cost=st.floats(0, 8), noise=st.floats(0.5, 3))
def test_switching_cost_gives_a_reversible_chain_with_known_shares(v, cost, noise):
    chain = logit.switching_matrix(v, cost, noise=noise)
    shares = logit.stationary_shares(chain)
    assert shares @ chain == pytest.approx(shares, abs=1e-12)
    flow = shares[:, None] * chain
    assert flow == pytest.approx(flow.T, abs=1e-12)
    scaled = np.exp(np.array(v) / noise)
    by_formula = scaled * (scaled + np.exp(-cost / noise) * (scaled.sum() - scaled))
    assert shares == pytest.approx(by_formula / by_formula.sum(), rel=1e-8)


def test_lopsided_costs_are_solved_too():
    cost = np.array([[0.0, 2.0, 1.0], [0.5, 0.0, 3.0], [0.1, -1.0, 0.0]])
    chain = logit.switching_matrix([0.3, 0.0, -0.2], cost)
    far = np.linalg.matrix_power(chain, 5000)
    assert logit.stationary_shares(chain) == pytest.approx(far[0], rel=1e-10)


def test_without_switching_cost_the_chain_forgets_and_with_much_it_hardly_moves():
    v = [0.5, 0.0, -1.0]
    assert logit.stationary_shares(logit.switching_matrix(v, 0.0)) == pytest.approx(logit.shares(v))
    held = logit.switching_matrix(v, 40.0)
    assert logit.repeat_rate(held) == pytest.approx(1.0, abs=1e-15)
    # Much lock-in sharpens shares towards the square of the odds, however rarely anybody moves.
    assert logit.stationary_shares(held) == pytest.approx(logit.shares(2 * np.array(v)), rel=1e-9)


def test_permuted_repeat_rate_is_the_mean_over_all_orders():
    purchases = "AAABBC"
    orders = list(itertools.permutations(purchases))
    repeats = np.mean([sum(x == y for x, y in itertools.pairwise(order)) / 5 for order in orders])
    assert logit.permuted_repeat_rate([3, 2, 1]) == pytest.approx(repeats, rel=1e-12)


def test_stable_preferences_show_no_more_repeats_than_chance():
    # Households that differ, none with inertia: pooled repeats are high, permuted ones equally so.
    rng = np.random.default_rng(9)
    actual, permuted, n = [], [], 20
    for preference in rng.dirichlet([0.4, 0.4, 0.4], size=4000):
        bought = rng.choice(3, size=n, p=preference)
        actual.append(np.mean(bought[1:] == bought[:-1]))
        permuted.append(logit.permuted_repeat_rate(np.bincount(bought, minlength=3)))
    gap = np.array(actual) - np.array(permuted)
    assert abs(gap.mean()) <= 4 * gap.std() / np.sqrt(gap.size)
    assert gap.std() / np.sqrt(gap.size) < 0.005 * np.mean(actual)
    assert np.mean(actual) > 1 / 3 + 0.2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bass.cumulative(1, innovation=0, imitation=0.4), "innovation = 0, must be above 0"),
        (lambda: bass.density(-1, **BASE), "bass.density: time = -1, must be 0 or more"),
        (lambda: bass.time_to_reach(1.0, **BASE), "share = 1, must be 0 or more and below 1"),
        (
            lambda: bass.discrete(3, innovation=0.6, imitation=0.6),
            r"= 1.2, must not exceed 1; take a shorter step",
        ),
        (lambda: logit.shares([1.0], noise=0), "noise = 0, must be above 0"),
        (lambda: logit.shares(1.0), "must have one number for each alternative"),
        (lambda: logit.switching_matrix([1, 2], [[0, 1], [1, 1]]), "on its diagonal, must be 0"),
        (lambda: logit.switching_matrix([1, 2], [1, 1]), r"must be one number or 2 x 2"),
        (lambda: logit.stationary_shares(np.eye(2)), "no way from state 0 to state 1"),
        (lambda: logit.stationary_shares([[0.5, 0.4], [0.5, 0.5]]), "row 0 sums to 0.9"),
        (lambda: logit.permuted_repeat_rate([1, 0]), "counts sum to 1, must be 2 or more"),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

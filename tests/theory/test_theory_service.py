"""Satisfaction, payment depreciation, points and the service desk."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from retsim.theory import base, decay, points, queue, satisfaction

FIXED = settings(derandomize=True, deadline=None, max_examples=40)


# --- Satisfaction -------------------------------------------------------------------------------------------


@FIXED
@given(rate=st.floats(0.02, 1.0), sd=st.floats(0.0, 3.0), lag=st.integers(0, 12))
def test_variance_and_autocorrelation_are_sums_over_past_experiences(rate, sd, lag):
    weights = rate * (1 - rate) ** np.arange(4000)
    assert satisfaction.stationary_variance(rate, sd) == pytest.approx(sd**2 * weights @ weights, rel=1e-10)
    together = weights[lag:] @ weights[: len(weights) - lag] / (weights @ weights)
    assert satisfaction.autocorrelation(rate, lag=lag) == pytest.approx(together, rel=1e-9, abs=1e-12)


def test_checked_share_of_leavers_who_were_satisfied():
    got = satisfaction.satisfied_share_of_leavers(0.85, leaving_if_satisfied=0.10, leaving_if_dissatisfied=0.30)
    assert got == pytest.approx(0.654, abs=5e-4)
    # Alike in leaving, leavers mirror the base; only the angry leave, none was satisfied.
    same = satisfaction.satisfied_share_of_leavers(0.85, leaving_if_satisfied=0.2, leaving_if_dissatisfied=0.2)
    assert same == pytest.approx(0.85)
    assert satisfaction.satisfied_share_of_leavers(0.85, leaving_if_satisfied=0, leaving_if_dissatisfied=0.3) == 0.0


def judged_by_quadrature(mean, sd, level, gain, loss):
    """Mean, variance and correlation of the update by its definition, integrated over one experience."""

    low, high = mean - 10 * sd, mean + 10 * sd
    cut = min(max(level, low), high)

    def over(function):
        def weighed(x, rate):
            return function(x, rate) * math.exp(-0.5 * ((x - mean) / sd) ** 2) / (sd * math.sqrt(2 * math.pi))

        return quad(weighed, low, cut, (loss,))[0] + quad(weighed, cut, high, (gain,))[0]

    step = over(lambda x, rate: rate)
    centre = over(lambda x, rate: rate * x) / step
    variance = over(lambda x, rate: rate**2 * (x - centre) ** 2) / (1 - over(lambda x, rate: (1 - rate) ** 2))
    return centre, variance, 1 - step


@FIXED
@given(
    mean=st.floats(-1, 1),
    sd=st.floats(0.1, 1),
    level=st.floats(-1, 1),
    gain=st.floats(0.02, 0.4),
    aversion=st.floats(0.5, 2.5),
)
def test_loss_averse_judgement_solves_its_moment_equations(mean, sd, level, gain, aversion):
    got = satisfaction.loss_averse(mean, sd, expectation=level, learning_rate=gain, loss_aversion=aversion)
    assert got == pytest.approx(judged_by_quadrature(mean, sd, level, gain, gain * aversion), rel=1e-6, abs=1e-8)


def test_loss_averse_judgement_is_what_many_occasions_give():
    rng = np.random.default_rng(4)
    n, occasions = 4000, 400
    s, kept = np.full(n, 0.6), []
    for t in range(occasions):
        x = 0.7 + 0.2 * rng.standard_normal(n)
        s = s + np.where(x < 0.75, 0.30, 0.15) * (x - s)
        if t >= 100:
            kept.append(s)
    kept = np.array(kept)
    got = satisfaction.loss_averse(0.7, 0.2, expectation=0.75, learning_rate=0.15, loss_aversion=2.0)
    customer_means = kept.mean(axis=0)
    error = customer_means.std() / np.sqrt(n)
    assert error < 0.005 * got.mean
    assert kept.mean() == pytest.approx(got.mean, abs=4 * error)
    spread = ((kept - kept.mean()) ** 2).mean(axis=0)
    assert spread.mean() == pytest.approx(got.variance, abs=4 * spread.std() / np.sqrt(n))
    lagged = np.corrcoef(kept[:-1].ravel(), kept[1:].ravel())[0, 1]
    assert lagged == pytest.approx(got.autocorrelation, abs=0.005)


def test_loss_aversion_lowers_judgement_and_its_absence_does_not():
    fair = satisfaction.loss_averse(0.7, 0.2, expectation=0.8, learning_rate=0.15, loss_aversion=1.0)
    assert fair.mean == pytest.approx(0.7)
    assert fair.variance == pytest.approx(satisfaction.stationary_variance(0.15, 0.2))
    assert fair.autocorrelation == pytest.approx(satisfaction.autocorrelation(0.15))
    means = satisfaction.loss_averse(
        0.7, 0.2, expectation=0.7, learning_rate=0.15, loss_aversion=[0.5, 1.0, 2.0, 4.0]
    ).mean
    assert (np.diff(means) < 0).all()
    # At E = mean the shortfall is known: (lambda - 1) sigma / sqrt(2 pi) over (1 + (lambda - 1) / 2).
    assert means[2] == pytest.approx(0.7 - 0.2 / math.sqrt(2 * math.pi) / 1.5, rel=1e-12)


# --- Payment depreciation -----------------------------------------------------------------------------------


def test_checked_cycle_averages():
    assert decay.cycle_average(0.25, [12, 1]) == pytest.approx(np.array([0.3167, 0.8848]), abs=5.1e-5)


@FIXED
@given(k=st.floats(0.001, 2.0), cycle=st.floats(0.1, 24.0))
def test_cycle_average_and_stock_are_integrals_and_sums(k, cycle):
    mean = quad(lambda tau: decay.payment_weight(tau, k), 0, cycle, epsrel=1e-12)[0] / cycle
    assert decay.cycle_average(k, cycle) == pytest.approx(mean, rel=1e-10)
    past = np.exp(-k * cycle * np.arange(math.ceil(45 / (k * cycle))))
    stock = decay.steady_stock(120.0, decay_rate=k, cycle=cycle)
    assert stock.peak == pytest.approx(120 * past.sum(), rel=1e-9)
    assert stock.peak - stock.trough == pytest.approx(120.0, rel=1e-9)
    assert stock.mean == pytest.approx(stock.peak * mean, rel=1e-9)
    assert decay.payment_weight(decay.half_life(k), k) == pytest.approx(0.5)


def test_small_payments_bind_as_much_on_average_but_are_never_forgotten():
    yearly = decay.steady_stock(120.0, decay_rate=0.25, cycle=12)
    monthly = decay.steady_stock(10.0, decay_rate=0.25, cycle=1)
    assert yearly.mean == pytest.approx(monthly.mean)
    assert monthly.trough > 5 * yearly.trough
    assert decay.cycle_average(0.0, 5.0) == 1.0


# --- Points -------------------------------------------------------------------------------------------------


@FIXED
@given(g=st.floats(0.1, 1e3), h=st.floats(0.0, 1.0), e=st.floats(0.01, 1.0), t=st.floats(0.0, 200.0))
def test_points_balance_and_follow_their_flow(g, h, e, t):
    rates = {"issue_rate": g, "redemption_rate": h, "expiry_rate": e}
    now = points.points_path(t, **rates)
    assert now.redeemed + now.expired + now.outstanding == pytest.approx(now.issued, rel=1e-12)
    held = quad(lambda u: g * np.exp(-(h + e) * (t - u)), 0, t, epsrel=1e-11)[0]
    assert now.outstanding == pytest.approx(held, rel=1e-8, abs=1e-9)
    assert now.expired * h == pytest.approx(now.redeemed * e, rel=1e-9, abs=1e-7 * g)
    assert now.outstanding <= points.steady_outstanding(**rates) * (1 + 1e-12)


def test_points_in_the_long_run():
    rates = {"redemption_rate": 0.06, "expiry_rate": 0.02}
    assert points.steady_outstanding(100, **rates) == pytest.approx(1250.0)
    assert points.breakage(**rates) == pytest.approx(0.25)
    assert points.steady_outstanding(100, **rates) == base.little_base(100, 1 / 0.08)
    path = points.points_path([2.0, 1e5], issue_rate=100, **rates)
    assert path.expired[1] / path.issued[1] == pytest.approx(0.25, abs=1e-3)
    assert path.expired[0] / path.issued[0] < 0.03


def test_points_with_an_expiry_date():
    h, life = 0.05, 24.0
    got = points.expiring_at_age(100, redemption_rate=h, life=life)
    ages = quad(lambda age: 100 * np.exp(-h * age), 0, life)[0]
    assert got.outstanding == pytest.approx(ages, rel=1e-10)
    assert got.outstanding * h + got.breakage * 100 == pytest.approx(100.0)
    idle = points.expiring_at_age([100, 200], redemption_rate=0.0, life=6.0)
    assert idle.outstanding.tolist() == [600.0, 1200.0]
    assert idle.breakage.tolist() == [1.0, 1.0]


def test_wrong_breakage_turns_into_a_loss():
    loss = points.breakage_loss(1e6, value_per_point=0.01, assumed_breakage=[0.40, 0.25], true_breakage=0.25)
    assert loss == pytest.approx(np.array([1500.0, 0.0]))


# --- Queue --------------------------------------------------------------------------------------------------


def waiting_by_balance_equations(load, servers, far=6000):
    """Chance to wait and mean queue of M/M/c from its steady state, state by state."""
    log_weights = np.cumsum(np.concatenate([[0.0], np.log(load) - np.log(np.minimum(np.arange(1, far), servers))]))
    chance = np.exp(log_weights - log_weights.max())
    chance /= chance.sum()
    states = np.arange(far)
    return chance[servers:].sum(), chance @ np.maximum(states - servers, 0)


@FIXED
@given(servers=st.integers(1, 60), busy=st.floats(0.05, 0.97), service=st.floats(0.1, 10))
def test_queue_is_its_balance_equations(servers, busy, service):
    arrivals = busy * servers * service
    wait, length = waiting_by_balance_equations(busy * servers, servers)
    desk = {"service_rate": service, "n_servers": servers}
    assert queue.p_wait(arrivals, **desk) == pytest.approx(wait, rel=1e-8, abs=1e-14)
    assert queue.mean_queue(arrivals, **desk) == pytest.approx(length, rel=1e-7, abs=1e-13)
    assert queue.mean_wait(arrivals, **desk) == pytest.approx(length / arrivals, rel=1e-7, abs=1e-13)
    assert queue.mean_response(arrivals, **desk) == pytest.approx(length / arrivals + 1 / service, rel=1e-7)
    assert queue.utilisation(arrivals, **desk) == pytest.approx(busy)


def test_one_server_is_the_textbook_queue():
    assert queue.p_wait(3, 4, n_servers=1) == pytest.approx(0.75)
    assert queue.mean_wait(3, 4, n_servers=1) == pytest.approx(0.75)
    assert queue.mean_response(3, 4, n_servers=1) == pytest.approx(1.0)


def test_waits_of_a_simulated_desk():
    # First come, first served: the next request goes to the server who is free first.
    rng = np.random.default_rng(8)
    n, servers = 300_000, 3
    arrivals, service = np.cumsum(rng.exponential(1 / 2.4, n)), rng.exponential(1.0, n)
    free, waits = np.zeros(servers), np.empty(n)
    for i in range(n):
        first = free.argmin()
        start = max(arrivals[i], free[first])
        waits[i], free[first] = start - arrivals[i], start + service[i]
    batches = waits.reshape(100, -1).mean(axis=1)
    error = batches.std() / 10
    assert waits.mean() == pytest.approx(queue.mean_wait(2.4, 1.0, n_servers=3), abs=4 * error)
    beyond = (waits > 1.0).reshape(100, -1).mean(axis=1)
    exact = queue.p_wait_exceeds(1.0, 2.4, service_rate=1.0, n_servers=3)
    assert beyond.mean() == pytest.approx(exact, abs=4 * beyond.std() / 10)


def test_quantile_inverts_the_tail():
    desk = {"service_rate": 1.0, "n_servers": 3}
    for p in (0.7, 0.9, 0.999):
        limit = queue.wait_quantile(p, 2.4, **desk)
        assert queue.p_wait_exceeds(limit, 2.4, **desk) == pytest.approx(1 - p)
    assert queue.wait_quantile(0.2, 2.4, **desk) == 0.0
    mean = quad(lambda t: queue.p_wait_exceeds(t, 2.4, **desk), 0, np.inf)[0]
    assert mean == pytest.approx(queue.mean_wait(2.4, 1.0, n_servers=3))


def test_more_servers_wait_less_and_an_idle_desk_not_at_all():
    waits = queue.mean_wait(2.4, 1.0, n_servers=np.arange(3, 12))
    assert (np.diff(waits) < 0).all()
    assert queue.mean_wait(0.0, 1.0, n_servers=2) == 0.0
    # Pooling: one desk of ten waits less than two desks of five at the same load each.
    assert queue.mean_wait(9.0, 1.0, n_servers=10) < queue.mean_wait(4.5, 1.0, n_servers=5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: satisfaction.stationary_variance(0, 1), "learning_rate = 0, must lie in 0..1 and not be 0"),
        (
            lambda: satisfaction.loss_averse(0, 1, expectation=0, learning_rate=0.6, loss_aversion=2),
            "loss_aversion x learning_rate = 1.2, must not exceed 1",
        ),
        (
            lambda: satisfaction.satisfied_share_of_leavers(0.5, leaving_if_satisfied=0, leaving_if_dissatisfied=0),
            "nobody leaves",
        ),
        (lambda: decay.payment_weight(-1, 0.1), "elapsed = -1, must be 0 or more"),
        (lambda: decay.cycle_average(0.1, 0), "cycle = 0, must be above 0"),
        (lambda: decay.half_life(0), "decay_rate = 0, must be above 0"),
        (lambda: points.breakage(redemption_rate=0, expiry_rate=0), "redemption_rate . expiry_rate = 0"),
        (
            lambda: points.breakage_loss(1, value_per_point=1, assumed_breakage=40, true_breakage=0),
            r"assumed_breakage = 40, .* did you mean 0.4\?",
        ),
        (
            lambda: queue.mean_wait(4, 1, n_servers=4),
            "arrival_rate = 4, must be below n_servers x service_rate = 4",
        ),
        (lambda: queue.p_wait(1, 1, n_servers=1.5), "n_servers = 1.5, must be a whole number, 1 or more"),
        (
            lambda: queue.wait_quantile(1.0, 1, service_rate=1, n_servers=2),
            "probability = 1, must be 0 or more and",
        ),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

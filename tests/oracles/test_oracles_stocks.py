"""What builds up and fades inside a customer: satisfaction, attachment and the sunk stock."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    assert_close,
    assert_mean,
    bare_scenario,
    customers_of,
    differing,
    events_of,
    first_leaving,
    run_market,
)
from scipy.stats import norm

from retsim.scenario import load
from retsim.state import Channel, Kind
from retsim.theory import decay, satisfaction

N = 81_000


def looks(scenario, seed, moments, what):
    """A column of the customers at several moments, as a process of the user's own sees it."""
    seen = []

    def look(market):
        for moment in moments:
            yield market.at(moment)
            market.sync()
            seen.append(customers_of(market)[what].copy())

    run_market(scenario, seed, processes=[look])
    return seen


def judging(learning_rate, noise=0.1, **overrides):
    """Bills every month, each an experience about 0.5 that moves satisfaction."""
    return bare_scenario(customers=N, horizon=60.0, tick=12.0, **CONTRACTUAL).with_(
        **{
            "firm.product_quality": 0.5,
            "firm.service_quality": 0.5,
            "firm.delivery_quality": 0.5,
            "behaviour.experience_noise": noise,
            "behaviour.learning_rate": learning_rate,
        }
        | overrides
    )


@pytest.mark.parametrize(("learning_rate", "noise"), [(0.15, 0.1), (0.4, 0.05), (0.9, 0.1)])
def test_stationary_variance_and_autocorrelation(learning_rate, noise):
    """Variance l / (2 - l) sigma^2, correlation 1 - l from one occasion to the next, (1 - l)^3 over three."""
    s0, s1, s3 = looks(judging(learning_rate, noise), 81, (55.5, 56.5, 58.5), "satisfaction")
    assert_mean(s0, 0.5)
    exact = satisfaction.stationary_variance(learning_rate, noise)
    assert exact == pytest.approx(learning_rate / (2 - learning_rate) * noise**2, rel=1e-12)
    assert_close(s0.var(), exact, exact * np.sqrt(2 / N))
    for later, lag in ((s1, 1), (s3, 3)):
        rho = (1 - learning_rate) ** lag
        assert abs(np.corrcoef(s0, later)[0, 1] - rho) <= 4 * (1 - rho**2) / np.sqrt(N)


def test_autocorrelation_from_the_event_log():
    """The same from what was logged at each occasion, occasion after occasion."""
    bills = events_of(run_market(judging(0.15).with_(customers=2000), 82, log=True), Kind.OCCASION)
    order = np.lexsort((bills["time"], bills["customer"]))
    judged = bills["satisfaction"][order].reshape(2000, 60)[:, 45:]
    rho = np.corrcoef(judged[:, :-1].ravel(), judged[:, 1:].ravel())[0, 1]
    assert_close(rho, 0.85, (1 - 0.85**2) / np.sqrt(2000 * 14))


def test_losses_count_more():
    """With expectations that stay, the mean sinks below what is experienced, by as much as the rule's own chain says."""
    settled = judging(0.15, **{"behaviour.loss_aversion": 2.0, "behaviour.initial_expectation": 0.5})
    (seen,) = looks(settled, 83, (58.5,), "satisfaction")
    exact = loss_averse_mean(expectation=0.5, learning_rate=0.15, loss_aversion=2.0)
    assert_mean(seen, exact)
    assert exact < 0.49


def loss_averse_mean(expectation, learning_rate, loss_aversion):
    """Stationary mean of S under experiences Normal(0.5, 0.1), by iterating the density of S on a grid.

    Mass that lands between two points is divided so that its mean is kept.
    """
    grid = np.linspace(0.0, 1.0, 801)
    x = 0.5 + 0.1 * norm.ppf((np.arange(200) + 0.5) / 200)[:, None]
    pace = np.where(x < np.minimum(expectation, grid), loss_aversion, 1.0) * learning_rate
    place = (grid + pace * (x - grid)) * 800
    below = np.clip(place.astype(int), 0, 799)
    above = (place - below) / 200
    mass = np.full(801, 1 / 801)
    for _ in range(80):
        arriving = np.bincount(below.ravel(), (mass * (1 / 200 - above)).ravel(), 801)
        arriving[1:] += np.bincount(below.ravel(), (mass * above).ravel(), 800)[:800]
        mass = arriving
    return float(mass @ grid)


def test_expectation_follows_experience():
    """E_n - x = (1 - e)^n (E_0 - x) without noise, exactly."""
    scenario = judging(0.0, 0.0, **{"behaviour.expectation_learning": 0.08, "behaviour.initial_expectation": 0.9})
    (seen,) = looks(scenario.with_(customers=3), 84, (20.5,), "expectation")
    assert seen == pytest.approx(0.5 + 0.92**21 * 0.4, abs=1e-12)


def paying(k, cycle, per_payment=1.0, **overrides):
    return bare_scenario(customers=100_000, horizon=72.0, **CONTRACTUAL).with_(
        **{
            "behaviour.billing_period": cycle,
            "behaviour.sunk_per_occasion": per_payment,
            "behaviour.sunk_depreciation": k,
            "segments.all.traits.start": {"dist": "uniform", "low": 0.0, "high": cycle},
        }
        | overrides
    )


def sunk_now(k, cycle, moment):
    """Sunk stock of customers in every phase of their cycle; it fades when they next do something, so fade it to now."""
    seen = {}

    def look(market):
        yield market.at(moment)
        market.sync()
        people = customers_of(market)
        seen["sunk"] = people["sunk"] * np.exp(-k * (moment - people["decayed_at"]))

    run_market(paying(k, cycle), 85, processes=[look])
    return seen["sunk"]


@pytest.mark.parametrize(("cycle", "published"), [(12.0, 0.3167), (1.0, 0.8848)])
def test_payment_depreciation(cycle, published):
    """Weight of the last payment, averaged over the cycle: (1 - exp(-kT)) / (kT), k = .25 a month."""
    exact = decay.cycle_average(0.25, cycle)
    assert exact == pytest.approx(published, abs=5e-5)
    # In the first cycle there is one payment, and by its end everyone has made it.
    assert_mean(sunk_now(0.25, cycle, cycle), exact)


@pytest.mark.parametrize(("k", "cycle"), [(0.25, 12.0), (0.25, 1.0), (0.05, 6.0)])
def test_payments_build_up_to_a_steady_stock(k, cycle):
    stock = decay.steady_stock(1.0, decay_rate=k, cycle=cycle)
    # Phases are even, so what is missing after so many months is what a steady stock would have left over.
    assert_mean(sunk_now(k, cycle, 70.0), stock.mean * (1 - np.exp(-k * 70.0)))


def recomputed_sunk(scenario, seed, b):
    """Sunk stock after each event from the log alone, beside what was logged."""
    events = events_of(run_market(scenario, seed, log=True))
    stock, since, out = {}, {}, np.zeros(events.size)
    for n, event in enumerate(events):
        who, when = event["customer"], event["time"]
        held = stock.get(who, 0.0) * np.exp(-b.sunk_depreciation * (when - since.get(who, when)))
        if event["kind"] == Kind.JOIN:
            firm = list(scenario.firms().values())[event["firm"]]
            held = 0.0 if event["trigger"] == Channel.INITIAL else b.sunk_setup + firm.setup_fee
        elif event["kind"] == Kind.OCCASION:
            held += b.sunk_per_occasion
        out[n] = held
        stock[who], since[who] = held, when
        if event["kind"] == Kind.LEAVE and event["outcome"] == len(scenario.firms()):
            stock[who] = held
    return events, out


@pytest.mark.parametrize("name", ["telecom", "retail", "saas"])
def test_sunk_stock_recomputed_from_the_log_at_every_event(name):
    """Relation 9: nothing but payments, set-up and time moves it."""
    spending = {"behaviour.sunk_per_occasion": 7.0, "behaviour.sunk_setup": 11.0, "firm.setup_fee": 20.0}
    scenario = load(name).with_(customers=200, horizon=24.0, **spending)
    events, stock = recomputed_sunk(scenario, 86, scenario.behaviour)
    np.testing.assert_allclose(events["sunk"], stock, rtol=1e-9, atol=1e-9)
    assert (stock > 0).mean() > 0.3
    weight = events["kind"] == Kind.STAY
    assert (events["force_sunk"][weight] > 0).mean() > 0.3


@pytest.mark.parametrize("name", ["telecom", "retail", "saas"])
def test_sunk_cost_at_sensitivity_zero_changes_no_choice(name):
    """The rational customer's life is the same whatever was paid; the human one's is not."""

    def runs(sensitivity):
        base = load(name).with_(customers=400, horizon=30.0)
        traits = {f"segments.{s}.traits.sunk_sensitivity": sensitivity for s in base.segments}
        cheap = base.with_(**traits, **{"behaviour.sunk_per_occasion": 0.0})
        dear = base.with_(**traits, **{"behaviour.sunk_per_occasion": 40.0})
        return [run_market(s, 87, log=True) for s in (cheap, dear)]

    rational = runs(0.0)
    assert set(differing(*rational)) == {"customers", "events"}
    plain = [customers_of(m).copy() for m in rational]
    for people in plain:
        people["sunk"] = 0
    assert plain[0].tobytes() == plain[1].tobytes()
    human = [first_leaving(m) for m in runs(1.0)]
    left = np.isfinite(human[0].at)
    assert (human[0].at[left] != human[1].at[left]).mean() >= 0.3

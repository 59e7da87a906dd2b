"""Customers with the laws of BG/NBD and Pareto/NBD buy as these models say, and a fit gives the laws back."""

from functools import cache

import numpy as np
import pytest
from helpers import assert_mean, assert_share, bare_scenario, counts_of, customers_of, events_of, run_market
from scipy.stats import chi2

from retsim.calibrate import BgNbd, ParetoNbd, fit_bgnbd, fit_paretonbd, summary_from_arrays
from retsim.state import Count, Kind
from retsim.theory import bgnbd, paretonbd

# The estimates for CDNOW (Fader, Hardie & Lee 2005) and another instance; the simulation's month stands for their week.
CDNOW_BG = {"r": 0.2426, "alpha": 4.4135, "a": 0.7929, "b": 2.4258}
CDNOW_PARETO = {"r": 0.5533, "alpha": 10.578, "s": 0.6062, "beta": 11.668}
OTHER_BG = {"r": 1.5, "alpha": 6.0, "a": 2.0, "b": 6.0}
OTHER_PARETO = {"r": 1.2, "alpha": 2.5, "s": 1.4, "beta": 9.0}
HORIZON = 39.0


def buyers(law, customers, seed=31, log=False, **overrides):
    """Customers whose first purchase is at time 0, or at their start."""
    rate = {"dist": "gamma", "shape": law["r"], "rate": law["alpha"]}
    if "a" in law:
        leaving = {"vanish_probability": {"dist": "beta", "a": law["a"], "b": law["b"]}}
    else:
        leaving = {"vanish_rate": {"dist": "gamma", "shape": law["s"], "rate": law["beta"]}}
    traits = {"purchase_rate": rate} | leaving
    scenario = bare_scenario(customers=customers, horizon=HORIZON, **{"segments.all.traits": traits} | overrides)
    return run_market(scenario, seed, log=log)


@cache
def many(kind, which):
    law = {"bg": (CDNOW_BG, OTHER_BG), "pareto": (CDNOW_PARETO, OTHER_PARETO)}[kind][which]
    return law, buyers(law, 300_000)


def summary(market):
    """Frequency, recency and age of each customer who came, from the event log."""
    bought = events_of(market, Kind.OCCASION)
    n = market.population.n
    count = np.bincount(bought["customer"], minlength=n)
    first, last = np.full(n, np.inf), np.full(n, -np.inf)
    np.minimum.at(first, bought["customer"], bought["time"])
    np.maximum.at(last, bought["customer"], bought["time"])
    came = count > 0
    return summary_from_arrays(count[came] - 1, (last - first)[came], HORIZON - first[came], unit="week")


@pytest.mark.parametrize("which", [0, 1])
def test_bgnbd_purchases_and_survivors(which):
    law, market = many("bg", which)
    population = bgnbd.BgNbd(**law)
    repeats = customers_of(market)["occasions"].astype(int) - 1
    assert_mean(repeats, bgnbd.expected_purchases(HORIZON, population))
    p = [bgnbd.purchase_count_probability(n, HORIZON, population) for n in range(8)]
    often = [n for n in range(8) if p[n] > 0.12]
    assert len(often) >= 2
    for n in often:
        assert_share((repeats == n).sum(), repeats.size, p[n])
    active = counts_of(market)[:, 0, 0, Count.ACTIVE]
    for month in (1, 13, 39):
        assert_share(active[month - 1], repeats.size, bgnbd.share_active(month, population))


@pytest.mark.parametrize("which", [0, 1])
def test_paretonbd_purchases_and_survivors(which):
    law, market = many("pareto", which)
    population = paretonbd.ParetoNbd(**law)
    repeats = customers_of(market)["occasions"].astype(int) - 1
    assert_mean(repeats, paretonbd.expected_purchases(HORIZON, population))
    active = counts_of(market)[:, 0, 0, Count.ACTIVE]
    for month in (1, 13, 26):
        exact = (law["beta"] / (law["beta"] + month)) ** law["s"]
        assert_share(active[month - 1], repeats.size, exact)


def agrees(fit, law, precision):
    """Every estimate lies within four standard errors of what the customers were made with."""
    assert fit.converged
    for name, true in law.items():
        error = getattr(fit.se, name)
        assert error <= precision * true, f"{name}: standard error {error}"
        assert abs(getattr(fit.params, name) - true) <= 4 * error, name


def test_bgnbd_customers_refitted():
    agrees(fit_bgnbd(summary(buyers(OTHER_BG, 20_000, log=True))), OTHER_BG, 0.12)


def test_paretonbd_customers_refitted():
    """The likelihood has a flat ridge, so likelihoods are compared: the truth is no worse than chance makes it."""
    seen = summary(buyers(CDNOW_PARETO, 1500, log=True))
    agrees_by_likelihood(fit_paretonbd(seen), seen, CDNOW_PARETO)


def agrees_by_likelihood(fit, seen, law):
    assert fit.converged
    at_truth = ParetoNbd(**law).log_likelihood(seen.frequency, seen.recency, seen.T).sum()
    assert 0 <= 2 * (fit.log_likelihood - at_truth) <= chi2.isf(6e-5, df=4)


@pytest.mark.parametrize(("kind", "law"), [(BgNbd, OTHER_BG), (ParetoNbd, CDNOW_PARETO), (ParetoNbd, OTHER_PARETO)])
def test_the_likelihood_is_steepest_nowhere_but_level_at_the_truth(kind, law):
    """Customers' scores (slopes of the log likelihood) have mean zero at the law that made the customers."""
    seen = summary(buyers(law, 30_000, seed=33, log=True))
    for name, true in law.items():
        step = 1e-4 * true
        sides = [
            kind(**law | {name: true + side}).log_likelihood(seen.frequency, seen.recency, seen.T)
            for side in (-step, step)
        ]
        score = (sides[1] - sides[0]) / (2 * step)
        error = score.std() / np.sqrt(score.size)
        assert abs(score.mean()) <= 4 * error, name
        # A parameter 10 % off would be seen: the slope changes by the information times the shift.
        assert score.var() * 0.1 * true > 4 * error, name


def test_customers_who_came_one_after_the_other_refitted():
    """As in CDNOW the first purchases spread over twelve weeks, so ages differ."""
    spread = {"segments.all.traits.start": {"dist": "uniform", "low": 0.0, "high": 12.0}}
    seen = summary(buyers(CDNOW_BG, 20_000, log=True, **spread))
    assert seen.T.min() > 27
    assert seen.T.max() <= 39
    agrees(fit_bgnbd(seen), CDNOW_BG, 0.15)


@pytest.mark.verify
@pytest.mark.parametrize("law", [CDNOW_BG, OTHER_BG])
def test_a_great_many_bgnbd_customers_refitted(law):
    agrees(fit_bgnbd(summary(buyers(law, 200_000, seed=32, log=True))), law, 0.05)


@pytest.mark.verify
@pytest.mark.parametrize("law", [CDNOW_PARETO, OTHER_PARETO])
def test_a_great_many_paretonbd_customers_refitted(law):
    seen = summary(buyers(law, 10_000, seed=32, log=True))
    agrees_by_likelihood(fit_paretonbd(seen), seen, law)

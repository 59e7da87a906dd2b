"""Contracts whose customers leave with a chance of their own: geometric and shifted beta-geometric retention."""

from functools import cache

import numpy as np
import pytest
from helpers import CONTRACTUAL, assert_share, bare_scenario, counts_of, run_market

from retsim.calibrate import fit_sbg
from retsim.state import Count
from retsim.theory import sbg

REGULAR, HIGH_END = (0.7041, 1.1820), (0.6681, 3.8061)
"""Estimates on seven renewals of two products (Fader & Hardie 2007)."""
RENEWALS = np.arange(1, 13)
N = 300_000


@cache
def beta_survivors(a, b):
    """The same for chances from a beta law; the run is made once."""
    return survivors({"dist": "beta", "a": a, "b": b})


def survivors(vanish_probability, customers=N, seed=21):
    """Customers left after 0, 1, ..., 12 renewals of a yearly contract."""
    scenario = bare_scenario(customers=customers, horizon=144.0, tick=12.0, period=12.0, **CONTRACTUAL).with_(
        **{
            "behaviour.billing_period": 12.0,
            "behaviour.attrition_from": 0.0,
            "segments.all.traits.vanish_probability": vanish_probability,
        }
    )
    active = counts_of(run_market(scenario, seed))[:, 0, 0, Count.ACTIVE]
    return np.concatenate(([customers], active))


@pytest.mark.parametrize("a_b", [REGULAR, HIGH_END, (2.0, 8.0)])
def test_survival_is_that_of_the_shifted_beta_geometric(a_b):
    a, b = a_b
    left = beta_survivors(a, b)
    for t in RENEWALS:
        assert_share(left[t], N, sbg.survival(t, a=a, b=b))


@pytest.mark.parametrize("a_b", [REGULAR, HIGH_END])
def test_a_fit_gives_the_law_back(a_b):
    fit = fit_sbg(beta_survivors(*a_b)[:8])
    for estimate, error, true in zip(fit.params, fit.se, a_b, strict=True):
        assert error < 0.02 * true
        assert abs(estimate - true) <= 4 * error


@pytest.mark.parametrize("churn", [0.05, 0.2, 0.35])
def test_without_differences_retention_is_geometric(churn):
    left = survivors(churn)
    for t in RENEWALS[: int(np.log(0.15) / np.log(1 - churn))]:
        assert_share(left[t], N, (1 - churn) ** t)


def test_retention_rises_with_tenure_though_nobody_changes():
    """Relation 45: sorting out alone makes the cohort's retention rate rise; without differences it is flat."""
    mixed = beta_survivors(*REGULAR)
    alike = survivors(0.7041 / (0.7041 + 1.1820))
    rates = mixed[1:] / mixed[:-1]
    errors = np.sqrt(rates * (1 - rates) / mixed[:-1])
    assert (np.diff(rates)[:6] > 4 * errors[1:7]).all()
    expected = [sbg.retention_rate(t, a=0.7041, b=1.1820) for t in RENEWALS]
    assert (np.abs(rates - expected) <= 4 * errors).all()
    flat = alike[1:6] / alike[:5]
    assert (np.abs(flat - 1.1820 / (0.7041 + 1.1820)) <= 4 * np.sqrt(flat * (1 - flat) / alike[:5])).all()


def test_a_hazard_of_ones_own_is_the_same_in_continuous_time():
    """Gamma hazards mix to a Pareto law of lifetimes: S(t) = (beta / (beta + t))^s."""
    scenario = bare_scenario(customers=N, horizon=60.0).with_(
        **{
            "segments.all.traits.purchase_rate": 0.0,
            "segments.all.traits.vanish_rate": {"dist": "gamma", "shape": 0.606, "rate": 11.668},
        }
    )
    active = counts_of(run_market(scenario, 22))[:, 0, 0, Count.ACTIVE]
    for month in (1, 6, 12, 36, 60):
        assert_share(active[month - 1], N, (11.668 / (11.668 + month)) ** 0.606)

"""The size of a base: inflow over churn, Little's law, and why averages of churn may not be inverted."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    assert_close,
    assert_mean,
    assert_share,
    bare_scenario,
    counts_of,
    customers_of,
    run_market,
)

from retsim.state import Count
from retsim.theory import base

WALK_IN = {"segments.all.initial": {"focal": 0.0}, "entry.walk_in": 1.0, "firm.organic": 1e-12, "customers": 0}
NO_PURCHASES = {"behaviour.first_purchase": 0.0, "segments.all.traits.purchase_rate": 0.0}
MONTHLY_TEST = CONTRACTUAL | {
    "behaviour.first_bill": 1.0,
    "behaviour.attrition_from": 0.0,
    "behaviour.attrition_before": 1.0,
}


def active_base(inflow, horizon, seed, **overrides):
    """Active customers at the end of each month, where so many a month walk in."""
    scenario = bare_scenario(**WALK_IN).with_(horizon=horizon, **{"entry.per_month": inflow} | overrides)
    return counts_of(run_market(scenario, seed))[:, 0, 0, Count.ACTIVE]


@pytest.mark.parametrize(("churn", "inflow"), [(0.05, 2600.0), (0.2, 11_000.0)])
def test_the_base_fills_up_to_inflow_over_churn(churn, inflow):
    """N_t = N (1 - (1 - c)^t), N = inflow / churn. Newcomers are a Poisson stream, so N_t is Poisson."""
    traits = {"segments.all.traits.vanish_probability": churn}
    active = active_base(inflow, 60.0, 51, **MONTHLY_TEST, **traits)
    steady = base.steady_base(inflow, churn)
    months = np.arange(1, 61)
    exact = steady * (1 - (1 - churn) ** months)
    for month in months[exact > 40_000]:
        assert_close(active[month - 1], exact[month - 1], np.sqrt(exact[month - 1]))
        assert base.base_after(month, inflow=inflow, churn_rate=churn) == pytest.approx(exact[month - 1])
    assert (exact > 40_000).sum() > 20


@pytest.mark.parametrize(
    ("law", "horizon", "mean_life"),
    [
        # Of a Pareto law with exponent 3 a part (30 / 90)^2 of the mean life still lies beyond 60 months.
        ({"dist": "gamma", "shape": 3.0, "rate": 30.0}, 60.0, 15.0 * (1 - (30 / 90) ** 2)),
        ({"dist": "values", "values": [0.05, 0.35]}, 90.0, (20.0 * (1 - np.exp(-4.5)) + 1 / 0.35) / 2),
        (0.1, 120.0, 10.0),
        ({"dist": "uniform", "low": 0.1, "high": 0.3}, 80.0, np.log(3) / 0.2),
    ],
)
def test_littles_law(law, horizon, mean_life):
    """In balance the base is arrivals times mean life, whatever the law of life."""
    inflow = 42_000.0 / mean_life
    active = active_base(inflow, horizon, 52, **NO_PURCHASES, **{"segments.all.traits.vanish_rate": law})
    exact = base.little_base(inflow, mean_life)
    assert_close(active[-1], exact, np.sqrt(exact))


def test_averages_of_churn_may_not_be_inverted():
    """Churn of 5 % and 35 % half and half: mean life 11.43 months, not the 5 of their average."""
    life = base.mean_life([0.05, 0.35], shares=[0.5, 0.5])
    assert life == pytest.approx(11.43, abs=5e-3)
    inflow = 4000.0
    traits = {"segments.all.traits.vanish_probability": {"dist": "values", "values": [0.05, 0.35]}}
    active = active_base(inflow, 170.0, 53, **MONTHLY_TEST, **traits)
    assert_close(active[-1], inflow * life, np.sqrt(inflow * life))
    assert active[-1] > 2 * inflow / 0.2


def test_arrivals_are_a_poisson_stream():
    """Gaps between newcomers are exponential: mean 1 / rate, half of them above ln 2 / rate, none tied to the next."""
    scenario = bare_scenario(**WALK_IN).with_(horizon=12.0, **NO_PURCHASES, **{"entry.per_month": 10_000.0})
    gaps = np.diff(np.sort(customers_of(run_market(scenario, 55))["joined_at"])) * 10_000.0
    assert_mean(gaps, 1.0)
    assert_share((gaps > np.log(2)).sum(), gaps.size, 0.5)
    assert abs(np.corrcoef(gaps[1:], gaps[:-1])[0, 1]) <= 4 / np.sqrt(gaps.size)


def test_newcomers_drawn_by_the_satisfied():
    """Each satisfied customer draws a tenth of a newcomer a month: the base grows at that rate, compounded monthly."""
    scenario = bare_scenario(
        horizon=24.0, customers=20_000, **{"entry.per_satisfied": 0.1, "entry.walk_in": 1.0}
    ).with_(**{"firm.organic": 1e-12, "segments.all.traits.purchase_rate": 0.0})
    active = counts_of(run_market(scenario, 54))[:, 0, 0, Count.ACTIVE].astype(float)
    growth = active[1:] / active[:-1] - 1
    expected = np.sqrt(0.1 / active[:-1])
    assert (np.abs(growth - 0.1) <= 4 * expected).all()
    assert_close(growth.mean(), 0.1, np.sqrt((expected**2).sum()) / growth.size)

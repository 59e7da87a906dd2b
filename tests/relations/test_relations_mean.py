"""Relations 26, 27 and 38: what holds in the mean of replications, with budgets, rivals and feedback all at work.

Customer by customer these may fail (treating one can starve another), so means are paired by replication and judged by
four standard errors; what is expected to matter must be seen to matter by as much.
"""

from functools import cache

import numpy as np
import pytest
from helpers import counts_of, differing, ledger_of, run_market
from test_relations_pathwise import COUPONS_FOR_ALL, all_firms, everywhere

from retsim.scenario import load
from retsim.state import Account, Count

NAMES = ("telecom", "retail", "saas")
REPLICATIONS = 12


def busy(name, **overrides):
    """A packaged market as it comes, somewhat smaller and shorter."""
    return load(name).with_(customers=700, horizon=24.0, strategy="retention-led", **overrides)


def churn(scenario, firms=slice(None)):
    """Customers lost per month of being one, by replication."""
    rates = []
    for replication in range(REPLICATIONS):
        counts = counts_of(run_market(scenario, 121, replication))[:, firms]
        lost = counts[..., Count.LOST_TO_RIVAL : Count.VANISHED + 1].sum()
        rates.append(lost / counts[..., Count.ACTIVE].sum())
    return np.array(rates)


@cache
def usual_churn(name, of_focal):
    return churn(busy(name), slice(0, 1) if of_focal else slice(None))


def assert_lowers(change, by):
    """The mean of paired changes is below zero, surely, and by a share of what it was at the least."""
    error = change.std(ddof=1) / np.sqrt(change.size)
    assert change.mean() <= -4 * error
    assert change.mean() <= -by


TIES = {
    "switching cost": lambda s: {"behaviour.procedural_cost": s.behaviour.procedural_cost + 200.0},
    "power": lambda s: {"behaviour.power_imbalance": s.behaviour.power_imbalance + 100.0},
    "sunk cost": lambda s: {"behaviour.sunk_per_occasion": 20.0} | everywhere(s, "sunk_sensitivity", 2.0),
    "attachment": lambda s: {"behaviour.attachment_value": 60.0, "behaviour.relational_barrier": 200.0},
    "quality": lambda s: all_firms(s, service_quality=0.97),
    "fewer failures": lambda s: all_firms(s, failure_rate=0.0),
    "recovery": lambda s: all_firms(s, recovery_quality=1.0, accessibility=1.0),
    "contract": lambda s: all_firms(s, contract_term=30.0, fee_per_month=30.0),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tie", TIES)
def test_26_a_stronger_tie_lowers_churn_in_the_mean(name, tie):
    scenario = busy(name)
    usual = usual_churn(name, False)
    assert_lowers(churn(scenario.with_(**TIES[tie](scenario))) - usual, by=0.02 * usual.mean())


@pytest.mark.parametrize("name", NAMES)
def test_26_less_pull_of_rivals_lowers_the_focal_firms_churn_in_the_mean(name):
    scenario = busy(name)
    dear = {f"rivals.{r}.price": 1.3 * rival.price for r, rival in scenario.rivals.items()}
    usual = usual_churn(name, True)
    assert_lowers(churn(scenario.with_(**dear), slice(0, 1)) - usual, by=0.1 * usual.mean())


@pytest.mark.parametrize("name", NAMES)
def test_26_a_larger_discount_lowers_churn_in_the_mean_when_money_is_no_matter(name):
    scenario = load(name).with_(customers=700, horizon=24.0, **COUPONS_FOR_ALL)
    small, large = (churn(scenario.with_(**{"firm.discount": d}), slice(0, 1)) for d in (0.05, 0.4))
    assert_lowers(large - small, by=0.05 * small.mean())


@pytest.mark.parametrize("times", [0.0, 4.0])
@pytest.mark.parametrize("name", NAMES)
def test_27_more_budget_lowers_churn_in_the_mean(name, times):
    scenario = busy(name)
    usual = usual_churn(name, True)
    other = churn(scenario.with_(**{"budget.monthly": times * scenario.budget.monthly}), slice(0, 1))
    assert_lowers((other - usual) * np.sign(times - 1.0), by=0.01 * usual.mean())


BOUND = 0.025
"""What halving the step between firms and customers may move of the focal firm's customers and revenue."""


@pytest.mark.parametrize("tick", [1.0, 0.5])
@pytest.mark.parametrize("name", NAMES)
def test_38_a_finer_coupling_step_moves_results_by_less_than_the_bound(name, tick):
    def outcomes(step):
        runs = [run_market(busy(name, tick=step), 122, replication) for replication in range(REPLICATIONS)]
        customers = [counts_of(run)[-1, 0, :, Count.ACTIVE].sum() for run in runs]
        revenue = [-ledger_of(run)[:, :, 0, :, :, Account.REVENUE].sum() for run in runs]
        return np.array([customers, revenue], float), runs[0]

    (coarse, one), (fine, other) = outcomes(tick), outcomes(tick / 2)
    moved = (fine - coarse) / coarse.mean(axis=1, keepdims=True)
    error = moved.std(axis=1, ddof=1) / np.sqrt(REPLICATIONS)
    assert (error <= BOUND / 4).all()
    assert (np.abs(moved.mean(axis=1)) <= BOUND).all()
    assert "customers" in differing(one, other)

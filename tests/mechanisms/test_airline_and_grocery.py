"""The packaged airline and grocer: lively markets, satisfied leavers (pattern 2), miles that hold (R14, R19), share of wallet."""

import numpy as np
import pytest

import retsim as rs
from retsim.scenario import load

NAMES = ("airline", "grocery")
LOST_A_MONTH = {"airline": (0.015, 0.05), "grocery": (0.03, 0.1)}
"""Share of the main supplier's customers lost; *assumed*: without contract nobody counts them."""
MARGIN = {"airline": (0.08, 0.3), "grocery": (0.02, 0.1)}
"""Profit before what does not depend on customers, of revenue. Food retailers' net profit was 2.3 % in 2022 (FMI)."""


def study_of(name, replications=6, **arms):
    scenario = load(name)
    return rs.compare(
        {key: scenario.with_(**changes) for key, changes in arms.items()}, replications=replications, seed=31, workers=1
    )


def mean(study, metric):
    summary = study.summary()
    return summary[summary["metric"] == metric].set_index("scenario")


@pytest.fixture(scope="module", params=NAMES)
def strategies(request):
    arms = {name: {"strategy": name} for name in ("acquisition-led", "retention-led")}
    return request.param, study_of(request.param, 6, **arms)


def test_2_most_leavers_were_satisfied(strategies):
    """Pattern 2: 60 to 85 % of those who chose to leave had a satisfaction above the mark of 0.7."""
    _, study = strategies
    share = mean(study, "satisfied_share_of_leavers")
    assert ((share["low"] > 0.6) & (share["high"] < 0.85)).all(), share


def test_the_firm_lives_and_its_market_is_shared(strategies):
    name, study = strategies
    low, high = LOST_A_MONTH[name]
    assert mean(study, "churn_rate")["mean"].between(low, high).all()
    assert mean(study, "market_share")["mean"].between(0.2, 0.5).all()
    profit, revenue = mean(study, "profit"), mean(study, "revenue")["mean"]
    assert (profit["low"] > 0).all()
    assert (profit["mean"] / revenue).between(*MARGIN[name]).all()
    assert (mean(study, "budget_spent")["mean"] / revenue).between(0.01, 0.1).all()


def test_the_strategies_differ_for_the_same_money(strategies):
    """Which is ahead is a result of the scenario; that keeping keeps is not."""
    _, study = strategies
    spent = mean(study, "budget_spent")["mean"]
    assert spent["acquisition-led"] == pytest.approx(spent["retention-led"], rel=1e-3)
    kept = study.differences("retention_rate").iloc[0]
    assert kept["low"] > 0


@pytest.mark.parametrize("name", NAMES)
def test_both_settings_have_what_the_issue_asks_for(name):
    scenario = load(name)
    assert scenario.setting == "non-contractual"
    assert len(scenario.rivals) >= 2
    assert len(scenario.segments) >= 2
    assert {"acquisition-led", "retention-led"} <= set(scenario.strategies)
    mixes = [scenario.strategies[s].mix for s in ("acquisition-led", "retention-led")]
    assert mixes[0] == mixes[1]


def test_miles_and_status_hold_those_who_fly():
    """Without them for anybody fewer of the airline's passengers stay, though its prices are the same."""
    study = study_of("airline", 6, usual={}, bare={"firm.points_rate": 0.0, "firm.status_threshold": 0.0})
    kept = study.differences("retention_rate").iloc[0]
    assert kept["scenario"] == "bare"
    assert kept["high"] < 0


def test_10_miles_costed_too_low_are_a_loss_later():
    """Pattern 10: who counts on three in five miles lapsing earns more at first, and corrects it when they are redeemed."""
    found = []
    for replication in range(5):
        usual, hopeful = (
            _of_focal(load("airline").with_(customers=800, **{"firm.assumed_breakage": b}), replication)
            for b in (0.15, 0.6)
        )
        gained = hopeful["profit"][:12].sum() - usual["profit"][:12].sum()
        corrected = hopeful["points_correction"][24:].sum() - usual["points_correction"][24:].sum()
        found.append((gained, corrected))
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / np.sqrt(5)
    # Two sided 99 % of Student's t with 4 degrees of freedom.
    assert (mean - 4.6 * error > 0).all(), (mean, error)


def _of_focal(scenario, replication):
    totals = rs.simulate(scenario, seed=5, replication=replication).totals
    return totals[totals["firm"] == "focal"].reset_index()


def test_the_content_shop_more_at_their_grocer():
    """Three quarters of what a household spends at the main shop and more (FMI 2011), and better service raises it."""
    study = study_of("grocery", 5, usual={}, better={"firm.service_quality": 0.86})
    assert mean(study, "share_of_wallet")["mean"].between(0.7, 0.9).all()
    assert study.differences("share_of_wallet")["low"].iloc[0] > 0

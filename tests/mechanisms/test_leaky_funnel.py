"""Pattern 1: as many won as lost keeps sales level, and profit far below that of the plugged funnel."""

import numpy as np
import pytest

import retsim as rs

WEEKS = 365.25 / 7 / 12
"""Weeks in a month."""


@pytest.fixture(scope="module")
def runs():
    scenario = rs.load("leaky-funnel")
    return {s: [rs.simulate(scenario.with_(strategy=s), seed=seed) for seed in range(3)] for s in ("leaky", "plugged")}


def a_week(run, column):
    return run.totals[column].to_numpy()[6:].mean() / WEEKS


def test_about_a_hundred_are_lost_and_a_hundred_won_every_week(runs):
    for run in runs["leaky"]:
        assert 90 < a_week(run, "lost") < 115
        assert 90 < a_week(run, "joined") < 115
    for run in runs["plugged"]:
        assert a_week(run, "lost") < 40


def test_sales_stay_level(runs):
    for run in runs["leaky"]:
        yearly = run.totals.revenue.to_numpy().reshape(4, 12).sum(axis=1)
        assert (np.abs(np.diff(yearly) / yearly[:-1]) < 0.05).all()


def test_profit_is_far_below_that_of_the_plugged_funnel_at_the_same_sales_and_budget(runs):
    measures = {s: [run.measures() for run in found] for s, found in runs.items()}
    profit = {s: np.array([m["discounted_profit"] for m in found]) for s, found in measures.items()}
    revenue = {s: np.array([m["revenue"] for m in found]) for s, found in measures.items()}
    assert (profit["leaky"] < 0.75 * profit["plugged"]).all()
    assert (np.abs(revenue["plugged"] / revenue["leaky"] - 1.0) < 0.1).all()
    spent = [m["budget_spent"] for found in measures.values() for m in found]
    assert max(spent) == pytest.approx(min(spent), rel=0.05)


def test_the_ledgers_balance(runs):
    for found in runs.values():
        found[0].check()

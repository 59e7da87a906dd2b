"""Markov migration: the published table, sums over time, and a cohort counted by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retsim.theory.clv import IMMEDIATE, retention_clv
from retsim.theory.migration import (
    best_contact_plan,
    migration_value,
    recency_chain,
    recency_rewards,
    state_shares,
)

FIXED = settings(derandomize=True, deadline=None, max_examples=40)
P = [0.3, 0.2, 0.15, 0.05]
VALUES = [52.320, 5.554, 1.251, -1.820, 0.0]
chances = st.lists(st.floats(0.0, 0.95), min_size=1, max_size=8)


def test_published_chain_and_values():
    chain = recency_chain(P)
    expected = [
        [0.3, 0.7, 0, 0, 0],
        [0.2, 0, 0.8, 0, 0],
        [0.15, 0, 0, 0.85, 0],
        [0.05, 0, 0, 0, 0.95],
        [0, 0, 0, 0, 1],
    ]
    assert chain == pytest.approx(np.array(expected))
    rewards = recency_rewards(4, net_contribution=40, contact_cost=4)
    assert rewards.tolist() == [36, -4, -4, -4, 0]
    assert migration_value(chain, rewards, discount_rate=0.2) == pytest.approx(np.array(VALUES), abs=5.1e-4)


def test_finite_horizon_is_the_sum_of_matrix_powers_and_tends_to_the_endless_one():
    chain, rewards = recency_chain(P), recency_rewards(4, net_contribution=40, contact_cost=4)
    for horizon in (0, 1, 4, 60):
        by_powers = sum(np.linalg.matrix_power(chain / 1.2, t) @ rewards for t in range(horizon + 1))
        got = migration_value(chain, rewards, discount_rate=0.2, horizon=horizon)
        assert got == pytest.approx(by_powers, rel=1e-12, abs=1e-12)
    endless = migration_value(chain, rewards, discount_rate=0.2)
    assert migration_value(chain, rewards, discount_rate=0.2, horizon=200) == pytest.approx(endless, abs=1e-10)


@FIXED
@given(p=chances, d=st.floats(0.01, 1.0), cost=st.floats(0.0, 10.0))
def test_value_is_what_a_cohort_earns(p, d, cost):
    chain = recency_chain(p)
    rewards = recency_rewards(len(p), net_contribution=40, contact_cost=cost)
    start = np.eye(len(p) + 1)[0]
    earned = state_shares(chain, start, n_periods=90) @ rewards
    by_cohort = float(np.sum(earned * (1 + d) ** -np.arange(91.0)))
    got = migration_value(chain, rewards, discount_rate=d, horizon=90)[0]
    assert got == pytest.approx(by_cohort, rel=1e-9, abs=1e-9)


@FIXED
@given(r=st.floats(0.0, 0.99), d=st.floats(0.01, 1.0))
def test_one_recency_is_geometric_retention(r, d):
    got = migration_value(recency_chain([r]), [100.0, 0.0], discount_rate=d)[0]
    assert got == pytest.approx(retention_clv(100, r, discount_rate=d, convention=IMMEDIATE), rel=1e-10)


def test_cohort_is_conserved_and_ends_up_former():
    shares = state_shares(recency_chain(P), [1, 0, 0, 0, 0], n_periods=400)
    assert shares.sum(axis=1) == pytest.approx(np.ones(401), abs=1e-12)
    assert shares[-1, -1] == pytest.approx(1.0, abs=1e-9)
    assert (np.diff(shares[:, -1]) >= 0).all()


def test_contact_stops_before_the_recency_that_loses_money():
    plan = best_contact_plan(P, net_contribution=40, contact_cost=4, discount_rate=0.2)
    assert plan.contact_through == 3
    assert plan.values[0] > VALUES[0]
    assert (plan.values[:-1] > 0).all()


def test_contact_plan_is_the_best_of_all_stopping_rules_by_policy_iteration():
    rng = np.random.default_rng(5)
    for _ in range(20):
        p = np.sort(rng.uniform(0, 0.6, 7))[::-1]
        cost, d = rng.uniform(0.5, 12), rng.uniform(0.05, 0.4)
        plan = best_contact_plan(p, net_contribution=40, contact_cost=cost, discount_rate=d)
        # Value iteration that may stop in every state, where the state's contribution is already earned.
        value = np.zeros(8)
        for _ in range(500):
            go_on = -cost + (p * (40 + value[0]) + (1 - p) * value[1:]) / (1 + d)
            value = np.append(np.maximum(go_on, 0.0), 0.0)
        assert plan.contact_through == int(np.argmax(value <= 0.0))
        got = plan.values[0] if plan.contact_through else 40.0
        assert got == pytest.approx(40 + value[0], rel=1e-8)


def test_nobody_is_contacted_where_contact_cannot_pay():
    plan = best_contact_plan([0.01], net_contribution=40, contact_cost=4, discount_rate=0.2)
    assert plan.contact_through == 0
    assert plan.values.tolist() == [0.0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: recency_chain([0.3, 30]), r"p_purchase\[1\] = 30, must lie in 0..1 .* did you mean 0.3\?"),
        (lambda: recency_chain([]), "p_purchase has shape"),
        (
            lambda: migration_value([[0.5, 0.4], [0, 1]], [1, 0], discount_rate=0.1),
            "row 0 sums to 0.9, must sum to 1",
        ),
        (lambda: migration_value([[0.5, 0.5]], [1, 0], discount_rate=0.1), "must be square"),
        (lambda: migration_value(np.eye(2), [1, 0, 0], discount_rate=0.1), "rewards has 3 values"),
        (lambda: migration_value(np.eye(2), [1, 0], discount_rate=0), "discount_rate = 0, must be above 0"),
        (
            lambda: migration_value(np.eye(2), [1, 0], discount_rate=0, horizon=-1),
            "horizon = -1, must be a whole",
        ),
        (lambda: state_shares(np.eye(2), [0.5, 0.6], n_periods=1), "start sum to 1.1"),
        (lambda: state_shares(np.eye(2), [1.0], n_periods=1), "start has 1 values"),
        (lambda: recency_rewards(0, net_contribution=1, contact_cost=0), "n_recencies = 0"),
    ],
)
def test_errors_name_place_value_and_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()

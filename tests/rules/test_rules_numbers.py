"""Every rule at numbers worked out by hand, as compiled code and as the plain Python function that stands in the file."""

import inspect
from collections import namedtuple
from importlib import import_module
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retsim.rules import acquisition, bonds, choice, experience, forces, growth, voice

MODULES = ("acquisition", "bonds", "choice", "experience", "forces", "growth", "voice")


def given_as(**fields):
    """A record of parameters, as both compiled code and Python read it."""
    return namedtuple("Given", fields)(**{name: float(value) for name, value in fields.items()})


WEIGHTS = given_as(service_weight=0.5, product_weight=0.3, delivery_weight=0.2)
OFFER = given_as(service_quality=0.8, product_quality=0.6, delivery_quality=0.4)
COSTS = given_as(
    search_cost=4, information_cost=6, bargaining_cost=2, decision_cost=3, monitoring_cost=1, breach_risk=5
)
BARRIERS = given_as(relational_barrier=30, power_imbalance=7)
GROWING = given_as(spend_growth=2, satisfaction_growth=0.5, growth_scale=24, growth_ceiling=2.5)
BUYING = given_as(rate_growth=0.5, growth_scale=12)
SERVING = given_as(service_saving=0.4, saving_scale=24)
E1 = 0.6321205588285577  # 1 - exp(-1)

CASES = [
    # R15, R19, R23: reach and prevention; Blattberg & Deighton's own case: 5 buys half of the ceiling of .40.
    (acquisition.saturating, (5.0, 0.4, np.log(2) / 5), 0.2),
    (acquisition.saturating, (0.0, 0.4, 0.3), 0.0),
    (acquisition.saturating, (1e9, 0.4, 0.3), 0.4),
    (acquisition.saturating, (10.0, 0.7, 0.1), 0.7 * E1),
    (acquisition.hazard_of, (0.0, 1.0), 0.0),
    (acquisition.hazard_of, (E1, 1.0), 1.0),
    (acquisition.hazard_of, (0.75, 2.0), 0.6931471805599453),
    # R4, R5: bonds.
    (bonds.kept, (0.25, 0.0), 1.0),
    (bonds.kept, (0.25, 4.0), 1 - E1),
    (bonds.kept, (0.0, 400.0), 1.0),
    (bonds.closer, (0.2, 0.1, 1.0), 0.28),
    (bonds.closer, (0.2, 0.1, 2.5), 0.4),
    (bonds.closer, (0.2, 0.3, 10.0), 1.0),  # a gain beyond the whole gap stops at it
    (bonds.closer, (0.2, 0.1, 0.0), 0.2),
    (bonds.closer, (1.0, 0.1, 1.0), 1.0),
    (bonds.cut, (0.8, 0.3), 0.56),
    (bonds.cut, (0.8, 1.0), 0.0),
    # R7, R9: attention and choice.
    (choice.p_reconsider, (0.12, 0.6, False), 0.12),
    (choice.p_reconsider, (0.12, 0.6, True), 0.6),
    (choice.p_reconsider, (0.9, 0.6, True), 0.9),
    (choice.price_rise_noticed, (30.0, 30.0, 0.0), False),
    (choice.price_rise_noticed, (30.01, 30.0, 0.0), True),
    (choice.price_rise_noticed, (32.9, 30.0, 0.1), False),
    (choice.price_rise_noticed, (33.1, 30.0, 0.1), True),
    (choice.price_rise_noticed, (20.0, 30.0, 0.0), False),
    (choice.appeal, (10.0, 4.0, -0.5), 8.0),
    (choice.appeal, (10.0, 0.0, 3.0), 10.0),
    # R2, R3: experience.
    (experience.clipped, (-0.1,), 0.0),
    (experience.clipped, (0.4,), 0.4),
    (experience.clipped, (1.7,), 1.0),
    (experience.weighted, (OFFER, WEIGHTS), 0.66),
    (experience.better_by, (0.6, 0.2), 0.2),
    (experience.better_by, (0.9, 0.2), 0.1),
    (experience.better_by, (0.9, 0.0), 0.0),
    (experience.perceived, (0.7, 0.1, 0.4), 0.4),
    (experience.perceived, (0.7, -0.1, 0.9), 0.0),
    (experience.perceived, (0.9, 0.3, 0.0), 1.0),
    (experience.satisfaction_after, (0.6, 0.7, 0.8, 0.15, 2.0), 0.63),  # better than expected
    (experience.satisfaction_after, (0.6, 0.7, 0.4, 0.15, 2.0), 0.54),  # a loss counts twice
    (experience.satisfaction_after, (0.3, 0.7, 0.5, 0.15, 2.0), 0.33),  # short of expectation, but no loss
    (experience.satisfaction_after, (0.6, 0.3, 0.4, 0.15, 2.0), 0.57),  # worse than usual, but as expected
    (experience.satisfaction_after, (0.6, 0.7, 0.4, 0.8, 2.0), 0.4),  # never beyond what was experienced
    (experience.satisfaction_after, (0.6, 0.7, 0.1, 0.0, 20.0), 0.6),
    (experience.expectation_after, (0.7, 0.5, 0.08), 0.684),
    (experience.expectation_after, (0.7, 0.7, 0.08), 0.7),
    # R8: forces.
    (forces.months_that_count, (6.0, 2.5), 2.5),
    (forces.months_that_count, (6.0, 20.0), 6.0),
    (forces.surplus, (1.0, 60.0, 0.75, 30.0), 15.0),
    (forces.surplus, (2.0, 60.0, 0.25, 30.0), -30.0),
    (forces.attachment_worth, (10.0, 0.5, 1.2), 6.0),
    (forces.exposure, (0, False, 0.3), 0.0),
    (forces.exposure, (1, False, 0.3), 0.3),
    (forces.exposure, (3, False, 0.3), 0.657),
    (forces.exposure, (0, True, 0.3), 1.0),
    (forces.transaction_cost, (0.0, 1.0, COSTS), 21.0),
    (forces.transaction_cost, (1.0, 1.0, COSTS), 11.0),
    (forces.transaction_cost, (0.5, 2.0, COSTS), 27.0),
    (forces.transaction_cost, (0.5, 0.0, COSTS), 5.0),  # time costs nothing, risk does
    (forces.switching_cost, (E1, given_as(procedural_cost=20)), 20 * E1),
    (forces.switching_cost, (0.0, given_as(procedural_cost=20)), 0.0),
    (forces.contract_fee, (12.0, 50.0, 15.0), 230.0),
    (forces.contract_fee, (0.5, 50.0, 15.0), 57.5),
    (forces.contract_fee, (0.0, 50.0, 15.0), 0.0),
    (forces.contract_fee, (-1.0, 50.0, 15.0), 0.0),
    (forces.termination_barrier, (40.0, 0.5, BARRIERS), 62.0),
    # R12: growth.
    (growth.risen, (0.0, 24.0), 0.0),
    (growth.risen, (24.0, 24.0), E1),
    (growth.spend_multiple, (0.0, 0.5, GROWING), 1.0),
    (growth.spend_multiple, (0.0, 0.9, GROWING), 1.2),
    (growth.spend_multiple, (24.0, 0.5, GROWING), 1 + 2 * E1),
    (growth.spend_multiple, (600.0, 1.0, GROWING), 2.5),  # the ceiling
    (growth.spend_multiple, (0.0, 0.0, GROWING._replace(satisfaction_growth=5.0)), 0.0),  # never below nothing
    (growth.spend_multiple, (600.0, 0.9, GROWING._replace(spend_growth=0.0)), 1.2),
    (growth.rate_multiple, (12.0, BUYING), 1 + 0.5 * E1),
    (growth.rate_multiple, (12.0, BUYING._replace(rate_growth=0.0)), 1.0),
    (growth.serving_multiple, (24.0, SERVING), 1 - 0.4 * E1),
    (growth.serving_multiple, (24.0, SERVING._replace(service_saving=0.0)), 1.0),
    # R6: voice and recovery.
    (voice.p_voice, (0.4, 0.5, 0.3, 0.0), 0.2),
    (voice.p_voice, (0.4, 0.5, 0.3, 1.0), 0.44),
    (voice.p_voice, (0.0, 1.0, 0.3, 0.0), 0.0),
    (voice.p_voice, (1.0, 1.0, 0.0, 0.5), 1.0),
    (voice.recovered, (0.7, 0.5, 1.0, 0.0), 0.7),
    (voice.recovered, (0.7, 0.5, 0.5, 0.0), 0.6),
    (voice.recovered, (0.7, 0.5, 1.0, 0.1), 0.8),  # the paradox
    (voice.recovered, (0.95, 0.5, 1.0, 0.1), 1.0),
    (voice.recovered, (0.5, 0.6, 1.0, 0.0), 0.6),  # nothing was lost, so nothing is restored
]  # fmt: skip


def _name(case):
    return case.__name__ if hasattr(case, "py_func") else ""


@pytest.mark.parametrize(("rule", "arguments", "expected"), CASES, ids=_name)
def test_rule_at_hand_picked_numbers(rule, arguments, expected):
    assert rule(*arguments) == pytest.approx(expected, rel=1e-13, abs=1e-15)
    assert rule.py_func(*arguments) == rule(*arguments)


def test_every_rule_has_its_numbers():
    tested = {rule for rule, _, _ in CASES}
    rules = {
        function
        for name in MODULES
        for function in vars(import_module(f"retsim.rules.{name}")).values()
        if hasattr(function, "py_func") and function.py_func.__module__ == f"retsim.rules.{name}"
    }
    assert rules == tested


@pytest.mark.parametrize("name", MODULES)
def test_every_rule_says_what_it_is_and_where_it_comes_from(name):
    for function in vars(import_module(f"retsim.rules.{name}")).values():
        if hasattr(function, "py_func") and function.py_func.__module__ == f"retsim.rules.{name}":
            assert inspect.getdoc(function.py_func)


SHARE = st.floats(0, 1)


@given(SHARE, SHARE, SHARE, SHARE, st.floats(0, 20))
def test_satisfaction_moves_towards_the_experience_and_not_past_it(s, e, x, rate, aversion):
    after = experience.satisfaction_after.py_func(s, e, x, rate, aversion)
    assert min(s, x) - 1e-12 <= after <= max(s, x) + 1e-12


@given(SHARE, SHARE, SHARE, SHARE, st.floats(1, 20), SHARE)
def test_a_better_experience_never_satisfies_less(s, e, x, rate, aversion, better):
    after = experience.satisfaction_after.py_func
    best = min(x + better, 1.0)
    assert after(s, e, best, rate, aversion) >= after(s, e, x, rate, aversion) - 1e-12


@given(SHARE, SHARE, st.floats(0, 10), st.integers(0, 200))
def test_bonds_stay_between_nothing_and_everything(attachment, gain, social, n):
    for _ in range(n % 7):
        attachment = bonds.closer.py_func(attachment, gain, social)
    assert 0 <= attachment <= 1
    assert 0 <= bonds.cut.py_func(attachment, gain) <= attachment


@given(SHARE, SHARE, SHARE, SHARE)
def test_who_is_more_attached_or_better_heard_speaks_up_more(v, access, weight, attachment):
    p = voice.p_voice.py_func
    assert 0 <= p(v, access, weight, attachment) <= 1
    assert p(v, access, weight, 1.0) >= p(v, access, weight, attachment) - 1e-15
    assert p(v, 1.0, weight, attachment) >= p(v, access, weight, attachment) - 1e-15


@given(st.floats(0, 1e4), st.floats(0, 1e4), SHARE, st.floats(0, 10))
def test_money_has_diminishing_returns(spend, more, ceiling, efficiency):
    at = acquisition.saturating.py_func
    first, second, third = (at(spend + k * more, ceiling, efficiency) for k in range(3))
    assert 0 <= first <= second <= third <= ceiling
    assert third - second <= second - first + 1e-12


def test_a_greater_value_can_only_move_the_choice_towards_it():
    """Same tastes: raise one alternative's value step by step and it is chosen from some point on, for good."""
    rng = np.random.default_rng(4)
    for tastes, rest in product(rng.gumbel(size=(50, 3)), rng.normal(0, 10, size=(4, 2))):
        chosen = []
        for value in np.linspace(-60, 60, 241):
            appeals = [choice.appeal.py_func(v, 5.0, t) for v, t in zip((value, *rest), tastes, strict=True)]
            chosen.append(int(np.argmax(appeals)) == 0)
        assert sorted(chosen) == chosen
        assert chosen[-1]
        assert not chosen[0]

"""Relations 18 to 25: what binds a customer more, customer by customer under the same luck.

Budgets are shared by nobody here: either there is none, or there is more than all can use. Then a stronger tie may keep
a customer longer and can never make one leave earlier, and each case must show that it does keep some.
"""

import numpy as np
import pytest
from helpers import first_leaving, run_market

from retsim.scenario import load

NAMES = ("telecom", "retail", "saas")


COUPONS_FOR_ALL = {
    "budget.monthly": 1e6,
    "strategies": {"coupons": {"retention_share": 1.0, "mix": {"service": 0.0, "price": 1.0, "contact": 0.0}}},
    "strategy": "coupons",
    "firm.discount_tenure": 0.0,
}


def alone(name, **overrides):
    """A packaged market without budgets: nobody's treatment depends on anybody else."""
    scenario = load(name)
    budgets = {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals} | {"budget.monthly": 0.0}
    return scenario.with_(customers=600, horizon=30.0, **budgets | overrides)


def assert_ties(weak, strong, seed, moved=0.3):
    """Nobody leaves earlier under the stronger tie, and at least a share of the leavers leaves later or never."""
    loose, tight = (first_leaving(run_market(scenario, seed, log=True)) for scenario in (weak, strong))
    assert (tight.at >= loose.at).all()
    left = np.isfinite(loose.at)
    assert left.sum() > 50
    assert (tight.at > loose.at)[left].mean() >= moved


def everywhere(scenario, trait, value):
    return {f"segments.{s}.traits.{trait}": value for s in scenario.segments}


def all_firms(scenario, **figures):
    firms = ["firm", *(f"rivals.{r}" for r in scenario.rivals)]
    return {f"{firm}.{figure}": value for firm in firms for figure, value in figures.items()}


# Natural attrition strikes whoever is still there; without it every departure is a decision.
def decided(name, **overrides):
    scenario = alone(name)
    return alone(name, **everywhere(scenario, "vanish_rate", 0.0) | overrides)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "tie",
    [
        {"behaviour.procedural_cost": 400.0},
        {"behaviour.power_imbalance": 200.0},
        {"behaviour.breach_risk": 200.0},
        {"behaviour.search_cost": 300.0, "behaviour.information_cost": 200.0},
        {"behaviour.decision_cost": 200.0},
    ],
    ids=lambda tie: next(iter(tie)).split(".")[1],
)
def test_18_more_switching_cost(name, tie):
    """Nobody lives without the category, so that every departure is a move."""
    captive = {"behaviour.outside_value": -1e6}
    assert_ties(decided(name, **captive), decided(name, **captive | tie), 101)


@pytest.mark.parametrize("name", NAMES)
def test_19_more_weight_on_sunk_cost(name):
    spent = {"behaviour.sunk_per_occasion": 20.0}
    weak, strong = (decided(name, **spent | everywhere(alone(name), "sunk_sensitivity", w)) for w in (0.0, 2.0))
    assert_ties(weak, strong, 102)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "tie",
    [
        {"behaviour.attachment_value": 60.0},
        {"behaviour.relational_barrier": 300.0},
        {"behaviour.attachment_gain": 0.3, "behaviour.relational_barrier": 120.0},
    ],
    ids=["worth", "barrier", "gain"],
)
def test_20_more_attachment(name, tie):
    bond = {"behaviour.attachment_gain": 0.1} | everywhere(alone(name), "initial_attachment", 0.3)
    assert_ties(decided(name, **bond), decided(name, **bond | tie), 103)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("figure", ["service_quality", "product_quality", "delivery_quality"])
def test_21_better_quality(name, figure):
    """All firms better by the same step: only what one experiences changes, reputations do not.

    Expectations follow quality, and what falls short of them counts more: that is feedback, so it is off.
    """
    scenario = alone(name)
    off = {"behaviour.loss_aversion": 1.0, "behaviour.choice_noise": 8.0}
    weights = dict.fromkeys(("behaviour.service_weight", "behaviour.product_weight", "behaviour.delivery_weight"), 0.0)
    weights[f"behaviour.{figure.removesuffix('_quality')}_weight"] = 1.0
    weak, strong = (decided(name, **off | weights | all_firms(scenario, **{figure: q})) for q in (0.45, 0.8))
    assert_ties(weak, strong, 104)


@pytest.mark.parametrize("name", NAMES)
def test_21_milder_failures(name):
    """Severity leaves expectation lower, too; without learning of expectations the better is never worse."""
    often = all_firms(alone(name), failure_rate=0.5) | {
        "behaviour.expectation_learning": 0.0,
        "behaviour.choice_noise": 8.0,
    }
    weak, strong = (decided(name, **often | all_firms(alone(name), severity=s)) for s in (0.8, 0.1))
    assert_ties(weak, strong, 105)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("figure", ["recovery_quality", "accessibility"])
def test_22_better_recovery(name, figure):
    """More complaints answered well: satisfaction is restored, alarm and the cut of attachment are spared."""
    often = {"behaviour.attachment_gain": 0.1, "behaviour.voice_attachment": 0.0, "behaviour.relational_barrier": 60.0}
    often |= all_firms(alone(name), failure_rate=0.6, severity=0.6, recovery_quality=1.0, accessibility=1.0)
    often |= everywhere(alone(name), "voice", 0.95)
    weak, strong = (decided(name, **often | all_firms(alone(name), **{figure: q})) for q in (0.0, 1.0))
    assert_ties(weak, strong, 106)


@pytest.mark.parametrize("name", NAMES)
def test_23_a_larger_discount_when_money_is_no_matter(name):
    """The focal firm has coupons for all its tenured; a larger one is worth more to each and costs others nothing."""
    plenty = COUPONS_FOR_ALL | {
        f"segments.{s}.initial": {"focal": 1.0} | dict.fromkeys(alone(name).rivals, 0.0) for s in alone(name).segments
    }
    weak, strong = (decided(name, **plenty | {"firm.discount": d}) for d in (0.01, 0.6))
    assert_ties(weak, strong, 107)


@pytest.mark.parametrize("seed", [108, 208])
def test_24_a_longer_contract(seed):
    """Where the months that remain must be paid in full, leaving early gains nothing; the later the end, the better.

    A contract's end makes customers think who would not have; here all think at every bill, and without noise, so that
    the end is no occasion of its own.
    """
    full = all_firms(alone("telecom"), fee_per_month=500.0) | everywhere(alone("telecom"), "tenure", 0.0)
    full |= everywhere(alone("telecom"), "attention", 1.0) | {"behaviour.choice_noise": 0.0}
    weak, strong = (decided("telecom", **full | all_firms(alone("telecom"), contract_term=t)) for t in (6.0, 18.0))
    assert_ties(weak, strong, seed)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "figures",
    [{"price": 90.0}, {"reputation": 0.05}, {"awareness": 0.0, "organic": 0.0}, {"setup_fee": 150.0}],
    ids=lambda figures: next(iter(figures)),
)
def test_25_less_pull_of_rivals(name, figures):
    """All start with the focal firm and nobody lives without one, so each departure goes to a rival."""
    scenario = alone(name)
    captive = {"behaviour.outside_value": -1e6, "behaviour.choice_noise": 8.0} | {
        f"segments.{s}.initial": {"focal": 1.0} | dict.fromkeys(scenario.rivals, 0.0) for s in scenario.segments
    }
    captive |= {f"rivals.{r}.awareness": 1.0 for r in scenario.rivals}
    less = {f"rivals.{r}.{figure}": value for r in scenario.rivals for figure, value in figures.items()}
    assert_ties(decided(name, **captive), decided(name, **captive | less), 109)

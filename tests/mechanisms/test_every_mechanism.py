"""All mechanisms together: each of them changes something, both engines agree, and the books balance."""

import pytest
from helpers import assert_lawful, differing, everything, run_market

import retsim as rs

ALL = {name: everything(rs.load(name)).with_(customers=150, horizon=10.0) for name in ("bank", "retail")}


@pytest.mark.parametrize("name", ALL)
def test_engines_and_threads_agree_on_everything_at_once(name):
    scenario = ALL[name].with_(customers=80)
    compiled = run_market(scenario, 5, log=True)
    assert differing(compiled, run_market(scenario, 5, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 5, threads=2), events=False) == []
    assert_lawful(compiled)


@pytest.mark.parametrize("mechanism", rs.MECHANISMS)
def test_every_mechanism_changes_what_happens_when_it_is_switched_off(mechanism):
    """More than what is kept: accounts, counters or customers."""
    changed = []
    for scenario in ALL.values():
        off = scenario.without(mechanism)
        if off.digest() != scenario.digest():
            changed += [what for what in differing(run_market(scenario, 6), run_market(off, 6)) if what != "more"]
    assert changed


OF_IT = {
    "failures": {"firm": {"severity": 0.9, "accessibility": 0.2, "complaint_cost": 9.0}, "behaviour": {"attachment_cut": 0.9}},
    "attachment": {"firm": {"care_bond": 0.1}, "behaviour": {"attachment_decay": 0.3, "survey_attached": 3.0}},
    "sunk": {"behaviour": {"sunk_setup": 9.0, "sunk_per_occasion": 3.0, "sunk_depreciation": 0.5}},
    "voice": {"firm": {"complaint_cost": 9.0, "recovery_quality": 0.1}, "behaviour": {"patience": 0.1, "recovery_strength": 0.2}},
    "switching": {"behaviour": {"procedural_scale": 1.0}},
    "growth": {"behaviour": {"growth_scale": 2.0, "growth_ceiling": 1.1, "saving_scale": 2.0}},
    "attrition": {"behaviour": {"avoidable_attrition": 0.9, "attrition_pull": 30.0}},
    "advertising": {"firm": {"ad_efficiency": 3.0}, "behaviour": {"advertising_response": 3.0}},
    "service": {"firm": {"service_efficiency": 9.0}},
    "discount": {"firm": {"discount_tenure": 1.0}},
    "contact": {"firm": {"contact_relevance": 0.1, "affinity_kin": 0.9}, "behaviour": {"contact_gain": 0.9, "annoyance": 0.5}},
    "structural": {"behaviour": {"integration_rate": 2.0, "integration_decay": 2.0}},
    "points": {"firm": {"points_threshold": 1.0, "points_expiry": 1.0, "assumed_breakage": 0.9}},
    "status": {"firm": {f"{tier}_{term}": value for tier in ("status", "gold", "platinum") for term, value in
                        (("discount", 0.5), ("service", 0.5), ("value", 90.0))}},
    "club": {"firm": {"club_fee": 3.0, "club_benefit": 9.0, "club_cost": 2.0, "club_attachment": 0.9}},
    "careplan": {"firm": {"care_efficiency": 9.0, "care_experience": 0.5, "care_bond": 9.0, "care_before": 0.9, "care_product_after": 5.0}},
    "affinity": {"behaviour": {"affinity_gain": 3.0}},
    "identification": {"firm": {"stance": 0.5}},
    "knowledge": {"firm": {"shared_knowledge": 0.1, "knowledge_relevance": 0.9, "knowledge_caution": 0.1}},
    "fatigue": {"behaviour": {"contact_tolerance": 0.1, "fatigue_recovery": 0.01}},
    "education": {"firm": {"misunderstanding_share": 0.1}},
    "survey": {"behaviour": {"survey_pleased": -3.0, "survey_extreme": 3.0, "survey_noise": 0.5}},
    "risk": {"firm": {"restock": 0.0, "knowledge_caution": 0.1}},
    "desk": {"firm": {"desk_rate": 0.5, "staff_cost": 9000.0}},
    "staff": {"firm": {"morale_gain": 9.0, "ordinary_satisfaction": 0.2, "overload_stress": 0.9}},
    "word": {"word": {"ties": 9, "rewiring": 0.9}, "behaviour": {"word_bond": 0.9}},
    "promotion": {"firm": {"promo_efficiency": 9.0, "promo_bonus": 90.0}, "behaviour": {"promotion_response": 9.0}},
    "brand": {"firm": {"brand_efficiency": 9.0, "brand_decay": 3.0}},
    "imitation": {"rivals": {"imitation_delay_1": 9.0, "imitation_delay_2": 9.0, "imitation_spread": 2.0}},
    "matching": {"rivals": {"matching_delay": 5.0}},
    "winback": {"firm": {"win_back_bonus": 90.0, "win_back_wait": 3.0, "win_back_cost": 9.0}},
    "shocks": {"shocks": {"slump": {"worth_factor": 0.2}, "crisis": {"depth": 0.9, "press": 0.9, "firm": None}}},
    "targeting": {"strategies": {"by-status": {"tags": {"billed": {"revenue": {"at_least": 90.0}}}}}},
}  # fmt: skip
"""Figures that do nothing by themselves, by the mechanism that they belong to."""


UNFELT = {"sunk": {"customers"}, "fatigue": {"more"}, "contact": {"more"}}
"""Stocks that go on being counted though nobody feels them: sunk payments, contacts, what is in common."""


@pytest.mark.parametrize("mechanism", OF_IT)
def test_with_a_mechanism_off_none_of_its_figures_matters(mechanism):
    matters = []
    for market in ALL.values():
        changes = dict(OF_IT[mechanism])
        if "rivals" in changes:
            changes["rivals"] = dict.fromkeys(market.rivals, changes["rivals"])
        plain, changed = market, market.with_(**changes)
        matters.append(rs.simulate(plain, seed=6).digest() != rs.simulate(changed, seed=6).digest())
        plain, changed = plain.without(mechanism), changed.without(mechanism)
        assert set(differing(run_market(plain, 6), run_market(changed, 6))) <= UNFELT.get(mechanism, set())
    assert any(matters)


WHERE = {
    "failures": "telecom", "disappointment": "telecom", "attachment": "bank", "sunk": "telecom", "voice": "telecom",
    "paradox": "apology", "alertness": "telecom", "transaction": "saas", "switching": "saas", "termination": "locked-in",
    "growth": "saas", "attrition": "retail", "advertising": "retail", "poaching": "telecom", "service": "telecom",
    "discount": "telecom", "contact": "bank", "structural": "structural-bond", "points": "points-gone-wrong",
    "cashback": "loyalty-tiers", "status": "loyalty-tiers", "club": "empty-club", "careplan": "culture-relational",
    "affinity": "culture-relational", "identification": "customer-community", "addedvalue": "price-fight",
    "execution": "branches", "targeting": "branches", "policy": "telecom:by-status", "knowledge": "mail-order",
    "fatigue": "sleepers", "waking": "sleepers", "education": "telecom:educate", "core": "saas:core-tier",
    "survey": "bank:listen", "risk": "mail-order", "desk": "staff-loop", "staff": "staff-loop", "word": "word-of-mouth",
    "promotion": "word-of-mouth", "needs": "bank", "replacement": "bank", "offers": "bank", "imitation": "three-levels:retain-1",
    "matching": "price-fight", "funnel": "lead-funnel", "community": "customer-community", "winback": "telecom:win-back",
    "shocks": "storms", "brand": "brand-promise",
}  # fmt: skip
"""A packaged scenario in which a mechanism matters, or a scenario and a strategy that every one has."""


def test_every_mechanism_is_named():
    assert set(WHERE) == set(rs.MECHANISMS)


@pytest.mark.parametrize("mechanism", WHERE)
def test_every_mechanism_moves_money_in_a_packaged_scenario_or_strategy(mechanism):
    name, _, strategy = WHERE[mechanism].partition(":")
    scenario = rs.load(name).resized(500).with_(horizon=24.0)
    scenario = scenario.with_(strategy=strategy) if strategy else scenario
    runs = [rs.simulate(market, seed=4) for market in (scenario, scenario.without(mechanism))]
    assert not runs[0].ledger.equals(runs[1].ledger)

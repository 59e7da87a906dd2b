"""R11: knowledge, relevance, fatigue, annoyance, and contacts that wake those who slept."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    assert_lawful,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    first_leaving,
    rival,
    run_market,
)

from retsim.rules import contact
from retsim.scenario import ScenarioError, load
from retsim.state import Count, Kind, Trigger

KEEP = {
    "strategies": {"keep": {"retention_share": 1.0, "mix": {"contact": 1.0}}},
    "strategy": "keep",
}
ON = {
    "firm.knowledge_gain": 0.05,
    "firm.shared_knowledge": 0.8,
    "behaviour.annoyance": 0.08,
    "behaviour.contact_tolerance": 2.0,
    "behaviour.wake_probability": 0.4,
    "firm.contact_rate": 3.0,
}


def cared_for(n=400, **overrides):
    """All are contacted about twice a month for a year, and nothing else touches them."""
    everyone = {"customers": n, "budget.monthly": float(n), "firm.contact_cost": 1.0, "firm.contact_rate": 2.0}
    return bare_scenario(**KEEP | everyone | {"behaviour.contact_gain": 0.1, "firm.contact_relevance": 0.3} | overrides)


def more_of(market):
    return market.population.more[: market.population.n]


RULES = [
    (contact.learned, (0.2, 0.25), 0.4),
    (contact.learned, (1.0, 0.25), 1.0),
    (contact.learned_before, (0.5, 3), 0.875),
    (contact.learned_before, (1.0, 1), 1.0),
    (contact.learned_before, (0.3, 0), 0.0),
    (contact.p_relevant, (0.6, 0.5, 0.5), 0.7),
    (contact.p_relevant, (0.6, 0.0, 0.5), 0.6),
    (contact.p_relevant, (0.6, 1.0, 1.0), 1.0),
    (contact.tired, (2.0, 0.5, 2.0), 1.7357588823428847),  # 2 exp(-1) + 1
    (contact.tired, (0.0, 0.5, 7.0), 1.0),
    (contact.annoyed, (0.7, 0.1), 0.6),
    (contact.annoyed, (0.05, 0.1), 0.0),
    (contact.warmer, (0.05, 3.0, 0.2), 0.08),
    (contact.warmer, (0.05, 0.0, 0.2), 0.05),
]


@pytest.mark.parametrize(("rule", "given", "expected"), RULES)
def test_rules_at_hand_picked_numbers(rule, given, expected):
    assert rule(*given) == pytest.approx(expected, rel=1e-13)
    assert rule.py_func(*given) == rule(*given)


def test_knowledge_grows_with_each_interaction():
    """Occasions, contacts and complaints; those of long standing were known before: 24 bills and a few."""
    often = {"firm.failure_rate": 0.5, "firm.accessibility": 1.0, "segments.all.traits.voice": 1.0}
    old = {"segments.all.traits.tenure": 24.0}
    scenario = cared_for(300, **CONTRACTUAL, **often, **old, **{"firm.knowledge_gain": 0.02})
    market = run_market(scenario, 3, log=True)
    events = events_of(market, Kind.OCCASION, Kind.CONTACT, Kind.COMPLAINT)
    n = np.bincount(events["customer"], minlength=300) + 24
    assert events_of(market, Kind.COMPLAINT).size > 500
    assert more_of(market)["knowledge"] == pytest.approx(1.0 - 0.98**n, rel=1e-12)


def test_fatigue_annoys_exactly_where_it_is_beyond_tolerance():
    """Fatigue recomputed from the times of contacts; satisfaction falls by annoyance and by nothing else."""
    market = run_market(cared_for(**{"behaviour.annoyance": 0.02, "behaviour.contact_tolerance": 2.5}), 4, log=True)
    fatigue, last, found = np.zeros(400), np.zeros(400), []
    contacts = events_of(market, Kind.CONTACT)
    for event in contacts:
        i = event["customer"]
        fatigue[i] = fatigue[i] * np.exp(-0.5 * (event["time"] - last[i])) + 1.0
        last[i] = event["time"]
        found.append(fatigue[i] > 2.5)
    annoyed = contacts["outcome"] == 2
    assert annoyed.tolist() == found
    assert 0.3 < annoyed.mean() < 0.9
    times = np.bincount(contacts["customer"][annoyed], minlength=400)
    assert customers_of(market)["satisfaction"] == pytest.approx(np.maximum(0.7 - 0.02 * times, 0.0), abs=1e-12)
    counts = counts_of(market).sum(axis=(0, 1, 2))
    assert counts[Count.ANNOYED] == annoyed.sum()
    assert counts[Count.CONTACTS] == contacts.size
    assert counts[Count.RELEVANT] == (contacts["outcome"] == 1).sum()
    assert_lawful(market)


def attachment(**overrides):
    return customers_of(run_market(cared_for(**overrides), 5))["attachment"]


def test_more_knowledge_never_leaves_a_customer_less_attached():
    by_gain = [attachment(**{"firm.knowledge_gain": g, "firm.knowledge_relevance": 1.0}) for g in (0.0, 0.02, 0.2)]
    assert (np.diff(by_gain, axis=0) >= 0).all()
    assert by_gain[2].mean() > by_gain[1].mean() + 0.05 > by_gain[0].mean() + 0.1


def test_knowledge_that_branches_share_is_worth_more():
    known = {"firm.knowledge_gain": 0.1, "firm.knowledge_relevance": 1.0}
    by_share = [attachment(**known | {"firm.shared_knowledge": s}) for s in (0.0, 0.5, 1.0)]
    assert (np.diff(by_share, axis=0) >= 0).all()
    assert by_share[2].mean() > by_share[0].mean() + 0.1
    assert (by_share[0] == attachment()).all()


@pytest.mark.parametrize(
    "overrides",
    [{"behaviour.annoyance": 0.06}, {"behaviour.contact_tolerance": 1.5}, {"behaviour.fatigue_recovery": 0.1}],
    ids=lambda overrides: next(iter(overrides)).split(".")[1],
)
def test_more_annoyance_never_leaves_anybody_more_satisfied(overrides):
    usual = {"behaviour.annoyance": 0.02, "behaviour.contact_tolerance": 4.0}
    mild, harsh = (run_market(cared_for(**usual | o), 6) for o in ({}, overrides))
    satisfied = [customers_of(market)["satisfaction"] for market in (mild, harsh)]
    assert (satisfied[1] <= satisfied[0]).all()
    assert satisfied[1].mean() < satisfied[0].mean() - 0.02


def test_a_contact_wakes_the_dissatisfied_and_nobody_else():
    """A better rival is known to all, and nobody would ever think of it: only contacts remind some."""
    mood = {"segments.all.traits.initial_satisfaction": {"dist": "uniform", "low": 0.4, "high": 1.0}}
    better = {"rivals": {"better": rival(reputation=1.0)}} | mood | {"behaviour.outside_value": -1000.0}
    leaving = []
    for p in (0.0, 0.1, 0.5):
        market = run_market(cared_for(**better, **{"behaviour.wake_probability": p}), 7, log=True)
        leaving.append(first_leaving(market).at)
        left = events_of(market, Kind.LEAVE)
        assert (left["trigger"] == Trigger.CONTACT).all()
        assert (left["satisfaction"] < 0.7).all()
        assert left.size == counts_of(market).sum(axis=(0, 1, 2))[Count.WOKEN]
    assert np.isinf(leaving[0]).all()
    assert (leaving[2] <= leaving[1]).all()
    assert np.isfinite(leaving[1]).sum() > 100
    assert (leaving[2] < leaving[1]).sum() > 100


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree(name):
    scenario = load(name).with_(customers=300, horizon=18.0, **KEEP, **ON, **{"budget.monthly": 400.0})
    market = run_market(scenario, 8, log=True)
    assert differing(market, run_market(scenario, 8, engine="reference", log=True)) == []
    assert differing(market, run_market(scenario, 8, threads=2, log=True)) == []
    counts = counts_of(market)[:, 0].sum(axis=(0, 1))
    assert min(counts[which] for which in (Count.RELEVANT, Count.ANNOYED, Count.WOKEN)) > 20
    assert_lawful(market)


def test_off_nothing_is_kept_and_nothing_changes():
    """What only matters with a mechanism changes nothing without it, and takes no memory."""
    usual = load("telecom").with_(customers=200, horizon=12.0)
    idle = usual.with_(
        **{"behaviour.contact_tolerance": 0.0, "firm.shared_knowledge": 0.1, "firm.knowledge_relevance": 1.0}
    )
    one, other = (run_market(s, 9, log=True) for s in (usual, idle))
    assert differing(one, other) == []
    assert one.population.more.size == 0


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("behaviour.annoyance", 1.5),
        ("firm.knowledge_gain", -0.1),
        ("behaviour.wake_probability", 20),
        ("firm.shared_knowledge", 2),
    ],
)
def test_refused(key, value):
    with pytest.raises(ScenarioError, match=f"{key} = .*must lie in 0..1"):
        bare_scenario(**{key: value})


def test_what_keeps_nothing_cannot_be_switched_on_in_mid_run():
    def switch(market):
        yield market.at(2.0)
        market.set(0, knowledge_gain=0.1)

    with pytest.raises(ValueError, match=r"knowledge_gain = 0\.1, must be above 0 for some firm from the start"):
        run_market(bare_scenario(customers=5), processes=[switch])

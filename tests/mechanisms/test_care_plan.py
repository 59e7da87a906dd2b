"""R19, level 2: four means of care over three stages, and affinity between customers and the firm's people."""

import numpy as np
import pytest
from helpers import (
    assert_lawful,
    assert_share,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    first_leaving,
    rival,
    run_market,
)

from retsim.crm.care import MEANS, STAGES
from retsim.market.caring import cared_by
from retsim.market.firms import Firm
from retsim.rules import care, sharing
from retsim.scenario import ScenarioError, load
from retsim.state import Count, Kind

KEEP = {"strategies": {"keep": {"retention_share": 1.0, "mix": {"contact": 1.0}}}, "strategy": "keep"}
PLAN = {
    "firm.care_product": 0.2,
    "firm.care_communication": 0.2,
    "firm.care_incentive": 0.2,
    "firm.care_relations": 0.2,
}
FIVE = ("place", "interest", "kin", "profession", "belief")


def cared_for(n=400, money=4.0, **overrides):
    """All are cared for, with so much money a customer and month; contacts and occasions feed attachment."""
    bond = {
        "behaviour.contact_gain": 0.05,
        "behaviour.attachment_gain": 0.02,
        "firm.contact_relevance": 0.4,
        "firm.contact_rate": 1.0,
    }
    care_money = {
        "customers": n,
        "budget.monthly": n * money,
        "firm.contact_cost": money,
        "behaviour.initial_expectation": 0.5,
    }
    return bare_scenario(**KEEP | bond | care_money | overrides)


RULES = [
    # 4 a month, a quarter, a quarter and a half of it: (2 (1 - exp(-1.5)) + 1 - exp(-3)) / 3.
    (care.response, (4.0, (0.25, 0.25, 0.5), 0.5), 0.8346508704450921 - 0.0),
    (care.response, (4.0, (1 / 3, 1 / 3, 1 / 3), 0.5), 0.8646647167633873),  # 1 - exp(-2)
    (care.response, (1e9, (0.0, 1.0, 0.0), 0.5), 1 / 3),
    (care.response, (0.0, (0.25, 0.25, 0.5), 0.5), 0.0),
    (care.worth, (0.5, 0.25), 2.0),
    (sharing.fit, (0.2, 0.9), 0.3),
    (sharing.fit, (0.4, 0.4), 1.0),
    (sharing.identified, (0.1, 1.0, 0.5), 0.15),
    (sharing.identified, (0.1, 0.0, 0.5), 0.05),
    (sharing.identified, (0.1, 0.5, 1.0), 0.1),
    (sharing.shared, ((0.1, 0.5, 0.9, 0.3, 0.2), (0.2, 0.5, 0.95, 0.0, 1.0)), 3.0),
]


@pytest.mark.parametrize(("rule", "given", "expected"), RULES)
def test_rules_at_hand_picked_numbers(rule, given, expected):
    assert rule(*given) == pytest.approx(expected, rel=1e-12)
    assert rule.py_func(*given) == pytest.approx(rule(*given), rel=1e-15)


def test_care_in_one_stage_never_does_more_than_through_the_whole_relation():
    rng = np.random.default_rng(1)
    for spend in (0.1, 1.0, 10.0, 1000.0):
        even = care.response(spend, (1 / 3, 1 / 3, 1 / 3), 0.5)
        for stages in rng.dirichlet((1.0, 1.0, 1.0), size=50):
            assert care.response(spend, tuple(stages), 0.5) <= even + 1e-12
        assert care.response(spend, (1.0, 0.0, 0.0), 0.5) <= 1 / 3


def figures(**changes):
    firm = Firm(bare_scenario(), "focal", 0)
    return firm.figures | {"contact_cost": 4.0, "contact_rate": 2.0, "care_efficiency": 0.5} | changes


def test_each_means_does_one_thing_and_plain_contact_gets_what_is_left():
    response = care.response(4.0 * 0.25, (0.25, 0.25, 0.5), 0.5)
    base = {"care_experience": 0.1, "care_relevance": 0.5, "care_bond": 2.0}
    expected = {
        "care_product": ("experience", 0.1 * response),
        "care_communication": ("relevance", 0.5 * response),
        "care_incentive": ("worth", response / 0.5),
        "care_relations": ("bond", 2.0 * response),
    }
    for means, (field, value) in expected.items():
        found = cared_by(figures(**base, **{means: 0.25}))
        assert found.contact_rate == 1.5
        for other in ("experience", "relevance", "worth", "bond"):
            assert getattr(found, other) == pytest.approx(value if other == field else 0.0), (means, other)
    assert cared_by(figures(**dict.fromkeys(MEANS, 0.25))).contact_rate == 0.0


def test_stages_are_in_proportion_to_their_parts():
    thirds = cared_by(figures(care_product=0.5, care_before=0.2, care_during=0.2, care_after=0.2))
    assert thirds.experience == pytest.approx(0.1 * (1.0 - np.exp(-1.0)))
    assert cared_by(figures(care_product=0.5, care_before=1.0, care_during=1.0, care_after=1.0)) == pytest.approx(
        thirds
    )


def test_each_means_may_have_stages_of_its_own():
    """Four means by three stages: product and service all during, communication half before, the others as in general."""
    shares = dict.fromkeys(MEANS, 0.25)
    own = {"care_product_before": 0.0, "care_product_after": 0.0, "care_communication_before": 3.0}
    stages = {"care_before": 0.25, "care_during": 0.25, "care_after": 0.5}
    found, plain = cared_by(figures(**shares, **stages, **own)), cared_by(figures(**shares, **stages))
    during = care.response(1.0, (0.0, 1.0, 0.0), 0.5)
    mostly = care.response(1.0, (0.5, 1 / 6, 1 / 3), 0.5)
    general = care.response(1.0, (0.25, 0.25, 0.5), 0.5)
    assert found.experience == pytest.approx(0.1 * during)
    assert found.relevance == pytest.approx(0.5 * mostly)
    assert (found.worth, found.bond, found.contact_rate) == (plain.worth, plain.bond, plain.contact_rate)
    assert plain.bond == pytest.approx(1.0 * general)
    assert during < mostly < general, "the more evenly the better"


def test_a_plan_of_more_than_there_is_is_refused_in_mid_run():
    firm = Firm(bare_scenario(**{"firm.care_product": 0.6}), "focal", 0)
    with pytest.raises(ValueError, match=r"focal: .* sum to 1\.1, must sum to at most 1"):
        firm.set(care_relations=0.5)
    with pytest.raises(ValueError, match="are all 0, one must be above 0"):
        firm.set(**dict.fromkeys(STAGES, 0.0))
    firm.set(care_relations=0.4)
    assert cared_by(firm.figures).contact_rate == 0.0


def test_a_gift_is_never_worth_more_than_it_costs():
    for money in (0.01, 1.0, 50.0, 1e4):
        for efficiency in (1e-6, 0.1, 5.0):
            found = cared_by(figures(contact_cost=money, care_incentive=0.5, care_efficiency=efficiency))
            assert 0.0 < found.worth <= money * 0.5 * (1 + 1e-9)


def test_the_offer_is_what_the_plan_says():
    market = run_market(cared_for(50, **PLAN), 1)
    offer, cared = market.world.offers[0], cared_by(market.firms[0].figures)
    assert offer["contact_rate"] == cared.contact_rate == pytest.approx(0.2)
    assert offer["contact_relevance"] == pytest.approx(0.4 + 0.6 * cared.relevance)
    assert [offer["cared_experience"], offer["cared_bond"], offer["cared_worth"]] == [
        cared.experience,
        cared.bond,
        cared.worth,
    ]
    assert min(cared) > 0.0


def test_better_care_of_occasions_never_satisfies_less():
    """Nobody who is cared for ever experiences less, and who is not cared for does not experience more."""
    steps = [cared_for(**{"firm.care_product": p, "behaviour.learning_rate": 0.2}) for p in (0.0, 0.1, 0.5)]
    satisfied = [customers_of(run_market(s, 2))["satisfaction"] for s in steps]
    assert (np.diff(satisfied, axis=0) > 0).all()
    half = {"budget.monthly": 800.0, "behaviour.learning_rate": 0.2, "firm.care_product": 0.5}
    people = customers_of(run_market(cared_for(**half), 2))
    cared = (people["flags"] & 4) > 0
    assert 150 < cared.sum() < 250
    assert (
        people["satisfaction"][~cared]
        == customers_of(run_market(cared_for(**half | {"firm.care_product": 0.0}), 2))["satisfaction"][~cared]
    ).all()


@pytest.mark.parametrize("figure", ["care_relevance", "care_bond"])
def test_more_care_never_attaches_less(figure):
    steps = [cared_for(**PLAN | {f"firm.{figure}": v}) for v in (0.0, 0.5, 1.0)]
    attached = [customers_of(run_market(s, 3))["attachment"] for s in steps]
    assert (np.diff(attached, axis=0) >= 0).all()
    assert (np.diff(attached, axis=0).mean(axis=1) > 0.005).all()


def test_incentives_hold_customers():
    """Who thinks at every occasion, with a rival a little better: worth that is worth more never loses anyone earlier."""
    thinking = {
        "rivals": {"better": rival(reputation=0.72)},
        "segments.all.traits.attention": 1.0,
        "behaviour.choice_noise": 8.0,
    }
    thinking |= {"behaviour.outside_value": -1000.0, "firm.contact_rate": 0.0, "firm.care_efficiency": 0.05}
    none, some = (
        first_leaving(run_market(cared_for(money=20.0, **thinking, **{"firm.care_incentive": p}), 4, log=True))
        for p in (0.0, 0.5)
    )
    assert (some.at >= none.at).all()
    assert (some.at > none.at).sum() > 50


def test_affinity_is_drawn_once_for_each_firm_and_customer():
    chances = dict(zip((f"firm.affinity_{kind}" for kind in FIVE), (0.5, 0.1, 0.2, 0.0, 0.3), strict=True))
    market = run_market(cared_for(4000, horizon=2.0, **chances), 5)
    kinds = market.population.more["affinity"][:4000]
    assert set(kinds) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert_share(int(kinds.sum()), 5 * 4000, 1.1 / 5, precision=0.02)
    assert kinds.var() == pytest.approx(0.25 + 0.09 + 0.16 + 0.21, rel=0.06)
    longer = run_market(cared_for(4000, horizon=4.0, **chances), 5)
    assert (longer.population.more["affinity"][:4000] == kinds).all()


def test_those_of_a_kind_get_closer():
    alike = {f"firm.affinity_{kind}": 0.5 for kind in FIVE}
    cool, warm = (run_market(cared_for(**alike | {"behaviour.affinity_gain": g}), 6) for g in (0.0, 0.5))
    gained = customers_of(warm)["attachment"] - customers_of(cool)["attachment"]
    kinds = cool.population.more["affinity"][:400]
    assert (gained >= 0).all()
    assert (gained[kinds == 0] == 0).all()
    assert gained[kinds >= 4].mean() > gained[kinds == 1].mean() + 0.02
    assert (customers_of(cool)["attachment"] == customers_of(run_market(cared_for(), 6))["attachment"]).all()


@pytest.mark.parametrize("name", ["culture-relational", "saas"])
def test_engines_and_threads_agree(name):
    on = PLAN | {
        "firm.affinity_place": 0.4,
        "firm.affinity_belief": 0.2,
        "behaviour.identification": 0.6,
        "firm.added_value": 3.0,
    }
    on |= {"segments.all.traits.stance": {"dist": "uniform", "low": 0.0, "high": 1.0}} if name == "bare" else {}
    scenario = load(name).with_(customers=300, horizon=15.0, **KEEP, **on, **{"budget.monthly": 600.0})
    market = run_market(scenario, 7, log=True)
    assert differing(market, run_market(scenario, 7, engine="reference", log=True)) == []
    assert differing(market, run_market(scenario, 7, threads=2, log=True)) == []
    assert counts_of(market)[:, 0].sum(axis=(0, 1))[Count.RELEVANT] > 20
    assert events_of(market, Kind.LEAVE).size > 10
    assert_lawful(market)


def test_without_a_plan_nothing_changes():
    usual = load("telecom").with_(customers=200, horizon=12.0, strategy="retention-led")
    idle = usual.with_(
        **{"firm.care_bond": 5.0, "firm.care_before": 1.0, "firm.care_during": 0.0, "firm.care_after": 0.0}
    )
    idle = idle.with_(**{"behaviour.affinity_gain": 3.0, "firm.stance": 0.9})
    assert differing(run_market(usual, 8, log=True), run_market(idle, 8, log=True)) == []


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (dict.fromkeys((f"firm.{m}" for m in MEANS), 0.3), "care_relations that sum to at most 1, not 1.2"),
        (
            {"firm.care_product": 0.5} | dict.fromkeys((f"firm.{s}" for s in STAGES), 0.0),
            "one of care_before x care_product_before, .* above 0, as care_product has money",
        ),
        (
            {
                "firm.care_relations": 0.5,
                "firm.care_relations_after": 0.0,
                "firm.care_before": 0.0,
                "firm.care_during": 0.0,
            },
            "care_after x care_relations_after above 0, as care_relations has money",
        ),
        ({"rivals": {"r": {"care_product": 0.9, "care_relations": 0.2}}}, r"rivals\.r must .* at most 1, not 1\.1"),
        ({"firm.affinity_kin": 3}, "affinity_kin = 3, must lie in 0..1"),
    ],
)
def test_refused(changes, rule):
    with pytest.raises(ScenarioError, match=rule):
        bare_scenario(**changes)

"""Directions of everything on the customers' side of the market, under common random numbers.

Each relation is pathwise: the two runs share all luck and, for each customer, everything up to the moment that is
compared, so that the stronger setting may never be on the wrong side for anybody. It is looked at in several cases (seeds),
and at least in three of ten it must have moved somebody: a relation about nothing proves nothing.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    account_totals,
    bare_scenario,
    counts_of,
    customers_of,
    events_of,
    first_leaving,
    rival,
    run_market,
)

from retsim.scenario import load
from retsim.state import Count, Kind, Status

SEEDS = (1, 2, 3)
LEAST_MOVED = 0.3
N = 300


def first_time(*kinds):
    """When each of those there at the start first lives through such an event."""

    def of(market):
        events = events_of(market, *kinds)
        first = np.full(market.scenario.customers, np.inf)
        mine = events["customer"] < first.size
        np.minimum.at(first, events["customer"][mine], events["time"][mine])
        return first

    return of


def leaving(market):
    """When each of them first leaves."""
    return first_leaving(market).at


def field(name):
    return lambda market: customers_of(market)[name][: market.scenario.customers]


thought = first_time(Kind.STAY, Kind.LEAVE)
joining = first_time(Kind.JOIN)


class Relation(NamedTuple):
    """`what` of each customer is never less (way 1) or never more (way -1) with `high` than with `low`."""

    base: Callable[..., Any]
    low: dict[str, Any]
    high: dict[str, Any]
    what: Callable[..., Any]
    way: int
    processes: tuple[Any, ...] = ()


def everywhere(name, **traits):
    return {f"segments.{s}.traits.{trait}": value for s in load(name).segments for trait, value in traits.items()}


def of_all_firms(name, **figures):
    firms = ["firm", *(f"rivals.{r}" for r in load(name).rivals)]
    return {f"{firm}.{figure}": value for firm in firms for figure, value in figures.items()}


def captive(name, **overrides):
    """A packaged market without budgets and natural attrition, where everybody starts with the focal firm."""
    scenario = load(name)
    quiet = {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals} | {"budget.monthly": 0.0}
    quiet |= everywhere(name, vanish_rate=0.0)
    quiet |= {f"segments.{s}.initial": {"focal": 1.0} | dict.fromkeys(scenario.rivals, 0.0) for s in scenario.segments}
    return scenario.with_(**{"customers": N, "horizon": 18.0} | quiet | overrides)


def telecom(**overrides):
    return captive("telecom", **overrides)


def impatient(**overrides):
    """The same, with customers who think at every second bill and whom little noise confuses."""
    return telecom(**{"behaviour.choice_noise": 10.0} | everywhere("telecom", attention=0.5) | overrides)


def bank(**overrides):
    return captive("bank", **{"firm.detection": 0.0, "behaviour.life_event_rate": 0.1} | overrides)


def billed(**overrides):
    """One firm that everyone stays with, contacts included, and money enough to reach all of them."""
    plan = {"strategies": {"care": {"retention_share": 1.0, "mix": {"contact": 1.0}}}, "strategy": "care"}
    still = {"behaviour.outside_value": -1e9, "behaviour.annoyance": 0.05, "behaviour.learning_rate": 0.1}
    money = {"budget.monthly": 1e6, "firm.contact_rate": 2.0, "firm.contact_relevance": 0.5}
    return bare_scenario(**CONTRACTUAL | plan | still | money | {"customers": N} | overrides)


def prospects(**overrides):
    """One firm and people who join it for good as soon as they decide."""
    empty = {"segments.all.initial": {"focal": 0.0}, "segments.all.traits.willingness_to_pay": 500.0, "horizon": 6.0}
    reach = {"firm.ad_ceiling": 0.3, "firm.ad_efficiency": 0.2, "firm.organic": 0.05, "budget.monthly": 300.0}
    return bare_scenario(**{"customers": N} | empty | reach | overrides)


def leads(**overrides):
    """The same with a lead funnel: an interest is never forgotten, so that each lead has one luck."""
    funnel = {"firm.lead_funnel": 1.0, "firm.lead_lasts": 1200.0, "firm.organic": 0.3, "firm.qualification_mark": 0.0}
    funnel |= {"segments.all.traits.intent": 0.4, "budget.winning": {"advertising": 0.5, "follow_up": 0.5}}
    return prospects(**funnel | {"firm.ad_ceiling": 0.0, "budget.monthly": 1e5} | overrides)


def with_life(**overrides):
    return billed(products={"card": {"price": 1.0}}, **overrides)


def first_bill(**overrides):
    """One bill for each, nobody answers complaints: the luck of the first occasion and nothing else."""
    silent = of_all_firms("telecom", accessibility=0.0, severity=0.8) | {"behaviour.voice_attachment": 0.0}
    quick = {"horizon": 1.0, "behaviour.alert_attention": 0.95, "behaviour.choice_noise": 10.0, "customers": 800}
    return telecom(**silent | quick | {"behaviour.learning_rate": 0.6, "firm.reputation": 0.7} | overrides)


def dearer(market):
    yield market.at(6.3)
    market.set("focal", price=market.firms[0].figures["price"] * 1.1)


def rivals(name, **figures):
    return {f"rivals.{r}.{figure}": value for r in load(name).rivals for figure, value in figures.items()}


def of(**figures):
    """Dotted keys with two underscores for the dot."""
    return {key.replace("__", "."): value for key, value in figures.items()}


SEEN_EVERYWHERE = rivals("telecom", ad_ceiling=0.2, ad_efficiency=10.0, poaching=1.0) | rivals(
    "telecom", **{"budget.monthly": 1e7}
)
"""Rivals' advertising reaches as many as it can, however many there are: no customer's luck depends on others."""
RELATIONS = {
    "a failure at the first occasion never keeps anybody": Relation(
        first_bill, of(firm__failure_rate=0.1), of(firm__failure_rate=0.7), leaving, -1
    ),
    "a higher fixed fee and nobody leaves earlier": Relation(
        lambda **o: impatient(**of(firm__fee_per_month=0.0) | o),
        of(firm__fee_fixed=0.0), of(firm__fee_fixed=150.0), leaving, 1,
    ),
    "a higher fee a month left and nobody leaves earlier": Relation(
        impatient, of(firm__fee_per_month=0.0), of(firm__fee_per_month=40.0), leaving, 1
    ),
    "more that counts as sunk and nobody leaves earlier": Relation(
        impatient, of(behaviour__sunk_per_occasion=0.0), of(behaviour__sunk_per_occasion=25.0), leaving, 1
    ),
    "payments fade slower and nobody leaves earlier": Relation(
        lambda **o: impatient(**of(behaviour__sunk_per_occasion=15.0) | o),
        of(behaviour__sunk_depreciation=1.0), of(behaviour__sunk_depreciation=0.02), leaving, 1,
    ),
    "dearer time and nobody leaves earlier": Relation(
        telecom, everywhere("telecom", price_of_time=0.5), everywhere("telecom", price_of_time=12.0), leaving, 1
    ),
    "harder bargains and nobody leaves earlier": Relation(
        telecom, of(behaviour__bargaining_cost=0.0), of(behaviour__bargaining_cost=80.0), leaving, 1
    ),
    "more to watch over and nobody leaves earlier": Relation(
        telecom, of(behaviour__monitoring_cost=0.0), of(behaviour__monitoring_cost=80.0), leaving, 1
    ),
    "each meeting teaches more of rivals and nobody leaves later": Relation(
        lambda **o: impatient(**SEEN_EVERYWHERE | of(behaviour__search_cost=60.0, behaviour__information_cost=60.0) | o),
        of(behaviour__exposure_gain=0.0), of(behaviour__exposure_gain=0.9), leaving, -1,
    ),
    "a higher welcome elsewhere and nobody leaves later": Relation(
        telecom, rivals("telecom", welcome_bonus=0.0), rivals("telecom", welcome_bonus=80.0), leaving, -1
    ),
    "a bonus for who changes over and nobody leaves later": Relation(
        telecom, rivals("telecom", poaching_bonus=0.0), rivals("telecom", poaching_bonus=80.0), leaving, -1
    ),
    "a stronger pull of open needs and nobody leaves later": Relation(
        bank, of(behaviour__need_pull=0.0), of(behaviour__need_pull=200.0), leaving, -1
    ),
    "who begins more content leaves no earlier": Relation(
        impatient, everywhere("telecom", initial_satisfaction=0.55),
        everywhere("telecom", initial_satisfaction=0.9), leaving, 1,
    ),
    "more attention and nobody thinks later": Relation(
        telecom, everywhere("telecom", attention=0.02), everywhere("telecom", attention=0.3), thought, -1
    ),
    "more alert after a failure and nobody thinks later": Relation(
        lambda **o: telecom(**of_all_firms("telecom", failure_rate=0.3) | everywhere("telecom", attention=0.01) | o),
        of(behaviour__alert_attention=0.05), of(behaviour__alert_attention=0.9), thought, -1,
    ),
    "more tolerance of prices and nobody thinks earlier of a rise": Relation(
        telecom, of(behaviour__price_tolerance=0.0), of(behaviour__price_tolerance=0.2), thought, 1, (dearer,)
    ),
    "contacts that wake and nobody thinks later": Relation(
        lambda **o: billed(**of(behaviour__satisfied_mark=0.9) | o),
        of(behaviour__wake_probability=0.02), of(behaviour__wake_probability=0.3), thought, -1,
    ),
    "louder customers and nobody complains later": Relation(
        lambda **o: telecom(**of_all_firms("telecom", failure_rate=0.3) | o),
        everywhere("telecom", voice=0.2), everywhere("telecom", voice=0.8), first_time(Kind.COMPLAINT), -1,
    ),
    "an open ear and nobody complains later": Relation(
        lambda **o: telecom(**of_all_firms("telecom", failure_rate=0.3) | o),
        of_all_firms("telecom", accessibility=0.2), of_all_firms("telecom", accessibility=0.9),
        first_time(Kind.COMPLAINT), -1,
    ),
    "a quicker clock of contacts and nobody is contacted later": Relation(
        billed, of(firm__contact_rate=0.3), of(firm__contact_rate=2.0), first_time(Kind.CONTACT), -1
    ),
    "more annoying contacts and nobody is more satisfied": Relation(
        lambda **o: billed(**of(behaviour__contact_tolerance=1.0) | o),
        of(behaviour__annoyance=0.01), of(behaviour__annoyance=0.1), field("satisfaction"), -1,
    ),
    "more tolerance of contacts and nobody is less satisfied": Relation(
        billed, of(behaviour__contact_tolerance=0.5), of(behaviour__contact_tolerance=3.0), field("satisfaction"), 1
    ),
    "a faster life and nobody's first event comes later": Relation(
        with_life, of(behaviour__life_event_rate=0.02), of(behaviour__life_event_rate=0.2), first_time(Kind.LIFE), -1
    ),
    "more of what comes of itself and nobody joins later": Relation(
        prospects, of(firm__organic=0.02), of(firm__organic=0.3), joining, -1
    ),
    "more money for advertising and nobody joins later": Relation(
        prospects, of(budget__monthly=50.0), of(budget__monthly=3000.0), joining, -1
    ),
    "a shorter life and nobody vanishes later": Relation(
        bare_scenario, of(segments__all__traits__vanish_rate=0.02), of(segments__all__traits__vanish_rate=0.2), leaving, -1
    ),
    "a higher chance to vanish and nobody vanishes later": Relation(
        bare_scenario, of(segments__all__traits__vanish_probability=0.02),
        of(segments__all__traits__vanish_probability=0.3), leaving, -1,
    ),
    "more growth and nobody is billed less": Relation(
        billed, of(behaviour__spend_growth=0.1), of(behaviour__spend_growth=0.8), field("revenue"), 1
    ),
    "more intent and nobody is interested later": Relation(
        leads, of(segments__all__traits__intent=0.2), of(segments__all__traits__intent=0.8), first_time(Kind.LEAD), -1
    ),
    "more appeal and nobody is interested later": Relation(
        leads, of(firm__lead_appeal=0.0), of(firm__lead_appeal=0.7), first_time(Kind.LEAD), -1
    ),
    "leads that are followed up join no later than those who are not": Relation(
        leads, of(budget__monthly=0.0), of(budget__monthly=1e5), joining, -1
    ),
    "leads that need less help join no later": Relation(
        lambda **o: leads(**of(budget__monthly=0.0) | o),
        of(firm__lead_unaided=0.1), of(firm__lead_unaided=0.9), joining, -1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", RELATIONS)
def test_a_relation_holds_for_everybody_and_moves_some(name):
    relation = RELATIONS[name]
    moved = []
    for seed in SEEDS:
        low, high = (
            relation.what(run_market(relation.base(**change), seed, log=True, processes=list(relation.processes)))
            for change in (relation.low, relation.high)
        )
        assert (high >= low if relation.way > 0 else high <= low).all()
        moved.append((low != high).mean() > 0.02)
    assert np.mean(moved) >= LEAST_MOVED


SEPARABLE = {
    "unit_cost": ((5.0, 25.0), "goods"),
    "cost_to_serve": ((1.0, 9.0), "serving"),
    "complaint_cost": ((1.0, 20.0), "complaints"),
    "compensation": ((0.0, 12.0), "compensation"),
    "bad_debt": ((0.02, 0.3), "bad_debt"),
    "return_rate": ((0.02, 0.3), "returns"),
}
MONEY_ONLY = ("value",)


@pytest.mark.parametrize("figure", SEPARABLE)
def test_what_only_the_firm_pays_changes_no_customer(figure):
    """Bit for bit, but for the customer's value; the account rises and nothing that they decide does."""
    (low, high), account = SEPARABLE[figure]
    busy = {"customers": N, "horizon": 12.0, "firm.failure_rate": 0.3}
    runs = [run_market(load("telecom").with_(**busy, **{f"firm.{figure}": x}), 4) for x in (low, high)]
    people = [customers_of(market) for market in runs]
    for name in people[0].dtype.names:
        if name not in MONEY_ONLY:
            assert (people[0][name] == people[1][name]).all(), name
    assert (people[1]["value"] <= people[0]["value"]).all()
    costs = [account_totals(market)[account] for market in runs]
    assert costs[1] > 1.5 * costs[0] >= 0


def test_identical_firms_have_equal_shares():
    """Three firms alike in everything: the focal one's share of those who chose anew lies about a third, by interval."""
    offer = {"price": 100.0, "awareness": 1.0, "reputation": 0.7}
    alike = {f"rivals.{name}": rival(**offer) for name in ("one", "two")} | {f"firm.{k}": v for k, v in offer.items()}
    busy = {"segments.all.traits.attention": 1.0, "behaviour.choice_noise": 20.0, "behaviour.outside_value": -1e6}
    busy |= {"segments.all.initial": {"focal": 0.6, "one": 0.3, "two": 0.1}, "customers": 500, "horizon": 24.0}
    shares = []
    for replication in range(10):
        active = counts_of(run_market(bare_scenario(**alike | busy), 5, replication))[-1, :, 0, Count.ACTIVE]
        shares.append(active / active.sum())
    mean, error = np.mean(shares, axis=0), np.std(shares, axis=0, ddof=1) / np.sqrt(10)
    # Two sided 99.9 % of Student's t with 9 degrees of freedom.
    assert (np.abs(mean - 1 / 3) < 4.78 * error).all(), (mean, error)
    assert (error < 0.02).all()


def test_permuting_rivals_permutes_results_and_nothing_else():
    """Where no luck belongs to a firm (no noise in choices, all firms known, nobody advertises) the order is a name."""
    offers = {"cheap": rival(price=80.0, reputation=0.62), "good": rival(price=125.0, reputation=0.85)}
    minds = {"segments.all.traits.attention": 0.3, "behaviour.outside_value": -1e6, "behaviour.learning_rate": 0.3}
    minds |= {"behaviour.experience_noise": 0.3, "customers": 500, "horizon": 12.0, "behaviour.decision_cost": 10.0}
    minds |= {"segments.all.traits.willingness_to_pay": {"dist": "uniform", "low": 80.0, "high": 300.0}}
    runs = []
    for order in (("cheap", "good"), ("good", "cheap")):
        market = run_market(bare_scenario(**minds, rivals={name: offers[name] for name in order}), 6)
        runs.append((market, np.array([0, 1 + order.index("cheap"), 1 + order.index("good")])))
    (one, places), (other, theirs) = runs
    mine, yours = customers_of(one), customers_of(other)
    names = [np.argsort(p)[m["firm"]] for p, m in ((places, mine), (theirs, yours))]
    assert (names[0] == names[1]).all()
    for name in mine.dtype.names:
        if name != "firm":
            assert (mine[name] == yours[name]).all(), name
    assert (counts_of(one)[:, places] == counts_of(other)[:, theirs]).all()
    assert np.bincount(names[0]).min() > 20
    assert (mine["status"] == Status.ACTIVE).all()


def test_no_money_is_no_strategy_for_what_is_new():
    """Funds for leads and community that are never filled: nobody's life changes."""
    plan = {"budget.mix": {"community": 1.0}, "budget.winning": {"advertising": 0.5, "follow_up": 0.5}}
    none = {"budget.mix": {"service": 1.0}, "budget.winning": {"advertising": 1.0, "follow_up": 0.0}}
    base = {"customers": N, "horizon": 10.0, "budget.monthly": 0.0}
    runs = [run_market(load("lead-funnel").with_(**base | arm), 7) for arm in (plan, none)]
    assert (customers_of(runs[0]) == customers_of(runs[1])).all()
    assert runs[0].firms[0].spent == runs[1].firms[0].spent == 0
    assert account_totals(runs[0]) == account_totals(runs[1])

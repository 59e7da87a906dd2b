"""Ordinary occasions in columns give the bits of occasions one by one: with a log each is lived through alone."""

import numba
import numpy as np
import pytest
from helpers import bare_scenario, customers_of, differing, rival, run_market

from retsim.lifecycle import next_event
from retsim.lifecycle.upcoming import occasion_is_next
from retsim.scenario import load
from retsim.state import Count, Kind, Status
from retsim.world import customer

VARIATIONS = {
    "as it is": {},
    "shared values": {"behaviour.identification": 0.8},
    "growth": {"behaviour.spend_growth": 1.0, "behaviour.satisfaction_growth": 2.0, "behaviour.service_saving": 0.4},
    "a worth beyond the product": {"firm.added_value": 5.0, "behaviour.power_imbalance": 2.0},
    "no decay": {"behaviour.attachment_decay": 0.0, "behaviour.sunk_depreciation": 0.0},
    "many failures": {"firm.failure_rate": 0.5, "firm.service_ceiling": 0.0},
}


def busy(name, **changes):
    scenario = load(name).with_(customers=600, horizon=14.0)
    thoughtful = {f"segments.{s}.traits.attention": 0.9 for s in scenario.segments}
    return scenario.with_(**thoughtful, **changes)


@pytest.mark.parametrize("variation", VARIATIONS)
@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_columns_give_the_bits_of_one_by_one(name, variation):
    scenario = busy(name, **VARIATIONS[variation])
    together, alone = run_market(scenario, 11), run_market(scenario, 11, log=True)
    assert differing(together, alone, events=False) == []
    assert sum(counts[:, :, Count.LOST_TO_RIVAL].sum() for counts in together.books.counts) > 100


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_they_give_them_where_customers_may_vanish_and_rates_grow(name):
    scenario = busy(name)
    changes = {f"segments.{s}.traits.vanish_probability": 0.03 for s in scenario.segments}
    if scenario.setting != "contractual":
        changes["behaviour.rate_growth"] = 0.5
    scenario = scenario.with_(**changes, **{"behaviour.avoidable_attrition": 0.5, "behaviour.attrition_from": 2.0})
    together, alone = run_market(scenario, 12), run_market(scenario, 12, log=True)
    assert differing(together, alone, events=False) == []
    assert sum(counts[:, :, Count.VANISHED].sum() for counts in together.books.counts) > 20


def test_they_give_them_among_more_firms_than_one_draw_has_tastes_for():
    rivals = {f"rival{n}": {"awareness": 1.0, "organic": 0.2, "poaching": 0.5} for n in range(6)}
    scenario = busy("retail").with_(rivals=rivals)
    together, alone = run_market(scenario, 13), run_market(scenario, 13, log=True)
    assert differing(together, alone, events=False) == []
    assert len(set(customers_of(together)["firm"].tolist())) >= 7


def test_they_give_them_when_a_price_rises():
    def rise(market):
        yield market.at(5.25)
        market.set("focal", price=60.0)

    scenario = busy("telecom")
    together, alone = run_market(scenario, 14, processes=[rise]), run_market(scenario, 14, processes=[rise], log=True)
    assert differing(together, alone, events=False) == []


@pytest.mark.parametrize("rivals", [{}, {"other": rival(organic=0.2, poaching=0.0)}], ids=["alone", "not poached"])
@pytest.mark.parametrize("setting", ["contractual", "non-contractual"])
def test_they_give_them_where_nothing_but_a_clock_of_ones_own_comes_between(setting, rivals):
    """Whom no other firm reaches is not asked again what comes next, unless a contact, an end or a death may be it."""
    scenario = bare_scenario(
        setting=setting, customers=1500, horizon=14.0, rivals=rivals, budget={"monthly": 300.0, "retention_share": 1.0}
    ).with_(
        **{"budget.mix": {"contact": 1.0}, "firm.contact_rate": 2.0, "firm.contact_cost": 1.0, "firm.poaching": 0.0},
        **{"firm.contract_term": 5.0, "firm.auto_renew": 1.0, "behaviour.choice_noise": 150.0},
        **{"segments.all.traits.attention": 0.7, "segments.all.traits.vanish_rate": 0.02},
    )
    together, alone = run_market(scenario, 15), run_market(scenario, 15, log=True)
    assert differing(together, alone, events=False) == []
    for count in (Count.CONTACTS, Count.VANISHED, Count.LOST_TO_OUTSIDE, Count.OCCASIONS):
        assert sum(counts[:, :, count].sum() for counts in together.books.counts) > 20


@numba.njit
def _two_answers(ref, i):
    world = ref[0]
    c = customer(world, i)
    return next_event(world, i)[1] == Kind.OCCASION, occasion_is_next(c, c.occasion_at)


def test_what_is_next_is_the_same_for_those_who_are_asked_and_those_who_are_not():
    market = run_market(bare_scenario(customers=600, horizon=6.0), 16)
    people = market.population.customers
    active = np.flatnonzero(people["status"] == Status.ACTIVE)
    dice = np.random.default_rng(1)
    for clock in ("contract_end", "vanish_at", "occasion_at", "contact_at"):
        # Few moments: many coincide.
        people[clock][active] = dice.choice([3.0, 4.0, 5.0, np.inf], active.size)
    answers = np.array([_two_answers(market.world.ref, i) for i in active])
    assert (answers[:, 0] == answers[:, 1]).all()
    assert 20 < answers[:, 0].sum() < active.size - 20

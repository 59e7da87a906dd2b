"""Ordinary occasions in columns give the bits of occasions one by one: with a log each is lived through alone."""

import pytest
from helpers import customers_of, differing, run_market

from retsim.scenario import load
from retsim.state import Count

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

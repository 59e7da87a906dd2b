"""Packaged scenarios made for one mechanism: in each, the figure that it is about moves what it should, surely.

The same market with the figure at the value that does nothing, paired by replication, 95 % intervals.
"""

from typing import Any, NamedTuple

import pytest
from helpers import assert_lawful, differing, run_market

import retsim as rs


class Case(NamedTuple):
    """With the scenario's own value `metric` is more (way 1) or less (way -1) than with the change."""

    name: str
    change: dict[str, Any] | str
    metric: str
    way: int
    strategy: str | None = None
    horizon: float | None = None


CASES = [
    Case("storms", "shocks", "churn_rate", 1),
    Case("storms", "shocks", "discounted_profit", -1),
    Case("storms", {"shocks.breakdown.start": 1200.0}, "churn_rate", 1),
    Case("storms", {"shocks.breakdown.press": 0.0}, "acquired", -1),
    Case("storms", {"shocks.cheap-summer.start": 1200.0}, "churn_rate", 1),
    Case("storms", {"shocks.hard-times.start": 1200.0}, "discounted_profit", -1),
    Case("storms", {"shocks.lost-files.start": 1200.0}, "mean_attachment", -1, horizon=46.0),
    Case("storms", {"shocks.opening.start": 1200.0}, "churn_rate", 1),
    Case("locked-in", {"behaviour.power_imbalance": 0.0}, "lost", -1),
    Case("locked-in", {"behaviour.power_imbalance": 0.0}, "stays_against_surplus", 1),
    Case("locked-in", {"firm.fee_fixed": 0.0}, "lost", -1),
    Case("locked-in", {"strategies.lock-in.charge_leaver": 0.0}, "lost", -1, "lock-in"),
    Case("locked-in", {"strategies.lock-in.charge_leaver": 0.0}, "discounted_profit", 1, "lock-in"),
    Case("branches", {"firm.shared_knowledge": 1.0}, "discounted_profit", -1),
    Case("branches", {"firm.execution": 1.0}, "mean_attachment", -1),
    Case("branches", "targeting", "mean_attachment", 1, "lottery"),
    Case("branches", "targeting", "lost", -1, "least"),
    Case("branches", "targeting", "lost", -1, "tagged"),
    Case("overreach", {"budget.spend": 1.0}, "acquired", 1),
    Case("overreach", {"budget.spend": 1.0}, "discounted_profit", -1),
    Case("overreach", {"budget.credit_rate": 0.0}, "discounted_profit", -1),
    Case("apology", {"behaviour.recovery_paradox": 0.0}, "mean_satisfaction", 1),
    Case("apology", {"behaviour.recovery_paradox": 0.0}, "lost", -1),
    Case("apology", {"firm.added_value": 0.0}, "acquired", 1),
    Case("apology", {"firm.added_value": 0.0}, "discounted_profit", 1),
    Case("brand-promise", "brand", "acquired", 1),
    Case("brand-promise", "brand", "discounted_profit", 1),
    Case("brand-promise", "brand", "clv", -1),
    Case("brand-promise", "brand", "satisfied_share_of_leavers", -1),
    Case("brand-promise", {"firm.brand_decay": 0.0}, "acquired", -1),
    Case("price-fight", "matching", "customers", -1),
    Case("price-fight", "matching", "discounted_profit", -1),
    Case("price-fight", {"firm.added_value": 0.0}, "customers", 1),
    Case("price-fight", {"rivals.discounter.poaching_bonus": 0.0}, "lost", 1),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name}: {case.change} on {case.metric}")
def test_what_the_scenario_is_about_moves_it(case):
    whole = rs.load(case.name).resized(500)
    whole = whole if case.strategy is None else whole.with_(strategy=case.strategy)
    whole = whole if case.horizon is None else whole.with_(horizon=case.horizon)
    changed = whole.without(case.change) if isinstance(case.change, str) else whole.with_(**case.change)
    study = rs.compare({"changed": changed, "whole": whole}, replications=12, seed=31, workers=1)
    found = study.differences([case.metric]).iloc[0]
    assert found["n"] == 12
    assert (found["low"] if case.way > 0 else -found["high"]) > 0.0


@pytest.mark.parametrize("name", dict.fromkeys(case.name for case in CASES))
def test_engines_agree_and_the_books_balance(name):
    scenario = rs.load(name).resized(120)
    for strategy in scenario.strategies:
        small = scenario.with_(strategy=strategy)
        compiled = run_market(small, 7, log=True)
        assert differing(compiled, run_market(small, 7, engine="reference", log=True)) == []
        assert_lawful(compiled)

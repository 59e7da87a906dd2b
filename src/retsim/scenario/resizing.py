"""The same market with fewer or more people: what is counted in heads or spent on all of them goes in proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retsim.scenario.errors import Problem, ScenarioError, shown

if TYPE_CHECKING:
    from retsim.scenario.scenario import Scenario

__all__ = ["resized"]


def resized(scenario: Scenario, customers: int) -> Scenario:
    """`Scenario.resized`."""
    if not scenario.customers:
        raise ScenarioError([Problem("customers", "must be 1 or more to be made another number", shown(0))])
    share = customers / scenario.customers
    changes: dict[str, Any] = {
        "customers": customers,
        "budget.monthly": scenario.budget.monthly * share,
        "entry.per_month": scenario.entry.per_month * share,
        "firm.structural_launch": scenario.firm.structural_launch * share,
    }
    for name, rival in scenario.rivals.items():
        changes[f"rivals.{name}.budget.monthly"] = rival.budget.monthly * share
        changes[f"rivals.{name}.structural_launch"] = rival.structural_launch * share
    return scenario.with_(**changes)

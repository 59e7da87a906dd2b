"""Markets for a class: packaged ones, small enough for thirty laptops."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retsim.scenario import Scenario

__all__ = ["small"]


def small(name: str, customers: int) -> Scenario:
    """A packaged scenario with so many people, and as much money a head, without a strategy's name on it.

    Raises
    ------
    ScenarioError
        There is no such scenario.
    """
    from retsim.scenario import load

    full = load(name)
    part = customers / full.customers
    changes: dict[str, object] = {
        "customers": customers,
        "budget.monthly": full.budget.monthly * part,
        "entry.per_month": full.entry.per_month * part,
    }
    for rival, spec in full.rivals.items():
        changes[f"rivals.{rival}.budget.monthly"] = spec.budget.monthly * part
    return full.with_(**changes)

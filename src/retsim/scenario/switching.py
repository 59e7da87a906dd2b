"""A scenario without one of the mechanisms: what is off in it, for every segment, firm and strategy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from retsim.scenario.errors import Problem, ScenarioError, shown
from retsim.scenario.hints import meant_key
from retsim.scenario.mechanisms import MECHANISMS, Mechanism
from retsim.scenario.plain import plain

if TYPE_CHECKING:
    from retsim.scenario.scenario import Scenario

__all__ = ["is_off", "off_in", "without"]

_NEVER = 1200.0
"""Months: no horizon is longer."""
_BEYOND_MEANS = 1e9
"""Money a member and month, which no budget has."""


def without(scenario: Scenario, names: str | Iterable[str]) -> Scenario:
    """A scenario in which mechanisms are switched off, for every segment and every firm.

    Raises
    ------
    ScenarioError
        There is no such mechanism.
    """
    for name in [names] if isinstance(names, str) else names:
        if name not in MECHANISMS:
            rule = f"must be a mechanism: {', '.join(MECHANISMS)}"
            raise ScenarioError([Problem("without", rule, shown(name), meant_key(name, MECHANISMS))])
        scenario = scenario.with_(**_changes(scenario, off_in(scenario, name)))
    return scenario


def off_in(scenario: Scenario, name: str) -> Mechanism:
    """What is off in a scenario without a mechanism.

    Products wear out, and shocks come, one by one. Where money goes to a community, what a member costs is beyond all
    means, so that there are no members. Where somebody pays for referrals a market without word is refused, and moving that money elsewhere would be another
    change: there, customers go on speaking, and nobody hears it or learns from it.
    """
    off = MECHANISMS[name]
    if name == "replacement":
        return off._replace(market={f"products.{product}.cycle": 0.0 for product in scenario.products})
    if name == "shocks":
        return off._replace(market={f"shocks.{shock}.start": _NEVER for shock in scenario.shocks})
    plans = [scenario.plan_of(firm) for firm in scenario.firms()]
    mixes = [plan.mix for plan in plans] + [strategy.mix for strategy in scenario.strategies.values()]
    if name == "community" and any(mix.community > 0.0 for mix in mixes):
        return off._replace(firm={**off.firm, "community_cost": _BEYOND_MEANS})
    winning = [plan.winning for plan in plans] + [strategy.winning for strategy in scenario.strategies.values()]
    if name == "word" and any(shares.referral > 0.0 for shares in winning):
        return off._replace(market={"word.reputation_learning": 0.0}, behaviour={"word_response": 0.0})
    return off


def _changes(scenario: Scenario, off: Mechanism) -> dict[str, Any]:
    """What to override: segments and rivals may have values of their own."""
    changes: dict[str, Any] = {f"behaviour.{key}": value for key, value in off.behaviour.items()}
    changes |= {f"firm.{key}": value for key, value in off.firm.items()} | dict(off.market)
    for rival in scenario.rivals:
        changes |= {f"rivals.{rival}.{key}": value for key, value in off.firm.items()}
    for name, segment in scenario.segments.items():
        for key, value in off.behaviour.items():
            if getattr(segment.behaviour, key) is not None:
                changes[f"segments.{name}.behaviour.{key}"] = value
        changes |= {f"segments.{name}.traits.{key}": value for key, value in off.traits.items()}
    return changes | _of_strategies(scenario, off.strategy)


def _of_strategies(scenario: Scenario, off: Mapping[str, Any]) -> dict[str, Any]:
    """What to override of strategies; one that every scenario has becomes the scenario's own where a firm has it."""
    of_firms = [scenario.plan_of(firm).strategy for firm in scenario.firms()]
    names = [firm.strategy for firm in scenario.firms().values()]
    known = dict(scenario.strategies) | {name: s for name, s in zip(names, of_firms, strict=True) if name is not None}
    changes: dict[str, Any] = {}
    for name, strategy in known.items():
        has = plain(strategy, everything=True)
        values = {key: value for key, value in off.items() if not is_off(has.get(key), value)}
        if values:
            changes[f"strategies.{name}"] = {**plain(strategy), **values}
    return changes


def is_off(has: Any, off: Any) -> bool:
    """Whether a strategy has no other value than the one which switches off; a table of nothing is empty."""
    return not has if isinstance(off, Mapping) else has in (None, off)

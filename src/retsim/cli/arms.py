"""What is compared with what: from arguments such as ``shop.toml:retention-led`` to scenarios by name."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from retsim.cli.arguments.options import Without
from retsim.cli.errors import UserError

if TYPE_CHECKING:
    from retsim.scenario import Scenario

FIRST = ("acquisition-led", "retention-led")
"""Strategies that stand first where a scenario has them."""

__all__ = ["Group", "changed", "check_strategy", "groups_of", "load_changed", "slug", "with_strategy"]


class Group(NamedTuple):
    """Scenarios that are compared with each other, by name; the first is the baseline."""

    name: str
    title: str
    scenarios: dict[str, Scenario]


class _Given(NamedTuple):
    """One argument: the scenario, and the strategy chosen for it, if any."""

    text: str
    scenario: Scenario
    strategy: str | None


def groups_of(arguments: Sequence[str], strategies: Sequence[str], changes: Sequence[str]) -> list[Group]:
    """Groups of scenarios to compare.

    A scenario with several strategies is a group of its own: its strategies against each other. Those with
    a chosen strategy, or with none to choose from, are compared with each other.

    Raises
    ------
    UserError, ScenarioError
        A scenario or strategy does not exist, or there is nothing to compare with.
    """
    own: list[Group] = []
    single: list[_Given] = []
    for text in arguments:
        _check_no_strategy(text, own, single)
        given = _given(text, changes)
        wanted = _strategies(given, strategies)
        if given.strategy is None and len(wanted) > 1:
            own.append(_own_group(given, wanted, changes))
        else:
            single.append(given._replace(strategy=wanted[0] if wanted else None))
    groups = own + ([_single_group(single, changes)] if single else [])
    names = [group.name for group in groups]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{name}: is compared twice; give each scenario once")
    return groups


def load_changed(text: str, changes: Sequence[str]) -> tuple[Scenario, str | None]:
    """A scenario from ``NAME`` or ``NAME:STRATEGY`` with values changed, and the strategy."""
    from retsim.scenario import load

    name, strategy = text, None
    before, colon, after = text.rpartition(":")
    if colon and before and not os.path.exists(text) and not re.search(r"[\\/]", after):
        name, strategy = before, after
    scenario = changed(load(name), changes)
    if strategy is not None:
        check_strategy(scenario, strategy, text)
    return scenario, strategy


def changed(scenario: Scenario, changes: Sequence[str]) -> Scenario:
    """A scenario with values set (``KEY=VALUE``) and mechanisms switched off (`Without`), in the order given."""
    from retsim.scenario import set_values

    for off, group in groupby(changes, key=lambda change: isinstance(change, Without)):
        together = list(group)
        scenario = scenario.without(*together) if off else set_values(scenario, together)
    return scenario


def with_strategy(scenario: Scenario, strategy: str, changes: Sequence[str]) -> Scenario:
    """A changed scenario with a strategy, in which nothing that is off (`Without`) is on again."""
    return scenario.with_(strategy=strategy).without(*(str(c) for c in changes if isinstance(c, Without)))


def slug(name: str) -> str:
    """A name as a file can have it."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60] or "study"


def _given(text: str, changes: Sequence[str]) -> _Given:
    return _Given(text, *load_changed(text, changes))


def _check_no_strategy(text: str, own: Sequence[Group], single: Sequence[_Given]) -> None:
    """Say so where a strategy stands in the place of a scenario."""
    before = [next(iter(group.scenarios.values())) for group in own] + [given.scenario for given in single]
    for scenario in before:
        if text in scenario.strategies and not os.path.exists(text):
            raise UserError(
                f"{text}: is a strategy of {scenario.name}, not a scenario; choose it with --strategy {text}, "
                f"or as {scenario.name}:{text}"
            )


def _strategies(given: _Given, wanted: Sequence[str]) -> list[str]:
    """Strategies of a scenario that are to be compared, in the order of `FIRST`, then as written."""
    if given.strategy is not None:
        return [given.strategy]
    for strategy in wanted:
        check_strategy(given.scenario, strategy, f"--strategy {strategy}")
    if wanted:
        return list(dict.fromkeys(wanted))
    names = list(given.scenario.strategies)
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def check_strategy(scenario: Scenario, strategy: str, place: str) -> None:
    """Refuse a strategy that is neither the scenario's nor one of those that every scenario has."""
    from retsim.scenario.strategies import known_strategies

    if strategy not in scenario.strategies and strategy not in known_strategies():
        have = ", ".join(scenario.strategies) or "none"
        raise UserError(
            f"{place}: {scenario.name} has no strategy {strategy!r}; it has {have}, "
            f"and every scenario has {', '.join(known_strategies())}"
        )


def _own_group(given: _Given, strategies: Sequence[str], changes: Sequence[str]) -> Group:
    scenario = given.scenario
    return Group(scenario.name, scenario.title, {name: with_strategy(scenario, name, changes) for name in strategies})


def _single_group(given: Sequence[_Given], changes: Sequence[str]) -> Group:
    if len(given) == 1:
        raise UserError(
            f"{given[0].text}: there is nothing to compare it with; name a second scenario, "
            f"or one with several strategies (it has {', '.join(given[0].scenario.strategies) or 'none'})"
        )
    scenarios: dict[str, Scenario] = {}
    for one in given:
        if one.text in scenarios:
            raise UserError(f"{one.text}: is compared twice; give each scenario once")
        scenario = one.scenario if one.strategy is None else with_strategy(one.scenario, one.strategy, changes)
        scenarios[one.text] = scenario
    _check_comparable(scenarios)
    title = "; ".join(dict.fromkeys(one.scenario.title or one.scenario.name for one in given))
    return Group("comparison", title, scenarios)


def _check_comparable(scenarios: dict[str, Scenario]) -> None:
    """Money of different currencies or horizons says nothing about which strategy is better."""
    (first, one), *others = scenarios.items()
    for key in ("currency", "horizon", "discount_rate"):
        for name, other in others:
            if getattr(other, key) != getattr(one, key):
                raise UserError(
                    f"{name}: {key} = {getattr(other, key)}, must be that of {first} ({getattr(one, key)}) "
                    f"to be compared; try --set {key}={getattr(one, key)}"
                )

"""What must hold between the parts of a scenario: names that exist, shares that add up, times that fit.

Looks at the plain tables and not at finished models, so that these problems are told together with the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from retsim.scenario.conflicts_of_firms import conflicts_of_firms
from retsim.scenario.conflicts_of_people import conflicts_of_people
from retsim.scenario.errors import SHOWN_PROBLEMS, Problem, shown
from retsim.scenario.merging import leaves
from retsim.scenario.raw import is_multiple, listed, meant, number_of, table_in, tables_in

__all__ = ["conflicts"]

MOST_PERIODS = 12_000
"""Cohorts are numbered by period in two bytes, and accounts are kept for each."""


def conflicts(raw: Mapping[str, Any], broken: set[str], defaults: Mapping[str, Any]) -> list[Problem]:
    """Problems between values that are each right by themselves.

    Parameters
    ----------
    raw : mapping
        The scenario as plain tables.
    broken : set of str
        Dotted keys with a problem of their own; nothing more is said about these.
    defaults : mapping
        Values of the outermost table where the scenario has none.

    Returns
    -------
    list of Problem
    """
    whole = {key: value for key, value in {**defaults, **raw}.items() if key not in broken}
    rules: tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...] = (
        _times, conflicts_of_firms, conflicts_of_people, _shocks, _evidence,
    )  # fmt: skip
    # What is said of a table that is no table would only repeat that.
    silent = broken | {f"evidence.{key}" for key in broken}
    found = (problem for rule in rules for problem in rule(whole) if not _is_in(problem.key, silent))
    return list(islice(found, SHOWN_PROBLEMS))


def _is_in(key: str, places: set[str]) -> bool:
    return bool(key) and (key in places or _is_in(key.rpartition(".")[0], places))


def _times(raw: Mapping[str, Any]) -> Iterator[Problem]:
    horizon, period, tick = (number_of(raw.get(key), above=0) for key in ("horizon", "period", "tick"))
    if horizon is not None and period is not None and not is_multiple(horizon, period):
        nearest = max(round(horizon / period), 1) * period if horizon / period < 1e9 else horizon
        rule = f"must be a whole number of periods of {period:.12g} months"
        yield Problem("horizon", rule, shown(raw["horizon"]), f"did you mean {nearest:.15g}?")
    if horizon is not None and period is not None and horizon / period > MOST_PERIODS:
        rule = f"must leave at most {MOST_PERIODS:,} periods in the horizon of {horizon:.12g} months"
        yield Problem("period", rule, shown(raw["period"]))
    if tick is not None and period is not None and not is_multiple(max(tick, period), min(tick, period)):
        rule = f"must fit the period of {period:.12g} months: one a whole multiple of the other"
        yield Problem("tick", rule, shown(raw["tick"]))


def _shocks(raw: Mapping[str, Any]) -> Iterator[Problem]:
    rivals = table_in(raw, "rivals")
    firms = [raw.get("focal"), *rivals]
    entering: set[str] = set()
    for name, shock in tables_in(raw, "shocks"):
        kind, firm = shock.get("kind"), shock.get("firm")
        if kind == "price-war" and not rivals:
            yield Problem(f"shocks.{name}", "must have rivals who can wage a price war")
        if kind == "entrant":
            yield from _entrant(raw, name, firm, entering)
        elif isinstance(firm, str) and firm not in firms:
            rule = "must be one of the firms " + listed(firms, "")
            yield Problem(f"shocks.{name}.firm", rule, shown(firm), meant(firm, firms))


def _entrant(raw: Mapping[str, Any], name: str, firm: Any, entering: set[str]) -> Iterator[Problem]:
    rivals = table_in(raw, "rivals")
    if firm is None:
        yield Problem(f"shocks.{name}.firm", "is missing", hint="name the rival who enters")
    elif isinstance(firm, str) and firm not in rivals:
        rule = "must be one of the rivals " + listed(rivals, "")
        yield Problem(f"shocks.{name}.firm", rule, shown(firm), meant(firm, rivals))
    elif isinstance(firm, str):
        if firm in entering:
            yield Problem(f"shocks.{name}.firm", "must not enter twice", shown(firm))
        entering.add(firm)
        for segment, table in tables_in(raw, "segments"):
            share = table_in(table, "initial").get(firm)
            if share not in (None, 0, 0.0):
                rule = f"must be 0: {firm} enters the market later (shocks.{name})"
                yield Problem(f"segments.{segment}.initial.{firm}", rule, shown(share))


def _evidence(raw: Mapping[str, Any]) -> Iterator[Problem]:
    known: set[str] = set()
    for key, _ in leaves({key: value for key, value in raw.items() if key != "evidence"}):
        while key and key not in known:
            known.add(key)
            key = key.rpartition(".")[0]
    for key in table_in(raw, "evidence"):
        if key not in known:
            hint = meant(key, known)
            yield Problem(f"evidence.{key}", "must name a value that the scenario sets", hint=hint)

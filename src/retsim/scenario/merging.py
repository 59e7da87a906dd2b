"""One scenario over another: tables are merged key by key, values replace values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from retsim.scenario.errors import Problem, ScenarioError, shown

__all__ = ["DEPTH", "flattened", "is_deep", "is_family", "leaves", "merged", "nested", "with_evidence"]

UNSOURCED = "changed without a source"
DEPTH = 8
"""No scenario is nested deeper: segments.NAME.traits.NAME.values is 5."""


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changes over a base, as a new dict; a distribution that names its family replaces the old one whole."""
    result = dict(base)
    for key, value in changes.items():
        old = result.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping) and not is_family(value):
            result[key] = merged(old, value)
        elif isinstance(value, Mapping):
            result[key] = dict(value)
        else:
            result[key] = value
    return result


def is_family(table: Mapping[str, Any]) -> bool:
    """Whether a table is a distribution: it names its family."""
    return isinstance(table.get("dist"), str)


def is_deep(table: Mapping[str, Any]) -> bool:
    """Whether tables and lists are nested deeper than any scenario's."""
    level: list[Any] = [table]
    for _ in range(DEPTH + 1):
        inner = [item for value in level for item in (value.values() if isinstance(value, Mapping) else value)]
        level = [item for item in inner if isinstance(item, Mapping | list)]
    return bool(level)


def nested(table: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted keys of the outermost table as tables in tables: ``{"a.b": 1}`` becomes ``{"a": {"b": 1}}``."""
    result: dict[str, Any] = {}
    for key, value in table.items():
        *tables, last = key.split(".")
        if len(tables) >= DEPTH or is_deep({key: value}):
            raise ScenarioError([Problem(shown(key)[1:-1], f"is nested deeper than {DEPTH} tables")])
        change: Any = {last: value}
        for name in reversed(tables):
            change = {name: change}
        result = merged(result, change)
    return result


def flattened(table: Any) -> Any:
    """Tables in tables as one table with dotted keys; what is no table is left for the check to refuse."""
    return dict(leaves(table)) if isinstance(table, Mapping) else table


def leaves(table: Mapping[str, Any], path: str = "") -> list[tuple[str, Any]]:
    """Dotted key and value of everything in a table that is not itself a table (an empty table is a leaf)."""
    found: list[tuple[str, Any]] = []
    for key, value in table.items():
        place = f"{path}.{key}" if path else str(key)
        if isinstance(value, Mapping) and value:
            found += leaves(value, place)
        else:
            found.append((place, value))
    return found


def with_evidence(base: Mapping[str, Any], changes: Mapping[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """The merged table, where no changed value keeps the evidence of the value it replaces."""
    old, given = base.get("evidence"), flattened(changes.get("evidence", {}))
    if not isinstance(old, Mapping) or not isinstance(given, Mapping):
        return result
    before = dict(leaves(base))
    changed = [key for key, value in leaves(changes) if before.get(key, ...) != value]
    stale = [key for key in changed if _is_covered(key, old) and not _is_covered(key, given)]
    return {**result, "evidence": {**flattened(result["evidence"]), **dict.fromkeys(stale, UNSOURCED)}}


def _is_covered(key: str, evidence: Mapping[str, Any]) -> bool:
    """Whether an evidence table speaks of a key or of a table around it."""
    return bool(key) and (key in evidence or _is_covered(key.rpartition(".")[0], evidence))

"""Plain tables of a scenario before it is one: what can be read from them whatever stands in them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from retsim.scenario.errors import shown
from retsim.scenario.hints import meant_word

__all__ = [
    "SHORTEST_TERM",
    "SUM_TOLERANCE",
    "is_multiple",
    "listed",
    "meant",
    "number_of",
    "sum_of",
    "table_in",
    "tables_in",
]

SUM_TOLERANCE = 1e-9
SHORTEST_TERM = 0.01
"""Months; as the shortest billing period. A shorter term would renew without end."""


def table_in(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The table of that name, empty where there is none."""
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


def tables_in(raw: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    """The tables in the table of that name, by name."""
    return [(name, item) for name, item in table_in(raw, key).items() if isinstance(item, Mapping)]


def number_of(value: Any, above: float = -math.inf) -> float | None:
    """A number that is one and not too large, and above a limit; else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
    return float(value) if value > above else None


def sum_of(numbers: list[float | None]) -> float | None:
    """The sum of shares; None where one is no share."""
    known = [number for number in numbers if number is not None and 0 <= number <= 1]
    return math.fsum(known) if len(known) == len(numbers) else None


def is_multiple(long: float, short: float) -> bool:
    """Whether a time is a whole number of times another."""
    ratio = long / short
    return 0.5 < ratio < 1e9 and abs(ratio - round(ratio)) <= 1e-9 * ratio


def listed(names: Any, what: str) -> str:
    """Names for a message; `what` says of what there are none."""
    names = [str(name) for name in names]
    return shown(", ".join(names), 80)[1:-1] if names else f"{what} (there are none)"


def meant(name: object, known: Any) -> str:
    """A hint at the known name that was probably meant."""
    near = meant_word(name, [word for word in known if isinstance(word, str)])
    return f"did you mean {near}?" if near else ""

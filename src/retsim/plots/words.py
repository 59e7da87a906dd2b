"""Words in pictures: numbers with a true minus sign, counts with their nouns, names that fit."""

from __future__ import annotations

import math
from collections.abc import Sequence

from retsim.results import words
from retsim.results.measures import MEASURES

__all__ = ["difference", "heads", "how_many", "listed", "number", "shortened"]


def number(value: float, metric: str, *, sign: bool = False) -> str:
    """A value of a measure as `retsim.results.words.number` writes it, typeset."""
    return words.number(value, MEASURES[metric], sign=sign, minus=words.MINUS)


def difference(found: tuple[float, float, float], metric: str, n: int) -> str:
    """A mean difference of a measure with the ends of its interval, over n pairs: +5 (+3 to +7) pts."""
    mean, low, high = found
    if n == 0:
        return "in no replication"
    if math.isnan(low):
        return number(mean, metric, sign=True)
    if mean == low == high == 0.0:
        return "all equal"
    figures = [number(x, metric, sign=True).removesuffix(words.POINTS) for x in found]
    unit = words.POINTS if MEASURES[metric].unit.startswith("share") else ""
    return f"{figures[0]} ({figures[1]} to {figures[2]}){unit}"


def how_many(n: int, thing: str) -> str:
    """A count with its noun: 1 replication, 25 replications."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def heads(count: float) -> str:
    """A number of customers, which as a mean over replications may be less than one."""
    return f"{count:,.0f}" if count >= 10.0 or count == round(count) else f"{count:.1f}"


def shortened(name: str, most: int = 24) -> str:
    """A name of at most so many letters."""
    return name if len(name) <= most else f"{name[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def listed(names: Sequence[str]) -> str:
    """An enumeration: a; a and b; a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

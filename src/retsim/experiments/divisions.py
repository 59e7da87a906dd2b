"""Budgets divided into shares that sum to 1, searched as points of a unit cube.

A division into k parts is k - 1 numbers from 0 to 1, each the size of what is passed over (stick breaking), so that
even points in the cube are even over all divisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from retsim.experiments.design import Design, Point, spanned

MIX, WINNING = "budget.mix", "budget.winning"
ALL = (0.0, 1.0)
PARTS = {
    MIX: ("service", "price", "contact", "structural", "education", "win_back"),
    WINNING: ("advertising", "promotion", "referral"),
}
"""What each budget can be divided into."""
USUAL = {MIX: PARTS[MIX][:4], WINNING: PARTS[WINNING][:2]}
"""Service and the three levels of retention; the channels that need no network of customers."""

__all__ = ["ALL", "MIX", "PARTS", "USUAL", "WINNING", "Levers", "divided"]


class Levers:
    """The levers of a search: numbers with ranges, and budgets to be divided.

    Parameters
    ----------
    over : mapping of str to (low, high) or sequence of str
        Ranges by key; of "budget.mix" and "budget.winning" the parts to divide into, or ``(0.0, 1.0)`` for `USUAL`.

    Attributes
    ----------
    keys : tuple of str
        What people read: keys, and one name a part of a division.
    bounds : list of (low, high)
        Of each dimension of the search.

    Raises
    ------
    TypeError, ValueError
        A range or a part is not what it must be.
    """

    def __init__(self, over: Mapping[str, Any]) -> None:
        spanned({key: span for key, span in over.items() if key not in PARTS}, Design(points=1))
        self.ranges = {key: _parts(key, span) if key in PARTS else tuple(span) for key, span in over.items()}
        self.keys = tuple(name for key in self.ranges for name in self._names(key))
        self.bounds: list[tuple[float, float]] = [
            bound
            for key, span in self.ranges.items()
            for bound in ([ALL] * (len(span) - 1) if key in PARTS else [(float(span[0]), float(span[1]))])
        ]

    def point(self, place: Sequence[float]) -> Point:
        """Values by key at a place of the search."""
        values = iter(place)
        return {
            key: divided(span, [next(values) for _ in span[1:]]) if key in PARTS else next(values)
            for key, span in self.ranges.items()
        }

    def shown(self, place: Sequence[float]) -> list[float]:
        """The values of a place by `keys`."""
        return [x for value in self.point(place).values() for x in _flat(value)]

    def _names(self, key: str) -> list[str]:
        return [f"{key.removeprefix('budget.')}.{part}" for part in self.ranges[key]] if key in PARTS else [key]


def divided(parts: Sequence[str], place: Sequence[float]) -> dict[str, float]:
    """Shares by part, from a place in the unit cube."""
    rest, out = 1.0, {}
    for k, (part, u) in enumerate(zip(parts, place, strict=False)):
        left = rest * u ** (1.0 / (len(parts) - 1 - k))
        out[part], rest = rest - left, left
    return out | {parts[-1]: rest}


def _flat(value: Any) -> Iterator[float]:
    yield from value.values() if isinstance(value, dict) else [value]


def _parts(key: str, given: Any) -> tuple[str, ...]:
    if given is None or (not isinstance(given, str) and tuple(given) == ALL):
        return USUAL[key]
    names = () if isinstance(given, str) else tuple(given)
    if len(names) < 2 or len(set(names)) < len(names) or not set(names) <= set(PARTS[key]):
        raise ValueError(
            f"over[{key!r}] = {given!r}, must be (0.0, 1.0): all ways to divide it into {', '.join(USUAL[key])}; or two "
            f"or more of {', '.join(PARTS[key])}"
        )
    return names

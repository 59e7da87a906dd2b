"""A firm's figures: what may be said of one, and what they are under everything that strains them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from retsim.parameters import Firm, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FIGURES = table_of(Firm)
SHORTEST_TERM = 0.01
"""Months; a shorter contract would renew without end (as `retsim.scenario.raw`)."""

__all__ = ["FIGURES", "require_figure", "require_known", "strained"]


def require_known(firm: str, name: str) -> None:
    """Refuse a name that is no figure of a firm.

    Raises
    ------
    ValueError
    """
    if name not in FIGURES:
        raise ValueError(f"{firm}.{name}: a firm has no such figure; it has {', '.join(FIGURES)}")


def require_figure(firm: str, name: str, value: Any) -> None:
    """Refuse a value that the figure cannot have.

    Raises
    ------
    TypeError, ValueError
        Names place, value and rule.
    """
    require_known(firm, name)
    p = FIGURES[name]
    if isinstance(value, bool | str) or not hasattr(value, "__float__"):
        raise TypeError(f"{firm}.{name} = {value!r:.80}, must be a number ({p.unit})")
    if not p.low <= value <= p.high or math.isinf(value):
        raise ValueError(f"{firm}.{name} = {value}, must lie in {p.low}..{p.high} ({p.unit})")
    if p.unit == "1 or 0" and value not in (0.0, 1.0):
        raise ValueError(f"{firm}.{name} = {value}, must be 0 or 1")
    if p.unit == "servers" and value != round(value):
        raise ValueError(f"{firm}.{name} = {value}, must be a whole number of servers")
    if name == "contract_term" and 0.0 < value < SHORTEST_TERM:
        raise ValueError(f"{firm}.{name} = {value}, must be 0 (no contract) or at least {SHORTEST_TERM} months")


def strained(own: Mapping[str, float], strains: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Figures times the product of all factors, held in their ranges: in whatever order the causes came."""
    out = dict(own)
    factors: dict[str, list[float]] = {}
    for cause in strains:
        for name, factor in cause.items():
            factors.setdefault(name, []).append(factor)
    for name, found in factors.items():
        p = FIGURES[name]
        out[name] = min(max(own[name] * math.prod(sorted(found)), p.low), p.high)
    return out

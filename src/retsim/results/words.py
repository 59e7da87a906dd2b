"""Measures as people read them: one way to write a number, for tables, sentences and pictures."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retsim.results.measures import Measure

POINTS = " pts"
"""Unit of a difference of two shares: percentage points."""

MINUS = "\N{MINUS SIGN}"
"""Set in pictures; terminals and files have a hyphen."""

__all__ = ["MINUS", "POINTS", "number"]


def number(value: float, measure: Measure, *, sign: bool = False, minus: str = "-") -> str:
    """Write a value of a measure.

    Parameters
    ----------
    value : float
    measure : Measure
    sign : bool
        It is a difference: a plus is written, too, and shares differ by percentage points.
    minus : str
        `MINUS` where type is set.

    Returns
    -------
    str
        Thousands separated; two decimals below 100, none from 1,000 on, customers one at the most; shares in percent
        with two; "-" for what is not a number.
    """
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "infinite" if value > 0 else f"{minus}infinite"
    share = measure.unit.startswith("share")
    shown = 100.0 * value if share else value
    decimals = 2 if share else _decimals(abs(shown), measure.unit)
    text = f"{shown:{'+' if sign else ''},.{decimals}f}"
    text = text if text.strip("+-0.,") else text.lstrip("+-")
    return text.replace("-", minus) + ((POINTS if sign else " %") if share else "")


def _decimals(size: float, unit: str) -> int:
    if size == 0.0 or size >= 1000.0:
        return 0
    return 1 if size >= 100.0 or unit == "customers" else 2

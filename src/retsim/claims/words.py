"""Claims in words: amounts with their interval, borders, verdicts."""

from __future__ import annotations

import math

from retsim.claims.claim import FAILS, HOLDS, OPEN, Finding

__all__ = ["amount", "border", "verdict_words"]

_AT_LIMIT = {HOLDS: "holds even here", FAILS: "fails here, as it should", OPEN: "not sure that it fails here"}


def amount(f: Finding) -> str:
    """Mean and interval: "34.1 % (31.8 to 36.5)"; as many digits as the interval carries."""
    if f.n == 0:
        return "not measured"
    size = _size(f.unit)
    if math.isnan(f.low):
        return f"{_number(f.mean * size, abs(f.mean * size))}{_unit(f.unit)}, one replication"
    half = (f.high - f.low) / 2.0 * size
    mean, low, high = (_number(x * size, half or abs(f.mean * size)) for x in (f.mean, f.low, f.high))
    return f"{mean}{_unit(f.unit)} ({low} to {high})"


def border(f: Finding) -> str:
    """What would make it true: "below -25 %", "25 to 85 %", "above 0"."""
    low, high = (_plain(x * _size(f.unit)) for x in (f.above, f.below))
    unit = " %" if _size(f.unit) != 1.0 else ""
    if math.isinf(f.above):
        return f"below {high}{unit}"
    return f"above {low}{unit}" if math.isinf(f.below) else f"{low} to {high}{unit}"


def verdict_words(f: Finding) -> str:
    """The verdict; at a limit, whether the claim fails there as the theory says."""
    return _AT_LIMIT[f.verdict] if f.limit else f.verdict


def _size(unit: str) -> float:
    """Shares are written in percent."""
    return 100.0 if unit.startswith("share") else 1.0


def _unit(unit: str) -> str:
    if not unit.startswith("share"):
        return "" if unit == "correlation" else f" {unit}"
    return " %" + unit.removeprefix("share")


def _number(value: float, scale: float) -> str:
    """A number with two digits of what is uncertain, thousands separated; no sign before a zero."""
    decimals = min(max(1 - math.floor(math.log10(scale)), 0), 4) if scale else 0
    text = f"{value:,.{decimals}f}"
    return text if text.strip("-0.,") else text.lstrip("-")


def _plain(value: float) -> str:
    return f"{value:g}"

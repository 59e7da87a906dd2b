"""Values and ranges from the command line: ``KEY=0:1:0.1``, ``KEY=a,b,c``, ``KEY=6:10``."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from retsim.cli.errors import UserError

_MOST = 100_000
Read = TypeVar("Read")

__all__ = ["ranges_of", "values_of"]


def values_of(given: Sequence[str], option: str) -> dict[str, list[Any]]:
    """Values to try by key: a list, or from low to high in steps, both ends included.

    Raises
    ------
    UserError
    """
    return _by_key(given, option, "KEY=LOW:HIGH:STEP or KEY=VALUE,VALUE,...", _values)


def ranges_of(given: Sequence[str], option: str) -> dict[str, tuple[float, float]]:
    """Ranges (low, high) by key.

    Raises
    ------
    UserError
    """
    return _by_key(given, option, "KEY=LOW:HIGH", _range)


def _by_key(given: Sequence[str], option: str, form: str, read: Callable[[str], Read]) -> dict[str, Read]:
    out: dict[str, Read] = {}
    for text in given:
        key, equals, rest = text.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UserError(f"{option} {text:.80}: must be {form}")
        if key in out:
            raise UserError(f"{option} {text:.80}: {key} is given twice")
        try:
            out[key] = read(rest)
        except ValueError as error:
            raise UserError(f"{option} {text:.80}: {error}; must be {form}") from None
    return out


def _range(text: str) -> tuple[float, float]:
    low, high = _numbers(text, 2)
    if not low < high:
        raise ValueError("the lower end comes first")
    return low, high


def _values(text: str) -> list[Any]:
    if ":" not in text:
        return [_value(part.strip()) for part in text.split(",")]
    low, high, step = _numbers(text, 3)
    if step <= 0.0 or high < low:
        raise ValueError("the lower end comes first, and the step is above 0")
    if step > high - low > 0.0:
        raise ValueError(f"a step of {step:g} leaves only {low:g}")
    n = math.floor((high - low) / step + 1e-9) + 1
    if n > _MOST:
        raise ValueError(f"these are {n:,} values")
    # Rounded to what was typed, so that the third step of 0.1 is 0.3.
    digits = max(_decimals(part) for part in text.split(":"))
    return [round(low + k * step, digits) for k in range(n)]


def _value(text: str) -> Any:
    if not text:
        raise ValueError("a value is missing")
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _numbers(text: str, count: int) -> list[float]:
    parts = text.split(":")
    if len(parts) != count:
        raise ValueError(f"{len(parts)} numbers instead of {count}")
    numbers = [float(part) for part in parts]
    if not all(map(math.isfinite, numbers)):
        raise ValueError("numbers must be finite")
    return numbers


def _decimals(text: str) -> int:
    mantissa, _, exponent = text.strip().lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(exponent or 0))

"""What was probably meant: a key with a slip of the finger, a number in another unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from retsim.parameters import Parameter
from retsim.scenario.fields import limits

__all__ = ["meant_key", "meant_number", "meant_value", "meant_word"]

_NEAR = 0.59
"""Below this likeness (0 to 1) two words have nothing to do with each other."""
_DAYS = 365.25 / 12


def meant_word(word: object, known: Iterable[str]) -> str:
    """The known word that is nearest to what was written; empty where none is near."""
    if not isinstance(word, str) or len(word) > 100:
        return ""
    best, best_score = "", _NEAR
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(word)
    for candidate in known:
        if abs(len(word) - len(candidate)) > 3:
            continue
        score = _likeness(matcher, candidate, best_score)
        if len(word) < 3 and not set(word).isdisjoint(candidate):
            score = max(score, _NEAR + 0.01)
        if score > best_score:
            best, best_score = candidate, score
    return best


def meant_key(word: str, known: Iterable[str], elsewhere: Iterable[str] = ()) -> str:
    """A hint for an unknown key: the nearest key of this table, else where a key of this name belongs."""
    known = tuple(known)
    near = meant_word(word, known)
    if near:
        return f"did you mean {near}?"
    places = [place for place in elsewhere if place.rpartition(".")[2] == word]
    if places:
        return "it belongs under " + " or ".join(place.rpartition(".")[0] or "the top" for place in places[:3])
    return "known here: " + ", ".join(known) if 0 < len(known) <= 8 else ""


def meant_number(value: object, parameter: Parameter) -> str:
    """A hint for a number out of range, of a wrong type or in another unit; may be empty."""
    low, high = limits(parameter)
    if isinstance(value, bool):
        return f"write {int(value)}" if low <= int(value) <= high else ""
    if isinstance(value, str):
        return _unquoted(value, low, high)
    if not isinstance(value, int | float) or not abs(value) < 1e15:
        return ""
    return _other_unit(float(value), parameter)


def meant_value(text: str) -> str:
    """A hint for a value that TOML does not know: a number without leading zero, or text without quotes."""
    try:
        return f"did you mean {float(text.replace(',', '.').rstrip('%')) / (100 if '%' in text else 1):.6g}?"
    except ValueError:
        return f'did you mean the text "{text}"?' if re.fullmatch(r"[\w][\w .+&-]*", text) else ""


def _likeness(matcher: SequenceMatcher[str], candidate: str, least: float) -> float:
    """Likeness of a candidate to the matcher's word; 0 where it is at most the least."""
    matcher.set_seq1(candidate)
    if matcher.real_quick_ratio() <= least or matcher.quick_ratio() <= least:
        return 0.0
    return matcher.ratio()


def _unquoted(text: str, low: float, high: float) -> str:
    try:
        number = float(text.strip().replace(",", ".").rstrip("%"))
    except ValueError:
        return ""
    number = number / 100 if text.strip().endswith("%") else number
    return f"did you mean {number:.6g}, without quotes?" if low <= number <= high else ""


def _other_unit(value: float, parameter: Parameter) -> str:
    low, high = limits(parameter)
    unit = parameter.unit
    if unit == "1 or 0":
        return ""
    if value < low:
        return f"did you mean {-value:.6g}?" if low == 0 and low < -value <= high else ""
    if value <= high:
        return f"did you mean {round(value)}?" if not math.isclose(value, round(value)) else ""
    if high <= 1 and value <= 100:
        return f"did you mean {value / 100:.6g}?"
    if "per month" in unit or unit.endswith("a month"):
        return f"did you mean {value / 12:.6g} (a twelfth, if it is yearly)?" if value / 12 <= high else ""
    if unit == "months":
        months = value / _DAYS
        return f"did you mean {months:.6g} (if it is in days)?" if low <= months <= high else ""
    return ""

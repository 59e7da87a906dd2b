"""Money out of text: decimal point or comma, thousands separators, currency signs.

Which of point and comma is the decimal sign is read off the column as a whole. A column that
leaves it open (only values like 1,234) is never guessed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LARGEST = 1e12
"""Amounts beyond this size, in the file's currency, are refused as slips; *assumed*."""

NOT_A_NUMBER = "is not a number"
_NOT_FINITE = "is not a finite number"
_TOO_LARGE = f"lies outside -{LARGEST:g} to {LARGEST:g}"

_CURRENCY = re.compile(r"^([-+(]?)\s*(?:[$€£¥]|USD|EUR|GBP)\s*|\s*(?:[$€£¥]|USD|EUR|GBP)(\)?)$")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = {
    ".": re.compile(r"[+-]?[1-9]\d{0,2}(?:([,' ])\d{3})(?:\1\d{3})*(?:\.\d*)?"),
    ",": re.compile(r"[+-]?[1-9]\d{0,2}(?:([.' ])\d{3})(?:\1\d{3})*(?:,\d*)?"),
}
_WORDS = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_OPEN = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")


class ParsedAmounts(NamedTuple):
    """Amounts, NaN where refused, with the reason ("" where taken)."""

    amounts: NDArray[np.float64]
    reasons: list[str]


def parse_amounts(texts: list[str], decimal: str) -> ParsedAmounts:
    """Read amounts of money.

    Parameters
    ----------
    texts : list of str
        Amounts as they stand in the file. A currency sign ($, €, £, ¥ or a code) before or
        after is dropped; (12.00) is -12.00.
    decimal : {".", ","}
        The decimal sign; the other one may separate thousands, as may blank and apostrophe.

    Returns
    -------
    ParsedAmounts
        In the file's currency.
    """
    amounts = np.full(len(texts), np.nan)
    reasons = [""] * len(texts)
    for i, text in enumerate(texts):
        value = _amount(text, decimal)
        if isinstance(value, str):
            reasons[i] = value
        else:
            amounts[i] = value
    return ParsedAmounts(amounts, reasons)


class DecimalSign(NamedTuple):
    """The decimal sign that a column shows, or places (in the list) that leave it open.

    `sign` is "" when it is not settled; then `first` and `second` are one place each that
    speaks for a point and for a comma (equal when a single value could be both).
    """

    sign: str
    first: int = -1
    second: int = -1


def decimal_sign(texts: list[str]) -> DecimalSign:
    """Read off a column which of point and comma is its decimal sign.

    Parameters
    ----------
    texts : list of str
        Amounts as they stand in the file.

    Returns
    -------
    DecimalSign
        Settled unless values speak for both, or one could be read both ways and none speaks.
    """
    point = comma = either = -1
    for i, raw in enumerate(texts):
        if "." not in raw and "," not in raw:
            continue
        text = _bare(raw)
        if _OPEN.fullmatch(text):
            either = i if either < 0 else either
        elif _value(text, ".") is not None:
            point = i if point < 0 else point
        elif _value(text, ",") is not None:
            comma = i if comma < 0 else comma
    if point >= 0 and comma >= 0:
        return DecimalSign("", point, comma)
    if comma >= 0:
        return DecimalSign(",")
    if either >= 0 and point < 0:
        return DecimalSign("", either, either)
    return DecimalSign(".")


def _amount(raw: str, decimal: str) -> float | str:
    text = _bare(raw)
    value = _value(text, decimal)
    if value is None:
        return _NOT_FINITE if _WORDS.fullmatch(text) else NOT_A_NUMBER
    if not np.isfinite(value):
        return _NOT_FINITE
    return value if abs(value) <= LARGEST else _TOO_LARGE


def _value(text: str, decimal: str) -> float | None:
    plain = text if decimal == "." else text.replace(",", ".") if "." not in text else ""
    if _PLAIN.fullmatch(plain):
        return float(plain)
    if _GROUPED[decimal].fullmatch(text):
        digits = re.sub(r"[' ]|[.]" if decimal == "," else r"[' ,]", "", text)
        return float(digits.replace(",", "."))
    return None


def _bare(raw: str) -> str:
    text = raw.translate(_SIGNS)
    if not text[-1:].isdigit() or not text[:1].isdigit():
        text = _CURRENCY.sub(r"\1\2", text.strip())
        if text[:1] == "(" and text[-1:] == ")":
            text = "-" + text[1:-1].strip()
    return text


_SIGNS = {0x2212: "-", 0x00A0: " ", 0x202F: " ", 0x2009: " ", 0x2019: "'"}

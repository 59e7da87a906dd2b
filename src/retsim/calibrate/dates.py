"""Calendar days out of text. A date that can be read in two ways is never guessed.

Without a format each date is read on its own, and these forms are taken, mixed or not:
`2020-04-03`, `2020/4/3`, `20200403`, `3 Apr 2020`, `Apr 3, 2020`, and `13/04/2020` or
`04/13/2020` where only one order of day and month gives a date. A time of day and an offset
may follow; the day counts as it is written, whatever the offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FIRST_YEAR, LAST_YEAR = 1900, 2100
"""Years outside are refused: typing errors, and placeholders such as 9999-12-31. *Assumed*."""

_TIME = (
    r"(?:[T ]\s*(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?\s*(?:[aApP]\.?[mM]\.?)?"
    r"\s*(?:Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?)?"
)
_SEPARATED = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)" + _TIME)
_DAY_OR_MONTH = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + _TIME)
_SHORT_YEAR = re.compile(r"\d{1,2}([-/.])\d{1,2}\1\d\d" + _TIME)
_DAY_NAME = re.compile(r"(\d{1,2})[-/. ]\s*([A-Za-z]{3,9})\.?[-/., ]\s*(\d{4})" + _TIME)
_NAME_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})" + _TIME)

_DIGIT = re.compile(r"\d")
_MONTHS = "january february march april may june july august september october november december".split()

AMBIGUOUS = "can be read in two ways, as day/month and as month/day"
SHORT_YEAR = "has a year of two digits and can be read in several ways"
_NOT_A_DATE = "is not a date that can be read; expected yyyy-mm-dd"
_NO_SUCH_DAY = "is no day of the calendar"
_OUT_OF_RANGE = f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}"


class ParsedDates(NamedTuple):
    """Days as datetime64[D], NaT where refused, with the reason ("" where taken)."""

    days: NDArray[np.datetime64]
    reasons: list[str]


def parse_dates(texts: list[str], date_format: str | None = None) -> ParsedDates:
    """Read dates, each on its own.

    Parameters
    ----------
    texts : list of str
        Dates as they stand in the file, best without repeats.
    date_format : str, optional
        How every date is written, in strptime's terms (%d/%m/%Y). By default the forms above.

    Returns
    -------
    ParsedDates
        `AMBIGUOUS` and `SHORT_YEAR` are the reasons that concern the file as a whole.

    Raises
    ------
    ValueError
        The format does not name year, month and day.
    """
    if date_format is None:
        return _gathered(texts, _auto)
    check_format(date_format)
    if "%z" in date_format.lower():
        return _gathered(texts, lambda text: _by_format(text, date_format))
    return _all_by_format(texts, date_format)


def check_format(date_format: str) -> None:
    """Raise ValueError unless the format names a year, a month and a day."""
    parts = set(re.findall(r"%[-#]?(.)", date_format.replace("%%", "")))
    whole = bool(parts & set("cxDF")) or ("j" in parts and bool(parts & set("yY")))
    if not whole and not (parts & set("yY") and parts & set("mbB") and parts & {"d"}):
        raise ValueError(f"date format {date_format!r} must name day, month and year, for example %d/%m/%Y or %m/%d/%Y")


def suggested_format(texts: list[str]) -> str:
    """Return the strptime format that the unambiguous dates point to, or "" if none does."""
    orders = set()
    for text in texts:
        match = _DAY_OR_MONTH.fullmatch(text)
        if match and int(match[1]) > 12 >= int(match[3]):
            orders.add(f"%d{match[2]}%m{match[2]}%Y")
        elif match and int(match[3]) > 12 >= int(match[1]):
            orders.add(f"%m{match[2]}%d{match[2]}%Y")
    return orders.pop() if len(orders) == 1 else ""


def _gathered(texts: list[str], parse: Callable[[str], date | str]) -> ParsedDates:
    epoch = date(1970, 1, 1).toordinal()
    days = np.full(len(texts), np.iinfo(np.int64).min, dtype=np.int64)
    reasons = [""] * len(texts)
    for i, text in enumerate(texts):
        day = parse(text)
        if isinstance(day, str):
            reasons[i] = day
        elif not FIRST_YEAR <= day.year <= LAST_YEAR:
            reasons[i] = _OUT_OF_RANGE
        else:
            days[i] = day.toordinal() - epoch
    return ParsedDates(days.view("datetime64[D]"), reasons)


def _auto(text: str) -> date | str:
    if match := _SEPARATED.fullmatch(text):
        return _day(int(match[1]), int(match[3]), int(match[4]))
    if match := _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_OR_MONTH.fullmatch(text):
        return _either_order(int(match[1]), int(match[3]), int(match[4]))
    if match := _DAY_NAME.fullmatch(text):
        return _named(match[2], int(match[1]), int(match[3]))
    if match := _NAME_DAY.fullmatch(text):
        return _named(match[1], int(match[2]), int(match[3]))
    return SHORT_YEAR if _SHORT_YEAR.fullmatch(text) else _NOT_A_DATE


def _all_by_format(texts: list[str], date_format: str) -> ParsedDates:
    """Read all at once. Words without a digit are kept away: pandas takes "now" for a date."""
    import pandas as pd

    candidates = [text if _DIGIT.search(text) else None for text in texts]
    found = pd.to_datetime(pd.Series(candidates, dtype=object), format=date_format, errors="coerce")
    days = found.to_numpy().astype("datetime64[D]")
    years = found.dt.year.to_numpy()
    missing = np.isnat(days)
    outside = ~missing & ((years < FIRST_YEAR) | (years > LAST_YEAR))
    days[outside] = np.datetime64("NaT")
    reasons = [""] * len(texts)
    for i in np.flatnonzero(missing):
        reasons[i] = _misfit(date_format)
    for i in np.flatnonzero(outside):
        reasons[i] = _OUT_OF_RANGE
    return ParsedDates(days, reasons)


def _misfit(date_format: str) -> str:
    return f"does not fit the date format {date_format}"


def _by_format(text: str, date_format: str) -> date | str:
    try:
        return datetime.strptime(text, date_format).date()
    except ValueError:
        return _misfit(date_format)


def _day(year: int, month: int, day: int) -> date | str:
    try:
        return date(year, month, day)
    except ValueError:
        return _NO_SUCH_DAY


def _either_order(first: int, second: int, year: int) -> date | str:
    if first <= 12 and second <= 12 and first != second:
        return AMBIGUOUS
    return _day(year, second, first) if second <= 12 else _day(year, first, second)


def _named(name: str, day: int, year: int) -> date | str:
    months = [i for i, month in enumerate(_MONTHS, start=1) if month.startswith(name.lower())]
    if name.lower() == "sept":
        months = [9]
    return _day(year, months[0], day) if len(months) == 1 else _NOT_A_DATE

"""Text rows into customers, days and amounts; every row that cannot be used gets a reason.

Works on the distinct texts of each column, as customers, days and prices repeat.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retsim.calibrate.amounts import decimal_sign, parse_amounts
from retsim.calibrate.dates import AMBIGUOUS, SHORT_YEAR, parse_dates, suggested_format
from retsim.calibrate.errors import CsvError, shown
from retsim.calibrate.log_format import LogFormat
from retsim.calibrate.table import WHOLE_ROW, Refusal, TextRows

LISTED = 5
"""How many refused rows an error message lists."""

_MISSING = frozenset(["", "na", "n/a", "#n/a", "nan", "null", "none", "nat", "?", "-"])


class Rows(NamedTuple):
    """Usable rows of a log, in the file's order.

    Attributes
    ----------
    customer : array of int
        Place of the customer in `customers`.
    customers : array of object
        Customer names, text, no repeats.
    day : array of datetime64[D]
        Day of the transaction.
    moment : array of int
        Equal for rows whose date and time are equal.
    amount : array of float
        In the file's currency; negative for returns.
    """

    customer: NDArray[np.int64]
    customers: NDArray[np.object_]
    day: NDArray[np.datetime64]
    moment: NDArray[np.int64]
    amount: NDArray[np.float64]


class ReadRows(NamedTuple):
    """Usable rows, refused rows in the file's order, and the decimal sign in effect."""

    rows: Rows
    refused: list[Refusal]
    decimal: Literal[".", ","]


def read_values(text: TextRows, wanted: LogFormat) -> ReadRows:
    """Turn text into values.

    Parameters
    ----------
    text : TextRows
        Rows of text; its columns are emptied on the way, to save memory.
    wanted : LogFormat
        Date format and decimal sign, where given.

    Returns
    -------
    ReadRows
        One refusal a row: of several faults the first from the left is named.

    Raises
    ------
    CsvError
        Dates or the decimal sign can be read in two ways.
    """
    customer, date, amount = (_distinct(texts) for texts in text.columns)
    dates = parse_dates(date.texts, wanted.date_format)
    _refuse_ambiguous_dates(text, date, dates.reasons)
    sign = _settled_sign(text, amount) if wanted.decimal == "auto" else wanted.decimal
    money = parse_amounts(amount.texts, sign)
    faults = (
        _with_missing(customer, [""] * len(customer.texts)),
        _with_missing(date, dates.reasons),
        _with_missing(amount, money.reasons),
    )
    bad, refused = _refusals(text, (customer, date, amount), faults)
    good = ~bad
    rows = Rows(
        customer.codes[good],
        np.array(customer.texts, dtype=object),
        dates.days[date.codes[good]],
        date.codes[good],
        money.amounts[amount.codes[good]],
    )
    return ReadRows(rows, refused, sign)


def refuse(text: TextRows, refused: list[Refusal], skip_bad: bool) -> None:
    """Raise `CsvError` if rows are refused that may not be, or none is left.

    Parameters
    ----------
    text : TextRows
        What was read.
    refused : list of Refusal
        All refused rows.
    skip_bad : bool
        Refused rows may be left out, as long as one row remains.
    """
    n_rows = len(text.rows) + len(text.refused)
    if n_rows == 0:
        raise CsvError(text.path, "has no row after the header, expected one transaction a row")
    if not refused or (skip_bad and len(refused) < n_rows):
        return
    listed = [_line(refusal) for refusal in refused[:LISTED]]
    if len(refused) > LISTED:
        listed.append(f"  ... and {len(refused) - LISTED} more")
    count = f"{len(refused)} of {n_rows} rows" if text.complete else f"at least {len(refused)} rows"
    remedy = "Correct the rows, or leave them out with --skip-bad (skip_bad=True)."
    if len(refused) == n_rows:
        remedy = "No row is left: check that the columns, the delimiter and the date format are right."
    raise CsvError(text.path, "\n".join([f"{count} cannot be used", *listed, remedy]))


class _Column(NamedTuple):
    """A column of text by its distinct values: a code for each row, a text for each code."""

    codes: NDArray[np.int64]
    texts: list[str]


def _distinct(texts: list[str]) -> _Column:
    import pandas as pd

    codes, uniques = pd.factorize(np.array(texts, dtype=object))
    texts.clear()
    return _Column(codes.astype(np.int64), list(uniques))


def _with_missing(column: _Column, reasons: list[str]) -> list[str]:
    return [
        reason if text.lower() not in _MISSING else "stands for a missing value" if text else "is missing"
        for text, reason in zip(column.texts, reasons, strict=True)
    ]


def _refuse_ambiguous_dates(text: TextRows, date: _Column, reasons: list[str]) -> None:
    open_ = np.array([reason in (AMBIGUOUS, SHORT_YEAR) for reason in reasons], dtype=bool)
    if not open_.any():
        return
    hits = np.flatnonzero(open_[date.codes])
    code = int(date.codes[hits[0]])
    suggestion = suggested_format(date.texts)
    problem = (
        f"the date {shown(date.texts[code])} {reasons[code]}; {len(hits)} of {len(date.codes)} rows are "
        "like this. Say how dates are written with --date-format (date_format), for example %d/%m/%Y or "
        f"%m/%d/%Y{f' (other rows point to {suggestion})' if suggestion else ''}"
    )
    raise CsvError(text.path, problem, row=text.rows[int(hits[0])], column=text.names[1])


def _settled_sign(text: TextRows, amount: _Column) -> Literal[".", ","]:
    found = decimal_sign(amount.texts)
    if found.sign:
        return "," if found.sign == "," else "."
    values = shown(amount.texts[found.first])
    if found.second != found.first:
        other = text.rows[int(np.argmax(amount.codes == found.second))]
        values += f" here and {shown(amount.texts[found.second])} in row {other}"
    problem = (
        f"{values} leave open whether point or comma is the decimal sign; "
        "name it with --decimal (decimal='.' or decimal=',')"
    )
    row = text.rows[int(np.argmax(amount.codes == found.first))]
    raise CsvError(text.path, problem, row=row, column=text.names[2])


def _refusals(
    text: TextRows, columns: tuple[_Column, ...], faults: tuple[list[str], ...]
) -> tuple[NDArray[np.bool_], list[Refusal]]:
    bad = np.zeros(len(text.rows), dtype=bool)
    refused = list(text.refused)
    for name, column, reasons in zip(text.names, columns, faults, strict=True):
        unusable = np.array([reason != "" for reason in reasons], dtype=bool)
        hits = np.flatnonzero(unusable[column.codes] & ~bad) if len(bad) else np.array([], dtype=np.int64)
        bad[hits] = True
        for i in hits:
            code = column.codes[i]
            refused.append(Refusal(text.rows[i], name, column.texts[code], reasons[code]))
    return bad, sorted(refused)


def _line(refusal: Refusal) -> str:
    place = "" if refusal.column == WHOLE_ROW else f", column {refusal.column}"
    return f"  row {refusal.row}{place}: {shown(refusal.value)} {refusal.reason}"

"""The rows of a transaction log as three columns of text, each with its line in the file.

Owns delimiters, quotes and ragged rows; knows nothing of dates or money. Two layouts: CSV
with a header, and the fixed-width CDNOW files (`cdnow_rows`).
"""

from __future__ import annotations

import csv
import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from retsim.calibrate.columns import ROLES, Positions, locate, n_recognised
from retsim.calibrate.errors import CsvError, shown
from retsim.calibrate.source import Source

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}

WHOLE_ROW = "(whole row)"
"""Stands for the column where a row as a whole is refused."""

GIVE_UP_AFTER = 1000
"""Ragged rows after which reading stops when none may be skipped."""

CDNOW_NAMES = ("master id", "date", "USD")
_CDNOW_LINE = re.compile(r"\s*\d{5}\s+(\d{4}\s+)?\d{8}\s+\d+\s+\d+\.\d\d\s*")


class Refusal(NamedTuple):
    """A row that cannot be used: line in the file, column, what stood there, and why."""

    row: int
    column: str
    value: str
    reason: str


@dataclass
class TextRows:
    """Three columns of text and the rows that had no three columns.

    Attributes
    ----------
    path : Path
        The file.
    names : tuple of str
        Column names of customer, date, amount.
    columns : tuple of list of str
        Customer, date, amount of each whole row, stripped of blanks.
    rows : array of int
        Line in the file of each of them, from 1.
    refused : list of Refusal
        Ragged rows.
    delimiter : str
        What separated the fields.
    complete : bool
        False when reading gave up after too many ragged rows.
    """

    path: Path
    names: tuple[str, str, str]
    delimiter: str
    columns: tuple[list[str], list[str], list[str]] = field(default_factory=lambda: ([], [], []))
    rows: array[int] = field(default_factory=lambda: array("q"))
    refused: list[Refusal] = field(default_factory=list)
    complete: bool = True


def looks_like_cdnow(source: Source) -> bool:
    """Tell the fixed-width CDNOW layout from a CSV by the first line that is not blank."""
    first = next(line for line in source.head if line.strip())
    return _CDNOW_LINE.fullmatch(first) is not None


def cdnow_rows(source: Source, *, skip_bad: bool = False) -> TextRows:
    """Read the CDNOW layout: master id, sample id (if any), yyyymmdd, CDs, USD; no header.

    Parameters
    ----------
    source : Source
        The file.
    skip_bad : bool, default False
        Read on, however many rows are ragged.

    Returns
    -------
    TextRows
        The customer is the master id, text with its leading zeros.
    """
    found = TextRows(source.path, CDNOW_NAMES, "blanks")
    customers, dates, amounts = found.columns
    for row, line in enumerate(source.lines(), start=1):
        fields = line.split()
        if len(fields) in (4, 5):
            customers.append(fields[0])
            dates.append(fields[-3])
            amounts.append(fields[-1])
            found.rows.append(row)
        elif fields:
            reason = f"has {len(fields)} fields, must have 4 or 5: id, (sample id), yyyymmdd, CDs, USD"
            found.refused.append(Refusal(row, WHOLE_ROW, line.strip()[:200], reason))
            if _give_up(found, skip_bad):
                break
    return found


def csv_rows(
    source: Source, named: Mapping[str, str | None], *, delimiter: str | None = None, skip_bad: bool = False
) -> TextRows:
    """Read a CSV with a header.

    Parameters
    ----------
    source : Source
        The file.
    named : mapping
        Column name for each of customer, date, amount, or None to recognise it.
    delimiter : str, optional
        One character, or the word tab. By default the one of comma, semicolon, tab and bar under which the
        header shows most of the wanted columns, then most columns.
    skip_bad : bool, default False
        Read on, however many rows are ragged.

    Returns
    -------
    TextRows

    Raises
    ------
    CsvError
        No delimiter, a column not found, or quotes that do not close.
    """
    before, header, separator = _header(source, named, delimiter)
    place = locate(source.path, header, before + 1, named)
    found = TextRows(source.path, place.names, separator)
    reader = csv.reader(source.lines(), delimiter=separator, skipinitialspace=True, strict=True)
    while reader.line_num <= before:
        next(reader)
    _collect(reader, place, len(header), found, skip_bad)
    return found


def _collect(reader: Iterator[list[str]], place: Positions, width: int, found: TextRows, skip_bad: bool) -> None:
    customers, dates, amounts = found.columns
    i, j, k = place.customer, place.date, place.amount
    row = reader.line_num + 1  # type: ignore[attr-defined]
    try:
        for record in reader:
            if len(record) == width:
                customers.append(record[i].strip())
                dates.append(record[j].strip())
                amounts.append(record[k].strip())
                found.rows.append(row)
            elif len(record) > 1 or "".join(record).strip():
                last = reader.line_num  # type: ignore[attr-defined]
                found.refused.append(_ragged(record, row, last, width, found.delimiter))
                if _give_up(found, skip_bad):
                    return
            row = reader.line_num + 1  # type: ignore[attr-defined]
    except csv.Error as fault:
        problem = f"quotes in or after this row do not match ({fault}); close them, or double those meant"
        raise CsvError(found.path, problem, row=row) from fault


def _ragged(record: list[str], row: int, last: int, width: int, delimiter: str) -> Refusal:
    reason = f"has {len(record)} fields, the header has {width}"
    if last > row:
        reason += f" (a quoted field runs from row {row} to row {last})"
    elif delimiter == "," and len(record) > width:
        reason += " (a decimal comma needs quotes or another delimiter)"
    return Refusal(row, WHOLE_ROW, delimiter.join(record)[:200], reason)


def _give_up(found: TextRows, skip_bad: bool) -> bool:
    found.complete = skip_bad or len(found.refused) < GIVE_UP_AFTER
    return not found.complete


class _Header(NamedTuple):
    before: int
    fields: list[str]
    delimiter: str


def _header(source: Source, named: Mapping[str, str | None], delimiter: str | None) -> _Header:
    before = next(i for i, line in enumerate(source.head) if line.strip())
    lines = source.head[before:]
    announced = re.fullmatch(r"sep=(.)\s*", lines[0])
    if announced and len(lines) > 1:
        before, lines, delimiter = before + 1, lines[1:], delimiter or announced[1]
    if delimiter is not None:
        delimiter = _one_character(source, delimiter)
        return _Header(before, _fields(source, lines, delimiter), delimiter)
    options = [_Header(before, _fields(source, lines, mark), mark) for mark in DELIMITERS]
    best = max(options, key=lambda option: (n_recognised(option.fields, named), len(option.fields)))
    if len(best.fields) < len(ROLES):
        problem = (
            f"no header with a customer, a date and an amount separated by comma, semicolon, tab or bar "
            f"(the line reads {shown(lines[0].strip())}); add a header or name the delimiter"
        )
        raise CsvError(source.path, problem, row=before + 1)
    return best


def _fields(source: Source, lines: list[str], delimiter: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))]
    except csv.Error as fault:
        raise CsvError(source.path, f"the header cannot be read ({fault})", row=1) from fault


def _one_character(source: Source, delimiter: str) -> str:
    character = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
    if len(character) != 1 or character in '"\r\n':
        problem = f"delimiter {shown(delimiter)} must be one character other than a quote or a line end"
        raise CsvError(source.path, problem)
    return character

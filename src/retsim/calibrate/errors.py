"""The two ways in which calibration refuses: a file it cannot read, data it cannot fit."""

from __future__ import annotations

from pathlib import Path


class CsvError(ValueError):
    """A transaction log cannot be read: one message with place, value, rule and remedy.

    Parameters
    ----------
    path : str or Path
        The file, as the user named it.
    problem : str
        What is wrong, by which rule, and what to do about it.
    row : int, optional
        Line of the file, counted from 1 (a header is row 1).
    column : str, optional
        Name of the column.

    Attributes
    ----------
    path, row, column
        As given.
    """

    def __init__(self, path: str | Path, problem: str, *, row: int | None = None, column: str | None = None) -> None:
        self.path = str(path)
        self.row = row
        self.column = column
        place = self.path if self.path.isprintable() else ascii(self.path)
        if row is not None:
            place += f", row {row}"
        if column is not None:
            place += f", column {column}"
        super().__init__(f"{place}: {problem}")


class FitError(ValueError):
    """A model cannot be estimated from these customers; the message says why."""


def shown(value: object, width: int = 60) -> str:
    """Quote a value for a message: control characters escaped, long ones cut.

    Parameters
    ----------
    value : object
        What stood in the file.
    width : int, default 60
        Longest text that is shown whole, in characters.

    Returns
    -------
    str
        A quoted, printable, single-line text.
    """
    text = str(value)
    if len(text) > width:
        text = text[: width - 3] + "..."
    return ascii(text) if any(ord(c) < 32 or ord(c) == 127 for c in text) else repr(text)

"""A transaction log, read: who bought on which day for how much.

The unit is the *purchase day*: all that a customer buys on one day is one purchase and its
amounts are summed. Rules for what is odd in a log:

- Repeated rows are kept (two equal CDs are two rows) and counted; as they fall on one day,
  they change an amount and never a count of purchases.
- A negative amount is a return and no purchase; `returns` says what it is set against.
- A zero amount is a purchase (a free item).
- A row with a missing, unreadable or impossible value, or with too few or too many fields, is
  refused. Any refused row is an error, unless `skip_bad` is given: then it is listed.
- A date or a decimal sign that can be read in two ways is an error in any case, as leaving such
  rows out would leave out certain days of every month.

Rows read = kept + returns + refused. Blank lines are no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Unpack

import numpy as np

from retsim.calibrate.errors import CsvError
from retsim.calibrate.log_format import FormatOptions, LogFormat
from retsim.calibrate.purchase_days import purchase_days
from retsim.calibrate.source import Source, open_source
from retsim.calibrate.table import Refusal, TextRows, cdnow_rows, csv_rows, looks_like_cdnow
from retsim.calibrate.values import Rows, read_values, refuse

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ReadReport:
    """What became of every row: n_rows = n_kept + n_returns + n_refused.

    Attributes
    ----------
    source : str
        The file, or "frame".
    read_as : mapping of str to str
        Layout, encoding, delimiter, columns and decimal sign in effect; empty for a frame.
    n_rows : int
        Rows of data; neither the header nor blank lines.
    n_kept : int
        Rows that are purchases, amount >= 0.
    n_returns : int
        Rows with a negative amount.
    refused : pandas.DataFrame
        One row for each refused one: row (line in the file), column, value, reason.
    n_duplicates : int
        Kept rows that repeat an earlier one in customer, date (with time) and amount.
    n_days_returned : int
        Purchase days that fell away because all was returned.
    amount_returned, amount_unmatched : float
        Sum returned, and the part of it without an earlier purchase in the log; in the
        file's currency, >= 0.
    """

    source: str
    read_as: Mapping[str, str]
    n_rows: int
    n_kept: int
    n_returns: int
    refused: pd.DataFrame
    n_duplicates: int
    n_days_returned: int
    amount_returned: float
    amount_unmatched: float

    @property
    def n_refused(self) -> int:
        """Number of refused rows."""
        return len(self.refused)


@dataclass(frozen=True)
class Transactions:
    """Purchase days of a log.

    Attributes
    ----------
    days : pandas.DataFrame
        One row a customer and purchase day, sorted by both: customer (str), date
        (datetime64, midnight), amount (float, the file's currency, >= 0, after returns).
    report : ReadReport
        What became of every row.
    """

    days: pd.DataFrame = field(repr=False)
    report: ReadReport

    @property
    def n_customers(self) -> int:
        """Number of customers with at least one purchase day."""
        return int(self.days["customer"].nunique())


def read_transactions(path: str | Path, *, skip_bad: bool = False, **options: Unpack[FormatOptions]) -> Transactions:
    """Read a transaction log from a CSV or a file in the CDNOW layout, gzipped or not.

    Parameters
    ----------
    path : str or Path
        The file.
    skip_bad : bool, default False
        Leave refused rows out and list them in the report, instead of raising.
    **options
        Fields of `LogFormat`: layout, customer, date, amount, date_format, decimal,
        delimiter, encoding.

    Returns
    -------
    Transactions

    Raises
    ------
    CsvError
        The file cannot be read, a row is refused, or no purchase is left.
    ValueError
        An option is out of its range.
    """
    wanted = LogFormat(**options)
    source = open_source(path, wanted.encoding)
    try:
        text = _text_rows(source, wanted, skip_bad)
    except UnicodeDecodeError:
        source = source.as_cp1252()
        text = _text_rows(source, wanted, skip_bad)
    values = read_values(text, wanted)
    refuse(text, values.refused, skip_bad)
    read_as = {
        "layout": "cdnow" if text.delimiter == "blanks" else "csv",
        "encoding": source.encoding,
        "delimiter": text.delimiter,
        "columns": ", ".join(text.names),
        "decimal": values.decimal,
    }
    return _transactions(_Origin(str(source.path), read_as), values.rows, values.refused)


def transactions_from_frame(
    frame: pd.DataFrame, *, customer: str = "customer", date: str = "date", amount: str = "amount"
) -> Transactions:
    """Take a transaction log that is already in memory.

    Parameters
    ----------
    frame : pandas.DataFrame
        One transaction a row.
    customer, date, amount : str
        Column names. Dates must be of a datetime type, amounts numbers; no value may be
        missing or infinite.

    Returns
    -------
    Transactions
        By the same rules as `read_transactions`.

    Raises
    ------
    ValueError
        A column is not there, has the wrong type, or lacks a value; or no purchase is left.
    """
    import pandas as pd

    for name in (customer, date, amount):
        if name not in frame.columns:
            raise ValueError(f"frame: no column {name!r} among {list(frame.columns)}")
    if not pd.api.types.is_datetime64_any_dtype(frame[date]):
        raise ValueError(f"frame: column {date!r} has type {frame[date].dtype}, must be datetime64")
    if not pd.api.types.is_numeric_dtype(frame[amount]):
        raise ValueError(f"frame: column {amount!r} has type {frame[amount].dtype}, must be a number")
    money = frame[amount].to_numpy(dtype=float)
    bad = frame[customer].isna().to_numpy() | frame[date].isna().to_numpy() | ~np.isfinite(money)
    if bad.any():
        raise ValueError(f"frame: row {int(np.argmax(bad))} (from 0) lacks a value or has an infinite one")
    codes, customers = pd.factorize(frame[customer].astype(str))
    moments = frame[date].dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    days = moments.astype("datetime64[D]")
    names = np.asarray(customers, dtype=object)
    rows = Rows(codes.astype(np.int64), names, days, moments.astype(np.int64), money)
    return _transactions(_Origin("frame", {}), rows, [])


class _Origin(NamedTuple):
    source: str
    read_as: Mapping[str, str]


def _text_rows(source: Source, wanted: LogFormat, skip_bad: bool) -> TextRows:
    if wanted.layout == "cdnow" or (wanted.layout == "auto" and looks_like_cdnow(source)):
        return cdnow_rows(source, skip_bad=skip_bad)
    named = {"customer": wanted.customer, "date": wanted.date, "amount": wanted.amount}
    return csv_rows(source, named, delimiter=wanted.delimiter, skip_bad=skip_bad)


def _transactions(origin: _Origin, rows: Rows, refused: list[Refusal]) -> Transactions:
    import pandas as pd

    found = purchase_days(rows)
    if found.days.empty:
        raise CsvError(origin.source, "holds no purchase: every row is a return or was returned")
    report = ReadReport(
        source=origin.source,
        read_as=origin.read_as,
        n_rows=len(rows.amount) + len(refused),
        n_kept=found.n_kept,
        n_returns=found.n_returns,
        refused=pd.DataFrame(refused, columns=list(Refusal._fields)),
        n_duplicates=found.n_duplicates,
        n_days_returned=found.n_days_returned,
        amount_returned=found.amount_returned,
        amount_unmatched=found.amount_unmatched,
    )
    return Transactions(found.days, report)

"""How a transaction log is written: the choices a user can make about its file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypedDict

from retsim.calibrate.dates import check_format


@dataclass(frozen=True)
class LogFormat:
    """How a transaction log is written; whatever is None or "auto" is read off the file.

    Attributes
    ----------
    layout : {"auto", "csv", "cdnow"}
        CSV with a header, or the fixed-width CDNOW layout (master id, sample id, yyyymmdd, CDs,
        USD, no header).
    customer, date, amount : str, optional
        Column names; by default recognised (customer_id, InvoiceDate, sales_value, ...).
    date_format : str, optional
        strptime format of every date, for example %d/%m/%Y.
    decimal : {"auto", ".", ","}
        Decimal sign of the amounts.
    delimiter : str, optional
        One character, or the word tab.
    encoding : str, optional
        As Python names it; by default UTF-8, UTF-16 or cp1252 is found out.
    """

    layout: Literal["auto", "csv", "cdnow"] = "auto"
    customer: str | None = None
    date: str | None = None
    amount: str | None = None
    date_format: str | None = None
    decimal: Literal["auto", ".", ","] = "auto"
    delimiter: str | None = None
    encoding: str | None = None

    def __post_init__(self) -> None:
        if self.layout not in ("auto", "csv", "cdnow"):
            raise ValueError(f"layout = {self.layout!r}, must be auto, csv or cdnow")
        if self.decimal not in ("auto", ".", ","):
            raise ValueError(f"decimal = {self.decimal!r}, must be auto, '.' or ','")
        if self.date_format is not None:
            check_format(self.date_format)


class FormatOptions(TypedDict, total=False):
    """Keywords of `read_transactions`: the fields of `LogFormat`."""

    layout: Literal["auto", "csv", "cdnow"]
    customer: str | None
    date: str | None
    amount: str | None
    date_format: str | None
    decimal: Literal["auto", ".", ","]
    delimiter: str | None
    encoding: str | None

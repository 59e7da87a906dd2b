"""Which column is the customer, which the date, which the amount.

A column is taken by the name the user gave, or by a name that can mean nothing else.
Two columns that could both be meant are never chosen between.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

from retsim.calibrate.errors import CsvError, shown

ROLES = ("customer", "date", "amount")

RECOGNISED: Mapping[str, frozenset[str]] = {
    "customer": frozenset(
        "customer customerid customerno customernumber customerkey custid custno clientid client "
        "householdid household householdkey hhid memberid member userid user accountid shopperid "
        "buyerid kundennummer kundennr".split()
    ),
    "date": frozenset(
        "date datetime timestamp day invoicedate orderdate purchasedate transactiondate txndate "
        "transactiontimestamp transactiontime transactionday ordertimestamp purchasetimestamp "
        "invoicetimestamp salesdate saledate datum".split()
    ),
    "amount": frozenset(
        "amount totalprice salesvalue total totalamount totalvalue revenue spend spending sales "
        "netsales invoiceamount invoicetotal ordertotal orderamount ordervalue transactionamount "
        "transactionvalue purchaseamount salesamount amountusd amounteur amountgbp usd dollars "
        "betrag umsatz".split()
    ),
}
"""Names that are recognised, lower case without spaces and signs; *assumed*. A unit price is
not among them, as it is not what was paid."""


class Positions(NamedTuple):
    """Places of the three columns, counted from 0, and their names as the file writes them."""

    customer: int
    date: int
    amount: int
    names: tuple[str, str, str]


def plain(name: str) -> str:
    """Reduce a column name to letters and digits, lower case."""
    return re.sub(r"[\W_]+", "", name).lower()


def n_recognised(header: Sequence[str], named: Mapping[str, str | None]) -> int:
    """Count the roles that this header can fill; used to tell delimiters apart."""
    return sum(1 for role in ROLES if _candidates(header, role, named[role]))


def locate(path: Path, header: Sequence[str], row: int, named: Mapping[str, str | None]) -> Positions:
    """Find the three columns in a header.

    Parameters
    ----------
    path : Path
        The file, for messages.
    header : sequence of str
        Fields of the header row.
    row : int
        Its line in the file, from 1.
    named : mapping
        For each of customer, date, amount the name the user gave, or None.

    Returns
    -------
    Positions

    Raises
    ------
    CsvError
        A column is missing, named twice, could be several, or is used for two roles.
    """
    found = [_one(path, header, row, role, named[role]) for role in ROLES]
    if len(set(found)) < len(ROLES):
        names = ", ".join(f"{role} = {header[place]}" for role, place in zip(ROLES, found, strict=True))
        raise CsvError(path, f"one column has two roles ({names}); name three different columns", row=row)
    customer, date, amount = found
    return Positions(customer, date, amount, (header[customer], header[date], header[amount]))


def _candidates(header: Sequence[str], role: str, name: str | None) -> list[int]:
    if name is None:
        return [i for i, field in enumerate(header) if plain(field) in RECOGNISED[role]]
    exact = [i for i, field in enumerate(header) if field == name]
    return exact or [i for i, field in enumerate(header) if plain(field) == plain(name) != ""]


def _one(path: Path, header: Sequence[str], row: int, role: str, name: str | None) -> int:
    places = _candidates(header, role, name)
    if len(places) == 1:
        return places[0]
    listed = _listed(header)
    if places:
        several = ", ".join(shown(header[i]) for i in places)
        rule = f"several columns could be the {role} ({several}); name one with --{role} ({role}=...)"
        raise CsvError(path, rule, row=row)
    if name is None:
        rule = f"no column is recognised as the {role} among {listed}; name it with --{role} ({role}=...)"
        raise CsvError(path, rule, row=row)
    close = get_close_matches(name, list(header), n=1, cutoff=0.6)
    hint = f"; did you mean {shown(close[0])}?" if close else ""
    raise CsvError(path, f"no column {shown(name)} for the {role} among {listed}{hint}", row=row)


def _listed(header: Sequence[str], at_most: int = 12) -> str:
    names = ", ".join(shown(field, 30) for field in header[:at_most])
    return names + (f", ... ({len(header)} in all)" if len(header) > at_most else "")

"""Profit by year of tenure, taken apart as Reichheld & Sasser (1990) do: why customers are worth more the longer they stay.

Owns one way of sharing out the ledger's entries of each cohort and period; refuses to estimate anything. All sums are
integers of micro-units: the components of a year add up to its profit, and the years to the ledger's total, exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.closed import profit_of
from retsim.results.frames import named
from retsim.state import MICRO, N_ACCOUNTS, Account, Channel

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

Ints = npt.NDArray[np.int64]

COMPONENTS = ("acquisition", "base", "growth", "lower_cost", "referrals", "price_premium", "programmes", "fees")
"""Parts of the profit of a year of tenure; costs are negative."""
SINCE = ("joining", "start")
"""From when on tenure counts: from joining, or, for those who were customers at the start, from the start."""

_PRICE = (Account.REVENUE, Account.DISCOUNT, Account.CASH_BACK)
_PRODUCTS = (Account.PRODUCTS, Account.PRODUCT_GOODS)
_COSTS = (
    Account.SERVING, Account.COMPLAINTS, Account.COMPENSATION, Account.STAFF, Account.STAFF_TURNOVER, Account.BAD_DEBT,
    Account.RETURNS, Account.OFFERS, Account.CREDIT,
)  # fmt: skip
_WINNING = (
    Account.ADVERTISING, Account.WELCOME, Account.PROMOTION, Account.REFERRAL, Account.WIN_BACK,
    Account.FOLLOW_UP, Account.BRAND,
)  # fmt: skip
_REFERRED = (Channel.REFERRAL, Channel.WORD)

__all__ = ["COMPONENTS", "SINCE", "Tenures", "components", "reichheld_frame", "taken_apart", "tenures"]


class Tenures(NamedTuple):
    """Ledger of a firm by year of tenure.

    Attributes
    ----------
    heads : int64 (2, n_years)
        Customers at the beginnings of periods and at their ends, added up: half of it, times the period, are the
        months lived. By `SINCE`.
    own, referred : int64 (2, n_years, N_ACCOUNTS)
        Micro-units; `referred` are customers won by referral or word of mouth.
    """

    heads: Ints
    own: Ints
    referred: Ints


def tenures(run: Run, firm: int = 0) -> Tenures:
    """Add up the ledger's entries by year of tenure.

    Who joined in period k is in their first year for twelve months from then; what was spent to win them stands in
    that year, also where nobody came.
    """
    closed = run.closed
    year = np.floor(np.arange(closed.n_periods + 1) * run.scenario.period / 12.0 + 1e-9).astype(np.int64)
    n_years = int(year[closed.n_periods - 1]) + 1 if closed.n_periods else 0
    own, referred = (np.zeros((2, n_years, N_ACCOUNTS), np.int64) for _ in range(2))
    heads = np.zeros((2, n_years), np.int64)
    for period, book in enumerate(closed.pages("ledger", "book"), start=1):
        money = book[:, firm].sum(axis=1)
        theirs = money[:, list(_REFERRED)].sum(axis=1)
        for out, part in ((own, money.sum(axis=1) - theirs), (referred, theirs)):
            out[1, year[period - 1]] += part[0]
            np.add.at(out[0], year[period - np.arange(1, len(part))], part[1:])
    lives = closed.lives(firm)
    for since, rows in enumerate((lives[1:], lives[:1])):
        for row in rows:
            stock = row[row >= 0].copy()
            ages = np.arange(stock.size - 1)
            stock[0] = 0 if since == 0 else stock[0]
            np.add.at(heads[since], year[ages], stock[:-1] + stock[1:])
    return Tenures(heads, own, referred)


def components(found: Tenures) -> Ints:
    """Micro-units by (`SINCE`, year, `COMPONENTS`); see `reichheld_frame` for what each is."""
    out = np.zeros((*found.heads.shape, len(COMPONENTS)), np.int64)
    for since, heads in enumerate(found.heads):
        for year, row in enumerate(taken_apart([int(n) for n in heads], found.own[since])):
            out[since, year] = row
        out[since, :, COMPONENTS.index("referrals")] = profit_of(found.referred[since])
    return out


def taken_apart(heads: list[int], accounts: Ints) -> list[list[int]]:
    """Components of each year, without referrals, from heads and accounts by year."""
    first = None
    rows = []
    for n, account in zip(heads, accounts, strict=True):
        sums = _sums(account)
        first = (n, sums) if first is None else first
        rows.append(_against_first(n, sums, *first))
    return rows


def _sums(account: Ints) -> dict[str, int]:
    """Incomes (positive) and costs (positive) of one year, in Python's own integers."""

    def of(accounts: tuple[Account, ...]) -> int:
        return int(account[list(accounts)].sum())

    goods, gross = int(account[Account.GOODS]), -int(account[Account.REVENUE])
    return {
        "margin": -of(_PRICE) - goods,
        "goods": goods,
        "gross": gross,
        "products": -of(_PRODUCTS),
        "costs": of(_COSTS),
        "winning": of(_WINNING),
        "fees": -int(account[Account.FEES]),
        "profit": int(profit_of(account)),
    }


def _against_first(n: int, now: dict[str, int], n_first: int, first: dict[str, int]) -> list[int]:
    """What a year would have brought at the first year's rates a head, and where it differs."""
    earned = now["margin"] + now["products"] - now["costs"]
    volume = "goods" if first["goods"] > 0 else "gross"

    def usual(what: str) -> int:
        return _share(first[what], n, n_first)

    if n_first > 0:
        base = usual("margin") + usual("products") - usual("costs")
        lower = usual("costs") - now["costs"]
        growth = now["products"] - usual("products")
        if first[volume] > 0:
            growth += _share(first["margin"], now[volume], first[volume]) - usual("margin")
        price = earned - base - lower - growth
    else:
        base, lower, growth, price = earned, 0, 0, 0
    rest = now["profit"] - earned - now["fees"] + now["winning"]
    return [-now["winning"], base, growth, lower, 0, price, rest, now["fees"]]


def _share(amount: int, part: int, whole: int) -> int:
    """Amount x part / whole, halves upwards."""
    return (2 * amount * part + whole) // (2 * whole)


def reichheld_frame(micro: Ints, heads: Ints, *, period: float, per_customer: bool) -> pd.DataFrame:
    """One row a (since, year of tenure): what made the profit.

    Parameters
    ----------
    micro : int64 (2, n_years, n_components)
        As `components` gives it.
    heads : int64 (2, n_years)
        As `tenures` gives it.
    period : float
        Months.
    per_customer : bool
        Money a customer and year, instead of money.

    Returns
    -------
    DataFrame
        `since`, `tenure_year`, `customer_years`, the components, `profit` (their sum). Compared with the first year,
        a head: `base` is the first year's margin less its costs, for as many as are left; `growth` larger volume (at
        the first year's margin) and further products; `lower_cost` less cost to serve, of complaints, staff, bad
        debt and offers; `price_premium` a better price for the volume, discounts counted against it. As they are:
        `acquisition` (negative); `referrals`, the whole profit of customers won by referral or word of mouth, at their
        own tenure, because a ledger knows who was referred and not by whom; `programmes` (and points; negative);
        `fees` for setting up and for leaving early. Volume is the cost of goods, or, where goods cost nothing, the
        revenue before discounts. Reichheld & Sasser (1990); how it is made of a ledger is assumed.
    """
    import pandas as pd

    lived = heads > 0
    some = lived | (micro != 0).any(axis=2)
    since, year = np.nonzero(some)
    years = heads[some] / 2.0 * period / 12.0
    money = micro[some] / MICRO
    table = dict(zip(COMPONENTS, money.T, strict=True)) | {"profit": micro[some].sum(axis=1) / MICRO}
    if per_customer:
        with np.errstate(divide="ignore", invalid="ignore"):
            table = {name: np.where(years > 0.0, column / years, np.nan) for name, column in table.items()}
    labels = {"since": named(since, SINCE), "tenure_year": year + 1}
    return pd.DataFrame(labels | {"customer_years": years} | table)

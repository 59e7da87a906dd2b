"""Rows into purchase days: one a customer and day, amounts summed, returns taken off."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retsim.calibrate.returns import DayTotals, Netted, net_returns
from retsim.calibrate.values import Rows

if TYPE_CHECKING:
    import pandas as pd


class PurchaseDays(NamedTuple):
    """Purchase days, and what was counted on the way.

    Attributes
    ----------
    days : pandas.DataFrame
        customer, date, amount; sorted by customer and date.
    n_kept, n_returns : int
        Rows with an amount >= 0 and < 0.
    n_duplicates : int
        Kept rows equal to an earlier one in customer, moment and amount.
    n_days_returned : int
        Purchase days wholly returned.
    amount_returned, amount_unmatched : float
        Sum returned, and the part without a purchase to set it against; >= 0.
    """

    days: pd.DataFrame
    n_kept: int
    n_returns: int
    n_duplicates: int
    n_days_returned: int
    amount_returned: float
    amount_unmatched: float


def purchase_days(rows: Rows) -> PurchaseDays:
    """Sum rows to purchase days and set returns against them.

    Parameters
    ----------
    rows : Rows
        Usable rows of a log, in any order.

    Returns
    -------
    PurchaseDays
    """
    is_return = rows.amount < 0.0
    order = np.argsort(rows.customers.astype(str), kind="stable")
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    customer = rank[rows.customer]
    bought = _day_totals(customer, rows, ~is_return)
    returned = _day_totals(customer, rows, is_return)
    netted = net_returns(bought, returned)
    return PurchaseDays(
        days=_frame(rows.customers[order], bought, netted),
        n_kept=int((~is_return).sum()),
        n_returns=int(is_return.sum()),
        n_duplicates=_n_duplicates(rows, ~is_return),
        n_days_returned=int(netted.taken_back.sum()),
        amount_returned=float(returned.amount.sum()),
        amount_unmatched=netted.unmatched,
    )


def _day_totals(customer: NDArray[np.int64], rows: Rows, chosen: NDArray[np.bool_]) -> DayTotals:
    import pandas as pd

    columns = {
        "customer": customer[chosen],
        "day": rows.day[chosen].astype("datetime64[D]").astype(np.int64),
        "amount": np.abs(rows.amount[chosen]),
    }
    sums = pd.DataFrame(columns).groupby(["customer", "day"], sort=True)["amount"].sum().reset_index()
    return DayTotals(*(sums[name].to_numpy() for name in columns))


def _n_duplicates(rows: Rows, chosen: NDArray[np.bool_]) -> int:
    import pandas as pd

    columns = {"c": rows.customer[chosen], "m": rows.moment[chosen], "a": rows.amount[chosen]}
    return int(pd.DataFrame(columns).duplicated().sum())


def _frame(customers: NDArray[np.object_], bought: DayTotals, netted: Netted) -> pd.DataFrame:
    import pandas as pd

    stays = ~netted.taken_back
    return pd.DataFrame(
        {
            "customer": customers[bought.customer[stays]],
            "date": bought.day[stays].astype("datetime64[D]").astype("datetime64[s]"),
            "amount": netted.left[stays],
        }
    )

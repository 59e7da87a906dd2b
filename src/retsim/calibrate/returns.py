"""Goods taken back: which purchase a negative amount belongs to. *Assumed* throughout.

A return is set against what the same customer bought the same day, then against the most
recent purchase day before it, and so on back. A purchase day of which nothing is left is no
purchase. What exceeds all earlier purchases of the log (bought before the log begins) is
counted and otherwise ignored.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NOTHING_LEFT = 1e-6
"""Less than this, in the file's currency, counts as nothing: the ledger's smallest unit."""


class Netted(NamedTuple):
    """Purchase days after returns.

    `left` is each day's amount, `taken_back` marks days wholly returned, `unmatched` is the
    sum returned without a purchase to set it against.
    """

    left: NDArray[np.float64]
    taken_back: NDArray[np.bool_]
    unmatched: float


class DayTotals(NamedTuple):
    """Amounts by customer and day, sorted by both, one row each."""

    customer: NDArray[np.int64]
    day: NDArray[np.int64]
    amount: NDArray[np.float64]


def net_returns(purchases: DayTotals, returns: DayTotals) -> Netted:
    """Set returns against purchases, the latest first.

    Parameters
    ----------
    purchases : DayTotals
        Amounts >= 0.
    returns : DayTotals
        Amounts returned, > 0.

    Returns
    -------
    Netted
        Rows as in `purchases`. Sum of `left` + sum returned - `unmatched` = sum of purchases.
    """
    left = purchases.amount.copy()
    taken_back = np.zeros(len(left), dtype=bool)
    unmatched = 0.0
    latest = _latest_purchase(purchases, returns)
    for place, customer, amount in zip(latest, returns.customer, returns.amount, strict=True):
        while amount > 0.0 and place >= 0 and purchases.customer[place] == customer:
            part = min(amount, left[place])
            left[place] -= part
            amount -= part
            taken_back[place] |= part > 0.0 and left[place] < NOTHING_LEFT
            place -= 1
        unmatched += amount if amount >= NOTHING_LEFT else 0.0
    return Netted(left, taken_back, float(unmatched))


def _latest_purchase(purchases: DayTotals, returns: DayTotals) -> NDArray[np.int64]:
    """Return for each return the row of the last purchase day up to it, or an earlier customer's."""
    both = np.concatenate([purchases.day, returns.day])
    first = int(both.min()) if len(both) else 0
    span = int(both.max()) - first + 1 if len(both) else 1
    bought = purchases.customer * span + (purchases.day - first)
    taken = returns.customer * span + (returns.day - first)
    return (np.searchsorted(bought, taken, side="right") - 1).astype(np.int64)

"""Costs of a firm as a whole, shared out over its customers in the ledger."""

from __future__ import annotations

from typing import Any

import numpy as np

from retsim.market.programmes import split
from retsim.state import MICRO, Account, Channel
from retsim.world import World

OWN_COSTS = ("advertising", "promotion", "serving", "staff", "complaints")
"""What a process of the user's own may pay for; the other accounts follow from what customers do."""
FUND_OF = {"advertising": "acquisition", "promotion": "promotion"}
"""Of these, what budgets pay for otherwise: the money comes from outside the budget and counts as spent."""
_MOST = 1e12


def own_cost(account: str, amount: float) -> tuple[Account, int]:
    """Account and micro-units of a cost that is none of the model's own.

    Raises
    ------
    ValueError
    """
    if account not in OWN_COSTS:
        raise ValueError(f"charge: account = {account!r:.80}, must be one of {', '.join(OWN_COSTS)}")
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not 0.0 <= amount <= _MOST:
        raise ValueError(f"charge: amount = {amount!r:.80}, must be a number in 0..{_MOST:g}")
    return Account[account.upper()], round(amount * MICRO)


def charge(world: World, firm: int, account: Account, amount: int) -> None:
    """Book a cash cost (micro-units) evenly over a firm's customers, to the last micro-unit.

    A firm without customers bears it all the same: in cohort 0 of the first segment.
    """
    if not amount:
        return
    base, book = world.base[:, firm], world.book[:, firm]
    cells = np.flatnonzero(base)
    if not cells.size:
        place: tuple[Any, ...] = (0, 0, Channel.INITIAL)
        amounts = np.array(amount, np.int64)
    else:
        place = np.unravel_index(cells, base.shape)
        amounts = split(amount, base.ravel()[cells])
    book[(*place, account)] += amounts
    book[(*place, Account.CASH)] -= amounts

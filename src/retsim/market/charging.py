"""Costs of a firm as a whole, shared out over its customers in the ledger."""

from __future__ import annotations

from typing import Any

import numpy as np

from retsim.market.programmes import split
from retsim.state import Account, Channel
from retsim.world import World


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

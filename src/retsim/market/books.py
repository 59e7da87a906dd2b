"""Closing periods: what the counters and accounts say is taken down, and the flows start again at zero."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from retsim.jit import kernel
from retsim.state import N_ACCOUNTS, N_STOCKS, Account
from retsim.world import World

_PROMISES = (Account.DISCOUNT, Account.WIN_BACK, Account.REFERRAL)
"""Accounts of money that a firm reserves before it knows how much of it customers will take."""


class Sparse(NamedTuple):
    """Cells of one period that are not zero: flat index and value."""

    cells: np.ndarray
    values: np.ndarray


class Books:
    """All closed periods of a run, as arrays.

    `gauges` has what firms show at the end of each period: (n_firms, 3), the staff's morale (NaN without a staff loop),
    the reputation, and satisfaction as surveys tell it (NaN without answers).
    """

    def __init__(self, world: World) -> None:
        self.shapes = {name: getattr(world, name).shape for name in ("book", "base", "decisions")}
        self.counts: list[np.ndarray] = []
        self.pools: list[np.ndarray] = []
        self.base: list[Sparse] = []
        self.ledger: list[Sparse] = []
        self.decisions: list[Sparse] = []
        self.gauges: list[np.ndarray] = []
        self.opening = np.zeros(self.shapes["base"][1:], np.int64)
        self._promised = np.zeros((world.n_firms, len(_PROMISES)), np.int64)
        self._summed = 0
        self._room = np.empty(world.book.size, np.int64), np.empty(world.book.size, np.int64)
        self.world = world

    def open(self, world: World) -> None:
        """Take down who is whose customer at the start: `opening`, by firm, segment and channel."""
        self.opening = world.base[0].copy()

    def close(self, world: World) -> None:
        """Take down the period that ends now."""
        period = int(world.clock[0]["period"])
        self.counts.append(world.counts.copy())
        self.pools.append(world.pools.copy())
        self.base.append(self._taken(world.base[: period + 2], False))
        self.ledger.append(self._taken(world.book[: period + 2], True))
        self.decisions.append(self._taken(world.decisions, True))
        world.counts[:, :, N_STOCKS:] = 0
        world.clock[0]["period"] = period + 1

    def _taken(self, array: np.ndarray, emptied: bool) -> Sparse:
        """What is not zero in an array, which starts again at zero where it is `emptied`."""
        cells, values = self._room
        n = _take_down(array.reshape(-1), cells, values, emptied)
        return Sparse(cells[:n].copy(), values[:n].copy())

    def discounts(self, firm: int) -> int:
        """Micro-units of discounts that a firm has given since the start."""
        return self._since_start(firm, Account.DISCOUNT)

    def won_back(self, firm: int) -> int:
        """Micro-units that a firm has spent on winning customers back since the start."""
        return self._since_start(firm, Account.WIN_BACK)

    def rewards(self, firm: int) -> int:
        """Micro-units that a firm has paid since the start to those who brought newcomers."""
        return self._since_start(firm, Account.REFERRAL)

    def _since_start(self, firm: int, account: Account) -> int:
        self._sum_up()
        open_book = self.world.book[: int(self.world.clock[0]["period"]) + 2]
        k = _PROMISES.index(account)
        return int(self._promised[firm, k] + open_book[:, firm, :, :, account].sum())

    def _sum_up(self) -> None:
        """Add what has been closed since it was last asked for."""
        each = int(np.prod(self.shapes["book"][2:]))
        for cells, values in self.ledger[self._summed :]:
            for k, account in enumerate(_PROMISES):
                mine = cells % N_ACCOUNTS == account
                np.add.at(self._promised[:, k], cells[mine] // each % len(self._promised), values[mine])
        self._summed = len(self.ledger)


@kernel
def _take_down(array: np.ndarray, cells: np.ndarray, values: np.ndarray, emptied: bool) -> int:
    """Write down where an array is not zero, and what is there; returns how many."""
    n = 0
    for i in range(array.size):
        x = array[i]
        if x != 0:
            cells[n], values[n] = i, x
            n += 1
            if emptied:
                array[i] = 0
    return n

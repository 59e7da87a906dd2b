"""Closing periods: what the counters and accounts say is taken down, and the flows start again at zero."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from retsim.engines.closing import take_down
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
        n = world.base.size + world.book.size + world.decisions.size
        self._room = np.empty(n, np.int64), np.empty(n, np.int64)
        self.world = world

    def open(self, world: World) -> None:
        """Take down who is whose customer at the start: `opening`, by firm, segment and channel."""
        self.opening = world.base[0].copy()

    def close(self, world: World) -> None:
        """Take down the period that ends now."""
        period = int(world.clock[0]["period"])
        self.counts.append(world.counts.copy())
        self.pools.append(world.pools.copy())
        self._take_down((world.base[: period + 2], world.book[: period + 2], world.decisions))
        world.counts[:, :, N_STOCKS:] = 0
        world.clock[0]["period"] = period + 1

    def _take_down(self, tables: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
        """Keep what is not zero in base, book and decisions, of which the last two start again at zero."""
        ends = take_down(tuple(table.reshape(-1) for table in tables), *self._room)
        cells, values = (part[: ends[-1]].copy() for part in self._room)
        for kept, start, end in zip((self.base, self.ledger, self.decisions), (0, *ends), ends, strict=False):
            kept.append(Sparse(cells[start:end], values[start:end]))

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

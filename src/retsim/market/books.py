"""Closing periods: what the counters and accounts say is taken down, and the flows start again at zero."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from retsim.engines.closing import close_period
from retsim.jit import bound
from retsim.state import N_ACCOUNTS, Account
from retsim.world import World

_PROMISES = (Account.DISCOUNT, Account.WIN_BACK, Account.REFERRAL)
"""Accounts of money that a firm reserves before it knows how much of it customers will take."""


class Sparse(NamedTuple):
    """Cells of one period that are not zero: flat index and value."""

    cells: np.ndarray
    values: np.ndarray


class Books:
    """All closed periods of a run, as arrays.

    `gauges` has what each firm shows at the end of each period: the staff's morale (NaN without a staff loop), the
    reputation, and satisfaction as surveys tell it (NaN without answers).
    """

    def __init__(self, world: World) -> None:
        self.shapes = {name: getattr(world, name).shape for name in ("book", "base", "decisions")}
        self.counts: list[np.ndarray] = []
        self.pools: list[np.ndarray] = []
        self.base: list[Sparse] = []
        self.ledger: list[Sparse] = []
        self.decisions: list[Sparse] = []
        self.gauges: list[list[tuple[float, float, float]]] = []
        self.opening = np.zeros(self.shapes["base"][1:], np.int64)
        self._promised = np.zeros((world.n_firms, len(_PROMISES)), np.int64)
        self._summed = 0
        self._tables = tuple(part.reshape(-1) for part in (world.base, world.book, world.decisions, world.counts))
        # The machine gives memory only for what is written.
        self._cells, self._values = np.empty((2, sum(part.size for part in self._tables)), np.int64)
        self._close: Any = bound(close_period, world.ref, self._tables, self._cells, self._values)
        self._clock, self._book = world.clock, world.book

    def __getstate__(self) -> dict[str, Any]:
        """What a copy of a finished run needs: no room for periods to come."""
        none = np.empty(0, np.int64)
        return self.__dict__ | {"_cells": none, "_values": none, "_tables": (), "_close": None}

    def open(self, world: World) -> None:
        """Take down who is whose customer at the start: `opening`, by firm, segment and channel."""
        self.opening = world.base[0].copy()

    def close(self, world: World) -> None:
        """Take down the period that ends now."""
        self.counts.append(world.counts.copy())
        self.pools.append(world.pools.copy())
        ends = self._close(world.ref, self._tables, self._cells, self._values)
        cells, values = self._cells[: ends[-1]].copy(), self._values[: ends[-1]].copy()
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
        open_book = self._book[: int(self._clock[0]["period"]) + 2]
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

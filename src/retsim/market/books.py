"""Closing periods: what the counters and accounts say is taken down, and the flows start again at zero."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from retsim.state import N_STOCKS, Account
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
        self.world = world

    def open(self, world: World) -> None:
        """Take down who is whose customer at the start: `opening`, by firm, segment and channel."""
        self.opening = world.base[0].copy()

    def close(self, world: World) -> None:
        """Take down the period that ends now."""
        period = int(world.clock[0]["period"])
        book = world.book[: period + 2]
        self.counts.append(world.counts.copy())
        self.pools.append(world.pools.copy())
        self._promised += _promised(book)
        self.base.append(_sparse(world.base[: period + 2]))
        self.ledger.append(_sparse(book))
        self.decisions.append(_sparse(world.decisions))
        world.counts[:, :, N_STOCKS:] = 0
        book[...] = 0
        world.decisions[...] = 0
        world.clock[0]["period"] = period + 1

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
        open_book = self.world.book[: int(self.world.clock[0]["period"]) + 2]
        k = _PROMISES.index(account)
        return int(self._promised[firm, k] + open_book[:, firm, :, :, account].sum())


def _promised(book: np.ndarray) -> np.ndarray:
    out: np.ndarray = np.stack([book[..., account].sum(axis=(0, 2, 3)) for account in _PROMISES], axis=1)
    return out


def _sparse(array: np.ndarray) -> Sparse:
    flat = array.ravel()
    cells = np.flatnonzero(flat)
    return Sparse(cells, flat[cells])

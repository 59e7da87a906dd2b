"""A strategy that thinks: a function from what a firm sees to a plan, asked at every tick.

Owns the snapshot that such a function gets; refuses to show anything that a firm could not know. A function must depend on its
argument alone: then a run is the same in both engines and every process.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from retsim.market.adopting import adopt, require_channels, require_plan
from retsim.market.plans import Page, StrategyFunction, View
from retsim.state import MICRO, N_ACCOUNTS, N_CHANNELS, Account, Channel, Count

if TYPE_CHECKING:
    from retsim.crm.database import Customers
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["Planner"]


class Planner:
    """Asks a firm's function at every tick and does what it says."""

    def __init__(self, market: Market, firm: Firm, function: StrategyFunction) -> None:
        self.market, self.firm, self.function = market, firm, function
        self.pages: list[Page] = []
        self._totals = np.zeros(N_ACCOUNTS, np.int64)
        self._joined = 0
        self._closed = 0
        self._before: tuple[np.ndarray, int, int] | None = None
        self._customers: Customers | None = None

    def plan(self) -> None:
        """At a tick, before budgets are granted."""
        self._write_page()
        view = self.view()
        plan = self.function(view)
        if plan is not None:
            require_plan(self.firm, plan)
            require_channels(self.firm, plan, word=self.market.scenario.word.rate > 0.0)
            self.market.require(self.firm, plan.figures)
            self.firm.tags.give(plan.tags, view.customers.number)
            adopt(self.firm, plan)

    def view(self) -> View:
        """What the firm sees now."""
        market, firm = self.market, self.firm
        if self._customers is None or not firm.outages:
            self._customers = market.database.customers(firm.index, firm.figures["silence"])
        return View(
            now=market.now,
            tick=market.scenario.tick,
            budget=firm.monthly,
            retention_share=firm.retention_share,
            spend=firm.spend_share,
            mix=MappingProxyType(dict(firm.mix)),
            targeting=firm.policy.targeting,
            figures=MappingProxyType(dict(firm.figures)),
            prices=MappingProxyType({f.name: f.figures["price"] for f in market.firms if f.present}),
            funds=MappingProxyType({purpose: amount / MICRO for purpose, amount in firm.funds.items()}),
            pages=tuple(self.pages),
            customers=self._customers,
            tags=MappingProxyType(dict(firm.tags.borne)),
            only=MappingProxyType(dict(firm.tags.only)),
            winning=MappingProxyType(dict(firm.winning)),
        )

    def _write_page(self) -> None:
        """Close the page of the tick that is over; at the first tick there is none."""
        totals, joined = self._so_far()
        known = self.market.database.known(self.firm.index, self.firm.figures["silence"]).size
        if self._before is not None:
            old, old_joined, old_known = self._before
            gain, won = totals - old, joined - old_joined
            money = -int(gain[_REVENUES].sum()) / MICRO, int(gain[_PROFIT].sum()) / MICRO
            lost = old_known + won - known
            self.pages.append(Page(self.market.now, known, won, lost, *money, self.firm.retention_share))
        self._before = totals, joined, known

    def _so_far(self) -> tuple[np.ndarray, int]:
        """Totals of the firm's accounts, and customers joined, from closed periods and the open one."""
        books, world, j = self.market.books, self.market.world, self.firm.index
        shape = books.shapes["book"]
        for sparse, counts in zip(books.ledger[self._closed :], books.counts[self._closed :], strict=True):
            mine = sparse.cells // (shape[2] * shape[3] * shape[4]) % shape[1] == j
            np.add.at(self._totals, sparse.cells[mine] % N_ACCOUNTS, sparse.values[mine])
            self._joined += _won(counts[j])
        self._closed = len(books.ledger)
        now = world.book[: int(world.clock[0]["period"]) + 2, j].sum(axis=(0, 1, 2))
        return self._totals + now, self._joined + _won(world.counts[j])


_REVENUES = [Account.REVENUE, Account.PRODUCTS, Account.RETURNS]
_PROFIT = [Account.CASH, Account.POINTS_LIABILITY]
"""Points are a cost when they are earned, as in `retsim.results.closed.profit_of`."""


def _won(counts: np.ndarray) -> int:
    return int(counts[:, Count.JOINED + Channel.ADVERTISING : Count.JOINED + N_CHANNELS].sum())

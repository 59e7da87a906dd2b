"""A strategy that thinks: a function from what a firm sees to a plan, asked at every tick.

Owns the snapshot that such a function gets and the check of what it gives back; refuses to show anything that a firm
could not know. A function must depend on its argument alone: then a run is the same in both engines and every process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.state import MICRO, N_ACCOUNTS, N_CHANNELS, Account, Channel, Count

if TYPE_CHECKING:
    from retsim.crm.database import Customers
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["Page", "Plan", "Planner", "StrategyFunction", "View", "adaptive"]


@dataclass(frozen=True)
class Page:
    """What a firm's own books say of the time between two ticks.

    Attributes
    ----------
    time : float
        Months since the start, at its end.
    customers : int
        Known at its end: without a contract those who were not silent for too long.
    won : int
        Customers who joined.
    lost : int
        Customers known at its beginning, and won, who are not known at its end.
    revenue, profit : float
        Money.
    retention_share : float
        Share of the budget that was spent on keeping.
    """

    time: float
    customers: int
    won: int
    lost: int
    revenue: float
    profit: float
    retention_share: float


@dataclass(frozen=True)
class View:
    """What a firm sees at a tick; it cannot be changed.

    Attributes
    ----------
    now, tick : float
        Months since the start, and to the next view.
    budget : float
        Money a month.
    retention_share, spend : float
        The plan in force: share of the spending that keeps, and spending as a share of the budget.
    mix : mapping of str to float
        How retention money is divided.
    targeting : str
        Whom programmes take first.
    figures : mapping of str to float
        The firm's own figures (price, discount, contact_rate ...).
    prices : mapping of str to float
        List prices of all firms in the market.
    funds : mapping of str to float
        Money that is left over, by purpose.
    pages : tuple of Page
        The books so far, the oldest first.
    customers : Customers
        The customer database (`retsim.crm.database.Customers`); while it is down, as it was before.
    tags : mapping of str to int64 array
        Numbers of the customers who bear each tag.
    only : mapping of str to str
        By programme, the tag for whose bearers it is kept.
    winning : mapping of str to float
        How the money that wins customers is divided.
    """

    now: float
    tick: float
    budget: float
    retention_share: float
    spend: float
    mix: Mapping[str, float]
    targeting: str
    figures: Mapping[str, float]
    prices: Mapping[str, float]
    funds: Mapping[str, float]
    pages: tuple[Page, ...]
    customers: Customers
    tags: Mapping[str, np.ndarray] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    winning: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What a firm changes now; what is not given stays as it is.

    Attributes
    ----------
    retention_share : float, optional
        0..1, share of the spending that keeps.
    spend : float, optional
        Spending as a share of the budget, 0 or more; above 1 only with credit.
    mix : mapping of str to float, optional
        Shares of the retention money by purpose; sums to 1, what is not named gets nothing.
    targeting : str, optional
        Whom programmes take first (as `targeting` of a strategy in a scenario).
    figures : mapping of str to float
        New values of the firm's figures, such as ``{"price": 25.0}``.
    tags : mapping of str to sequence of int
        Labels given by hand: numbers of the customers who bear each from now on (`Customers.number`).
    only : mapping of str to str or None
        By programme, the tag for whose bearers it is kept; None: for nobody in particular.
    winning : mapping of str to float, optional
        Shares of the money that wins customers, by channel (`advertising`, `promotion`, `referral`, `follow_up`); sums to 1,
        what is not named gets nothing.
    """

    retention_share: float | None = None
    spend: float | None = None
    mix: Mapping[str, float] | None = None
    targeting: str | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, Sequence[int] | np.ndarray] = field(default_factory=dict)
    only: Mapping[str, str | None] = field(default_factory=dict)
    winning: Mapping[str, float] | None = None


StrategyFunction = Callable[[View], Plan | None]


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


def require_plan(firm: Firm, plan: Any) -> None:
    """Refuse what is no plan.

    Raises
    ------
    TypeError
    """
    if not isinstance(plan, Plan):
        raise TypeError(f"strategy of {firm.name} returned {plan!r:.80}, must return a retsim.Plan or None")


def adopt(firm: Firm, plan: Plan) -> None:
    """Let a plan hold from now on.

    Raises
    ------
    TypeError, ValueError
        It asks for what a firm cannot do; the message names it, its value and the rule.
    """
    if plan.retention_share is not None:
        firm.retention_share = _number(firm, "retention_share", plan.retention_share, 1.0)
    if plan.spend is not None:
        spend = _number(firm, "spend", plan.spend, 10.0)
        if spend > 1.0 and not firm.terms.credit:
            raise ValueError(f"strategy of {firm.name}: spend = {spend}, must be at most 1 (the budget) without credit")
        firm.spend_share = spend
    if plan.mix is not None:
        firm.mix = _shares(firm, "mix", plan.mix, firm.mix)
    if plan.winning is not None:
        firm.winning = _shares(firm, "winning", plan.winning, firm.winning)
    if plan.targeting is not None:
        firm.policy = firm.policy.aimed(plan.targeting)
    if plan.figures:
        firm.set(**plan.figures)
    firm.tags.keep(plan.only)


def require_channels(firm: Firm, plan: Plan, *, word: bool) -> None:
    """Refuse money for channels that this market does not have.

    Raises
    ------
    ValueError
    """
    for name, there, why in (
        ("referral", word, "nobody recommends: word.rate is 0"),
        ("follow_up", bool(firm.figures["lead_funnel"]), "nobody becomes a lead: lead_funnel is 0"),
    ):
        share = (plan.winning or {}).get(name, 0.0)
        if share and not there:
            raise ValueError(f"strategy of {firm.name}: winning.{name} = {share}, must be 0 where {why}")


def _shares(firm: Firm, name: str, given: Mapping[str, float], known: Mapping[str, float]) -> dict[str, float]:
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ValueError(f"strategy of {firm.name}: {name}.{unknown[0]} is unknown, must be one of {', '.join(known)}")
    shares = {key: _number(firm, f"{name}.{key}", given.get(key, 0.0), 1.0) for key in known}
    total = math.fsum(shares.values())
    if abs(total - 1.0) > 1e-9:
        raise ValueError(f"strategy of {firm.name}: {name} must have shares that sum to 1, not {total:.12g}")
    return shares


def _number(firm: Firm, name: str, value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= most:
        raise ValueError(f"strategy of {firm.name}: {name} = {value!r}, must be a number in 0..{most:g}")
    return float(value)


QUARTER = 3.0
"""Months between two thoughts of the adaptive strategy."""
STEPS = (0.2, 0.1, 0.05)
"""Its steps in the retention share: the size falls with each time it has turned back; *assumed*."""


def adaptive(view: View) -> Plan | None:
    """Plan the split anew each quarter, from the firm's own books: go on while things get better, else turn back.

    Better is more money a month: profit, and what the change in customers is worth (margin of a customer a month over
    the share lost a month, for at most five years). A hill climb with falling steps; *assumed*.
    """
    ticks = max(round(QUARTER / view.tick), 1)
    if not view.pages or len(view.pages) % ticks:
        return None
    quarters = [view.pages[k : k + ticks] for k in range(0, len(view.pages), ticks)]
    shares = [quarter[-1].retention_share for quarter in quarters]
    moves = [new - old for old, new in pairwise(shares)]
    last = moves[-1] if moves else 0.0
    turned = sum(a * b < 0.0 for a, b in pairwise(moves))
    better = len(quarters) < 2 or _worth(quarters[-1]) >= _worth(quarters[-2])
    direction = math.copysign(1.0, last) if last else math.copysign(1.0, 0.5 - shares[-1])
    direction = direction if better else -direction
    target = shares[-1] + direction * STEPS[min(turned, len(STEPS) - 1)]
    return Plan(retention_share=min(max(target, 0.0), 1.0))


def _worth(quarter: tuple[Page, ...]) -> float:
    """Profit and growth of a quarter, in money."""
    profit = math.fsum(page.profit for page in quarter)
    heads = sum(page.customers for page in quarter)
    if not heads:
        return profit
    lost, won = sum(page.lost for page in quarter), sum(page.won for page in quarter)
    margin = profit / heads
    months = min(heads / max(lost, 1), 60.0)
    return profit + (won - lost) * max(margin, 0.0) * months

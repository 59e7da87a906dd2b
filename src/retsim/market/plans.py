"""What a firm sees at a tick, and what it may change: the argument and the answer of a strategy that is a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from retsim.crm.database import Customers

__all__ = ["Page", "Plan", "StrategyFunction", "View"]


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
        Shares of the money that wins customers, by channel (`advertising`, `promotion`, `referral`, `follow_up`, `brand`); sums to 1,
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

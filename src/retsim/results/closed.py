"""The closed periods of a run as arrays: what frames and measures are made of.

Owns the way from sparse cells to sums; refuses to know pandas, names and rates. Period 1 is index 0. Cohort
0 was there at the start, cohort k joined in period k. Sums of money are sums of integers: exact, in any
order.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.state import N_ACCOUNTS, N_CHANNELS, N_FORCES, Account, Count

if TYPE_CHECKING:
    from retsim.market.books import Books

Ints = npt.NDArray[np.int64]

__all__ = ["Closed", "Decisions", "Entries", "Stocks", "cash_of", "profit_of", "sum_by"]


class Entries(NamedTuple):
    """Entries of the ledger, one array each: places (period from 1) and micro-units of money."""

    period: Ints
    cohort: Ints
    firm: Ints
    segment: Ints
    channel: Ints
    account: Ints
    amount: Ints


class Stocks(NamedTuple):
    """Active customers at the ends of periods, one array each: places (period from 1) and heads."""

    period: Ints
    cohort: Ints
    firm: Ints
    segment: Ints
    channel: Ints
    heads: Ints


class Decisions(NamedTuple):
    """Sums over decisions, one row a (period, firm, segment, trigger, outcome); `forces` is (n, N_FORCES)."""

    period: Ints
    firm: Ints
    segment: Ints
    trigger: Ints
    outcome: Ints
    forces: Ints


class Closed:
    """All closed periods of a run.

    Attributes
    ----------
    counts : int64 (n_periods, n_firms, n_segments, N_COUNTS)
        Stocks at the end and flows of each period.
    pools : int64 (n_periods, n_segments, 3)
        Customers of nobody at the end of each period.
    opening : int64 (n_firms, n_segments, N_CHANNELS)
        Customers at the start.
    """

    def __init__(self, books: Books) -> None:
        self._books = books
        self.counts = np.array(books.counts)
        self.pools = np.array(books.pools)
        self.opening: Ints = books.opening
        self.n_periods, self.n_firms, self.n_segments = self.counts.shape[:3]

    @cached_property
    def entries(self) -> Entries:
        """The whole ledger."""
        period, cells, amounts = _joined(self._books.ledger)
        cohort, firm, segment, channel, account = _places(cells, self._books.shapes["book"])
        return Entries(period, cohort, firm, segment, channel, account, amounts)

    @cached_property
    def totals(self) -> Ints:
        """Ledger by (period, firm, segment, account)."""
        out = np.empty((self.n_periods, self.n_firms, self.n_segments, N_ACCOUNTS), np.int64)
        for period, book in enumerate(self.pages("ledger", "book")):
            out[period] = book.sum(axis=0).sum(axis=2)
        return out

    @cached_property
    def decision_totals(self) -> Ints:
        """Decisions of the whole run: (n_firms, n_segments, n_triggers, n_firms + 2, n_forces)."""
        out = np.zeros(self._books.shapes["decisions"], np.int64)
        for cells, values in self._books.decisions:
            out.ravel()[cells] += values
        return out

    def pages(self, of: str, shape: str) -> Iterator[Ints]:
        """Each period's cells as one dense array of as many cohorts as there were: book or base.

        Faster than decoding every entry, because the array is small and stays at hand. It is valid until
        the next one is asked for.
        """
        page = np.zeros(self._books.shapes[shape], np.int64)
        flat = page.ravel()
        for period, (cells, values) in enumerate(getattr(self._books, of), start=1):
            flat[cells] = values
            yield page[: period + 1]
            flat[cells] = 0

    @cached_property
    def stocks(self) -> Stocks:
        """Active customers at the end of each period by cohort, firm, segment and channel."""
        period, cells, heads = _joined(self._books.base)
        cohort, firm, segment, channel = _places(cells, self._books.shapes["base"])
        return Stocks(period, cohort, firm, segment, channel, heads)

    @cached_property
    def active_at_start(self) -> Ints:
        """Active customers when each period began: (n_periods, n_firms, n_segments)."""
        first = self.opening.sum(axis=2)[None]
        return np.concatenate((first, self.counts[:-1, :, :, Count.ACTIVE]))

    @cached_property
    def joined(self) -> Ints:
        """Who joined after the start: (n_periods, n_firms, n_segments, N_CHANNELS)."""
        joined = self.counts[..., Count.JOINED : Count.JOINED + N_CHANNELS].copy()
        joined[0] -= self.opening
        return joined

    @cached_property
    def lost(self) -> Ints:
        """Who left or vanished: (n_periods, n_firms, n_segments)."""
        ways = [Count.LOST_TO_RIVAL, Count.LOST_TO_OUTSIDE, Count.VANISHED]
        out: Ints = self.counts[..., ways].sum(axis=3)
        return out

    @cached_property
    def retained(self) -> Ints:
        """Who was there when a period began and, without a break, when it ended.

        Shape (n_periods, n_firms, n_segments).
        """
        out = np.empty((self.n_periods, self.n_firms, self.n_segments), np.int64)
        for period, base in enumerate(self.pages("base", "base")):
            out[period] = base[: period + 1].sum(axis=0).sum(axis=2)
        return out

    @cached_property
    def decisions(self) -> Decisions:
        """Sums over all decisions to stay, to leave, or to vanish."""
        period, cells, values = _joined(self._books.decisions)
        row, what = cells // N_FORCES, cells % N_FORCES
        new = np.ones(row.size, bool)
        new[1:] = (row[1:] != row[:-1]) | (period[1:] != period[:-1])
        forces = np.zeros((int(new.sum()), N_FORCES), np.int64)
        forces[np.cumsum(new) - 1, what] = values
        firm, segment, trigger, outcome = _places(row[new], self._books.shapes["decisions"][:-1])
        return Decisions(period[new], firm, segment, trigger, outcome, forces)

    def lives(self, firm: int, segment: int | None = None, channel: int | None = None) -> Ints:
        """Members left of each cohort of a firm: (n_periods + 1, n_periods + 1), -1 beyond the horizon.

        Column 0 is who joined (cohort 0: who was there at the start), column a who is left at the a-th end
        of a period from then on.
        """
        out = np.zeros((self.n_periods + 1, self.n_periods + 1), np.int64)
        of_segment = slice(None) if segment is None else slice(segment, segment + 1)
        of_channel = slice(None) if channel is None else slice(channel, channel + 1)
        out[0, 0] = self.opening[firm, of_segment, of_channel].sum()
        out[1:, 0] = self.joined[:, firm, of_segment, of_channel].sum(axis=(1, 2))
        stocks = self.stocks
        mine = stocks.firm == firm
        if segment is not None:
            mine &= stocks.segment == segment
        if channel is not None:
            mine &= stocks.channel == channel
        period, cohort = stocks.period[mine], stocks.cohort[mine]
        np.add.at(out, (cohort, period - np.maximum(cohort - 1, 0)), stocks.heads[mine])
        cohorts, ages = np.indices(out.shape)
        out[ages + np.maximum(cohorts - 1, 0) > self.n_periods] = -1
        return out


def cash_of(totals: Ints) -> Ints:
    """Cash that came in, less what went out, of ledger totals (accounts on the last axis)."""
    out: Ints = totals[..., Account.CASH]
    return out


def profit_of(totals: Ints) -> Ints:
    """Profit of ledger totals: cash less what became owed for points; every other account is a cost or an income."""
    out: Ints = totals[..., Account.CASH] + totals[..., Account.POINTS_LIABILITY]
    return out


def sum_by(places: tuple[Ints, ...], amounts: Ints, shape: tuple[int, ...]) -> Ints:
    """Sum integers that fall on the same place of an array of this shape."""
    out = np.zeros(shape, np.int64)
    np.add.at(out.ravel(), np.ravel_multi_index(places, shape), amounts)
    return out


def _joined(periods: list) -> tuple[Ints, Ints, Ints]:
    """Period (from 1), cell and value of all sparse cells."""
    sizes = [sparse.cells.size for sparse in periods]
    period = np.repeat(np.arange(1, len(periods) + 1), sizes)
    return period, np.concatenate([p.cells for p in periods]), np.concatenate([p.values for p in periods])


def _places(cells: Ints, shape: tuple[int, ...]) -> list[Ints]:
    """Places of flat cells, one array an axis.

    `numpy.unravel_index` is several times slower, so it is asked once for each possible cell where that is
    less.
    """
    possible = int(np.prod(shape))
    if possible <= cells.size:
        return [axis[cells] for axis in np.unravel_index(np.arange(possible), shape)]
    out: list[Ints] = []
    for size in reversed(shape[1:]):
        rest = cells // size
        out.append(cells - rest * size)
        cells = rest
    return [cells, *reversed(out)]

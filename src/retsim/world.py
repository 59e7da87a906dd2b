"""The world as compiled code sees it: one record of addresses and sizes, and the accessors that read it.

`World` owns the arrays. Compiled code gets a record of their addresses: one pointer to pass on, nothing to count or
copy, which keeps a call from Python under a microsecond and compilation short. With ``NUMBA_DISABLE_JIT=1`` the same
accessors read the same memory from Python, so that rules can be followed in a debugger.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.jit import rule
from retsim.memory import add_at, float_at, int_at, prefetch, record_at, seen, store_at
from retsim.state import (
    CLOCK,
    CUSTOMER,
    EVENT,
    LOG_MARGIN,
    MORE,
    N_ACCOUNTS,
    N_CHANNELS,
    N_COUNTS,
    N_FORCES,
    N_TRIGGERS,
    OFFER,
    PRODUCT,
    REACH,
    RELATION,
    SEGMENT,
    Records,
)  # fmt: skip

SHARED = ("clock", "segments", "offers", "reach", "spend_quantiles", "products", "kinds")
OWN = ("customers", "relations", "traits", "wake", "more", "dues")
SHEET = ("counts", "pools", "base", "book", "decisions")
"""Arrays of which every thread has its own, added up exactly because they are integers."""

_ARRAYS = (*SHARED, *OWN, *SHEET, "log")
_SIZES = (
    "n_firms",
    "n_segments",
    "n_columns",
    "spend_width",
    "log_room",
    "written",
    "has_more",
    "n_products",
    "n_dues",
)
HANDLE = np.dtype([(name, "i8") for name in _ARRAYS + _SIZES])


class World:
    """All arrays that `retsim.lifecycle` may read or write.

    `SHARED` is read by everyone and written by the market between syncs; a row of `OWN` is written by its customer
    only; `SHEET` and the log belong to one thread and are added up by the market.

    Parameters
    ----------
    clock : CLOCK records (1,)
    segments : SEGMENT records (n_segments,)
    offers : OFFER records (n_firms,)
    reach : REACH records (2, n_segments, n_firms)
        Hazard of meeting a firm, for prospects and for other firms' customers.
    spend_quantiles : float64 (n_segments, 1025) or (n_segments, 0)
    products : PRODUCT records (n_products,)
    kinds : float64 (6,)
        Shares of the kinds of life events, cumulated.
    customers : CUSTOMER records (capacity,)
    relations : RELATION records (capacity, n_firms)
    traits : float64 (capacity, n_columns)
    more : MORE records (capacity or 0,)
        What further mechanisms keep of a customer; empty where none of them is on.
    dues : float64 (capacity, n_dues)
        Dates of a customer (`due_at`); n_dues is 0 where there are no further products.
    wake : float64 (capacity,)
        Nothing happens to a customer before this time, whatever the market does, unless it sets this back to 0.
    counts : int64 (n_firms, n_segments, N_COUNTS)
    pools : int64 (n_segments, 3)
    base : int64 (n_cohorts, n_firms, n_segments, N_CHANNELS)
        Active customers.
    book : int64 (n_cohorts, n_firms, n_segments, N_CHANNELS, N_ACCOUNTS)
    decisions : int64 (n_firms, n_segments, N_TRIGGERS, n_firms + 2, N_FORCES)
    log : EVENT records (capacity or 0,)
    """

    clock: Records
    segments: Records
    offers: Records
    reach: Records
    spend_quantiles: npt.NDArray[np.float64]
    products: Records
    kinds: npt.NDArray[np.float64]
    customers: Records
    relations: Records
    traits: npt.NDArray[np.float64]
    wake: npt.NDArray[np.float64]
    more: Records
    dues: npt.NDArray[np.float64]
    counts: npt.NDArray[np.int64]
    pools: npt.NDArray[np.int64]
    base: npt.NDArray[np.int64]
    book: npt.NDArray[np.int64]
    decisions: npt.NDArray[np.int64]
    log: Records
    n_firms: int
    n_segments: int

    def __init__(self, **arrays: npt.NDArray[Any]) -> None:
        for name in _ARRAYS:
            array = arrays[name]
            if not array.flags.c_contiguous:
                raise ValueError(f"array {name} of a world must be contiguous")
            setattr(self, name, array)
        self.n_firms, self.n_segments = len(self.offers), len(self.segments)
        self._handle = np.zeros(1, HANDLE)
        row = self._handle[0]
        for name in _ARRAYS:
            row[name] = getattr(self, name).ctypes.data
        row["n_firms"], row["n_segments"], row["n_columns"] = self.n_firms, self.n_segments, self.traits.shape[1]
        row["spend_width"], row["log_room"] = self.spend_quantiles.shape[1], self.log.size - LOG_MARGIN
        row["has_more"] = self.more.size > 0
        row["n_products"], row["n_dues"] = self.products.size, self.dues.shape[1]
        self.ref: Any = seen(self._handle)
        """What a kernel takes: ``ref[0]`` is the world."""

    @property
    def written(self) -> int:
        """Events in the log."""
        return int(self._handle[0]["written"])

    @property
    def is_full(self) -> bool:
        """Whether the log has no room for one more event."""
        return self.written > self.log.size - LOG_MARGIN

    def take_log(self) -> Records:
        """A copy of the events written so far; the log starts again."""
        taken = self.log[: self.written].copy()
        self._handle[0]["written"] = 0
        return taken

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All arrays by name."""
        return {name: getattr(self, name) for name in _ARRAYS}


_clock, _segment, _offer, _reach = (record_at(t) for t in (CLOCK, SEGMENT, OFFER, REACH))
_customer, _relation, _event, _more = (record_at(t) for t in (CUSTOMER, RELATION, EVENT, MORE))
_product = record_at(PRODUCT)
_VALUES, _COLUMNS = (SEGMENT.fields[name][1] for name in ("trait_value", "trait_column"))  # type: ignore[index]
_S_SEGMENT, _S_OFFER, _S_REACH = SEGMENT.itemsize, OFFER.itemsize, REACH.itemsize
_S_PRODUCT = PRODUCT.itemsize
_BY_KIND, _BY_PRODUCT = (PRODUCT.fields[name][1] for name in ("by_kind", "by_product"))  # type: ignore[index]
_S_CUSTOMER, _S_RELATION, _S_EVENT, _S_MORE = (t.itemsize for t in (CUSTOMER, RELATION, EVENT, MORE))


@rule
def clock(world):
    """Period, tick, discount rate and key of the run."""
    return _clock(world.clock)


@rule
def segment(world, s):
    """Behaviour of a segment."""
    return _segment(world.segments + np.int64(s) * _S_SEGMENT)


@rule
def offer(world, k):
    """What firm k shows its customers."""
    return _offer(world.offers + k * _S_OFFER)


@rule
def reach(world, standing, s, k):
    """Hazard of meeting firm k: standing 0 for prospects, 1 for other firms' customers."""
    return _reach(world.reach + ((standing * world.n_segments + s) * world.n_firms + k) * _S_REACH)


@rule
def customer(world, i):
    """State of customer i."""
    return _customer(world.customers + i * _S_CUSTOMER)


@rule
def more(world, i):
    """What further mechanisms keep of customer i; may be read only where ``world.has_more``."""
    return _more(world.more + i * _S_MORE)


@rule
def due_at(world, i, place):
    """A date of customer i: one of `state.Due`, or when product `place` - FIRST_PRODUCT is worn out or the need passes."""
    return float_at(world.dues + 8 * (i * world.n_dues + np.int64(place)))


@rule
def set_due(world, i, place, when):
    """Set that date."""
    store_at(world.dues + 8 * (i * world.n_dues + np.int64(place)), when)


@rule
def product(world, p):
    """Further product p."""
    return _product(world.products + p * _S_PRODUCT)


@rule
def opened_by_kind(world, p, kind):
    """Probability that a life event of this kind opens a need for product p."""
    return float_at(world.products + p * _S_PRODUCT + _BY_KIND + 8 * kind)


@rule
def opened_by_product(world, p, q):
    """Probability that a sale of product q opens a need for product p."""
    return float_at(world.products + p * _S_PRODUCT + _BY_PRODUCT + 8 * q)


@rule
def kind_share(world, kind):
    """Share of life events of this kind or one before it."""
    return float_at(world.kinds + 8 * kind)


class Me(NamedTuple):
    """One customer with all that concerns them: the world, their number, state, segment and present firm.

    Where they have no firm, `its` may not be read. Compiled functions take it and never return it.
    """

    world: Any
    i: int
    c: Any
    b: Any
    its: Any


@rule
def relation(world, i, k):
    """What customer i has with firm k."""
    return _relation(world.relations + (i * world.n_firms + k) * _S_RELATION)


@rule
def expect(world, i):
    """Have the record of customer i brought into the cache: it will be read soon."""
    at = world.customers + i * _S_CUSTOMER
    prefetch(at)
    prefetch(at + 64)


@rule
def expect_bonds(world, i):
    """Have what customer i has with firms brought into the cache: they will leave or join one soon."""
    prefetch(world.relations + i * world.n_firms * _S_RELATION)


@rule
def wake_at(wakes, i):
    """Time before which nothing happens to customer i; `wakes` is `world.wake`, read once before a loop that writes."""
    return float_at(wakes + 8 * i)


@rule
def set_wake(world, i, when):
    """Nothing happens to customer i before `when`."""
    store_at(world.wake + 8 * i, when)


@rule
def event(world, n):
    """Row n of the log."""
    return _event(world.log + n * _S_EVENT)


@rule
def log_is_full(world):
    """Whether there is a log and a batch of occasions might not fit into it any more."""
    return 0 <= world.log_room < world.written


@rule
def trait_column(world, s, which):
    """Column in which a trait varies within segment s, or -1 (`which` is a constant of `TRAIT`)."""
    return int_at(world.segments + np.int64(s) * _S_SEGMENT + 8 * which + _COLUMNS)


@rule
def common_trait(world, s, which):
    """A trait that does not vary within segment s."""
    return float_at(world.segments + np.int64(s) * _S_SEGMENT + 8 * which + _VALUES)


@rule
def own_trait(world, i, column):
    """A trait of customer i that varies."""
    return float_at(world.traits + 8 * (i * world.n_columns + column))


@rule
def trait(me, which):
    """A trait of a customer: their own where it varies, else the segment's."""
    column = trait_column(me.world, me.c.segment, which)
    return common_trait(me.world, me.c.segment, which) if column < 0 else own_trait(me.world, me.i, column)


@rule
def spend_scatter(world, s, u):
    """How a single basket scatters about the usual one: linear interpolation in the segment's quantiles."""
    width = world.spend_width
    if width == 0:
        return 1.0
    place = u * (width - 1)
    below = np.int64(place)
    first = world.spend_quantiles + 8 * (s * width + below)
    low = float_at(first)
    return low + (place - below) * (float_at(first + 8) - low)


@rule
def add(row, what, n):
    """Add to number `what` of a row of counters, sums or accounts."""
    add_at(row + 8 * np.int64(what), np.int64(n))


@rule
def count_row(world, c):
    """Counters of the customer's firm and segment."""
    return firm_count_row(world, c.firm, c.segment)


@rule
def firm_count_row(world, k, s):
    """Counters of firm k and segment s."""
    return world.counts + 8 * N_COUNTS * (np.int64(k) * world.n_segments + s)


@rule
def pool_row(world, c):
    """Stocks of customers of nobody in the customer's segment."""
    return world.pools + 8 * 3 * np.int64(c.segment)


@rule
def _cell(world, c, where):
    place = (np.int64(c.cohort) * world.n_firms + where[0]) * world.n_segments + where[1]
    return place * N_CHANNELS + c.channel


@rule
def base_row(world, c):
    """Stock of active customers of this customer's cohort, firm, segment and channel."""
    return world.base + 8 * _cell(world, c, (c.firm, c.segment))


@rule
def book_row(world, c):
    """Accounts of this customer's cohort, firm, segment and channel."""
    return book_row_of(world, c, (c.firm, c.segment))


@rule
def book_row_of(world, c, where):
    """Accounts of a customer's cohort and channel; `where` is the customer's firm and segment, where it is known."""
    return world.book + 8 * N_ACCOUNTS * _cell(world, c, where)


@rule
def decision_row(world, where, trigger, outcome):
    """Sums over decisions with this trigger and outcome; `where` is (firm, segment)."""
    place = (np.int64(where[0]) * world.n_segments + where[1]) * N_TRIGGERS + trigger
    return world.decisions + 8 * N_FORCES * (place * (world.n_firms + 2) + outcome)

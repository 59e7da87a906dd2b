"""Customers as columns, and how they are born.

A customer's number is its place in the pool of people who could ever buy, so nothing that a firm does changes who
anybody is. Everything a customer is born with is a pure function of (seed, replication, number).
"""

from __future__ import annotations

import contextlib
import mmap
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.births import admit, begin
from retsim.state import CUSTOMER, MORE, RELATION, TRAIT, Channel, Records
from retsim.streams import NEWCOMERS_FROM, Draw, lanes_of
from retsim.world import OWN

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_AT_ONCE = 2048
_RESERVE = 8
"""Customers for whom there is room, as a multiple of those for whom it is asked."""
_PRIVATE: Any = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
"""Pages of this process alone: the machine gives no large ones to share."""
_LARGE = 1 << 22
"""Bytes from which on large pages are asked for: their addresses are found faster."""
_SMALL = 1 << 22
"""Bytes up to which memory that an earlier run gave back is as good: the machine need not find and clear any."""
_LINE = 64
"""Bytes of a cache line."""
_LONG = 64
"""Bytes from which on a record is worth it: columns end in the midst of a large page, which is memory for nothing."""


class Nature(NamedTuple):
    """What births need to know of a scenario.

    Attributes
    ----------
    shares : float array (n_segments,)
        Shares of the segments.
    starts : float array (n_segments, n_firms)
        Share of a segment that is a firm's customer at the start.
    quantiles : dict of (trait number, segment) to callable
        Inverse CDFs of the traits that vary; everything else is in `values`.
    values : float array (n_segments, n_traits)
    columns : int8 array (n_segments, n_traits)
        Column of a trait that lives with the customer, -1 where the segment's value holds.
    awareness : float array (n_firms,)
    doors : float array (n_segments, n_firms)
        Shares of the firms into which newcomers walk, cumulated: by their organic hazards, evenly where none has any.
    walk_in : float
        Share of newcomers who walk straight into a firm.
    expectation : float array (n_segments,)
    more : bool
        Whether any mechanism is on that keeps more of a customer.
    dues : int
        Dates that a customer has because of further products.
    """

    shares: Floats
    starts: Floats
    quantiles: dict[tuple[int, int], Callable[[Floats], Floats]]
    values: Floats
    columns: npt.NDArray[np.int8]
    awareness: Floats
    doors: Floats
    walk_in: float
    expectation: Floats
    more: bool = False
    dues: int = 0


class Population:
    """Growing columns of customers; beyond those who are born all is zero.

    Attributes
    ----------
    n : int
        Customers of the market so far, whether they have entered or only have a date.
    born : int
        Rows that are drawn already: newcomers are born ahead, many at once, as nobody's nature depends on the market.
    """

    customers: Records
    relations: Records
    traits: Floats
    wake: Floats
    more: Records
    dues: Floats

    def __init__(self, nature: Nature, key: tuple[int, int], capacity: int) -> None:
        self.nature = nature
        self.key = key
        self.n = self.born = 0
        self.initial = 0
        self._allocate(max(capacity, 1))

    def _allocate(self, n: int) -> None:
        """Make room for several times n, of which the machine gives only what is used, if it lets us."""
        try:
            rows = self._rows(n * (1 if _addresses_are_limited() else _RESERVE))
        except MemoryError:
            rows = self._rows(n)
        for name, column in zip(OWN, rows, strict=True):
            setattr(self, name, column)

    def _rows(self, n: int) -> tuple[np.ndarray, ...]:
        n_firms, width = self.nature.awareness.size, int(self.nature.columns.max()) + 1
        return (
            _zeros(n, CUSTOMER),
            _zeros(n * n_firms, RELATION).reshape(n, n_firms),
            _zeros(n * width, np.dtype(float)).reshape(n, width),
            _zeros(n, np.dtype(float)),
            _zeros(n if self.nature.more else 0, MORE),
            _zeros(n * self.nature.dues, np.dtype(float)).reshape(n, self.nature.dues),
        )

    def _grow(self, n: int) -> None:
        """Make room for n; where there is none, everybody moves."""
        if n <= self.customers.size:
            return
        old = self._columns()
        self._allocate(max(n, self.customers.size * 2))
        for new, was in zip(self._columns(), old, strict=True):
            # As bytes: records would be copied field by field, ten times slower.
            new[: self.born].view(np.uint8)[...] = was[: self.born].view(np.uint8)

    def _columns(self) -> tuple[np.ndarray, ...]:
        return tuple(getattr(self, name) for name in OWN)

    def add_initial(self, n: int) -> None:
        """The pool at the start: customers of a firm, or prospects, each entering at their `start`."""
        self.initial = n
        ids = np.arange(n)
        segments = self._bear(ids)
        u = lanes_of(self.key, Draw.SEGMENT, ids, 0, 0)[1]
        firms = _pick(np.cumsum(self.nature.starts, axis=1)[segments], u)
        start = self.trait(TRAIT.start, ids, segments)
        tenure = self.trait(TRAIT.tenure, ids, segments)
        new = self.customers[:n]
        new["joined_at"] = np.where(firms >= 0, -tenure, 0.0)
        new["attachment"] = np.where(firms >= 0, self.trait(TRAIT.initial_attachment, ids, segments), 0.0)
        new["channel"], new["firm"], new["occasion_at"] = Channel.INITIAL, firms, start
        bound = np.flatnonzero(firms >= 0)
        self.relations["meetings"][bound, firms[bound]] = 1
        self.n = n

    def add_newcomers(
        self, thresholds: Floats, luck: tuple[Floats, Floats], course: tuple[float, float, float, float]
    ) -> None:
        """Newcomers to the market, some of whom walk straight into a firm; arguments as in `births.admit`."""
        lacking = self.n + thresholds.size - self.born
        if lacking > 0:
            first = NEWCOMERS_FROM + self.born - self.initial
            self._bear(np.arange(first, first + max(lacking, _AT_ONCE)))
        rows = slice(self.n, self.n + thresholds.size)
        self.n = rows.stop
        columns = self.customers[rows], self.relations[rows]
        admit(columns, thresholds, luck, course, (self.nature.walk_in, self.nature.doors))

    def _bear(self, ids: Ints) -> Ints:
        """Draw everything that customers are born with, in the rows after the last; returns their segments."""
        rows = slice(self.born, self.born + ids.size)
        self._grow(rows.stop)
        self.born = rows.stop
        segments = np.zeros(ids.size, np.int64)
        if len(self.nature.shares) > 1:
            u = lanes_of(self.key, Draw.SEGMENT, ids, 0, 0)[0]
            place = np.searchsorted(np.cumsum(self.nature.shares), u, side="right")
            segments = np.minimum(place, len(self.nature.shares) - 1)
        born = segments, self.trait(TRAIT.initial_satisfaction, ids, segments), self.nature.expectation[segments]
        columns = self.customers[rows], self.relations[rows], self.more[rows]
        begin(columns, ids, born, self.nature.awareness, (np.uint64(self.key[0]), np.uint64(self.key[1])))
        self.dues[rows] = np.inf
        for which in np.flatnonzero((self.nature.columns >= 0).any(axis=0)):
            column = self.nature.columns[:, which].max()
            self.traits[rows, column] = self.trait(int(which), ids, segments)
        return segments

    def make_known(self, firm: int, nature: Nature) -> None:
        """A firm comes into the market: from now on `nature` holds, and a share of everyone knows the firm."""
        self.nature = nature
        ids = streams_of(np.arange(self.born), self.initial)
        known = lanes_of(self.key, Draw.AWARENESS, ids, 0, firm // 4)[firm % 4] < nature.awareness[firm]
        meetings = self.relations["meetings"][: self.born, firm]
        meetings[...] = np.maximum(meetings, known)

    def trait(self, which: int, ids: Ints, segments: Ints) -> Floats:
        """A trait of many customers, by inverse CDF from one uniform each."""
        laws = {s: law for (trait, s), law in self.nature.quantiles.items() if trait == which}
        if not laws or not ids.size:
            return self.nature.values[segments, which]
        u = lanes_of(self.key, Draw.TRAIT, ids, which, 0)[0]
        if len(self.nature.shares) == 1:
            return np.asarray(laws[0](u))
        values = self.nature.values[segments, which]
        for s, law in laws.items():
            mine = segments == s
            values[mine] = law(u[mine])
        return values


def streams_of(ids: Ints, initial: int) -> Ints:
    """Numbers of customers in the streams, given their places and how many were there at the start."""
    return np.where(ids < initial, ids, ids - initial + NEWCOMERS_FROM)


def _pick(cumulated: Floats, u: Floats) -> Ints:
    """Index of the first cumulated share above u, row by row; -1 beyond the last."""
    chosen = (u[:, None] >= cumulated).sum(axis=1)
    return np.where(chosen < cumulated.shape[1], chosen, -1)


def _addresses_are_limited() -> bool:
    """Whether this process may have only so many addresses, used or not (`retsim.experiments.limits`)."""
    try:
        import resource
    except ImportError:
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def _zeros(n: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Zeroed records, two cache lines a customer: many in pages of their own, of which those not used take no memory."""
    if n * dtype.itemsize <= _SMALL:
        return _from_the_heap(n, dtype)
    try:
        pages = mmap.mmap(-1, n * dtype.itemsize, **_PRIVATE)
    except OSError as error:
        raise MemoryError(f"no memory for {n * dtype.itemsize:,} bytes of customers; take fewer") from error
    if len(pages) >= _LARGE and dtype.itemsize >= _LONG and hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):
            pages.madvise(mmap.MADV_HUGEPAGE)
    return np.frombuffer(pages, dtype)


def _from_the_heap(n: int, dtype: np.dtype[Any]) -> npt.NDArray[Any]:
    """Zeroed records that begin with a cache line."""
    room = np.zeros(n * dtype.itemsize + _LINE, np.uint8)
    start = -room.ctypes.data % _LINE
    return room[start : start + n * dtype.itemsize].view(dtype)

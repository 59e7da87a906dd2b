"""The compiled engine: each customer alone, from sync to sync, in one loop.

Between two syncs the market is frozen and customers touch only themselves and integer counters, so the order of the
loop, the number of threads and the engine cannot matter.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from retsim.engines.queueing import run_until
from retsim.engines.room import Room, room_for
from retsim.jit import bound
from retsim.world import OWN, SHARED, SHEET, World

if TYPE_CHECKING:
    from retsim.market.market import Market


class CompiledEngine:
    """Advances all customers to the market's present whenever it is asked to sync."""

    def __init__(self, market: Market, threads: int) -> None:
        self.market = market
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads) if threads > 1 else None
        self.sheets: list[dict[str, np.ndarray]] = []

    def sync(self, now: float) -> None:
        """Let every customer live through their events before `now`."""
        n = self.market.population.n
        if self.pool is None:
            self._live(self.market.world, self._rooms[0], (0, n), now)
        else:
            self._share_out(self.pool, n, now)

    @cached_property
    def _rooms(self) -> list[Room]:
        """One for each thread."""
        world = self.market.world
        return [room_for(world.n_firms * world.n_segments) for _ in range(self.threads)]

    @cached_property
    def _run_until(self) -> Callable[..., int]:
        return bound(run_until, self.market.world.ref, 0, 0, 0.0, self._rooms[0])

    def _live(self, world: World, room: Room, piece: tuple[int, int], now: float) -> None:
        first, last = piece
        while (first := self._run_until(world.ref, first, last, now, room)) < last:
            self.market.events.keep(world)

    def _share_out(self, pool: ThreadPoolExecutor, n: int, now: float) -> None:
        sheets = self._own_sheets()
        edges = np.linspace(0, n, self.threads + 1).astype(int).tolist()
        desks = zip(sheets, self._rooms, pairwise(edges), strict=True)
        for job in [pool.submit(self._live, sheet, room, piece, now) for sheet, room, piece in desks]:
            job.result()
        for sheet in sheets:
            self.market.events.keep(sheet)
            for name in SHEET:
                mine, total = getattr(sheet, name), getattr(self.market.world, name)
                total += mine
                mine[...] = 0

    def _own_sheets(self) -> list[World]:
        """A world for each thread: the market's own, but for what threads count and write."""
        world = self.market.world
        if not self.sheets:
            own = (*SHEET, "log")
            self.sheets = [{name: np.zeros_like(getattr(world, name)) for name in own} for _ in range(self.threads)]
        common = {name: getattr(world, name) for name in SHARED + OWN}
        return [World(**common, **sheet) for sheet in self.sheets]

    def rates_changed(self) -> None:
        """Clocks may have moved: everyone has to be looked at again."""
        self.market.population.wake[: self.market.population.n] = 0.0

    def customers_moved(self, ids: np.ndarray) -> None:
        """The clocks of some customers were changed from outside."""
        self.market.population.wake[ids] = 0.0

    def customers_added(self, n: int) -> None:
        """Newcomers are found by the next sync."""

    def close(self) -> None:
        """Release the threads."""
        if self.pool is not None:
            self.pool.shutdown()

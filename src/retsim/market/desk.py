"""Service desks: complaints wait for a server, first come, first served (R16).

Owns the queues and their waits; what an answer does to a customer is `retsim.lifecycle.answering`. A desk looks at its
books every `desk_step`: it takes up the complaints since its last look in the order in which they came, and works out to
the last bit when each will be answered. An answer reaches its customer then, but not before the look at which it became
known; waits are recorded as they are.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.lifecycle.answering import TOO_LATE
from retsim.state import Count, Flag
from retsim.streams import NEWCOMERS_FROM, Draw, lanes_of

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

_FINE = 2.0**20
"""Waits are counted in units of 2**-20 months."""

Floats = npt.NDArray[np.float64]


def completions(arrivals: Iterable[float], services: Iterable[float], free: list[float]) -> Floats:
    """When each request is answered, first come, first served.

    Parameters
    ----------
    arrivals : iterable of float
        Times, in order.
    services : iterable of float
        How long a server needs for each.
    free : list of float
        When each server is free; brought up to date.

    Returns
    -------
    float64 array
        max(arrival, when the first server is free) + service, request by request (Kiefer & Wolfowitz 1955).
    """
    heapq.heapify(free)
    done = []
    for arrival, service in zip(arrivals, services, strict=True):
        done.append(max(arrival, free[0]) + service)
        heapq.heapreplace(free, done[-1])
    return np.array(done)


class Answer(NamedTuple):
    """A complaint whose answer is on its way."""

    at: float
    customer: int
    firm: int
    segment: int
    wait: float


class Desks:
    """The desks of all firms that have one.

    Attributes
    ----------
    free, core : list of lists of float
        By firm: when each server of its desk, and of that for core customers alone, will be free.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.free = [[0.0] * round(firm.figures["desk_staff"]) for firm in market.firms]
        self.core = [[0.0] * round(firm.figures["core_staff"]) for firm in market.firms]
        self.on = any(firm.figures["desk_staff"] > 0.0 for firm in market.firms)
        self._last = -math.inf
        self._coming: list[Answer] = []

    def check(self, firm: Firm, figures: Mapping[str, float]) -> None:
        """Refuse a change of a desk's staff that the market cannot follow.

        Raises
        ------
        ValueError
        """
        servers = figures.get("desk_staff", 0.0)
        if servers and not self.on:
            raise ValueError(f"{firm.name}.desk_staff = {servers}, must be 0: no firm of the scenario has a desk")
        servers, core = (figures.get(name, firm.own[name]) for name in ("desk_staff", "core_staff"))
        if core and not servers:
            rule = "must be 0 where desk_staff is 0: complaints are answered at once"
            raise ValueError(f"{firm.name}.core_staff = {core}, {rule}")

    def looks(self) -> set[float]:
        """Moments at which the desks look at their books."""
        s = self.market.scenario
        return {k * s.desk_step for k in range(1, math.ceil(s.horizon / s.desk_step - 1e-9) + 1)} if self.on else set()

    def overload(self, firm: int) -> float:
        """Months of work that lie ahead of each server of a firm."""
        ahead = [max(at - self.market.now, 0.0) for at in (*self.free[firm], *self.core[firm])]
        return math.fsum(ahead) / len(ahead) if ahead else 0.0

    def look(self) -> None:
        """Take up the complaints since the last look and tell their customers when the answer comes."""
        now, p = self.market.now, self.market.population
        complained_at = p.more["complained_at"][: p.n]
        came = np.flatnonzero((complained_at >= self._last) & (complained_at < now))
        self._last = now
        for firm in self.market.firms:
            mine = came[p.more["desk_firm"][came] == firm.index]
            mine = mine[np.lexsort((mine, complained_at[mine]))]
            ahead = np.zeros(mine.size, bool)
            if self._staff(self.core[firm.index], round(firm.figures["core_staff"]), now):
                ahead = (p.customers["flags"][mine] & Flag.CORE) != 0
                self._serve(mine[ahead], firm, self.core[firm.index])
            self._staff(self.free[firm.index], round(firm.figures["desk_staff"]), now)
            self._serve(mine[~ahead], firm, self.free[firm.index])

    def _serve(self, customers: npt.NDArray[np.int64], firm: Firm, free: list[float]) -> None:
        """Let complaints, in order, wait for these servers."""
        if customers.size:
            complained_at = self.market.population.more["complained_at"][customers]
            done = completions(complained_at, self._services(customers, firm.index), free)
            self._tell(customers, firm.index, done)
            self.market.engine.customers_moved(customers)

    @staticmethod
    def _staff(free: list[float], servers: int, now: float) -> bool:
        """Let new servers begin now, or those leave who are free first; the last one never does. True: some are there."""
        lacking = servers - len(free)
        free.extend([now] * lacking)
        if servers:
            free.sort()
            del free[: max(-lacking, 0)]
        return servers > 0

    def _services(self, customers: npt.NDArray[np.int64], firm: int) -> Floats:
        """How long a server needs for each complaint: exponential, from the customer's own luck."""
        p, rate = self.market.population, self.market.firms[firm].figures["desk_rate"]
        streams = np.where(customers < p.initial, customers, customers - p.initial + NEWCOMERS_FROM)
        nth = p.more["complaints"][customers]
        u = np.empty(customers.size)
        for n in np.unique(nth):
            u[nth == n] = lanes_of(self.market.key, Draw.DESK, streams[nth == n], int(n), 0)[0]
        return np.array([-math.log(x) / rate for x in u])

    def _tell(self, customers: npt.NDArray[np.int64], firm: int, done: Floats) -> None:
        """Write down when each complaint is answered, or when its customer gives up; leavers are answered, too."""
        market = self.market
        c, m = market.population.customers, market.population.more
        patience = market.world.segments["patience"][c["segment"][customers]]
        since = m["complained_at"][customers]
        for i, at, came, until in zip(customers, done, since, since + patience, strict=True):
            heapq.heappush(self._coming, Answer(at, int(i), firm, int(c["segment"][i]), at - came))
            if c["flags"][i] & Flag.WAITING and c["firm"][i] == firm:
                m["answer_at"][i] = max(min(at, until), market.now)
                if at > until:
                    m["grievance"][i] = TOO_LATE

    def count(self) -> None:
        """Count the complaints that have been answered by now, whoever still cares."""
        counts = self.market.world.counts
        while self._coming and self._coming[0].at < self.market.now:
            one = heapq.heappop(self._coming)
            counts[one.firm, one.segment, Count.ANSWERED] += 1
            counts[one.firm, one.segment, Count.WAITED] += int(one.wait * _FINE)

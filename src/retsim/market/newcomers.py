"""Newcomers to the market: a stream of its own, the same people under every strategy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.state import Count
from retsim.streams import Draw, lanes_of
from retsim.variates import exponentials

if TYPE_CHECKING:
    from retsim.market.market import Market

_CHUNK = 256


class Newcomers:
    """The n-th newcomer comes when the accumulated rate of entry reaches the n-th sum of Exp(1) gaps.

    A higher rate brings the same people earlier and can never change who they are.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.accumulated = 0.0
        self.thresholds = np.zeros(1)
        self.lanes = np.zeros((4, 0))
        self.entered = 0

    def rate(self) -> float:
        """Newcomers a month: a constant, and some for each satisfied customer of any firm."""
        entry = self.market.scenario.entry
        if entry.per_satisfied == 0.0:
            return float(entry.per_month)
        satisfied = int(self.market.world.counts[:, :, Count.SATISFIED].sum())
        return float(entry.per_month + entry.per_satisfied * satisfied)

    def come(self, now: float, months: float) -> int:
        """Bear those who come in the next months; returns how many."""
        rate = self.rate()
        if rate <= 0.0:
            return 0
        until = self.accumulated + rate * months
        self._extend(until)
        last = int(np.searchsorted(self.thresholds, until, side="left"))
        mine = slice(self.entered, last - 1)
        at = now + (self.thresholds[self.entered + 1 : last] - self.accumulated) / rate
        n = at.size
        if n:
            lanes = self.lanes[:, mine]
            self.market.population.add_newcomers(np.minimum(at, np.nextafter(now + months, now)), lanes[1], lanes[2])
            self.entered += n
        self.accumulated = until
        return n

    def _extend(self, until: float) -> None:
        """Draw waits until the last threshold lies beyond `until`; the sum runs in order, so chunks do not matter."""
        while self.thresholds[-1] < until:
            n = self.lanes.shape[1]
            ids = np.arange(n, n + max(_CHUNK, n // 2))
            fresh = lanes_of(self.market.key, Draw.ENTRY, ids, 0, 0)
            steps = np.concatenate((self.thresholds[-1:], exponentials(fresh[0])))
            self.thresholds = np.concatenate((self.thresholds, np.cumsum(steps)[1:]))
            self.lanes = np.concatenate((self.lanes, fresh), axis=1)

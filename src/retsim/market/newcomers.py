"""Newcomers to the market: a stream of its own, the same people under every strategy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.state import Count
from retsim.streams import Draw, lanes_of
from retsim.variates import exponentials

if TYPE_CHECKING:
    from retsim.market.market import Market

_CHUNK = 2048


class Newcomers:
    """The n-th newcomer comes when the accumulated rate of entry reaches the n-th sum of Exp(1) gaps.

    A higher rate brings the same people earlier and can never change who they are.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.accumulated = 0.0
        self.drawn = 0
        self.thresholds = np.zeros(1)
        """That of who came last, and of those who are drawn and still to come."""
        self.luck = np.zeros(0), np.zeros(0)
        """Theirs: who walks straight into a firm, and into which."""

    def rate(self) -> float:
        """Newcomers a month: a constant, and some for each satisfied customer of any firm."""
        entry = self.market.scenario.entry
        if entry.per_satisfied == 0.0:
            return float(entry.per_month)
        satisfied = sum(self.market.world.counts[:, :, Count.SATISFIED].ravel().tolist())
        return float(entry.per_month + entry.per_satisfied * satisfied)

    def come(self, now: float, months: float) -> int:
        """Bear those who come in the next months; returns how many."""
        rate = self.rate()
        if rate <= 0.0:
            return 0
        until = self.accumulated + rate * months
        self._extend(until)
        n = int(self.thresholds.searchsorted(until)) - 1
        if n:
            walks, door = self.luck
            course = now, self.accumulated, rate, math.nextafter(now + months, now)
            self.market.population.add_newcomers(self.thresholds[1 : n + 1], (walks[:n], door[:n]), course)
            self.thresholds, self.luck = self.thresholds[n:], (walks[n:], door[n:])
        self.accumulated = until
        return n

    def _extend(self, until: float) -> None:
        """Draw waits until the last threshold lies beyond `until`; the sum runs in order, so chunks do not matter."""
        while self.thresholds[-1] < until:
            ids = np.arange(self.drawn, self.drawn + max(_CHUNK, int(until - self.thresholds[-1])))
            gaps, walks, door, _ = lanes_of(self.market.key, Draw.ENTRY, ids, 0, 0)
            steps = np.concatenate((self.thresholds[-1:], exponentials(gaps)))
            self.thresholds = np.concatenate((self.thresholds, np.cumsum(steps)[1:]))
            self.luck = np.concatenate((self.luck[0], walks)), np.concatenate((self.luck[1], door))
            self.drawn += ids.size

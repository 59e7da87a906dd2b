"""Who knows whom: networks that are the same under every strategy (R17).

A tie belongs to the customer who makes it and is a function of (seed, replication, customer, n-th tie): a newcomer's
ties are added to those there are and change nobody else's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retsim.streams import NEWCOMERS_FROM, Draw, lanes_of

Ints = npt.NDArray[np.int64]

_AT_ONCE = 1 << 15
KINDS = ("random", "small-world", "scale-free")


class Network:
    """A growing network.

    Parameters
    ----------
    kind : {"random", "small-world", "scale-free"}
        Each customer makes `ties` ties. random: with anybody. small-world (Watts & Strogatz 1998): with the next on a
        ring, a share `rewiring` with anybody; newcomers stand in a row behind it. scale-free: with the end of any
        earlier tie, so that those who have many get more (Barabasi & Albert 1999).
    key : tuple of int
        (seed, replication).
    ties : int
    rewiring : float

    Attributes
    ----------
    partners : int32 (n, ties)
        With whom each has made ties; somebody alone is their own partner, which is no tie.
    """

    def __init__(self, kind: str, key: tuple[int, int], *, ties: int, rewiring: float = 0.0) -> None:
        self.kind, self.key, self.ties, self.rewiring = kind, key, ties, rewiring
        self.n = 0
        self.partners: npt.NDArray[np.int32] = np.zeros((0, ties), np.int32)
        self._ends: npt.NDArray[np.uint32] = np.zeros(0, np.uint32)

    def grow(self, n: int, initial: int) -> None:
        """Let customers up to n-1 make their ties; the first `initial` are there from the start."""
        if n <= self.n:
            return
        grown = np.empty((n, self.ties), np.int32)
        grown[: self.n] = self.partners
        self.partners = grown
        # Some at a time: of a large market all numbers at once would be the most that a run holds.
        while self.n < n:
            self._tie(np.arange(self.n, min(self.n + _AT_ONCE, n)), initial)

    def _tie(self, ids: Ints, initial: int) -> None:
        streams = np.where(ids < initial, ids, ids - initial + NEWCOMERS_FROM)
        new = np.empty((ids.size, self.ties), np.int64 if self.kind == "scale-free" else np.int32)
        for k in range(self.ties):
            u, u_rewired, *_ = lanes_of(self.key, Draw.NETWORK, streams, k, 0)
            if self.kind == "scale-free":
                new[:, k] = np.where(ids > 0, u * (2 * self.ties * ids), 2 * k)
            else:
                new[:, k] = _anybody(ids, u, initial)
                if self.kind == "small-world":
                    new[:, k] = np.where(u_rewired < self.rewiring, new[:, k], self._next(ids, k + 1, initial))
        if self.kind == "scale-free":
            new = self._ends_of(new)
        self.partners[ids] = new
        self.n += ids.size

    def _next(self, ids: Ints, steps: int, initial: int) -> Ints:
        """So many steps further on the ring; for a newcomer among those who came just before."""
        return np.where(ids < initial, (ids + steps) % max(initial, 1), np.maximum(ids - steps, 0))

    def _ends_of(self, places: Ints) -> Ints:
        """An end of an earlier tie: place 2 e is the maker of tie e, place 2 e + 1 its partner, found by going back."""
        found = places.ravel()
        self._ends = np.concatenate((self._ends, found), dtype=np.uint32, casting="unsafe")
        while (odd := found % 2 == 1).any():
            found[odd] = self._ends[found[odd] // 2]
        return (found // 2 // self.ties).reshape(places.shape)


def _anybody(ids: Ints, u: npt.NDArray[np.float64], initial: int) -> Ints:
    """Any other of those at the start; for a newcomer anybody who was there before."""
    others = np.where(ids < initial, initial - 1, ids)
    partner = (u * others).astype(np.int64)
    partner += (ids < initial) & (partner >= ids)
    return np.where(others > 0, partner, ids)

"""Who knows whom: networks that are the same under every strategy (R17).

A tie belongs to the customer who makes it and is a function of (seed, replication, customer, n-th tie): a newcomer's
ties are added to those there are and change nobody else's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from retsim.streams import NEWCOMERS_FROM, Draw, lanes_of

Ints = npt.NDArray[np.int64]

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
    pairs : int64 (2, n x ties)
        Maker and partner of each tie; somebody alone is their own partner, which is no tie.
    """

    def __init__(self, kind: str, key: tuple[int, int], *, ties: int, rewiring: float = 0.0) -> None:
        self.kind, self.key, self.ties, self.rewiring = kind, key, ties, rewiring
        self.n = 0
        self.pairs: Ints = np.zeros((2, 0), np.int64)
        self._ends: Ints = np.zeros(0, np.int64)

    def grow(self, n: int, initial: int) -> None:
        """Let customers up to n-1 make their ties; the first `initial` are there from the start."""
        if n <= self.n:
            return
        ids = np.arange(self.n, n)
        streams = np.where(ids < initial, ids, ids - initial + NEWCOMERS_FROM)
        lanes = np.array([lanes_of(self.key, Draw.NETWORK, streams, k, 0)[:2] for k in range(self.ties)])
        u, u_rewired = lanes[:, 0].T, lanes[:, 1].T
        if self.kind == "scale-free":
            partners = self._ends_of(ids, u)
        else:
            partners = _anybody(ids, u, initial)
            if self.kind == "small-world":
                partners = np.where(u_rewired < self.rewiring, partners, self._next(ids, initial))
        makers = np.repeat(ids, self.ties)
        self.pairs = np.concatenate((self.pairs, np.stack((makers, partners.ravel()))), axis=1)
        self.n = n

    def _next(self, ids: Ints, initial: int) -> Ints:
        """The next on the ring; for a newcomer those who came just before."""
        steps = np.arange(1, self.ties + 1)
        on_ring = (ids[:, None] + steps) % max(initial, 1)
        return np.where(ids[:, None] < initial, on_ring, np.maximum(ids[:, None] - steps, 0))

    def _ends_of(self, ids: Ints, u: npt.NDArray[np.float64]) -> Ints:
        """An end of an earlier tie: place 2 e is the maker of tie e, place 2 e + 1 its partner, found by going back."""
        places = (u * (2 * self.ties * ids[:, None])).astype(np.int64)
        first = np.flatnonzero(ids == 0)
        places[first] = 2 * np.arange(self.ties)
        self._ends = np.concatenate((self._ends, places.ravel()))
        places = places.ravel()
        while (odd := places % 2 == 1).any():
            places[odd] = self._ends[places[odd] // 2]
        return (places // 2 // self.ties).reshape(u.shape)


def _anybody(ids: Ints, u: npt.NDArray[np.float64], initial: int) -> Ints:
    """Any other of those at the start; for a newcomer anybody who was there before."""
    me = ids[:, None]
    others = np.where(me < initial, initial - 1, me)
    partner = (u * others).astype(np.int64)
    partner += (me < initial) & (partner >= me)
    return np.where(others > 0, partner, me)

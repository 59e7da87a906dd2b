"""Occasions prepared many at a time: the same functions as `lifecycle.preparing`, in loops without branches.

LLVM turns these loops into vector instructions, four or eight customers at once. Every operation is one that IEEE 754
rounds exactly and elementwise, so the numbers are those of one customer alone, to the last bit.
"""

from __future__ import annotations

import numpy as np

from retsim.jit import rule
from retsim.lifecycle.preparing import Prepared, discount_at, stream_of
from retsim.numerics import unit
from retsim.rules.bonds import kept
from retsim.rules.growth import risen
from retsim.streams import Draw, philox
from retsim.variates import exponential, gumbel, normal
from retsim.world import clock, customer, segment

SIZE = 256
"""Customers prepared at once: their scratch stays in the first-level cache."""

N_NUMBERS, N_WORDS = 16, 5
DUE = 4
"""Row of words that lists those to whom something may happen next."""
_APART = 40
"""Columns beyond a batch: room for those who are asked for ahead, and rows not a whole number of pages apart."""


def scratch() -> tuple[np.ndarray, np.ndarray]:
    """Room for one batch: numbers (float64) and counter words (uint64), a row each."""
    return np.empty((N_NUMBERS, SIZE + _APART)), np.empty((N_WORDS, SIZE + _APART), np.uint64)


@rule
def prepare_batch(world, n, numbers, words):
    """Prepare the n customers of `words[0]`, at the times `numbers[0]`; rows 4 to 15 become a `Prepared` each."""
    run = clock(world)
    key = run.seed, run.replication
    for k in range(n):
        i = np.int64(words[0, k])
        c = customer(world, i)
        b = segment(world, c.segment)
        when = numbers[0, k]
        words[1, k] = np.uint64(stream_of(run, i))
        words[2, k] = np.uint64(c.occasions)
        words[3, k] = np.uint64((np.int64(c.firm) + 1) // 4)
        numbers[1, k] = b.attachment_decay
        numbers[2, k] = b.sunk_depreciation
        numbers[3, k] = b.procedural_scale
        numbers[13, k] = when - c.decayed_at
        numbers[15, k] = when - c.joined_at
    purpose = np.uint64(Draw.OCCASION)
    for k in range(n):
        w = philox((words[2, k], np.uint64(0), words[1, k], purpose), key)
        numbers[4, k], numbers[5, k] = unit(w[0]), unit(w[1])
        numbers[6, k], numbers[7, k] = unit(w[2]), unit(w[3])
    purpose = np.uint64(Draw.CHOICE)
    for k in range(n):
        w = philox((words[2, k], words[3, k], words[1, k], purpose), key)
        numbers[8, k], numbers[9, k] = unit(w[0]), unit(w[1])
        numbers[10, k], numbers[11, k] = unit(w[2]), unit(w[3])
    for k in range(n):
        numbers[4, k] = exponential(numbers[4, k])
    for k in range(n):
        numbers[5, k] = normal(numbers[5, k])
    for row in range(8, 9 + min(world.n_firms, 3)):
        for k in range(n):
            numbers[row, k] = gumbel(numbers[row, k])
    for k in range(n):
        numbers[12, k] = discount_at(run.discount, numbers[0, k])
    for k in range(n):
        numbers[14, k] = kept(numbers[2, k], numbers[13, k])
    for k in range(n):
        numbers[13, k] = kept(numbers[1, k], numbers[13, k])
    for k in range(n):
        numbers[15, k] = risen(numbers[15, k], numbers[3, k])


@rule
def prepared(numbers, k):
    """The k-th customer's `Prepared`."""
    return Prepared(
        numbers[4, k], numbers[5, k], numbers[6, k], numbers[7, k], numbers[8, k], numbers[9, k],
        numbers[10, k], numbers[11, k], numbers[12, k], numbers[13, k], numbers[14, k], numbers[15, k],
    )  # fmt: skip

"""Scratch of the compiled engine: waiting lines, and the columns of the batch that is lived through.

A column is a row of `numbers` (float64) or `words` (int64), all at constant distances in one array: so LLVM sees that
they do not overlap and makes vector instructions of loops over them. Owns the layout; what is in a column is written
and read by `retsim.engines.batch` and its neighbours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.jit import rule
from retsim.world import expect

SIZE = 128
"""Customers in a batch."""
WIDTH = SIZE + 8
"""Length of a column: columns are not a whole number of pages apart."""
LOOK = 2048
"""Customers among whom it is looked at once who is due."""
AHEAD = 32
"""Customers whose records are asked for before it is their turn."""
LANES = 16
"""A batch is filled up to a multiple of this, so that no loop has a rest to do one by one."""

(
    WHEN, WAIT, SCATTER, U_ATTENTION, U_FAILURE, TASTE_0, TASTE_1, TASTE_2, TASTE_3, DISCOUNT, ATTACHMENT_KEPT, SUNK_KEPT,
    GROWN, TENURE, U_VANISH, U_AVOIDABLE, U_SPEND, SATISFACTION, EXPECTATION, ATTACHMENT, SUNK, PRICE_SEEN, MONEY_SIZE, NEXT,
    SERVING, SPEND, WORTH, SUNK_SENSITIVITY, SOCIAL, ATTENTION, RATE, STANCE, EFFORT, VANISHES,
    LEFT, MONTHS, USAGE, HELD_SURPLUS, HELD_ATTACHMENT, HELD_SUNK, HELD_SWITCHING, HELD_TERMINATION, STAYING, QUITTING,
    AGAINST, OPPORTUNITY, OWN_TASTE, WILLING, TIME,
) = range(49)  # fmt: skip
N_NUMBERS = 49
WHO, STREAM, NTH, SPECIAL, THINKER, TRIGGER, FATE, SPENT, QUIET, STAYS, MOVER, OUTCOME = range(12)
N_WORDS = 12


class Room(NamedTuple):
    """What one thread works in.

    Attributes
    ----------
    numbers : float64 (N_NUMBERS x WIDTH,)
    words : int64 (N_WORDS x WIDTH,)
    who, when : int64 and float64 (n_lines x (2 SIZE + 1),)
        Customers waiting for an occasion, a line for each firm and segment, and when it comes.
    lengths : int64 (n_lines,)
    due : int64 (LOOK + AHEAD,)
        Those to whom something may happen next.
    turns : int64 (2,)
        Whose turn it is among them, and how many they are.
    constants : float64 (N_NUMBERS,)
        What a whole column is filled with; NaN where that was never done.
    """

    numbers: npt.NDArray[np.float64]
    words: npt.NDArray[np.int64]
    who: npt.NDArray[np.int64]
    when: npt.NDArray[np.float64]
    lengths: npt.NDArray[np.int64]
    due: npt.NDArray[np.int64]
    turns: npt.NDArray[np.int64]
    constants: npt.NDArray[np.float64]


def room_for(n_lines: int) -> Room:
    """An empty room with so many lines."""
    return Room(
        np.zeros(N_NUMBERS * WIDTH),
        np.zeros(N_WORDS * WIDTH, np.int64),
        np.empty(n_lines * (2 * SIZE + 1), np.int64),
        np.empty(n_lines * (2 * SIZE + 1)),
        np.zeros(n_lines, np.int64),
        np.zeros(LOOK + AHEAD, np.int64),
        np.zeros(2, np.int64),
        np.full(N_NUMBERS, np.nan),
    )


@rule
def cell(column, k):
    """Place of the k-th of a batch in a column; unsigned, so that it is not asked whether it counts from the end."""
    return np.uint64(column * WIDTH + k)


@rule
def place(line, k):
    """Place of the k-th in a line."""
    return np.uint64(line * (2 * SIZE + 1) + k)


@rule
def ask_for_next(world, k, room):
    """Have the record of the k-th after those whose turn it was brought into the cache, while this batch is lived through."""
    turn = room.turns[0] + k
    if turn < room.turns[1]:
        expect(world, room.due[np.uint64(turn)])


@rule
def whole(n):
    """A batch of n, filled up to whole lanes."""
    return (n + LANES - 1) // LANES * LANES

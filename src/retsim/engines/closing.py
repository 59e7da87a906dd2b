"""At the end of a period: what tables hold is taken down, and what counts anew starts at zero, in either engine."""

from __future__ import annotations

import numpy as np

from retsim.jit import kernel, rule
from retsim.state import N_ACCOUNTS, N_CHANNELS, N_COUNTS, N_STOCKS
from retsim.world import clock

_TOGETHER = 16
"""Cells that are looked at in one go: most of a table is zero."""


@kernel
def close_period(ref, tables, cells, values):
    """Write down where base, book and decisions are not zero, and what is there; all flows start again at zero.

    Parameters
    ----------
    ref : what `World.ref` is
    tables : tuple of four int64 (size,)
        Its base, book, decisions and counts.
    cells, values : int64 (n,)
        Room for all of it: places in each table, and what is there, one table after the other.

    Returns
    -------
    tuple of int
        Where each table's part ends.
    """
    base, book, decisions, counts = tables
    world = ref[0]
    run = clock(world)
    # Cohorts to come have no cell that is not zero.
    rows = (run.period + 2) * world.n_firms * world.n_segments * N_CHANNELS
    first = _take(base, rows, cells, values, (0, False))
    second = _take(book, rows * N_ACCOUNTS, cells, values, (first, True))
    third = _take(decisions, decisions.size, cells, values, (second, True))
    for row in range(0, counts.size, N_COUNTS):
        for flow in range(N_STOCKS, N_COUNTS):
            counts[np.uint64(row + flow)] = 0
    run.period += 1
    return first, second, third


@rule
def _take(table, size, cells, values, how):
    """Write down the first cells of a table from a place on; `how` is (place, whether they are emptied).

    Returns the place after it.
    """
    n, emptied = how
    whole = size - size % _TOGETHER
    for start in range(0, whole, _TOGETHER):
        if _any(table, start):
            n = _take_some(table, (start, start + _TOGETHER), cells, values, (n, emptied))
    return _take_some(table, (whole, size), cells, values, (n, emptied))


@rule
def _any(table, start):
    """Whether any of the next cells is not zero."""
    seen = 0
    for k in range(_TOGETHER):
        seen |= table[np.uint64(start + k)]
    return seen != 0


@rule
def _take_some(table, span, cells, values, how):
    n, emptied = how
    for i in range(span[0], span[1]):
        # Without a branch: which of some cells are zero cannot be guessed.
        x = table[np.uint64(i)]
        cells[np.uint64(n)], values[np.uint64(n)] = i, x
        n += x != 0
    if emptied:
        for i in range(span[0], span[1]):
            table[np.uint64(i)] = 0
    return n

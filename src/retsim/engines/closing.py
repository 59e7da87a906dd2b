"""At the end of a period: what tables hold is taken down, in either engine."""

from __future__ import annotations

import numpy as np

from retsim.jit import kernel, rule

_TOGETHER = 16
"""Cells that are looked at in one go: most of a table is zero."""


@kernel
def take_down(tables, cells, values):
    """Write down where three tables are not zero, and what is there; all but the first start again at zero.

    Parameters
    ----------
    tables : tuple of three int64 (size,)
    cells, values : int64 (n,)
        Room for all of it: places in each table, and what is there, one table after the other.

    Returns
    -------
    tuple of int
        Where each table's part ends.
    """
    first = _take(tables[0], cells, values, (0, False))
    second = _take(tables[1], cells, values, (first, True))
    return first, second, _take(tables[2], cells, values, (second, True))


@rule
def _take(table, cells, values, how):
    """Write down one table from a place on; `how` is (place, whether it is emptied). Returns the place after it."""
    n, emptied = how
    whole = table.size - table.size % _TOGETHER
    for start in range(0, whole, _TOGETHER):
        if _any(table, start):
            n = _take_some(table, (start, start + _TOGETHER), cells, values, (n, emptied))
    return _take_some(table, (whole, table.size), cells, values, (n, emptied))


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
        x = table[i]
        if x != 0:
            cells[n], values[n] = i, x
            n += 1
            if emptied:
                table[i] = 0
    return n

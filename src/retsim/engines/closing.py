"""At the end of a period: what tables hold is taken down, in either engine."""

from __future__ import annotations

from retsim.jit import kernel, rule


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
    for i in range(table.size):
        x = table[i]
        if x != 0:
            cells[n], values[n] = i, x
            n += 1
            if emptied:
                table[i] = 0
    return n

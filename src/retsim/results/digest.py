"""The fingerprint of a run: SHA-256 over every bit of its customers, ledger and periods."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from retsim.results.run import Run

__all__ = ["digest_of"]


def digest_of(run: Run) -> str:
    """SHA-256 (hexadecimal); the same from either engine and any number of threads or workers.

    Goes over the customers, their relations to firms and what further mechanisms keep of them, field by field, and over counters, pools, cohort
    stocks, ledger and decisions of every period. Neither the event log nor the names of things are in it.
    """
    text = hashlib.sha256(b"retsim run 1")
    more = (run.more,) if run.more.size else ()
    for records in (run.records, run.relations, *more):
        for name in records.dtype.names or ():
            _add(text, records[name])
    if run.dues.size:
        _add(text, run.dues)
    books = run.books
    for dense in (books.counts, books.pools):
        _add(text, np.array(dense))
    for sparse in (books.base, books.ledger, books.decisions):
        _add(text, np.array([period.cells.size for period in sparse]))
        for period in sparse:
            text.update(_bits(period.cells))
            text.update(_bits(period.values))
    return text.hexdigest()


def _add(text: hashlib._Hash, array: npt.NDArray) -> None:
    """Add shape, type and bits of an array."""
    text.update(f"{array.dtype.str[1:]}{array.shape}".encode())
    text.update(_bits(array))


def _bits(array: npt.NDArray) -> memoryview | bytes:
    """The bits of an array, row by row, little end first."""
    little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    return little.data if little.size else b""

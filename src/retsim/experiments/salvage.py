"""What can be saved of a damaged store: every row is looked for in the raw pages, whatever is broken around it.

SQLite refuses a file as soon as one page of a tree is wrong. Rows carry a checksum of their own, so here the pages
are read without their trees: each leaf page of the file and of its write-ahead log is tried, its rows are put
together with their overflow pages, and the caller keeps those whose checksum is right.

Format: "Database File Format" of SQLite, sections 1.5 (B-tree pages), 1.6 (overflow), 2.1 (records), 4.1 (log).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

PAGE = 4096
"""Bytes of a page; the store asks for it when it makes a file."""
_LEAF = 0x0D
_LOG_HEAD, _FRAME_HEAD = 32, 24
_MOST = 1 << 28
"""Bytes that no row has."""

Pages = dict[int, bytes]

__all__ = ["PAGE", "log_damage", "rows"]


def rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """Rows of all tables that can be put together, some more than once; what is in them may be wrong."""
    pages = _pages(path)
    frames = list(_frames(path))
    newest = pages | dict(frames)
    for page in [*pages.values(), *(page for _, page in frames)]:
        yield from _rows_of(page, newest)


def log_damage(path: Path) -> str:
    """What is wrong with the write-ahead log beside a store, empty if nothing is.

    SQLite takes a log only up to its first wrong frame, and says nothing. A log that a crash cut short ends there;
    one in which a whole transaction follows was damaged later.
    """
    log = _log(path)
    if len(log) <= _LOG_HEAD:
        return ""
    order = "<" if log[3] & 1 == 0 else ">"
    sums = _checksum(log[:24], (0, 0), order)
    if log[:3] != b"\x37\x7f\x06" or struct.unpack(">II", log[24:32]) != sums:
        return "the head of the log is wrong"
    for number, start in enumerate(range(_LOG_HEAD, len(log) - _FRAME_HEAD - PAGE + 1, _FRAME_HEAD + PAGE), start=1):
        frame = log[start : start + _FRAME_HEAD + PAGE]
        sums = _checksum(frame[:8] + frame[_FRAME_HEAD:], sums, order)
        if frame[8:16] != log[16:24] or struct.unpack(">II", frame[16:24]) != sums:
            return f"frame {number} of the log is wrong" if _commits_after(log, start) else ""
    return ""


def _commits_after(log: bytes, start: int) -> bool:
    """Whether a frame of this log that ends a transaction stands at or after a place."""
    for place in range(start, len(log) - _FRAME_HEAD + 1, _FRAME_HEAD + PAGE):
        size, salt = log[place + 4 : place + 8], log[place + 8 : place + 16]
        if salt == log[16:24] and size != b"\0\0\0\0":
            return True
    return False


def _checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """Cumulative checksum of the log (section 4.2)."""
    s0, s1 = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for k in range(0, len(words), 2):
        s0 = (s0 + words[k] + s1) & 0xFFFFFFFF
        s1 = (s1 + words[k + 1] + s0) & 0xFFFFFFFF
    return s0, s1


def _pages(path: Path) -> Pages:
    content = path.read_bytes()
    return {k // PAGE + 1: content[k : k + PAGE].ljust(PAGE, b"\0") for k in range(0, len(content), PAGE)}


def _log(path: Path) -> bytes:
    log = path.with_name(path.name + "-wal")
    return log.read_bytes() if log.exists() else b""


def _frames(path: Path) -> Iterator[tuple[int, bytes]]:
    log = _log(path)
    for start in range(_LOG_HEAD, len(log) - _FRAME_HEAD - PAGE + 1, _FRAME_HEAD + PAGE):
        yield int.from_bytes(log[start : start + 4]), log[start + _FRAME_HEAD : start + _FRAME_HEAD + PAGE]


def _rows_of(page: bytes, pages: Pages) -> Iterator[tuple[Any, ...]]:
    """Rows of a leaf page."""
    if page[0] != _LEAF:
        return
    for k in range(min(int.from_bytes(page[3:5]), PAGE // 4)):
        row = _row(page, int.from_bytes(page[8 + 2 * k : 10 + 2 * k]), pages)
        if row is not None:
            yield row


def _row(page: bytes, start: int, pages: Pages) -> tuple[Any, ...] | None:
    try:
        size, start = _varint(page, start)
        _, start = _varint(page, start)
        return _record(_payload(page, (start, size), pages))
    except (LookupError, ValueError, struct.error):
        return None


def _payload(page: bytes, place: tuple[int, int], pages: Pages) -> bytes:
    """Bytes of a row, those on overflow pages included."""
    start, size = place
    if not 0 < size < _MOST:
        raise ValueError("size")
    most, least = PAGE - 35, (PAGE - 12) * 32 // 255 - 23
    here = size
    if size > most:
        here = least + (size - least) % (PAGE - 4)
        here = here if here <= most else least
    found = [page[start : start + here]]
    following, left = int.from_bytes(page[start + here : start + here + 4]), size - here
    while left > 0:
        found.append(pages[following][4 : 4 + left])
        following, left = int.from_bytes(pages[following][:4]), left - (PAGE - 4)
    return b"".join(found)


def _record(payload: bytes) -> tuple[Any, ...]:
    """Values of a record; numbers with a fraction are not told apart, because the store has none."""
    end, at = _varint(payload, 0)
    kinds = []
    while at < end:
        kind, at = _varint(payload, at)
        kinds.append(kind)
    values: list[Any] = []
    for kind in kinds:
        value, at = _value(payload, kind, at)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, kind: int, at: int) -> tuple[Any, int]:
    if kind in (0, 8, 9):
        return (None, 0, 1)[max(kind - 7, 0)], at
    if kind < 12:
        size = (1, 2, 3, 4, 6, 8)[kind - 1]
        return int.from_bytes(payload[at : at + size], signed=True), at + size
    size = (kind - 12) // 2
    data = payload[at : at + size]
    if len(data) < size:
        raise ValueError("cut short")
    decode: Callable[[bytes], Any] = bytes if kind % 2 == 0 else bytes.decode
    return decode(data), at + size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for k in range(9):
        byte = data[at + k]
        if k == 8:
            return value << 8 | byte, at + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + k + 1
    raise ValueError("varint")

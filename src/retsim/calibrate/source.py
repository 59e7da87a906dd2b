"""A file as lines of text: gzip, encodings, and what is not text at all.

Owns everything below the first delimiter. The file is streamed, so that memory does not
grow with columns that nobody asked for.
"""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, cast

from retsim.calibrate.errors import CsvError

HEAD_BYTES = 65_536
"""How much of the file decides on its encoding and whether it is text."""

MAX_LINE = 1_048_576
"""Longest line that is still taken for a table's row, in characters; *assumed*."""

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_OTHER_KINDS = (
    (b"PK\x03\x04", "a zip archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a database"),
)

_READ_FAULTS = (OSError, EOFError, zlib.error)


@dataclass(frozen=True)
class Source:
    """A text file that has been looked into and can be read line by line.

    Attributes
    ----------
    path : Path
        The file.
    encoding : str
        Encoding as Python names it.
    certain : bool
        The encoding was given or marked in the file; otherwise UTF-8 was taken, and
        cp1252 takes its place if the file turns out not to be UTF-8.
    head : list of str
        The first lines, line ends included.
    """

    path: Path
    encoding: str
    certain: bool
    head: list[str]

    def lines(self) -> Iterator[str]:
        """Yield every line, line ends included; raise `CsvError` where the file breaks."""
        row = 0
        try:
            with io.TextIOWrapper(_opened(self.path), encoding=self.encoding, newline="") as text:
                while line := text.readline(MAX_LINE + 1):
                    row += 1
                    if len(line) > MAX_LINE:
                        raise _too_long(self.path, row)
                    if "\0" in line:
                        raise _not_text(self.path, row)
                    yield line
        except UnicodeDecodeError as fault:
            if not self.certain and self.encoding == "utf-8":
                raise
            raise _undecodable(self.path, self.encoding, row + 1) from fault
        except _READ_FAULTS as fault:
            raise CsvError(self.path, f"breaks off while reading ({fault})", row=row + 1) from fault

    def as_cp1252(self) -> Source:
        """Return the same file, to be read in the Western European Windows encoding."""
        return replace(self, encoding="cp1252")


def open_source(path: str | Path, encoding: str | None = None) -> Source:
    """Look into a file and settle how it is to be read.

    Parameters
    ----------
    path : str or Path
        A text file, plain or gzipped.
    encoding : str, optional
        Encoding as Python names it. By default a byte order mark decides, then zero
        bytes (UTF-16 without a mark), then UTF-8, then cp1252.

    Returns
    -------
    Source

    Raises
    ------
    CsvError
        No such file, a folder, empty, unreadable, not text, or an unknown encoding.
    """
    path = Path(path)
    head = _head(path)
    _refuse_other_kinds(path, head)
    if encoding is None:
        name, certain = _detected(path, head)
    else:
        name, certain = _known(path, encoding), True
    lines = list(io.StringIO(_decoded_head(path, head, name), newline=""))
    if not any(line.strip() for line in lines):
        raise CsvError(path, "holds only blank lines, expected a table of transactions")
    return Source(path, name, certain, lines)


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as raw:
        gzipped = raw.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path, "rb")) if gzipped else path.open("rb")


def _head(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise CsvError(path, "is a folder, expected a file with one transaction a row")
        if not path.exists():
            raise CsvError(path, "no such file; check the name and the folder it is in")
        if not path.is_file():
            raise CsvError(path, "is not a regular file, expected a CSV on disk")
        with _opened(path) as raw:
            head = raw.read(HEAD_BYTES)
    except (*_READ_FAULTS, ValueError) as fault:
        if isinstance(fault, CsvError):
            raise
        raise CsvError(path, f"cannot be read ({fault})") from fault
    if not head.strip():
        raise CsvError(path, "is empty, expected a header and one transaction a row")
    return head


def _refuse_other_kinds(path: Path, head: bytes) -> None:
    for magic, kind in _OTHER_KINDS:
        if head.startswith(magic):
            raise CsvError(path, f"is {kind}, expected text; export the transactions as CSV")


def _known(path: Path, encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        raise CsvError(path, f"unknown encoding {encoding!r}; use for example utf-8 or cp1252") from None


def _detected(path: Path, head: bytes) -> tuple[str, bool]:
    for mark, name in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name, True
    if b"\0" not in head:
        return ("utf-8", False) if _is_utf8(head) else ("cp1252", False)
    # Latin text in UTF-16 has a zero in nearly every second byte, and only there.
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le", True
    if even > 0.7 * half and odd < 0.05 * half:
        return "utf-16-be", True
    raise _not_text(path)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, final=len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def _decoded_head(path: Path, head: bytes, encoding: str) -> str:
    whole = len(head) < HEAD_BYTES
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
    except UnicodeDecodeError as fault:
        row = head[: fault.start].count(b"\n") + 1
        raise _undecodable(path, encoding, row) from fault
    if any(ord(c) < 32 and c not in "\t\n\r\f\v\x1a" for c in text):
        raise _not_text(path)
    if len(text) >= HEAD_BYTES // 4 and "\n" not in text and "\r" not in text and not whole:
        raise _too_long(path, 1)
    return text


def _not_text(path: Path, row: int | None = None) -> CsvError:
    return CsvError(path, "is not text (it holds control characters); expected a CSV", row=row)


def _too_long(path: Path, row: int) -> CsvError:
    return CsvError(path, "the line is too long for a table; expected one transaction a line", row=row)


def _undecodable(path: Path, encoding: str, row: int) -> CsvError:
    name = "neither UTF-8 nor cp1252" if encoding == "cp1252" else f"not {encoding}"
    rule = f"bytes that are {name}, at or shortly after this row; name the file's encoding with --encoding"
    return CsvError(path, rule, row=row)

"""On which line of a scenario file a key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["lines_of"]

_TOKEN = re.compile(
    r'''(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{}=,])|(?P<dot>\.)|(?P<bare>[A-Za-z0-9_-]+)""",
    re.DOTALL,
)


class _Open(NamedTuple):
    """A bracket that is still open: its kind, and the key whose value it began."""

    bracket: str
    key: str


def lines_of(text: str) -> dict[str, int]:
    """Line (from 1) where every dotted key, and every table around one, first stands in a valid TOML text."""
    found: dict[str, int] = {}
    reader = _Reader()
    for line, kind, token in _tokens(text):
        key = reader.read(kind, token)
        if key is not None:
            found.setdefault(key, line)
        while key:
            key = key.rpartition(".")[0]
            found.setdefault(key, line)
    return found


class _Reader:
    """Reads token by token and tells which key has just been completed."""

    def __init__(self) -> None:
        self.table = ""
        self.key = ""
        self.parts: list[str] = []
        self.open: list[_Open] = []
        self.in_header = False
        self.before_value = True

    def read(self, kind: str, token: str) -> str | None:
        """Take one token; the dotted key that it completes, if any."""
        if self.before_value and kind in ("text", "bare"):
            self.parts.append(_unquoted(token))
        elif kind == "newline" and not self.open:
            self._next_key()
        elif kind == "mark":
            return self._mark(token)
        return None

    def _mark(self, mark: str) -> str | None:
        if mark == "=" and self.before_value:
            self.key, self.before_value = _joined(self._prefix(), self.parts), False
            return self.key
        if not self.open and (self.in_header or self.before_value):
            return self._header(mark)
        if mark in "{[":
            self.open.append(_Open(mark, self.key))
            self.before_value, self.parts = mark == "{", []
        elif mark in "}]" and self.open:
            self.key, self.before_value = self.open.pop().key, False
        elif mark == "," and self.open:
            self.before_value, self.parts = self.open[-1].bracket == "{", []
        return None

    def _header(self, mark: str) -> str | None:
        if mark == "[":
            self.in_header, self.parts = True, []
        elif mark == "]" and self.in_header:
            self.in_header, self.table = False, _joined("", self.parts)
            return self.table
        return None

    def _prefix(self) -> str:
        return self.open[-1].key if self.open else self.table

    def _next_key(self) -> None:
        self.before_value, self.parts, self.in_header = True, [], False


def _tokens(text: str) -> Iterator[tuple[int, str, str]]:
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        yield line, match.lastgroup or "", token
        line += token.count("\n")


def _joined(prefix: str, parts: list[str]) -> str:
    return ".".join([prefix, *parts] if prefix else parts)


def _unquoted(token: str) -> str:
    if token[0] not in "\"'":
        return token
    return str(tomllib.loads(f"x = {token}")["x"]) if "\\" in token else token[1:-1]

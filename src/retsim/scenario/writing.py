"""A scenario as text of a scenario file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from retsim.scenario.merging import is_family

__all__ = ["key_text", "text_of"]

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def text_of(table: Mapping[str, Any]) -> str:
    """TOML text of nested plain tables: values first, then tables; distributions on one line."""
    return "\n".join(_lines(table, "")).lstrip("\n") + "\n"


def key_text(key: str) -> str:
    """A key as it is written: quoted where TOML asks for it."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _string(key)


def _lines(table: Mapping[str, Any], path: str) -> Iterator[str]:
    tables = {key: value for key, value in table.items() if isinstance(value, Mapping) and not is_family(value)}
    if path and (len(tables) < len(table) or not table):
        yield f"\n[{path}]"
    for key, value in table.items():
        if key not in tables:
            yield f"{key_text(key)} = {_value(value)}"
    for key, value in tables.items():
        yield from _lines(value, f"{path}.{key_text(key)}" if path else key_text(key))


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key_text(key)} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _string(value) if isinstance(value, str) else repr(value)


def _string(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(c) or (c if c.isprintable() else _escaped(c)) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"

"""Files in, as plain tables: regular, small, UTF-8, valid TOML, only from the scenario's own folder."""

from __future__ import annotations

import math
import os
import re
import tomllib
from pathlib import Path, PureWindowsPath
from typing import Any

from retsim.scenario.distributions import VALUES_LIMIT
from retsim.scenario.errors import Problem, ScenarioError, refusal, shown
from retsim.scenario.merging import DEPTH, is_deep

__all__ = ["SIZE_LIMIT", "parsed", "read_column", "read_text", "require_short", "within"]

SIZE_LIMIT = 1_000_000
"""Largest scenario file and file of values, in bytes."""

_KEYS, _ITEMS = 25_000, 50_000
"""Most keys (signs = and [) and items (commas) of a scenario file: more take long to read."""
_KEY = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"(?<![\w-]){_KEY}(?:[ \t]*+\.[ \t]*+{_KEY}){{{DEPTH}}}", re.ASCII)


def read_text(path: Path, label: str) -> str:
    """The text of a file.

    Raises
    ------
    ScenarioError
        It is missing, no regular file, unreadable, too large, or not UTF-8.
    """
    try:
        if not path.is_file():
            raise refusal(_kind_of(path), file=label, hint="name a regular file")
        with path.open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(f"cannot be read: {reason}", file=label) from None
    if len(content) > SIZE_LIMIT:
        raise refusal(f"is larger than {SIZE_LIMIT:,} bytes", file=label, hint="this cannot be a scenario")
    return _decoded(content, label)


def parsed(text: str, label: str) -> dict[str, Any]:
    """A TOML text as plain tables.

    Raises
    ------
    ScenarioError
        It is empty, not TOML, or too deep or too long for a scenario.
    """
    if not text.strip():
        raise refusal("is empty", file=label, hint="a scenario needs at least a setting and one segment")
    require_short(text, label)
    table = None if _DEEP_KEY.search(text) else _table_in(text, label)
    if table is None or is_deep(table):
        raise refusal(f"is nested deeper than {DEPTH} tables", file=label, hint="no scenario needs that")
    if not table:
        raise refusal("holds no values", file=label, hint="a scenario needs at least a setting and one segment")
    return table


def require_short(text: str, label: str) -> None:
    """Refuse a text of more keys or items than can be read in a moment."""
    if text.count("=") + text.count("[") > _KEYS or text.count(",") > _ITEMS:
        rule = f"has more than {_KEYS:,} keys or {_ITEMS:,} items"
        raise refusal(rule, file=label, hint="this is too much for a scenario")


def within(folder: Path, name: str, problem: Problem) -> Path:
    """A file named by a scenario, in or below the folder of that scenario.

    Raises
    ------
    ScenarioError
        The given problem: the name is absolute, goes upwards, or is a link that leads out of the folder.
    """
    windows = PureWindowsPath(name)
    try:
        outside = windows.drive or windows.root or ".." in windows.parts or os.path.isabs(name)
        path = folder / name
        if not outside and path.resolve().is_relative_to(folder.resolve()):
            return path
    except (OSError, ValueError, RuntimeError):
        pass
    raise ScenarioError([problem])


def read_column(path: Path, label: str) -> list[float]:
    """A file of values: one number a line; a heading, empty lines and lines from # on are passed over.

    Raises
    ------
    ScenarioError
        With the line that is no finite number, or where there are no or too many values.
    """
    values: list[float] = []
    for n, line in enumerate(read_text(path, label).splitlines(), start=1):
        cell = line.strip().rstrip(",;").strip().strip('"')
        if not cell or cell.startswith("#"):
            continue
        number = _number(cell)
        if number is None and (values or n > 1):
            raise refusal(f"{shown(cell)} is not a finite number", file=label, line=n, hint="write one number a line")
        if number is not None:
            values.append(number)
    if not 1 <= len(values) <= VALUES_LIMIT:
        raise refusal(f"must hold 1 to {VALUES_LIMIT:,} values, not {len(values):,}", file=label)
    return values


def _kind_of(path: Path) -> str:
    if path.is_dir():
        return "is a folder"
    return "is no regular file" if path.exists() else "does not exist"


def _decoded(content: bytes, label: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise refusal(
            f"is not UTF-8: byte 0x{content[error.start]:02x}", file=label, line=line, hint="save it as UTF-8"
        ) from None


def _table_in(text: str, label: str) -> dict[str, Any] | None:
    """The table of a TOML text; None where it is nested too deeply to read."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        return None
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        reason = str(error)[: place.start()] if place else str(error)
        line = int(place[1]) if place and place[1] else text.count("\n", 0, len(text.rstrip())) + 1
        column = f" (column {place[2]})" if place and place[2] else ""
        rule = f"is not valid TOML{column}: {shown(reason, 100)[1:-1]}"
        raise refusal(rule, file=label, line=line, hint=_slip(reason, text, line)) from None
    except ValueError:
        long = re.search(r"\d[\d_]{4300}", text)
        line = text.count("\n", 0, long.start()) + 1 if long else 0
        raise refusal("holds a number of more than 4,300 digits", file=label, line=line) from None


def _slip(reason: str, text: str, line: int) -> str:
    """A hint for what TOML refuses most often."""
    written = "".join(text.splitlines()[line - 1 : line])[:500]
    if "overwrite" in reason or "twice" in reason:
        return "a key may stand only once"
    if re.search(r"[=\[,]\s*[+-]?\.\d", written):
        return "a number begins with a digit: 0.2, not .2"
    if re.search(r"=\s*\d+,\d", written):
        return "the decimal sign is a point: 0.5, not 0,5"
    return "text stands in quotes" if re.search(r"=\s*[A-Za-z]", written) else ""


def _number(cell: str) -> float | None:
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in cell else None

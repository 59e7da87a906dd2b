"""What commands print: text tables for people, one JSON document for machines."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["plain", "print_json", "print_table", "records", "table"]

GAP = "  "


def print_json(content: Any) -> None:
    """Print one JSON document; what is not a number becomes null."""
    json.dump(plain(content), sys.stdout, indent=1, ensure_ascii=False, allow_nan=False)
    print()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A frame as a list of rows."""
    return [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False, name=None)]


def print_table(rows: Iterable[Sequence[str]], heads: Sequence[str], *, words: int = 1) -> None:
    """Print a table: the first columns, words, to the left, all others to the right."""
    print(table(rows, heads, words=words))


def table(rows: Iterable[Sequence[str]], heads: Sequence[str], *, words: int = 1) -> str:
    """A text table."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(len(line[k]) for line in lines) for k in range(len(heads))]
    text = [
        GAP.join(
            cell.ljust(width) if k < words else cell.rjust(width)
            for k, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([text[0], GAP.join("-" * width for width in widths), *text[1:]])


def plain(value: Any) -> Any:
    """What JSON can hold: numbers of numpy as those of Python, and null for what is not a number."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, str | int | float | bool | None) else str(value)

"""A break-even as a file: what was asked, the points tried, and every paired difference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from retsim.experiments.breakeven import Breakeven, Facts, Question

FORMAT = "retsim breakeven 1"
FILE = "breakeven.json"

__all__ = ["FILE", "BreakevenFileError", "read_breakeven", "save_breakeven"]


class BreakevenFileError(ValueError):
    """A file is no break-even; names the file and the rule."""


def save_breakeven(found: Breakeven, path: str | Path) -> Path:
    """Write a break-even so that `read_breakeven` gives it back to the last bit.

    Parameters
    ----------
    found : Breakeven
    path : path

    Returns
    -------
    Path
    """
    content = {
        "format": FORMAT,
        "names": list(found.names),
        "over": {key: list(span) for key, span in found.over.items()},
        "question": found.question._asdict(),
        "facts": found.facts._asdict(),
        "points": found.points,
        "values": [[None if np.isnan(x) else float(x) for x in row] for row in found.values],
    }
    target = Path(path)
    target.write_text(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
    return target


def read_breakeven(path: str | Path) -> Breakeven:
    """A break-even from its file.

    Raises
    ------
    BreakevenFileError
        It cannot be read, or is none.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise BreakevenFileError(f"{path}: format = {content['format']!r:.60}, must be {FORMAT!r}")
        return _made(content)
    except OSError as error:
        raise BreakevenFileError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (KeyError, TypeError, RecursionError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BreakevenFileError(f"{path}: is no break-even: {type(error).__name__}: {error!s:.80}") from None


def _made(content: dict[str, Any]) -> Breakeven:
    values = np.array([[np.nan if x is None else x for x in row] for row in content["values"]], float)
    over = {str(key): (float(span[0]), float(span[1])) for key, span in content["over"].items()}
    first, second = content["names"]
    question, facts = Question(**content["question"]), Facts(**content["facts"])
    return Breakeven((first, second), over, question, (content["points"], values), facts)

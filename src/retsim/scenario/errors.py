"""What is wrong with a scenario: every problem at once, each with place, value, rule and what to do.

Owns the wording and the layout of a refusal; refuses to know what makes a scenario right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["Problem", "ScenarioError", "shown"]

SHOWN_PROBLEMS = 50
"""A message names at most so many problems; the rest are counted."""


class Problem(NamedTuple):
    """One thing that is wrong.

    Attributes
    ----------
    key : str
        Dotted path of the value; empty where the file as a whole is meant.
    rule : str
        What must hold.
    value : str
        The value as text; empty where there is none.
    hint : str
        What was probably meant, or what to do.
    file : str
        Where it stands: a file, an option, or empty.
    line : int
        Line of the file, from 1; 0 where unknown.
    """

    key: str
    rule: str
    value: str = ""
    hint: str = ""
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = self.file + (f", line {self.line}" if self.line else "")
        subject = " = ".join(part for part in (printable(self.key, 200), self.value) if part)
        text = f"{subject}, {self.rule}" if self.value else f"{subject} {self.rule}".strip()
        if self.hint:
            text += f"; {self.hint}"
        return f"{place}: {text}" if place else text


class ScenarioError(ValueError):
    """A scenario cannot be used; the message names everything that is wrong with it.

    Parameters
    ----------
    problems : sequence of Problem
        At least one.
    more : int, default 0
        How many there are beyond these.

    Attributes
    ----------
    problems : tuple of Problem
    more : int
    """

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        self.problems, self.more = tuple(problems), more
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        unshown = len(self.problems) - len(lines) + more
        super().__init__("\n".join(lines + [f"... and {unshown:,} more"] * (unshown > 0)))

    def placed(self, place: Callable[[Problem], Problem]) -> ScenarioError:
        """The same refusal, each problem with the file and line that a function finds for it."""
        return ScenarioError([place(problem) for problem in self.problems], self.more)

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Problem, ...], int]]:
        return ScenarioError, (self.problems, self.more)


def key_part(name: object) -> str:
    """A name as part of a dotted key: as it is where that is plain to read, else quoted."""
    text = str(name)
    plain = text and len(text) <= 100 and text.isprintable() and text == text.strip()
    return text if plain else shown(text, 100)


def refusal(rule: str, *, file: str = "", hint: str = "", line: int = 0) -> ScenarioError:
    """A refusal of a file as a whole."""
    return ScenarioError([Problem("", rule, hint=hint, file=file, line=line)])


def shown(value: object, width: int = 60) -> str:
    """A value as a message shows it: as in a file, printable, on one line, cut where long."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a whole number of about {int(value.bit_length() * 0.30103) + 1} digits"
    if isinstance(value, dict | list | tuple | set) and len(value) > 20:
        return f"({len(value)} entries)"
    try:
        return printable(_written(value), 2 * width if isinstance(value, dict) else width)
    except (RecursionError, ValueError):
        return f"({type(value).__name__})"


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {shown(item, 30)}" for key, item in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def printable(text: str, width: int) -> str:
    """A text on one line: what cannot be printed escaped, cut where it is longer than the width."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[: width + 1])
    return text if len(text) <= width else text[: width - 3] + "..."

"""Graded exercises: the question, and a check that a student can run.

    rs.classroom.exercises("12")          # what there is for notebook 12
    rs.classroom.check("12-1", 123.4)     # Right: ... or Not yet: ...

No answer is written down anywhere: a check computes the truth by formula or simulation when it is asked.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.classroom.judging import Judge, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Exercise", "Verdict", "check", "exercises"]


class Exercise(NamedTuple):
    """A question and who judges answers to it.

    Attributes
    ----------
    question : str
        With what is to be handed in.
    judge : callable
    """

    question: str
    judge: Judge


def check(key: str, answer: Any) -> Verdict:
    """Judge an answer to a graded exercise.

    Parameters
    ----------
    key : str
        Notebook and exercise, such as "12-1": see `exercises`.
    answer : Any
        What the question asks for: a number, a word, a scenario, a strategy.

    Returns
    -------
    Verdict
        `right`, and a sentence. An answer of the wrong kind is not right, and no error.

    Raises
    ------
    ValueError
        There is no such exercise.
    """
    known = _all()
    if key not in known:
        near = difflib.get_close_matches(str(key), known, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"exercise {key!r}: there is none of this name; there are {', '.join(known)}{meant}")
    return known[key].judge(answer)


def exercises(notebook: str = "") -> pd.DataFrame:
    """All graded exercises, or those of a notebook ("12").

    Returns
    -------
    DataFrame
        `exercise`, `question`.
    """
    import pandas as pd

    rows = [(key, one.question) for key, one in _all().items() if key.startswith(notebook)]
    return pd.DataFrame(rows, columns=["exercise", "question"])


def _all() -> Mapping[str, Exercise]:
    from retsim.classroom import formulas, lives, slogans, trials

    found = {
        key: Exercise(*pair) for room in (formulas, trials, lives, slogans) for key, pair in room.EXERCISES.items()
    }
    return dict(sorted(found.items()))

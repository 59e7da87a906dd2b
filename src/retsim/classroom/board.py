"""A leaderboard file: one line of JSON a hand-in, only ever added to.

A line is written by one call to the end of the file, and begins with a line break of its own, so that two writers do
not mix and a line cut off by a crash does not swallow the next. Each line has the digest of what it says. A score that
was written in by hand has a true digest, too: `Board.verify` makes every score anew from student and plan. That
nobody hands in for somebody else is told by a signature with a code that the teacher gave out (`codes`). What cannot
be seen: a line that was deleted.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.classroom.plans import of_json, to_json
from retsim.classroom.unknown import Result, mystery

if TYPE_CHECKING:
    import pandas as pd

FORM = 1
TOLERANCE = 1.0
"""Money by which a score may differ when it is made anew: lines hold whole money."""
FIELDS = ("retsim board", "student", "class_seed", "plan", "best", "regret", "low", "high", "at_stake", "n")

__all__ = ["Board", "Damage", "codes"]


class Damage(NamedTuple):
    """A line that cannot be believed: its number from 1, and why."""

    line: int
    reason: str


class Board:
    """A leaderboard of mystery markets.

    Parameters
    ----------
    path : path
        The file; made by the first hand-in.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def __repr__(self) -> str:
        return f"<Board {self.path.name}>"

    def add(self, result: Result, code: str = "") -> None:
        """Write down a result of `Mystery.hand_in`.

        Parameters
        ----------
        result : Result
        code : str
            The student's own code, where the teacher gave out codes.

        Raises
        ------
        OSError
            The file cannot be written.
        """
        entry = _entry(result)
        entry["digest"] = _digest(entry)
        entry["signature"] = _signature(entry["digest"], code) if code else ""
        line = "\n" + json.dumps(entry, ensure_ascii=True, sort_keys=True) + "\n"
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            os.write(handle, line.encode("ascii"))
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> list[dict[str, Any]]:
        """All lines that are whole, in order."""
        return [entry for _, entry in self._lines() if isinstance(entry, dict)]

    def damage(self) -> list[Damage]:
        """All lines that are not, and why; the others stand."""
        return [Damage(number, entry) for number, entry in self._lines() if isinstance(entry, str)]

    def table(self) -> pd.DataFrame:
        """One row a student, the best first, as the lines say it.

        Returns
        -------
        DataFrame
            `rank`, `student`, `regret`, `low`, `high` of the best hand-in, `first`, the regret of the first, and `tries`.
        """
        return _ranked(self.entries())

    def verify(self, secret: str | None = None) -> pd.DataFrame:
        """Make every student's best score anew by simulation.

        Parameters
        ----------
        secret : str, optional
            What the codes were made of: then hand-ins without the student's own signature do not count.

        Returns
        -------
        DataFrame
            As `table`, of the scores that were made anew, with `verdict`: "true", or what was claimed instead. Hand-ins
            that are not signed as they must be have no rank; they are in `strangers`.
        """
        kept = [e for e in self.entries() if secret is None or _signed(e, secret)]
        table = _ranked(kept)
        verdicts = []
        for row in table.index:
            student = table.loc[row, "student"]
            entry = min((e for e in kept if e["student"] == student), key=lambda e: e["regret"])
            made = mystery(student, entry["class_seed"]).hand_in(of_json(entry["plan"]))
            true = abs(made.regret - entry["regret"]) <= TOLERANCE
            verdicts.append("true" if true else f"claims {entry['regret']:,.0f}")
            table.loc[row, ["regret", "low", "high"]] = made.regret, made.low, made.high
        table["verdict"] = verdicts
        return _in_order(table.drop(columns="rank"))

    def strangers(self, secret: str) -> list[dict[str, Any]]:
        """Hand-ins that the student named in them did not sign."""
        return [entry for entry in self.entries() if not _signed(entry, secret)]

    def _lines(self) -> Iterator[tuple[int, dict[str, Any] | str]]:
        """Line numbers, with what a line says or why it cannot be believed."""
        if not self.path.exists():
            return
        for number, line in enumerate(self.path.read_bytes().split(b"\n"), start=1):
            if line.strip():
                yield number, _read(line)


def codes(names: Iterable[str], secret: str) -> dict[str, str]:
    """A code for each student, to sign hand-ins with; only who knows the secret can make them.

    Raises
    ------
    ValueError
        The secret is shorter than 8 characters.
    """
    if len(secret) < 8:
        raise ValueError(f"secret has {len(secret)} characters, must have 8 or more: short ones can be guessed")
    return {name: _mac(secret, name)[:12] for name in names}


def _entry(result: Result) -> dict[str, Any]:
    money = {name: round(getattr(result, name)) for name in ("regret", "low", "high", "at_stake")}
    return {
        "retsim board": FORM,
        "student": result.student,
        "class_seed": result.class_seed,
        "plan": to_json(result.plan),
        "best": result.best,
        **money,
        "n": result.n,
    }


def _read(line: bytes) -> dict[str, Any] | str:
    try:
        entry = json.loads(line)
    except ValueError:
        return "is no JSON: cut off, or damaged"
    if not isinstance(entry, dict) or not set(FIELDS) <= set(entry):
        return "is no hand-in"
    if entry.get("digest") != _digest(entry):
        return "does not say what was written: its digest differs"
    return entry


def _digest(entry: dict[str, Any]) -> str:
    said = json.dumps({name: entry[name] for name in FIELDS}, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(said.encode("ascii")).hexdigest()


def _mac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), "sha256").hexdigest()


def _signature(digest: str, code: str) -> str:
    return _mac(code, digest)


def _signed(entry: dict[str, Any], secret: str) -> bool:
    code = codes([entry["student"]], secret)[entry["student"]]
    return hmac.compare_digest(str(entry.get("signature", "")), _signature(entry["digest"], code))


def _ranked(entries: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for student in dict.fromkeys(entry["student"] for entry in entries):
        mine = [entry for entry in entries if entry["student"] == student]
        best = min(mine, key=lambda entry: entry["regret"])
        row = {name: best[name] for name in ("student", "regret", "low", "high")}
        rows.append(row | {"first": mine[0]["regret"], "tries": len(mine)})
    columns = ["student", "regret", "low", "high", "first", "tries"]
    return _in_order(pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(("regret", "low", "high"), float)))


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    table = table.sort_values("regret", kind="stable", ignore_index=True)
    table.insert(0, "rank", table["regret"].rank(method="min").astype(int))
    return table

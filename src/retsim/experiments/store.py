"""The store of a study folder: one SQLite file, a row a run, a checksum a row, each commit on the disk.

Knows runs only as keys and bytes. Several processes may have one store open: a key is written once, and who comes
second with other bytes is told so. Write-ahead log and ``synchronous = FULL``: what `Store.put` has taken is there
after a kill or a power cut.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from retsim.experiments import salvage, storefile
from retsim.experiments.storefile import Key, StoreError, checksum, digest

FILE = "results.sqlite"
_THIS = "code = ? AND streams = ? AND seed = ? AND scenario = ? AND replication = ?"
_ALL = "code = ? AND streams = ? AND seed = ? AND scenario = ?"

__all__ = ["FILE", "Key", "Store", "StoreError"]


class Store:
    """The store of a folder, made where there is none.

    Parameters
    ----------
    folder : Path
    checked : bool
        This process has found the file sound before: it is only opened.

    Attributes
    ----------
    repaired : str
        What was found damaged when the store was opened, and what was saved; empty if nothing was.

    Raises
    ------
    StoreError
        The file is of another program or version, cannot be written, or is damaged while another process uses it.
    """

    def __init__(self, folder: Path, *, checked: bool = False) -> None:
        self.path = folder / FILE
        self.repaired = ""
        with self._told():
            folder.mkdir(parents=True, exist_ok=True)
            self._lock, alone = storefile.lock(folder / "lock")
            try:
                self._db = storefile.opened(self.path) if checked else self._opened(alone)
                storefile.share(self._lock)
            except BaseException:
                self._lock.close()
                raise

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the file back; what was put is in it."""
        with self._told():
            try:
                self._db.close()
            finally:
                self._lock.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """What is put in the ``with`` block comes to the disk at its end, all of it or nothing.

        One commit for many results costs little more than one for a single result.
        """
        with self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                # A full disk has ended the transaction already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def put(self, key: Key, bits: bytes) -> bool:
        """Keep a result; when this returns, it is on the disk (within `together`, at the end of that).

        Returns
        -------
        bool
            False where it was there already, with the same bytes.

        Raises
        ------
        StoreError
            It cannot be written, or is there with other bytes.
        """
        check = checksum(key, bits)
        with self._told():
            done = self._db.execute("INSERT OR IGNORE INTO results VALUES (?,?,?,?,?,?,?)", (*key, bits, check))
            if done.rowcount:
                self._db.execute(f"DELETE FROM failures WHERE {_THIS}", _this(key))
                return True
            there = self._db.execute(f"SELECT checksum FROM results WHERE {_THIS}", _this(key)).fetchone()
        if there is not None and there[0] != check:
            raise StoreError(
                f"{self.path}: seed {key.seed}, replication {key.replication} of scenario {key.scenario[:12]} is there "
                "with other bits, and the same run must give the same; use a new folder, and tell the developers"
            )
        return False

    def fail(self, key: Key, reason: str) -> None:
        """Keep why a run could not be made."""
        with self._told():
            row = (*key, reason, checksum(key, reason.encode()))
            self._db.execute("INSERT OR REPLACE INTO failures VALUES (?,?,?,?,?,?,?)", row)

    def results(self, scenarios: Iterable[str], like: Key) -> Iterator[tuple[Key, bytes | None]]:
        """Results of some scenarios with the seed, code and streams of a key; None where one is damaged.

        What is damaged is thrown away at the end, so that it can be put again.
        """
        damaged: list[int] = []
        with self._told():
            for scenario in dict.fromkeys(scenarios):
                found = self._db.execute(
                    "SELECT rowid, scenario, seed, replication, code, streams, bits, checksum FROM results "
                    f"WHERE {_ALL} ORDER BY replication",
                    (like.code, like.streams, like.seed, scenario),
                )
                for row, *values, bits, check in found:
                    key = Key(*values)
                    if checksum(key, bits) == check:
                        yield key, bits
                    else:
                        damaged.append(row)
                        yield key, None
            self._db.executemany("DELETE FROM results WHERE rowid = ?", [(row,) for row in damaged])

    def result(self, key: Key) -> bytes | None:
        """One result; None where it is damaged or not there."""
        with self._told():
            row = self._db.execute(f"SELECT bits, checksum FROM results WHERE {_THIS}", _this(key)).fetchone()
        return row[0] if row is not None and checksum(key, row[0]) == row[1] else None

    def failures(self, scenarios: Iterable[str], like: Key) -> Iterator[tuple[Key, str]]:
        """Runs of some scenarios that could not be made."""
        with self._told():
            for scenario in dict.fromkeys(scenarios):
                values = (like.code, like.streams, like.seed, scenario)
                for *key, reason, check in self._db.execute(f"SELECT * FROM failures WHERE {_ALL}", values):
                    if checksum(Key(*key), reason.encode()) == check:
                        yield Key(*key), reason

    def census(self) -> list[tuple[str, str, int, int, int]]:
        """How many results there are: scenario, code, streams, seed, count."""
        columns = "scenario, code, streams, seed"
        with self._told():
            return list(self._db.execute(f"SELECT {columns}, COUNT(*) FROM results GROUP BY {columns}"))

    def note(self, kind: str, name: str, content: Mapping[str, Any]) -> None:
        """Keep a table of plain values; of the same kind and name the last stays."""
        text = json.dumps(content)
        check = digest(f"{kind} {name} {text}".encode())
        with self._told():
            self._db.execute("INSERT OR REPLACE INTO notes VALUES (?,?,?,?)", (kind, name, text, check))

    def notes(self, kind: str) -> dict[str, Any]:
        """Tables of a kind by name, the oldest first; damaged ones are left out."""
        with self._told():
            found = self._db.execute("SELECT name, content, checksum FROM notes WHERE kind = ? ORDER BY rowid", (kind,))
            return {
                name: json.loads(text)
                for name, text, check in found
                if digest(f"{kind} {name} {text}".encode()) == check
            }

    def _opened(self, alone: bool) -> sqlite3.Connection:
        """Open the file; where it is damaged and nobody else uses it, repair it first."""
        if not self.path.exists():
            storefile.make(self.path)
        reason = salvage.log_damage(self.path) if alone else ""
        if not reason:
            db, reason = storefile.connect(self.path)
            if not reason:
                return db
        if not alone:
            raise StoreError(f"{self.path}: is damaged ({reason}) and another process uses it; end that one first")
        self.repaired = storefile.repair(self.path, reason)
        db, reason = storefile.connect(self.path)
        if reason:
            raise StoreError(f"{self.path}: cannot be repaired: {reason}; the disk may be failing: use another folder")
        return db

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of SQLite and the disk with the path, the room that is left, and what to do."""
        try:
            yield
        except StoreError:
            raise
        except (sqlite3.Error, OSError) as error:
            reason = getattr(error, "strerror", None) or error
            raise StoreError(
                f"{self.path}: {reason} ({_free(self.path)} bytes are free there); the results kept so far are safe, "
                "and the same command goes on from there once this is settled"
            ) from error


def _this(key: Key) -> tuple[Any, ...]:
    return key.code, key.streams, key.seed, key.scenario, key.replication


def _free(path: Path) -> str:
    while not path.exists() and path != path.parent:
        path = path.parent
    return f"{shutil.disk_usage(path).free:,}"

"""The file of a store: made whole, locked, checked when it is opened, and repaired where it is damaged."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from pathlib import Path
from typing import IO, Any, NamedTuple

from retsim.experiments import salvage

_APPLICATION, _FORMAT = 0x72657473, 1
_PATIENCE = 60.0
"""Seconds to wait for another process's commit."""
_KEY = """scenario TEXT NOT NULL, seed INTEGER NOT NULL, replication INTEGER NOT NULL, code TEXT NOT NULL,
  streams INTEGER NOT NULL"""
_ONCE = "UNIQUE (code, streams, seed, scenario, replication)"
_SCHEMA = f"""
PRAGMA page_size = {salvage.PAGE};
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
CREATE TABLE results({_KEY}, bits BLOB NOT NULL, checksum BLOB NOT NULL, {_ONCE}) STRICT;
CREATE TABLE failures({_KEY}, reason TEXT NOT NULL, checksum BLOB NOT NULL, {_ONCE}) STRICT;
CREATE TABLE notes(
  kind TEXT NOT NULL, name TEXT NOT NULL, content TEXT NOT NULL, checksum BLOB NOT NULL, UNIQUE (kind, name)) STRICT;
"""
_TABLES = {"results", "failures", "notes"}
_NOT_DAMAGE = {
    sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM,
}  # fmt: skip

__all__ = ["Key", "StoreError", "checksum", "connect", "digest", "lock", "make", "opened", "repair", "share"]


class StoreError(OSError):
    """A store cannot be used; the message says which file, why, and what to do. What was kept is kept."""


class Key(NamedTuple):
    """Which run a row is: nothing else may change a bit of it."""

    scenario: str
    seed: int
    replication: int
    code: str
    streams: int


def checksum(key: Key, content: bytes) -> bytes:
    """Checksum of a row."""
    return digest(f"{key.scenario} {key.seed} {key.replication} {key.code} {key.streams} ".encode() + content)


def digest(content: bytes) -> bytes:
    """Sixteen bytes of BLAKE2."""
    return hashlib.blake2b(content, digest_size=16).digest()


def lock(path: Path) -> tuple[IO[bytes], bool]:
    """A lock that every process holds while it has the store open, and whether this one is alone.

    Who is alone keeps others out until `share`. Where the system has no such locks, it also lets nobody replace a
    file that is open, which is all that the lock is for.
    """
    file = path.open("ab")
    try:
        import fcntl
    except ImportError:
        return file, True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return file, True
    except OSError:
        fcntl.flock(file, fcntl.LOCK_SH)
        return file, False


def share(file: IO[bytes]) -> None:
    """Let other processes in."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_SH)


def make(path: Path) -> None:
    """Make an empty store beside and put it in place, so that a file which is there was never half made."""
    beside = path.with_name(f"{path.name}.new")
    for rest in path.parent.glob(f"{beside.name}*"):
        rest.unlink()
    db = sqlite3.connect(beside, isolation_level=None)
    try:
        db.executescript(_SCHEMA)
        db.execute("PRAGMA journal_mode = WAL")
    finally:
        db.close()
    _flush(beside)
    os.replace(beside, path)
    _flush(path.parent)


def opened(path: Path) -> sqlite3.Connection:
    """A connection to a file that was checked before."""
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)


def connect(path: Path) -> tuple[sqlite3.Connection, str]:
    """A connection, and what is wrong with the file; empty if nothing is.

    Raises
    ------
    StoreError
        The file is of another program or version.
    sqlite3.OperationalError
        It cannot be used now: locked, read-only, no room.
    """
    db = opened(path)
    try:
        reason = _problem(path, db)
    except sqlite3.DatabaseError as error:
        db.close()
        if error.sqlite_errorcode & 0xFF in _NOT_DAMAGE:
            raise
        return db, str(error)
    except BaseException:
        db.close()
        raise
    if reason:
        db.close()
    return db, reason


def repair(path: Path, reason: str) -> str:
    """Move a damaged store aside and make a new one of the rows that are whole; says what was done."""
    number = 1
    while (aside := path.with_name(f"results.damaged-{number}.sqlite")).exists():
        number += 1
    fresh = path.with_name("results.repaired.sqlite")
    make(fresh)
    saved = _fill(fresh, path)
    shutil.copyfile(path, aside)
    log = path.with_name(f"{path.name}-wal")
    if log.exists():
        shutil.copyfile(log, aside.with_name(f"{aside.name}-wal"))
    # The log belongs to the damaged file and must not be played into the new one.
    for name in (f"{path.name}-wal", f"{path.name}-shm"):
        path.with_name(name).unlink(missing_ok=True)
    os.replace(fresh, path)
    _flush(path.parent)
    return f"{path}: was damaged ({reason}); {saved} results were whole and are kept, the damaged file is {aside.name}"


def _problem(path: Path, db: sqlite3.Connection) -> str:
    size, log = path.stat().st_size, path.with_name(f"{path.name}-wal")
    if size < salvage.PAGE or (size % salvage.PAGE and not log.exists()):
        return "the file is cut short"
    _check_kind(path, db)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    found = [text for (text,) in db.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        return " ".join("; ".join(found).split())[:200]
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    return "" if tables >= _TABLES else "tables are missing"


def _check_kind(path: Path, db: sqlite3.Connection) -> None:
    """Refuse what another program or a newer version wrote; one wrong number of the two is damage, and harmless."""
    (kind,), (number,) = db.execute("PRAGMA application_id").fetchone(), db.execute("PRAGMA user_version").fetchone()
    if kind == _APPLICATION and _FORMAT < number < _FORMAT + 100:
        raise StoreError(f"{path}: has format {number}, this version knows {_FORMAT}; use the version that wrote it")
    if kind != _APPLICATION and number != _FORMAT:
        raise StoreError(f"{path}: is no store of studies; choose another folder")


def _fill(fresh: Path, damaged: Path) -> int:
    """Put all whole rows of a damaged store into a new one; the number of results."""
    db = sqlite3.connect(fresh, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN")
        for row in salvage.rows(damaged):
            table = _table_of(row)
            if table:
                db.execute(f"INSERT OR IGNORE INTO {table} VALUES ({','.join('?' * len(row))})", row)
        db.execute("COMMIT")
        (saved,) = db.execute("SELECT COUNT(*) FROM results").fetchone()
    finally:
        db.close()
    return int(saved)


def _table_of(row: tuple[Any, ...]) -> str:
    """The table that a row belongs to, if its checksum is right."""
    try:
        if len(row) == 4 and digest(f"{row[0]} {row[1]} {row[2]}".encode()) == row[3]:
            return "notes"
        if len(row) != 7:
            return ""
        *key, content, check = row
        if isinstance(content, bytes) and checksum(Key(*key), content) == check:
            return "results"
        return "failures" if isinstance(content, str) and checksum(Key(*key), content.encode()) == check else ""
    except (TypeError, ValueError):
        return ""


def _flush(path: Path) -> None:
    """Bring a file or folder to the disk, where the system lets folders be opened."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

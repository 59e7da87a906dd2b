"""Where runs are made: how a place is named, and what a run may take there. No place changes a result.

Imports nothing heavy, because the command line reads places before anything else is loaded.
"""

from __future__ import annotations

import operator
import re
from typing import Any, NamedTuple

PROCESSES, THREADS = "processes", "threads"
_MOST = 1024
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[^\s/]+(:\d+)?/?")
_RULE = 'must be a number of processes, "threads:N", or the address of a Dask scheduler such as "tcp://host:8786"'

__all__ = ["PROCESSES", "THREADS", "ClusterError", "Workers", "placed"]


class ClusterError(RuntimeError):
    """A Dask cluster cannot be used, or was lost; what was kept in a folder is there."""


class Workers(NamedTuple):
    """Where runs are made, and what one of them may take.

    Attributes
    ----------
    number : int, optional
        Processes or threads. None: as many as there are processors; of a cluster, all that it has.
    limit : float, optional
        Seconds that a run may take. One that takes longer is ended, tried again, and then recorded as failed.
        Not with threads, which nothing can end.
    memory : float, optional
        Gigabytes of address space that a worker process may take. A run that needs more is recorded as failed.
        A cluster has its own limit (``dask worker --memory-limit``).
    where : str
        ``"processes"`` of this machine; ``"threads"`` of this process, which pay where runs are large, because only
        compiled code runs side by side; or the address of a Dask scheduler, such as ``"tcp://host:8786"`` (needs
        ``retsim[cluster]`` here and there).
    """

    number: int | None = None
    limit: float | None = None
    memory: float | None = None
    where: str = PROCESSES

    @property
    def is_cluster(self) -> bool:
        """Whether runs go to a Dask scheduler."""
        return "://" in self.where

    @property
    def is_limited(self) -> bool:
        """Whether a run may take only so much."""
        return (self.limit, self.memory) != (None, None)


def placed(workers: int | str | Workers | None) -> Workers:
    """The place that is meant: a number of processes, ``"processes:N"``, ``"threads:N"``, an address, or a `Workers`.

    Raises
    ------
    TypeError, ValueError
        It is none of them; the message says which there are.
    """
    found = workers if isinstance(workers, Workers) else _read(workers)
    if found.where not in (PROCESSES, THREADS) and not _ADDRESS.fullmatch(found.where):
        raise ValueError(f"workers = {found.where!r:.80}, {_RULE}")
    if found.number is not None:
        _check_number(found.number)
    if found.is_cluster and found.number is not None:
        raise ValueError(f"workers.number = {found.number}, must be None with {found.where}: a cluster has its workers")
    _check_limits(found)
    return found


def _read(workers: Any) -> Workers:
    if not isinstance(workers, str):
        return Workers(workers)
    text = workers.strip()
    if "://" in text:
        return Workers(where=text)
    where, colon, number = text.rpartition(":") if not text.isalpha() else (text, "", "")
    if where not in (PROCESSES, THREADS, "") or (where == "" and colon):
        raise ValueError(f"workers = {workers!r:.80}, {_RULE}")
    try:
        return Workers(int(number) if colon or not where else None, where=where or PROCESSES)
    except ValueError:
        raise ValueError(f"workers = {workers!r:.80}, {_RULE}") from None


def _check_number(number: Any) -> None:
    try:
        whole = operator.index(number)
    except TypeError:
        raise TypeError(f"workers = {number!r:.80}, {_RULE}") from None
    if isinstance(number, bool) or not 1 <= whole <= _MOST:
        raise ValueError(f"workers = {number!r}, must be a whole number from 1 to {_MOST}")


def _check_limits(found: Workers) -> None:
    for name, unit in (("limit", "seconds a run"), ("memory", "gigabytes a worker")):
        value = getattr(found, name)
        if value is None:
            continue
        if isinstance(value, bool) or not (isinstance(value, int | float) and 0.0 < value < 1e9):
            raise ValueError(f"workers.{name} = {value!r}, must be a number above 0 ({unit})")
        if found.where == THREADS:
            raise ValueError(
                f"workers.{name} = {value!r}, must be None with threads, which nothing can end; use processes"
            )
    if found.is_cluster and found.memory is not None:
        raise ValueError(
            f"workers.memory = {found.memory!r}, must be None on a cluster: its own limit holds (dask worker --memory-limit)"
        )

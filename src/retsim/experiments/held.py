"""Outcomes of a scenario that stay in the study folder which keeps them, and are read when they are asked for.

So the memory of a program that makes a million runs does not grow with their number: it remembers a byte a run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from retsim.experiments.packing import unpack
from retsim.experiments.replicate import Outcome
from retsim.experiments.store import FILE, Key, Store, StoreError

_BLOCK = 4096
_AGAIN = "give the command of the study again, which makes what is missing"

__all__ = ["InFolder"]


class InFolder(Mapping[int, Outcome]):
    """Outcomes by replication, each read from the folder anew; going through all of them is quickest by `in_order`.

    Parameters
    ----------
    folder : Path
    name : str
        Of the scenario, in the study.
    like : Key
        Of any of its runs.
    """

    def __init__(self, folder: Path, name: str, like: Key) -> None:
        self.folder, self.name, self.like = folder, name, like
        self._there: dict[int, bytearray] = {}
        self._count = 0

    def add(self, replication: int) -> None:
        """Remember that the folder has a run."""
        block = self._there.setdefault(replication // _BLOCK, bytearray(_BLOCK))
        place = replication % _BLOCK
        self._count += not block[place]
        block[place] = 1

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        for number in sorted(self._there):
            yield from (number * _BLOCK + place for place, there in enumerate(self._there[number]) if there)

    def __contains__(self, replication: object) -> bool:
        if not isinstance(replication, int) or replication // _BLOCK not in self._there:
            return False
        return bool(self._there[replication // _BLOCK][replication % _BLOCK])

    def __getitem__(self, replication: int) -> Outcome:
        if replication not in self:
            raise KeyError(replication)
        with self._opened() as store:
            return self._whole(store.result(self.like._replace(replication=replication)), replication)

    def in_order(self) -> Iterator[Outcome]:
        """All of them by replication, one at a time.

        Raises
        ------
        StoreError
            The folder is no longer there, or a run in it is damaged.
        """
        found = 0
        with self._opened() as store:
            for key, bits in store.results([self.like.scenario], self.like):
                if key.replication in self:
                    found += 1
                    yield self._whole(bits, key.replication)
        if found < self._count:
            raise StoreError(f"{self._file}: {self._count - found} runs of {self.name} are no longer there; {_AGAIN}")

    @property
    def _file(self) -> Path:
        return self.folder / FILE

    def _opened(self) -> Store:
        if not self._file.exists():
            raise StoreError(
                f"{self._file}: is no longer there, and the study's runs are in it: put the folder back, or {_AGAIN}"
            )
        return Store(self.folder, checked=True)

    def _whole(self, bits: bytes | None, replication: int) -> Outcome:
        if bits is None:
            raise StoreError(f"{self._file}: replication {replication} of {self.name} is damaged; {_AGAIN}")
        return unpack(bits, self.name, replication)

"""A study folder: what was made is kept as it comes, found again, and never mixed with what is something else.

Owns which run a result is (`Key`) and what is told about results that cannot be used; the file is `store`'s.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.experiments.arm import Arm
from retsim.experiments.held import InFolder
from retsim.experiments.origin import changed, origin
from retsim.experiments.packing import pack, unpack
from retsim.experiments.replicate import Failure, Outcome, Settings
from retsim.experiments.store import FILE, Key, Store, StoreError
from retsim.experiments.study import Study

if TYPE_CHECKING:
    from retsim.scenario import Scenario

_SHOWN = 5

__all__ = ["Folder", "FolderWarning", "open_study"]


class FolderWarning(UserWarning):
    """Something in a study folder was damaged, or cannot be used for this study; the message says what."""


class Folder:
    """A study folder, open for the runs of some scenarios.

    Parameters
    ----------
    path : path
        Made if it does not exist. One folder may hold any number of studies; what they share is made once.
    scenarios : mapping of str to Scenario
    settings : Settings
    """

    def __init__(self, path: str | Path, scenarios: Mapping[str, Scenario], settings: Settings) -> None:
        self.path, self.seed = Path(path), settings.seed
        self.digests = {name: scenario.digest() for name, scenario in scenarios.items()}
        self.store = Store(self.path)
        if self.store.repaired:
            _tell(self.store.repaired)
        self._note(scenarios)
        _tell_strangers(self.store, self.digests, self.seed)

    def close(self) -> None:
        """Give the file back."""
        self.store.close()

    def plan(self, replications: int) -> None:
        """Write down what the study is to be, so that `open_study` can say what is still to do."""
        plan = {"scenarios": self.digests, "seed": self.seed, **_here()}
        name = hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()[:24]
        self.store.note("plan", name, plan | {"replications": replications})

    def kept(self, replications: range) -> Iterator[Outcome]:
        """Those of the runs that are there; damaged ones are named, thrown away, and left to be made again."""
        damaged: list[str] = []
        yield from _kept(self.store, self.digests, self.seed, replications, damaged)
        if damaged:
            _tell(f"{self.store.path}: damaged and made again: {_some(damaged)}")

    def outcomes(self, name: str) -> InFolder:
        """Outcomes of a scenario, none yet, that stay here."""
        return InFolder(self.path, name, _key(self.digests[name], self.seed, 0))

    def keep(self, results: Sequence[Outcome | Failure]) -> None:
        """Keep results; when this returns, they are on the disk, and until then none of them is."""
        with self.store.together():
            for result in results:
                key = _key(self.digests[result.scenario], self.seed, result.replication)
                if isinstance(result, Failure):
                    self.store.fail(key, result.reason)
                else:
                    self.store.put(key, pack(result))

    def _note(self, scenarios: Mapping[str, Scenario]) -> None:
        known = self.store.notes("scenario")
        for name, scenario in scenarios.items():
            if self.digests[name] not in known:
                self.store.note("scenario", self.digests[name], {"toml": scenario.to_toml()})
        if origin().code not in self.store.notes("code"):
            self.store.note("code", origin().code, origin().parts)


def open_study(folder: str | Path) -> Study:
    """The study that a folder was last used for, with the runs that are there; makes none, runs none.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Study
        Also of a study that was stopped: `Study.replications` is what was planned, `Study.failures` what could not
        be made, and the rest is still to do.

    Raises
    ------
    FileNotFoundError
        There is no study in the folder.
    StoreError
        It cannot be read.
    """
    path = Path(folder)
    if not (path / FILE).exists():
        raise FileNotFoundError(f"{path}: holds no {FILE}, so no study; make one with compare(..., folder=...)")
    with Store(path) as store:
        if store.repaired:
            _tell(store.repaired)
        plans = list(store.notes("plan").values())
        if not plans:
            raise FileNotFoundError(f"{path}: no study was begun there")
        return _read(store, plans[-1])


def _read(store: Store, plan: Mapping[str, Any]) -> Study:
    from retsim.scenario import Scenario

    texts, digests = store.notes("scenario"), plan["scenarios"]
    missing = [name for name, digest in digests.items() if digest not in texts]
    if missing:
        raise StoreError(f"{store.path}: scenario {missing[0]} is damaged; give the command of the study again")
    like = Key("", plan["seed"], 0, plan["code"], plan["streams"])
    arms = {
        name: Arm(
            name,
            Scenario(**tomllib.loads(texts[digest]["toml"])),
            InFolder(store.path.parent, name, like._replace(scenario=digest)),
        )
        for name, digest in digests.items()
    }
    wanted = range(plan["replications"])
    damaged: list[str] = []
    for outcome in _kept(store, digests, plan["seed"], wanted, damaged, like):
        arms[outcome.scenario].add(outcome)
    if damaged:
        _tell(f"{store.path}: damaged, to be made again: {_some(damaged)}")
    failures = [
        Failure(name, key.replication, reason)
        for key, reason in store.failures(digests.values(), like)
        for name in digests
        if digests[name] == key.scenario and key.replication in wanted
    ]
    return Study(arms, seed=plan["seed"], replications=plan["replications"], failures=sorted(failures))


def _kept(
    store: Store, digests: Mapping[str, str], seed: int, wanted: range, damaged: list[str], like: Key | None = None
) -> Iterator[Outcome]:
    """Wanted replications that are there; the names of damaged ones go into the list."""
    names: dict[str, list[str]] = {}
    for name, digest in digests.items():
        names.setdefault(digest, []).append(name)
    for key, bits in store.results(names, like or _key("", seed, 0)):
        mine = names[key.scenario] if key.replication in wanted else []
        if mine and bits is None:
            damaged.append(f"{mine[0]}, replication {key.replication}")
        elif bits is not None:
            for name in mine:
                yield unpack(bits, name, key.replication)


def _key(scenario: str, seed: int, replication: int) -> Key:
    return Key(scenario, seed, replication, origin().code, origin().streams)


def _here() -> dict[str, Any]:
    return {"code": origin().code, "streams": origin().streams}


def _tell_strangers(store: Store, digests: Mapping[str, str], seed: int) -> None:
    """Say why results that look like ours are not used: program, stream version, seed or a scenario differ.

    Other studies in the folder are nothing to speak of; one of the same names with other content is.
    """
    census = store.census()
    ours = (origin().code, origin().streams)
    here = [row for row in census if (row[1], row[2]) == ours]
    if not census or any(row[0] in digests.values() and row[3] == seed for row in here):
        return
    reason = ""
    if not here:
        _, code, streams, *_ = census[-1]
        parts = store.notes("code").get(code, {})
        reason = changed(parts | {"streams": str(streams)}, {**origin().parts, "streams": str(origin().streams)})
    elif there := [row[3] for row in here if row[0] in digests.values()]:
        reason = f"seed {seed} (there {there[-1]})"
    else:
        reason = _changed_scenario(store, digests)
    if reason:
        count = sum(row[-1] for row in census)
        _tell(f"{store.path}: {count} results there are of something else and are not used: {reason}")


def _changed_scenario(store: Store, digests: Mapping[str, str]) -> str:
    """How a scenario differs from that of the same name in the last study; empty if there is none."""
    plans, texts = list(store.notes("plan").values()), store.notes("scenario")
    old = plans[-1]["scenarios"] if plans else {}
    for name, digest in digests.items():
        if old.get(name, digest) != digest and old[name] in texts:
            return f"scenario {name} has changed since: {_differing(texts[old[name]]['toml'], texts[digest]['toml'])}"
    return ""


def _differing(old: str, new: str) -> str:
    """Keys whose values differ between two scenario files: "firm.price = 31.0 (there 30.0)"."""
    from retsim.scenario.merging import flattened

    there, here = flattened(tomllib.loads(old)), flattened(tomllib.loads(new))
    keys = [key for key in {**here, **there} if here.get(key) != there.get(key) and not key.startswith("evidence")]
    return _some([f"{key} = {here.get(key, 'its default')} (there {there.get(key, 'its default')})" for key in keys])


def _tell(text: str) -> None:
    warnings.warn(text, FolderWarning, stacklevel=2)


def _some(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return "; ".join(names[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")

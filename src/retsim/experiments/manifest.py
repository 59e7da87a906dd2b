"""The manifest: where a study's numbers come from, and all that is needed to make any of its runs again."""

from __future__ import annotations

import json
import platform
import sys
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.results.run import Run
    from retsim.scenario import Scenario

FORMAT = "retsim study 1"
FILE = "manifest.json"
_PARTS = ("retsim", "numpy", "numba", "scipy", "pandas", "simpy")
_ORIGINS = ("versions", "platform", "sources_digest", "stream_version")

__all__ = [
    "FILE",
    "FORMAT",
    "ManifestError",
    "NotReproducedError",
    "manifest_of",
    "read_manifest",
    "recorded_scenario",
    "rerun",
]


class ManifestError(ValueError):
    """A manifest cannot be used: names the file, the key and what must hold."""


class NotReproducedError(RuntimeError):
    """A run made again differs from the recorded one; names what else differs."""


def manifest_of(study: Study, command: Sequence[str] | None) -> dict[str, Any]:
    """The manifest of a study, without the list of files."""
    from retsim.scenario.plain import plain

    return {
        "format": FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": list(command) if command is not None else None,
        **origins(),
        "seed": study.seed,
        "replications": study.replications,
        "counts": study.counts._asdict(),
        "scenarios": {
            name: {
                "digest": scenario.digest(),
                "toml": scenario.to_toml(),
                "parameters": plain(scenario, everything=True),
            }
            for name, scenario in study.scenarios.items()
        },
        "runs": {
            name: {str(outcome.replication): outcome.digest for outcome in arm.in_order()}
            for name, arm in study.arms.items()
        },
        "failed": [failure._asdict() for failure in study.failures],
    }


def origins() -> dict[str, Any]:
    """Versions, platform and digests of the program that runs now."""
    from retsim.jit import sources_digest
    from retsim.streams import STREAM_VERSION

    return {
        "versions": {"python": platform.python_version()} | {part: _version(part) for part in _PARTS},
        "platform": {"system": platform.system(), "machine": platform.machine(), "byteorder": sys.byteorder},
        "sources_digest": sources_digest(),
        "stream_version": STREAM_VERSION,
    }


def rerun(manifest: str | Path, scenario: str, replication: int) -> Run:
    """Make one run of a saved study again and check that it is the same to the last bit.

    Parameters
    ----------
    manifest : path
        ``manifest.json``, or the folder that holds it.
    scenario : str
        Name in the study.
    replication : int

    Returns
    -------
    Run

    Raises
    ------
    ManifestError
        The file is no manifest of a study, is damaged, or has no such run.
    NotReproducedError
        The run differs from the recorded one. The message says which versions differ.
    """
    from retsim.results.simulate import simulate

    path, content = read_manifest(Path(manifest))
    recorded = _recorded(path, content, scenario, replication)
    run = simulate(recorded_scenario(path, content, scenario), seed=content["seed"], replication=replication)
    found = run.digest()
    if found != recorded:
        raise NotReproducedError(
            f"{path}: {scenario}, replication {replication}: "
            f"digest {found[:16]}..., recorded {recorded[:16]}...; "
            + (_changed(content) or "program, versions and platform are those of the record")
        )
    return run


def read_manifest(path: Path) -> tuple[Path, dict[str, Any]]:
    """Read a manifest, given itself or its folder.

    Raises
    ------
    ManifestError
        It does not exist, is no JSON, or is not the manifest of a study.
    """
    path = path / FILE if path.is_dir() else path
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ManifestError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{path}: is no JSON: {str(error)[:100]}") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise ManifestError(f"{path}: format = {found!r:.60}, must be {FORMAT!r}")
    return path, content


def _recorded(path: Path, content: Mapping[str, Any], scenario: str, replication: int) -> str:
    runs = content.get("runs")
    if not isinstance(runs, dict) or scenario not in runs:
        names = ", ".join(map(str, runs)) if isinstance(runs, dict) else "none"
        raise ManifestError(f"{path}: scenario = {scenario!r}, must be one of {names}")
    digest = runs[scenario].get(str(replication)) if isinstance(runs[scenario], dict) else None
    if not isinstance(digest, str):
        last = content.get("replications", 0)
        raise ManifestError(
            f"{path}: replication = {replication!r}: no such run of {scenario}; there are {last}, from 0"
        )
    return digest


def recorded_scenario(path: Path, content: Mapping[str, Any], name: str) -> Scenario:
    """The recorded scenario; its text must still give the recorded digest.

    Raises
    ------
    ManifestError
    """
    from retsim.scenario import Scenario

    entry = content.get("scenarios", {}).get(name)
    if not isinstance(entry, dict) or not isinstance(entry.get("toml"), str):
        raise ManifestError(f"{path}: scenarios.{name}.toml is missing")
    try:
        scenario = Scenario(**tomllib.loads(entry["toml"]))
    except ValueError as error:
        raise ManifestError(f"{path}: scenarios.{name}.toml cannot be read: {error}") from None
    if scenario.digest() != entry.get("digest"):
        raise ManifestError(f"{path}: scenarios.{name}: the text does not give the recorded digest; it was changed")
    return scenario


def _changed(content: Mapping[str, Any]) -> str:
    """What is different now: "versions.numba 0.61 (recorded 0.60)"."""
    here, there = _flat(origins()), _flat({key: content.get(key) for key in _ORIGINS})
    keys = [key for key in {**here, **there} if here.get(key) != there.get(key)]
    return (
        "different are " + ", ".join(f"{key} {here.get(key)} (recorded {there.get(key)})" for key in keys)
        if keys
        else ""
    )


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out |= {f"{key}.{inner}": item for inner, item in value.items()}
        else:
            out[key] = value
    return out


def _version(part: str) -> str | None:
    try:
        return version(part)
    except PackageNotFoundError:
        return None

"""What made a result: one digest over everything that can change a bit of it, and what it is made of.

`retsim.jit.sources_digest` covers what is compiled; a result also goes through the market, the population and
the measures, which are Python. Faces, pictures, calibration and theory cannot change a run and are left out,
so that a new plot does not make a study of last week worthless.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

_PACKAGE = Path(__file__).parent.parent
_WITHOUT_EFFECT = ("cli", "plots", "calibrate", "theory", "report", "app", "experiments")
"""Rooms that no run enters."""
_WITH_EFFECT = ("experiments/replicate.py", "experiments/packing.py")
"""What of those makes or packs a result all the same."""
_LIBRARIES = ("numpy", "numba", "llvmlite", "simpy")

__all__ = ["Origin", "changed", "origin"]


class Origin(NamedTuple):
    """Where results come from; results of different origins are never used together.

    Attributes
    ----------
    code : str
        Digest over `parts`.
    streams : int
        `retsim.streams.STREAM_VERSION`.
    parts : dict of str to str
        Sources, versions and machine, by name.
    """

    code: str
    streams: int
    parts: Mapping[str, str]


def origin() -> Origin:
    """The origin of what this process makes now; rules of one's own (`retsim.own_rules`) are another origin."""
    from retsim.jit import own_sources

    return _origin(own_sources())


@cache
def _origin(own: str) -> Origin:
    from importlib.metadata import version

    from retsim.streams import STREAM_VERSION

    parts = {
        "sources": _sources(),
        "own rules": hashlib.sha256(own.encode()).hexdigest()[:24] if own else "none",
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
        "system": platform.system(),
        "machine": platform.machine(),
        "byteorder": sys.byteorder,
    }
    text = json.dumps(parts, sort_keys=True)
    return Origin(hashlib.sha256(text.encode()).hexdigest()[:24], STREAM_VERSION, parts)


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What differs between the parts of two origins: "numba 0.68.1 (there 0.61.0)"."""
    keys = [key for key in {**new, **old} if old.get(key) != new.get(key)]
    return ", ".join(f"{key} {new.get(key)!s:.12} (there {old.get(key)!s:.12})" for key in keys)


def _sources() -> str:
    text = hashlib.sha256()
    for path in _files():
        name = path.relative_to(_PACKAGE).as_posix()
        text.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return text.hexdigest()[:24]


def _files() -> Iterator[Path]:
    for path in sorted(_PACKAGE.rglob("*.py")):
        name = path.relative_to(_PACKAGE)
        if name.parts[0] not in _WITHOUT_EFFECT or name.as_posix() in _WITH_EFFECT:
            yield path

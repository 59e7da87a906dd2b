"""Where the numbers come from, and how any of them is made again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retsim.experiments.manifest import origins

if TYPE_CHECKING:
    from retsim.experiments.study import Study

__all__ = ["origin_lines"]


def origin_lines(study: Study, manifest: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Facts by name: from the study's manifest; without one, of the program that runs now.

    Parameters
    ----------
    study : Study
    manifest : mapping or None
        As `retsim.experiments.manifest.read_manifest` gives it.
    """
    of = manifest if manifest is not None else origins()
    versions = ", ".join(f"{part} {version}" for part, version in of["versions"].items() if version)
    machine = " ".join(str(part) for part in of["platform"].values())
    lines = [
        ("seed", f"{study.seed}"),
        ("replications", f"{study.replications:,} of each scenario, numbered from 0"),
        ("versions", versions),
        ("machine", machine),
        ("sources", of["sources_digest"][:16]),
        ("stream version", f"{of['stream_version']}"),
    ]
    if manifest is not None:
        lines.append(("written", manifest["written"]))
        if manifest["command"]:
            lines.append(("command", shlex.join(manifest["command"])))
    lines += [(f"digest of {name}", scenario.digest()[:16]) for name, scenario in study.scenarios.items()]
    return lines

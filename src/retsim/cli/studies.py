"""What `run` and `compare` share: making a study, heading it, writing it, naming what failed."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

_SHOWN_FAILURES = 10

__all__ = ["check_studies", "heading", "made", "save_study", "tell_failures"]


def check_studies(folders: Sequence[Path]) -> None:
    """Refuse folders that cannot take a study, before any work is done."""
    from retsim.experiments.saving import check_folder

    for folder in folders:
        check_folder(folder)


def made(scenarios: Mapping[str, Scenario], args: Namespace) -> Study:
    """The study that the arguments ask for, with its progress on the terminal."""
    from retsim.experiments.compare import compare

    return compare(
        scenarios,
        replications=args.replications,
        seed=args.seed,
        workers=args.workers,
        threads=args.threads,
        progress=True,
    )


def heading(study: Study, title: str) -> str:
    """What was run: horizon, size, currency, replications, seed."""
    scenario = next(iter(study.scenarios.values()))
    market = f"{scenario.horizon:g} months, {scenario.customers:,} people at the start, {scenario.currency}"
    plural = "s" if study.replications != 1 else ""
    return f"{title.rstrip(': ')}\n{market}; {study.replications} replication{plural}, seed {study.seed}\n"


def save_study(study: Study, folder: Path, args: Namespace) -> str:
    """Write a study with its pictures; returns the manifest's path."""
    return str(study.save(folder, command=args.typed, extra=_pictures()))


def tell_failures(study: Study) -> int:
    """Name runs that could not be made; 1 where there are any."""
    for one in study.failures[:_SHOWN_FAILURES]:
        print(f"failed: {one.scenario}, replication {one.replication}: {one.reason}", file=sys.stderr)
    if len(study.failures) > _SHOWN_FAILURES:
        print(f"failed: and {len(study.failures) - _SHOWN_FAILURES} more", file=sys.stderr)
    return 1 if study.failures else 0


def _pictures() -> Callable[[Study, Path], object] | None:
    """What draws the pictures of a study, if this installation can."""
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec("retsim.plots") is None or find_spec("matplotlib") is None:
        return None
    return getattr(import_module("retsim.plots"), "save_all", None)

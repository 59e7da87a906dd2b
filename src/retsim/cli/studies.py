"""What `run` and `compare` share: making a study, heading it, writing it, naming what failed."""

from __future__ import annotations

import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from retsim.cli.beside import drawn_beside
from retsim.cli.durable import kept, replications_of, way_of

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

_SHOWN_FAILURES = 10

__all__ = ["Written", "check_studies", "heading", "made", "save_studies", "save_study", "tell_failures"]


def check_studies(folders: Sequence[Path]) -> None:
    """Refuse folders that cannot take a study, before any work is done."""
    from retsim.experiments.saving import check_folder

    for folder in folders:
        check_folder(folder)


def made(scenarios: Mapping[str, Scenario], args: Namespace) -> Study:
    """The study that the arguments ask for, with its progress on the terminal."""
    from retsim.experiments.compare import compare

    replications = replications_of(args)
    with kept(args):
        return compare(scenarios, replications=replications, **way_of(args)._asdict())


def heading(study: Study, title: str) -> str:
    """What was run: horizon, size, currency, replications, seed."""
    scenario = next(iter(study.scenarios.values()))
    market = f"{scenario.horizon:g} months, {scenario.customers:,} people at the start, {scenario.currency}"
    plural = "s" if study.replications != 1 else ""
    return f"{title.rstrip(': ')}\n{market}; {study.replications} replication{plural}, seed {study.seed}\n"


class Written(NamedTuple):
    """A study that was written: its manifest, and what kept its pictures from being drawn, if anything did."""

    manifest: str
    problem: str


def save_studies(studies: Sequence[tuple[Path, Study]], args: Namespace) -> list[Written]:
    """Write studies, each into its folder; where there are processors, every second one is drawn beside."""
    aside = [study for _, study in studies[1::2]] if _worth_a_process(args) else []
    written: dict[Path, Written] = {}
    with drawn_beside(aside) as ready:
        for folder, study in studies[::2]:
            written[folder] = save_study(study, folder, args)
        for place, (folder, study) in enumerate(studies[1::2]):
            written[folder] = save_study(study, folder, args, pictures=ready(place))
    return [written[folder] for folder, _ in studies]


def _worth_a_process(args: Namespace) -> bool:
    from retsim.experiments.making import processors

    return _pictures() is not None and args.workers != 1 and processors() > 1


def save_study(study: Study, folder: Path, args: Namespace, *, pictures: Path | None = None) -> Written:
    """Write a study with its pictures; a picture that cannot be drawn must not cost the results.

    Parameters
    ----------
    study : Study
    folder : Path
    args : Namespace
    pictures : Path, optional
        A folder in which they are already; None: they are drawn.
    """
    problems: list[str] = []
    draw = _pictures()

    def drawn(study: Study, folder: Path) -> None:
        try:
            if pictures is not None:
                shutil.copytree(pictures, folder, dirs_exist_ok=True)
            elif draw is not None:
                draw(study, folder)
        except OSError:
            raise
        except Exception as error:
            problems.append(f"{type(error).__name__}: {error}")

    return Written(str(study.save(folder, command=args.typed, extra=drawn)), "".join(problems))


def tell_failures(study: Study, written: Sequence[Written] = ()) -> int:
    """Name runs that could not be made and pictures that could not be drawn; 1 where there are any."""
    missing = [one for one in written if one.problem]
    for where in missing:
        print(f"failed: pictures beside {where.manifest}: {where.problem}", file=sys.stderr)
    for one in study.failures[:_SHOWN_FAILURES]:
        print(f"failed: {one.scenario}, replication {one.replication}: {one.reason}", file=sys.stderr)
    if len(study.failures) > _SHOWN_FAILURES:
        print(f"failed: and {len(study.failures) - _SHOWN_FAILURES} more", file=sys.stderr)
    if study.failures:
        print(f"failed: {study.counts}", file=sys.stderr)
        print(_again(study), file=sys.stderr)
    return 1 if study.failures or missing else 0


def _again(study: Study) -> str:
    """How a run that failed is made again, by itself."""
    name, replication, _ = study.failures[0]
    return (
        f"one run alone, to see why: retsim.simulate(scenario, seed={study.seed}, replication={replication}) "
        f"with the scenario {name}; with --study the same command tries the failed runs again"
    )


def _pictures() -> Callable[[Study, Path], object] | None:
    """What draws the pictures of a study, if this installation can."""
    from importlib import import_module
    from importlib.util import find_spec

    if find_spec("retsim.plots") is None or find_spec("matplotlib") is None:
        return None
    return getattr(import_module("retsim.plots"), "save_all", None)

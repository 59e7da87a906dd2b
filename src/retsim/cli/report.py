"""The command that makes a page of a study."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from retsim.cli.axes import ranges_of
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json

if TYPE_CHECKING:
    from retsim.experiments.breakeven import Breakeven
    from retsim.experiments.study import Study

_PAGE = "report.html"

__all__ = ["report_command"]


def report_command(args: Namespace) -> int:
    """Read the study, find where it flips where that is asked for, and write the page."""
    from retsim.experiments.reading import manifest_beside
    from retsim.reports import ReportOptions, report

    folder = Path(args.study)
    study = _study(folder, args.metric)
    target = _target(args.out, folder)
    found = [*_found_there(folder), *_found_now(study, args)]
    pictures = target.with_name(f"{target.stem}-pictures") if args.pictures else None
    options = ReportOptions(args.metric, found, pictures, manifest_beside(folder))
    try:
        report(study, target, options)
    except OSError as error:
        raise UserError(
            f"{target}: {error}" if isinstance(error, FileExistsError) else _unwritable(target, error)
        ) from None
    written = [target, *(sorted(pictures.iterdir()) if pictures is not None else [])]
    _tell(study, args, written)
    return 0


def _study(folder: Path, metric: str) -> Study:
    from retsim.experiments.differences import check_metric
    from retsim.experiments.manifest import ManifestError
    from retsim.experiments.reading import read_study
    from retsim.experiments.store import StoreError

    try:
        check_metric(metric)
    except ValueError as error:
        raise UserError(f"--metric: {error}") from None
    try:
        study = read_study(folder)
    except (FileNotFoundError, ManifestError, StoreError) as error:
        raise UserError(str(error)) from None
    if not any(map(len, study.arms.values())):
        raise UserError(f"{folder}: no run of the study is finished; a report needs at least one")
    return _short(study)


def _short(study: Study) -> Study:
    """The same study; where all names begin with one and the same scenario, as `compare --study` has them, without it."""
    parts = {name: name.partition("/") for name in study.names}
    if len({before for before, _, _ in parts.values()}) > 1 or not all(after for _, _, after in parts.values()):
        return study
    return study.part({after: name for name, (_, _, after) in parts.items()})


def _target(out: str | None, folder: Path) -> Path:
    """Where the page goes: a folder gets a file of the usual name."""
    from retsim.reports.writing import check_target

    target = folder / _PAGE if out is None else Path(out)
    if target.is_dir() or (out is not None and not target.suffix):
        target = target / _PAGE
    if target.suffix.lower() not in (".html", ".htm"):
        raise UserError(f"--out {out}: ends in {target.suffix}, must end in .html, or be a folder")
    check_folder(str(target.parent))
    return check_target(target)


def _found_there(folder: Path) -> list[Breakeven]:
    """The break-even that `retsim breakeven --out` wrote into the same folder."""
    from retsim.experiments.flipfile import FILE, BreakevenFileError, read_breakeven

    if not (folder / FILE).is_file():
        return []
    try:
        return [read_breakeven(folder / FILE)]
    except BreakevenFileError as error:
        raise UserError(str(error)) from None


def _found_now(study: Study, args: Namespace) -> list[Breakeven]:
    """The break-even of the best scenario and the next, over what was asked for."""
    from retsim.experiments.answer import answer
    from retsim.experiments.breakeven import Question, breakeven

    over = ranges_of(args.over, "--over")
    if not over:
        return []
    if len(over) > 2:
        raise UserError(f"--over: {len(over)} keys are too many for a picture; give one or two")
    best = answer(study, args.metric)
    if best is None:
        raise UserError("--over: the study has no two scenarios to tell apart")
    names = sorted((best.best, best.against), key=study.names.index)
    question = Question(args.metric, args.points, args.replications)
    scenarios = {name: study.scenarios[name] for name in names}
    return [breakeven(scenarios, over, question, seed=study.seed, workers=args.workers, progress=True)]


def _unwritable(target: Path, error: OSError) -> str:
    return f"{target}: cannot be written: {error.strerror or error}; choose another folder with --out"


def _tell(study: Study, args: Namespace, written: list[Path]) -> None:
    from retsim.experiments.answer import verdict
    from retsim.results.measures import MEASURES

    first = next(iter(study.scenarios.values()))
    said = verdict(study, args.metric, first.currency if MEASURES[args.metric].unit == "money" else "")
    if args.json:
        print_json({"answer": said, "written": [str(path) for path in written]})
        return
    print(f"{said}.\n\nwritten: {written[0]}")
    if len(written) > 1:
        print(f"written: {len(written) - 1} pictures in {written[1].parent}")

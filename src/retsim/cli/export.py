"""The command that writes a kept study for another program."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from retsim.cli.durable import telling
from retsim.cli.errors import UserError
from retsim.cli.output import print_json
from retsim.cli.studies import tell_failures

if TYPE_CHECKING:
    from retsim.experiments.study import Study

_ENDINGS = (".csv", ".parquet", ".xlsx", ".nc")

__all__ = ["export_command"]


def export_command(args: Namespace) -> int:
    """Read the study and write it as the file's ending says."""
    path = Path(args.to)
    if path.suffix.lower() not in _ENDINGS:
        raise UserError(
            f"--to {args.to}: ends in {path.suffix or 'nothing'!r}, must end in one of {', '.join(_ENDINGS)}"
        )
    study = _opened(args.study)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(study, path)
    except (ImportError, ValueError) as error:
        raise UserError(f"--to {args.to}: {error}") from None
    except OSError as error:
        raise UserError(f"--to {args.to}: cannot be written: {error.strerror or error}") from None
    if args.json:
        print_json({"written": str(path), "counts": study.counts._asdict()})
    else:
        print(f"written: {path}; {study.counts}")
    tell_failures(study)
    return 0


def _opened(folder: str) -> Study:
    from retsim.experiments.folder import open_study

    try:
        with telling():
            return open_study(folder)
    except OSError as error:
        raise UserError(f"{error}") from None


def _write(study: Study, path: Path) -> None:
    from retsim.experiments.exporting import tidy, to_csv, to_parquet

    kind = path.suffix.lower()
    if kind == ".xlsx":
        from retsim.experiments.workbook import to_excel

        to_excel(study, path)
    elif kind == ".nc":
        from retsim.experiments.arrays import to_netcdf

        to_netcdf(study, path)
    else:
        (to_csv if kind == ".csv" else to_parquet)(tidy(study), path)

"""Writing a calibration into a folder: made beside, then put in place, the manifest last."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.errors import UserError
from retsim.cli.output import plain

if TYPE_CHECKING:
    from retsim.calibrate import Tracked
    from retsim.cli.calibration_report import Calibration

FORMAT = "retsim calibration 1"
MANIFEST = "manifest.json"

__all__ = ["FORMAT", "MANIFEST", "check_calibration", "save_calibration"]


def check_calibration(folder: Path, name: str) -> None:
    """Refuse a folder in which something else, or a changed scenario, would be overwritten.

    Parameters
    ----------
    folder : Path
    name : str
        Of the scenario.

    Raises
    ------
    UserError
    """
    wanted = [f"{name}.toml", *(f"tracking.{kind}" for kind in ("parquet", "csv", "png", "svg"))]
    _refuse_strangers(folder, wanted)


def save_calibration(made: Calibration, folder: Path, document: dict[str, Any], *, log: Path) -> list[str]:
    """Write scenario, purchases by period as table and picture, and manifest.

    Parameters
    ----------
    made : Calibration
        With its scenario.
    folder : Path
    document : dict
        What the command tells; goes into the manifest.
    log : Path
        The transaction log.

    Returns
    -------
    list of str
        Paths written, the manifest last.

    Raises
    ------
    UserError
        Something else is there, or the folder cannot be written to.
    """
    if made.scenario is None or made.tracked is None:
        raise ValueError("the calibration has no scenario")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".calibration-", dir=folder) as inside:
            beside = Path(inside)
            made.scenario.save(beside / f"{made.scenario.name}.toml")
            _write_tracking(made.tracked, beside)
            names = sorted(path.name for path in beside.iterdir())
            _refuse_strangers(folder, names)
            manifest = _manifest(document, log, {name: _digest(beside / name) for name in names})
            text = json.dumps(plain(manifest), indent=1, ensure_ascii=False, allow_nan=False)
            (beside / MANIFEST).write_text(text + "\n", encoding="utf-8")
            for name in (*names, MANIFEST):
                os.replace(beside / name, folder / name)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror or error}") from None
    return [str(folder / name) for name in (*names, MANIFEST)]


def _write_tracking(found: Tracked, folder: Path) -> None:
    from importlib.util import find_spec

    frame = found.tracking.frame
    frame.to_parquet(folder / "tracking.parquet", index=False)
    frame.to_csv(folder / "tracking.csv", index=False, lineterminator="\n")
    if find_spec("matplotlib") is not None:
        from retsim.plots import tracking
        from retsim.plots.saving import save_figure

        save_figure(tracking(found.tracking), folder / "tracking")


def _manifest(document: dict[str, Any], log: Path, files: dict[str, str]) -> dict[str, Any]:
    from retsim.experiments.manifest import origins

    return {
        "format": FORMAT,
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
        **origins(),
        "log_digest": _digest(log),
        **document,
        "files": files,
    }


def _refuse_strangers(folder: Path, names: Sequence[str]) -> None:
    """Only what an earlier calibration wrote, and nobody changed since, is overwritten."""
    old = _files_of_old(folder)
    for name in names:
        path = folder / name
        if not path.exists():
            continue
        if name not in old:
            raise UserError(f"{path}: is there already, and no calibration wrote it; choose another folder")
        if not path.is_file() or _digest(path) != old[name]:
            raise UserError(f"{path}: was changed since it was written; choose another folder, or move it away")


def _files_of_old(folder: Path) -> dict[str, str]:
    """Files that an older calibration wrote here, with their digests."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        content = None
    found = content.get("format") if isinstance(content, dict) else None
    files = content.get("files") if isinstance(content, dict) else None
    if found != FORMAT or not isinstance(files, dict):
        raise UserError(f"{path}: format = {found!r:.60}, must be {FORMAT!r}; choose another folder")
    return files


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()

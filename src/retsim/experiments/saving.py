"""Writing a study into a folder: everything is made beside, then put in place, the manifest last."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.experiments.manifest import FILE, ManifestError, manifest_of, read_manifest

if TYPE_CHECKING:
    from retsim.experiments.study import Study

TABLES = ("runs", "paths", "departures", "flows", "survival", "survival_runs", "cohorts")

__all__ = ["check_folder", "save"]


def save(
    study: Study,
    folder: Path,
    *,
    command: Sequence[str] | None = None,
    extra: Callable[[Study, Path], object] | None = None,
) -> Path:
    """See `Study.save`."""
    old = _files_of_old_study(folder)
    folder.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=".study-", dir=folder))
    try:
        _write_tables(study, beside)
        _write_scenarios(study, beside)
        if extra is not None:
            extra(study, beside)
        names = sorted(str(path.relative_to(beside).as_posix()) for path in beside.rglob("*") if path.is_file())
        _refuse_strangers(folder, names, old)
        content = manifest_of(study, command) | {"files": {name: _digest(beside / name) for name in names}}
        text = json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False)
        (beside / FILE).write_text(text + "\n", encoding="utf-8")
        _put_in_place(beside, folder, [*names, FILE], old)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return folder / FILE


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot take a study, as `save` would, before any work is done.

    Raises
    ------
    FileExistsError
    """
    old = _files_of_old_study(folder)
    _refuse_strangers(folder, [f"{name}.parquet" for name in (*TABLES, "summary", "differences")], old)


def _write_tables(study: Study, folder: Path) -> None:
    for name in TABLES:
        getattr(study, name).to_parquet(folder / f"{name}.parquet", index=False)
    study.summary().to_parquet(folder / "summary.parquet", index=False)
    study.differences().to_parquet(folder / "differences.parquet", index=False)


def _write_scenarios(study: Study, folder: Path) -> None:
    """One file a scenario; names that a file cannot have become plain and numbered."""
    (folder / "scenarios").mkdir()
    for number, (name, scenario) in enumerate(study.scenarios.items(), start=1):
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60] or "scenario"
        path = folder / "scenarios" / f"{number}-{plain}.toml"
        path.write_text(scenario.to_toml(), encoding="utf-8")


def _files_of_old_study(folder: Path) -> set[str]:
    """Names that an older study in the folder calls its own; refuses a folder that cannot take a study."""
    if folder.exists() and not folder.is_dir():
        raise FileExistsError(f"{folder}: is a file, must be a folder (or a new name for one)")
    if not (folder / FILE).exists():
        return set()
    try:
        _, content = read_manifest(folder)
    except ManifestError as error:
        raise FileExistsError(f"{error}; choose another folder") from None
    files = content.get("files")
    return {FILE, *(str(name) for name in files)} if isinstance(files, dict) else {FILE}


def _refuse_strangers(folder: Path, names: Sequence[str], old: set[str]) -> None:
    """Nothing that a study did not write is overwritten."""
    strangers = [name for name in names if name not in old and (folder / name).exists()]
    if strangers:
        raise FileExistsError(
            f"{folder}: holds {', '.join(strangers[:3])}, which no study there wrote; choose another folder"
        )


def _put_in_place(beside: Path, folder: Path, names: Sequence[str], old: set[str]) -> None:
    """Move file by file, the manifest last: until then digests in the old one tell what is not its own."""
    for name in names:
        _flush(beside / name)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(beside / name, target)
    inside = folder.resolve()
    for name in old - set(names):
        path = (folder / name).resolve()
        if path.is_relative_to(inside) and path.is_file():
            path.unlink()


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    text: Any = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            text.update(block)
    return str(text.hexdigest())

"""A study read back from its folder, kept (`folder`) or written (`saving`): its tables, without running anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.experiments.arm import Arm
from retsim.experiments.manifest import FILE, ManifestError, read_manifest, recorded_scenario
from retsim.experiments.replicate import NOTHING, SERIES, Failure, Outcome
from retsim.experiments.saving import TABLES
from retsim.experiments.store import FILE as KEPT
from retsim.experiments.study import Study
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["manifest_beside", "read_study"]

_SHOWN = 5


def read_study(folder: str | Path) -> Study:
    """The study in a folder, whichever way it came there; runs none.

    Parameters
    ----------
    folder : path
        Of ``compare(..., folder=...)`` or ``--study``, or of `Study.save` or ``--out``. Where a folder is both, the
        runs that are kept are read.

    Returns
    -------
    Study
        From a written folder it has every table but `Study.reichheld`, which is not written.

    Raises
    ------
    FileNotFoundError
        There is no study in the folder; names those below it.
    ManifestError
        A file is not what was written there.
    StoreError
        The file of a kept study cannot be read.
    """
    from retsim.experiments.folder import open_study

    path = Path(folder)
    if (path / KEPT).is_file():
        return open_study(path)
    if not (path / FILE).is_file():
        raise FileNotFoundError(f"{path}: {_nothing(path)}")
    return _written(path, read_manifest(path)[1])


def manifest_beside(folder: str | Path) -> dict[str, Any] | None:
    """The manifest of what `read_study` reads there; None where the runs are kept, which know their own program."""
    path = Path(folder)
    return None if (path / KEPT).is_file() else read_manifest(path)[1]


def _nothing(path: Path) -> str:
    """Why there is no study, and where there may be one."""
    if not path.exists():
        return "does not exist; name the folder of --study or --out"
    if not path.is_dir():
        return "is a file, must be the folder of a study"
    below = sorted(str(found.parent) for name in (FILE, KEPT) for found in path.glob(f"*/{name}"))
    if below:
        more = f" and {len(below) - _SHOWN} more" if len(below) > _SHOWN else ""
        return f"holds no study, but folders of studies; name one of {', '.join(below[:_SHOWN])}{more}"
    return "holds no study; make one with retsim compare ... --out or --study"


def _written(path: Path, manifest: Mapping[str, Any]) -> Study:
    """A written study: measures and paths go back into its runs, the other tables stand as they are."""
    import pandas as pd

    names = list(manifest["scenarios"])
    arms = {name: Arm(name, recorded_scenario(path / FILE, manifest, name)) for name in names}
    frames = {table: _table(path, manifest, f"{table}.parquet") for table in TABLES}
    for frame in frames.values():
        frame["scenario"] = pd.Categorical(frame["scenario"].astype(str), categories=names)
    paths = dict(iter(frames["paths"].groupby(["scenario", "replication"], observed=True)))
    for row in frames["runs"].to_dict("records"):
        name, replication = str(row["scenario"]), int(row["replication"])
        arms[name].add(
            Outcome(
                scenario=name, replication=replication, digest=manifest["runs"][name][str(replication)],
                measures={metric: float(row[metric]) for metric in MEASURES},
                path=paths[name, replication][list(SERIES)].to_numpy(float),
                departures=NOTHING, flows=NOTHING, lives=NOTHING, tenure=NOTHING,
            )
        )  # fmt: skip
    failures = [Failure(**failed) for failed in manifest["failed"]]
    return _Written(arms, frames, seed=manifest["seed"], replications=manifest["replications"], failures=failures)


class _Written(Study):
    """A study whose tables stand as they were written: what one works out at first use is there already."""

    def __init__(self, arms: Mapping[str, Arm], frames: Mapping[str, pd.DataFrame], **facts: Any) -> None:
        super().__init__(arms, **facts)
        vars(self).update(frames)

    def part(self, names: Mapping[str, str] | Sequence[str]) -> Study:
        """As `Study.part`, the tables with it."""
        import pandas as pd

        small = super().part(names)
        chosen = dict(names) if isinstance(names, Mapping) else {name: name for name in names}
        frames = {}
        for table in TABLES:
            parts = [self._rows(table, old).assign(scenario=new) for new, old in chosen.items()]
            frame = pd.concat(parts, ignore_index=True)
            frames[table] = frame.assign(scenario=pd.Categorical(frame["scenario"], categories=list(chosen)))
        facts = {"seed": self.seed, "replications": self.replications, "failures": small.failures}
        return _Written(small.arms, frames, **facts)

    def _rows(self, table: str, name: str) -> pd.DataFrame:
        frame: pd.DataFrame = getattr(self, table)
        return frame[frame["scenario"] == name]


def _table(path: Path, manifest: Mapping[str, Any], name: str) -> Any:
    """One table, if it is the one that was written."""
    import pandas as pd

    file = path / name
    if not file.is_file():
        raise ManifestError(f"{file}: is missing; write the study again")
    if hashlib.sha256(file.read_bytes()).hexdigest() != manifest["files"].get(name):
        raise ManifestError(f"{file}: is not the file that {FILE} lists, so it was changed; write the study again")
    table = pd.read_parquet(file)
    columns = {"runs.parquet": list(MEASURES), "paths.parquet": list(SERIES)}.get(name, [])
    if lacking := [column for column in columns if column not in table]:
        raise ManifestError(f"{file}: lacks {lacking[0]}, so another version wrote it; write the study again")
    return table

"""A study in, one HTML file out."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.experiments.differences import check_metric
from retsim.plots.source import check_study
from retsim.reports.answer import said
from retsim.reports.figures import departure_table, difference_table, mean_table
from retsim.reports.grounds import grounds
from retsim.reports.origin import origin_lines
from retsim.reports.pictures import drawn, save_pictures

if TYPE_CHECKING:
    from retsim.experiments.breakeven import Breakeven
    from retsim.experiments.study import Study

GENERATOR = '<meta name="generator" content="retsim">'
"""What tells a report from a stranger's file of the same name."""
_HEAD = 2000

__all__ = ["GENERATOR", "ReportOptions", "check_target", "report"]


class ReportOptions(NamedTuple):
    """What a report has besides the study.

    Attributes
    ----------
    metric : str
        What the answer is about; one of `retsim.MEASURES`.
    breakeven : sequence of Breakeven
        Where the answer flips, as `retsim.breakeven` finds it.
    pictures : path, optional
        Folder to which every picture is written as PNG and SVG, too.
    manifest : mapping, optional
        Of the study, where it was read from its folder; else the page names the program that runs now.
    """

    metric: str = "discounted_profit"
    breakeven: Sequence[Breakeven] = ()
    pictures: str | Path | None = None
    manifest: Mapping[str, Any] | None = None


def report(study: Study, path: str | Path, options: ReportOptions | None = None, **changes: Any) -> Path:
    """Write a study as one HTML file that needs nothing else: no network, no script, no other file.

    Question; answer in a sentence, with interval and number of replications; paired differences; profit over time;
    who left, why, and what held them; where the answer flips; every assumption with its evidence; manifest. It
    prints, and reads in grey and in a dark window.

    Parameters
    ----------
    study : Study
        As `retsim.compare` returns it, or `retsim.open_study` or `retsim.read_study` reads it.
    path : path
        Of the file; a report that is there is replaced, whole or not at all.
    options : ReportOptions, optional
    **changes
        Of single options: ``report(study, "page.html", metric="customers")``.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        There is no such measure, or no run to report on.
    FileExistsError
        The file is there, and no report.
    """
    asked = (options or ReportOptions())._replace(**changes)
    check_metric(asked.metric)
    if not any(map(len, check_study(study).arms.values())):
        raise ValueError("study: has no finished run; a report needs at least one")
    target = check_target(path)
    pictures = drawn(study, asked.breakeven)
    _put(target, _page(study, asked, pictures))
    if asked.pictures is not None:
        save_pictures(pictures, Path(asked.pictures))
    return target


def check_target(path: str | Path) -> Path:
    """Refuse to write over what is no report.

    Raises
    ------
    FileExistsError
    """
    target = Path(path)
    if target.is_dir():
        raise FileExistsError(f"{target}: is a folder, must be a file such as {target / 'report.html'}")
    if target.exists():
        with target.open("rb") as file:
            if GENERATOR.encode() not in file.read(_HEAD):
                raise FileExistsError(f"{target}: exists and is no report of retsim; choose another name")
    return target


def _page(study: Study, asked: ReportOptions, pictures: Mapping[str, Any]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    import retsim

    first = next(iter(study.scenarios.values()))
    # Every text is escaped, whatever a scenario is called.
    room = Environment(
        loader=PackageLoader("retsim.reports", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return room.get_template("page.html.jinja").render(
        generator=GENERATOR, version=retsim.__version__, first=first, study=study, asked=asked, pictures=pictures,
        said=said(study, asked.metric), means=mean_table(study),
        differences=difference_table(study, asked.metric) if len(study.names) > 1 else None, departures=departure_table(study),
        grounds=grounds(study), origin=origin_lines(study, asked.manifest),
    )  # fmt: skip


def _put(target: Path, text: str) -> None:
    """Write beside, then put in place."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(beside, 0o644)
        os.replace(beside, target)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise

"""All pictures of a study in a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from retsim.plots.cohorts import cohort_retention
from retsim.plots.effects import differences
from retsim.plots.fans import customers, profit_paths
from retsim.plots.flows import switching_flows
from retsim.plots.forces import departure_forces
from retsim.plots.lasting import survival
from retsim.plots.page import DPI
from retsim.plots.source import check_study
from retsim.plots.style import drawing
from retsim.results.reasons import VANISHED

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from retsim.experiments.study import Study

_COMPRESSION = 3
"""Of PNG, 0 to 9: a tenth larger than by the usual 6, in two thirds of the time."""


class Picture(NamedTuple):
    """How a picture is drawn, and of which studies there is one."""

    draw: Callable[[Study], Figure]
    applies: Callable[[Study], bool]


PICTURES = {
    "profit_paths": Picture(profit_paths, lambda study: True),
    "customers": Picture(customers, lambda study: True),
    "differences": Picture(differences, lambda study: len(study.names) > 1),
    "survival": Picture(survival, lambda study: bool((study.survival["age"] > 0.0).any())),
    "cohort_retention": Picture(cohort_retention, lambda study: True),
    "departure_forces": Picture(departure_forces, lambda study: bool((study.departures["outcome"] != VANISHED).any())),
    "switching_flows": Picture(switching_flows, lambda study: len(study.flows) > 0),
}

__all__ = ["DPI", "PICTURES", "save_all", "save_figure"]


def save_all(study: Study, folder: str | Path, *, pictures: Sequence[str] | None = None) -> list[Path]:
    """Write every picture that a study has the data for, as PNG (200 dots an inch) and SVG.

    Parameters
    ----------
    study : Study
    folder : path
        Made if it does not exist; pictures of the same names are replaced.
    pictures : sequence of str, optional
        Names of those wanted; None: all.

    Returns
    -------
    list of Path
        ``profit_paths.png``, ``profit_paths.svg``, ``customers.png`` and so on. `differences` needs two scenarios,
        `survival` someone who joined, `departure_forces` someone who decided, `switching_flows` someone who moved.

    Raises
    ------
    ValueError
        There is no picture of a name that is wanted; nothing is written.
    """
    check_study(study)
    wanted = PICTURES if pictures is None else tuple(pictures)
    for name in wanted:
        if name not in PICTURES:
            raise ValueError(f"pictures: {name!r}, must be one of {', '.join(PICTURES)}")
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    out = []
    for name in wanted:
        if PICTURES[name].applies(study):
            out += save_figure(PICTURES[name].draw(study), where / name)
    return out


def save_figure(figure: Figure, path: Path) -> list[Path]:
    """Write a figure as PNG and SVG beside each other, the same bytes each time.

    Parameters
    ----------
    figure : Figure
    path : Path
        Without a suffix.
    """
    title = " ".join(figure.get_suptitle().split())
    out = []
    with drawing():
        # No dates: the same study gives the same files.
        for suffix, options in (
            (".png", {"metadata": {"Title": title}, "pil_kwargs": {"compress_level": _COMPRESSION}}),
            (".svg", {"metadata": {"Title": title, "Date": None}}),
        ):
            out.append(path.with_name(path.name + suffix))
            figure.savefig(out[-1], dpi=DPI, **options)
    return out

"""All pictures of a study in a folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from retsim.plots.cohorts import cohort_retention
from retsim.plots.effects import differences
from retsim.plots.fans import customers, profit_paths
from retsim.plots.flows import switching_flows
from retsim.plots.forces import departure_forces
from retsim.plots.lasting import survival
from retsim.plots.source import check_study
from retsim.plots.style import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from retsim.experiments.study import Study

DPI = 200

__all__ = ["DPI", "save_all", "save_figure"]


def save_all(study: Study, folder: str | Path) -> list[Path]:
    """Write every picture that a study has the data for, as PNG (200 dots an inch) and SVG.

    Parameters
    ----------
    study : Study
    folder : path
        Made if it does not exist; pictures of the same names are replaced.

    Returns
    -------
    list of Path
        ``profit_paths.png``, ``profit_paths.svg``, ``customers.png`` and so on. `differences` needs two scenarios,
        `survival` someone who joined, `departure_forces` someone who decided, `switching_flows` someone who moved.
    """
    check_study(study)
    where = Path(folder)
    where.mkdir(parents=True, exist_ok=True)
    return [path for name, draw in _applying(study).items() for path in save_figure(draw(study), where / name)]


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
        for suffix, metadata in ((".png", {"Title": title}), (".svg", {"Title": title, "Date": None})):
            out.append(path.with_name(path.name + suffix))
            figure.savefig(out[-1], dpi=DPI, metadata=metadata)
    return out


def _applying(study: Study) -> dict[str, Callable[[Study], Figure]]:
    decided = (study.departures["outcome"] != "vanished").any()
    drawn: dict[str, tuple[Callable[[Study], Figure], bool]] = {
        "profit_paths": (profit_paths, True),
        "customers": (customers, True),
        "differences": (differences, len(study.names) > 1),
        "survival": (survival, bool((study.survival["age"] > 0.0).any())),
        "cohort_retention": (cohort_retention, True),
        "departure_forces": (departure_forces, bool(decided)),
        "switching_flows": (switching_flows, len(study.flows) > 0),
    }
    return {name: draw for name, (draw, applies) in drawn.items() if applies}

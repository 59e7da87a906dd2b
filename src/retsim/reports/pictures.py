"""Pictures of a report: drawn once, inside the page as SVG, and beside it as files where that is asked for."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from retsim.plots.breakeven import breakeven
from retsim.plots.saving import PICTURES, save_figure
from retsim.plots.style import drawing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from retsim.experiments.breakeven import Breakeven
    from retsim.experiments.study import Study

__all__ = ["Picture", "drawn", "save_pictures"]


class Picture(NamedTuple):
    """A picture of the page: what it says in words, and itself."""

    name: str
    alt: str
    source: str
    figure: Figure


def drawn(study: Study, found: Sequence[Breakeven]) -> dict[str, Picture]:
    """Every picture that a study has the data for, and of each break-even, by name."""
    figures = {name: one.draw(study) for name, one in PICTURES.items() if one.applies(study)}
    figures |= {f"breakeven{k or ''}": breakeven(one) for k, one in enumerate(found)}
    return {name: _picture(name, figure) for name, figure in figures.items()}


def save_pictures(pictures: dict[str, Picture], folder: Path) -> list[Path]:
    """Write each as PNG and SVG."""
    folder.mkdir(parents=True, exist_ok=True)
    return [path for picture in pictures.values() for path in save_figure(picture.figure, folder / picture.name)]


def _picture(name: str, figure: Figure) -> Picture:
    buffer = io.BytesIO()
    title = " ".join(figure.get_suptitle().split())
    with drawing():
        figure.savefig(buffer, format="svg", metadata={"Title": title, "Date": None})
    # As an image, not as a part of the page: what a scenario is called stays text inside it, and styles do not leak.
    source = "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    caption = " ".join(figure.get_supxlabel().split())
    return Picture(name, f"{title}. {caption}", source, figure)

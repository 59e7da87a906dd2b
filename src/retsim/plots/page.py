"""The page that every picture is drawn on: headline above, caption below, letters that fit."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath
from matplotlib.ticker import FuncFormatter

from retsim.plots.style import HEADLINE, MM, SMALL, TEXT, WIDTH, drawing, families
from retsim.results.words import MINUS

_POINTS = 72.0 * MM
_MARGIN = 7.0
"""Space left free at the right of headline and caption, mm: letters on a screen are up to 3 % wider than in print."""
_PANEL = 100.0
"""Room for the name of a panel, mm."""
DPI = 200
"""Dots an inch of a printed page."""
_SCREEN_DPI = 120
_SPLIT = re.compile(r"(?<!\d) +|(?<=\d) +(?!%)")
"""Where a line may break: at spaces, except between a number and its percent sign."""

__all__ = [
    "DPI",
    "Page",
    "finished",
    "labelled_ends",
    "money_axis",
    "month_axis",
    "name_panel",
    "new_page",
    "stacked",
    "wrapped",
]


class Page(Figure):
    """A figure that a notebook shows although pyplot never saw it."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with drawing():
            self.savefig(buffer, format="png", dpi=_SCREEN_DPI)
        return buffer.getvalue()


def new_page(height: float) -> Page:
    """An empty page.

    Parameters
    ----------
    height : float
        mm.
    """
    page = Page(figsize=(WIDTH * MM, height * MM), dpi=DPI, layout="constrained")
    # What measures the letters while the page is laid out is also what prints it, and need not measure them again.
    FigureCanvasAgg(page)
    page.get_layout_engine().set(rect=(0.005, 0.0, 0.98, 1.0))  # type: ignore[union-attr, call-arg]
    return page


def finished(page: Page, headline: str, caption: str) -> Page:
    """Put headline and caption on a page and settle its layout."""
    room = (WIDTH - _MARGIN) * _POINTS
    page.suptitle(wrapped(headline, room, HEADLINE, bold=True), x=0.01, ha="left", size=HEADLINE, weight="bold")
    page.supxlabel(wrapped(caption, room, SMALL), x=0.01, ha="left", size=SMALL, color="#333333")
    # The layout is settled here and now, and with it the ticks, in this look and not in that of whoever shows the
    # page. Finding it anew each time the page is written takes longer than drawing.
    page.get_layout_engine().execute(page)  # type: ignore[union-attr]
    page.set_layout_engine(None)
    return page


def stacked(page: Page, heights: Mapping[str, float], **options: Any) -> dict[str, Axes]:
    """Panels one below the other, by name, each with its name above; without any the page stays empty.

    Parameters
    ----------
    page : Page
    heights : mapping of str to float
        Relative.
    **options
        For `Figure.subplots`.
    """
    share = list(heights.values()) or [1.0]
    axes = page.subplots(len(share), 1, squeeze=False, height_ratios=share, **options)[:, 0]
    if not heights:
        axes[0].set_axis_off()
    for name, ax in zip(heights, axes, strict=False):
        name_panel(ax, name, weight="bold")
    return dict(zip(heights, axes, strict=False))


def name_panel(ax: Axes, text: str, **look: Any) -> None:
    """Write a panel's name above it, in as many lines as it takes."""
    ax.set_title(wrapped(text, _PANEL * _POINTS, TEXT, bold="weight" in look), **look)


def wrapped(text: str, room: float, size: float, *, bold: bool = False) -> str:
    """Break a text into lines that are at most `room` points wide; a word that is longer is cut."""
    space = _width(" ", size, bold)
    lines, line, used = [], "", 0.0
    for word in _SPLIT.split(text.strip()):
        if line and used + space + _width(word, size, bold) > room:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
        while len(line) > 1 and " " not in line and _width(line, size, bold) > room:
            fits = next(n for n in range(len(line) - 1, 0, -1) if n == 1 or _width(line[:n], size, bold) <= room)
            lines.append(line[:fits])
            line = line[fits:]
        used = sum(_width(part, size, bold) + space for part in line.split(" ")) - space
    return "\n".join([*lines, line])


@lru_cache(maxsize=4096)
def _width(text: str, size: float, bold: bool) -> float:
    """Width of a word, points."""
    font = FontProperties(family=families(), size=size, weight="bold" if bold else "normal")
    return float(TextToPath().get_text_width_height_descent(text, font, False)[0])


def money_axis(axis: Any) -> None:
    """Ticks with thousands separators, as few digits as it takes."""
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.10g}".replace("-", MINUS)))


def month_axis(ax: Axes, months: float, label: str = "months") -> None:
    """A time axis from 0 with ticks at whole years, half years or quarters."""
    step = next((s for s in (1.0, 3.0, 6.0, 12.0, 24.0, 60.0) if months / s <= 10.0), 120.0)
    ax.set_xticks([k * step for k in range(int(months / step) + 1)])
    ax.set_xlim(0.0, months)
    ax.set_xlabel(label)


def labelled_ends(ax: Axes, ends: dict[str, tuple[float, str]]) -> None:
    """Write each line's name at its right end, moved apart where two would overlap.

    Parameters
    ----------
    ax : Axes
        With its final limits.
    ends : dict of str to (float, str)
        Height of the line's end in data, and its colour.
    """
    low, high = ax.get_ylim()
    names = {name: wrapped(name, 26.0 * _POINTS, SMALL) for name in ends}
    # Headline and caption, which are not there yet, take their part of the height.
    height = 0.8 * float(ax.bbox.height) / float(ax.figure.dpi) * 72.0
    gap = {name: (names[name].count("\n") + 1) * SMALL * 1.25 / height * (high - low) for name in ends}
    for name, place in _apart({name: end for name, (end, _) in ends.items()}, gap).items():
        ax.annotate(
            names[name], (1.0, place), xytext=(4.0, 0.0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", ha="left", color=ends[name][1], annotation_clip=False,
        )  # fmt: skip


def _apart(places: dict[str, float], gap: dict[str, float]) -> dict[str, float]:
    """Places in the same order, half of both gaps apart at least, moved as little as possible (least squares).

    Without the gaps this is isotonic regression; blocks that would overlap share the mean of their shifts.
    """
    order = sorted(places, key=lambda name: places[name])
    start, blocks = 0.0, []
    offset: dict[str, float] = {}
    for below, name in zip([None, *order], order, strict=False):
        start += 0.0 if below is None else (gap[below] + gap[name]) / 2.0
        offset[name] = start
        blocks.append([places[name] - start])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    shifts = [_mean(block) for block in blocks for _ in block]
    return {name: shift + offset[name] for name, shift in zip(order, shifts, strict=True)}


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)

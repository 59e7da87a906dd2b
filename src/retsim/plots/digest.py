"""A figure in numbers: what a test can compare where pictures cannot."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.container import BarContainer
from matplotlib.figure import Figure

_DIGITS = 4

__all__ = ["figure_digest"]


def figure_digest(fig: Figure, *, points: int = 5) -> dict[str, Any]:
    """Headline, caption and the data of a figure's panels, a few rounded numbers each.

    Print it below a figure, and a notebook's test notices when what is drawn has changed.

    Parameters
    ----------
    fig : Figure
    points : int
        Numbers kept of each line, band, set of bars or heat map, evenly spread; all are kept where there are fewer.

    Returns
    -------
    dict
        `title`, `caption`, and `panels`, one dict each: its `title`, labels, and under `lines`, `bands` (low and high
        edge), `bars`, `cells` the numbers by label, rounded to four significant digits; what is not a number is None.
        Axes without data, such as colour bars, are left out.
    """
    panels = [_panel(ax, points) for ax in fig.axes if not hasattr(ax, "_colorbar")]
    return {
        "title": _one_line(fig.get_suptitle()),
        "caption": _one_line(fig.get_supxlabel()),
        "panels": [panel for panel in panels if len(panel) > 1],
    }


def _panel(ax: Axes, points: int) -> dict[str, Any]:
    parts = {
        "x": ax.get_xlabel(),
        "y": ax.get_ylabel(),
        "lines": {line.get_label(): _few(line.get_ydata(), points) for line in _named(ax.lines)},
        "bands": {
            band.get_label(): _edges(band, points)
            for band in _named(ax.collections)
            if isinstance(band, PolyCollection)
        },
        "bars": {bars.get_label(): _few(_lengths(bars), points) for bars in _named(ax.containers)},
        "cells": {
            mesh.get_label(): _few(np.ma.filled(np.ma.asarray(mesh.get_array()), np.nan), points)
            for mesh in _named(ax.collections)
            if isinstance(mesh, QuadMesh)
        },
    }
    return {"title": _one_line(ax.get_title(loc="left"))} | {key: part for key, part in parts.items() if part}


def _named(artists: Iterable[Any]) -> list[Any]:
    """Artists that stand for data: helpers have a label that begins with an underscore."""
    return [artist for artist in artists if not str(artist.get_label()).startswith("_")]


def _lengths(bars: BarContainer) -> np.ndarray:
    return np.array([bar.get_width() if bars.orientation == "horizontal" else bar.get_height() for bar in bars])


def _edges(band: PolyCollection, points: int) -> dict[str, list[float | None]]:
    """Low and high edge: `fill_between` walks along one and back along the other, each with its ends once more."""
    y = np.asarray(band.get_paths()[0].vertices, float)[:, 1]
    n = (len(y) - 3) // 2
    one, other = y[1 : n + 1], y[n + 2 : 2 * n + 2][::-1]
    return {"low": _few(np.minimum(one, other), points), "high": _few(np.maximum(one, other), points)}


def _few(values: Any, points: int) -> list[float | None]:
    flat = np.ravel(np.asarray(values, float))
    places = np.unique(np.linspace(0, flat.size - 1, min(points, flat.size)).round().astype(int))
    return [_rounded(float(flat[k])) for k in places]


def _rounded(value: float) -> float | None:
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


def _one_line(text: str) -> str:
    return " ".join(text.split())

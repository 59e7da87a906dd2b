"""Lines with their bands: what is typical, how sure that is, and how far replications lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.plots.style import style
from retsim.results.intervals import student_quantile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]

WIDE, NARROW = (0.05, 0.95), (0.25, 0.75)
"""Quantiles over replications: the bands hold 90 % and 50 % of them."""

__all__ = ["NARROW", "WIDE", "band", "interval_half", "line", "wide_band"]


def line(ax: Axes, x: Floats, y: Floats, k: int, name: str) -> None:
    """The line of the k-th of several things, with its dashes and markers.

    Markers of different lines start at different places, so that they do not hide each other.
    """
    look, every = style(k), max(len(x) // 8, 1)
    ax.plot(
        x, y, color=look.colour, linestyle=look.dashes, marker=look.marker, markevery=(k % every, every),
        markerfacecolor="white", label=name,
    )  # fmt: skip


def band(ax: Axes, x: Floats, edges: Floats, k: int, label: str) -> None:
    """A dark band between two edges, shape (2, n)."""
    ax.fill_between(x, edges[0], edges[1], color=style(k).colour, alpha=0.3, linewidth=0.0, label=label)


def wide_band(ax: Axes, x: Floats, values: Floats, k: int, name: str) -> None:
    """A pale band that holds 90 % of the replications (the rows of `values`).

    It shows its edges, so that overlapping ones can be told apart.
    """
    edges, colour = np.quantile(values, WIDE, axis=0), style(k).colour
    ax.fill_between(x, edges[0], edges[1], color=colour, alpha=0.12, linewidth=0.0, label=f"{name}, 90 %")
    for edge in edges:
        ax.plot(x, edge, color=colour, alpha=0.55, linewidth=0.5, label="_edge")


def interval_half(values: Floats) -> Floats:
    """Half the 95 % interval of the mean over replications, the rows, at each place (Student's t)."""
    n = len(values)
    return np.asarray(student_quantile(0.95, n - 1) * values.std(axis=0, ddof=1) / np.sqrt(n))

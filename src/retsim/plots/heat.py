"""Numbers in the cells of a heat map."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh

# Rec. 709.
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])

__all__ = ["write_cells"]


def write_cells(ax: Axes, mesh: QuadMesh, values: npt.NDArray[np.float64], words: Callable[[float], str]) -> None:
    """Write each value into its cell, white on dark and black on light; NaN stays empty."""
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        rgb = mesh.to_rgba(np.array([value]))[0, :3]
        dark = float((rgb**2.2) @ _LUMINANCE) < 0.18
        ax.text(
            column + 0.5, row + 0.5, words(float(value)), ha="center", va="center", color="white" if dark else "black"
        )

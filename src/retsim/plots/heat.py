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
    known = np.argwhere(~np.isnan(values))
    shades = mesh.to_rgba(values[~np.isnan(values)])[:, :3]
    dark = (shades**2.2) @ _LUMINANCE < 0.18
    for (row, column), is_dark in zip(known, dark, strict=True):
        text = ax.text(
            column + 0.5, row + 0.5, words(float(values[row, column])), ha="center", va="center",
            color="white" if is_dark else "black",
        )  # fmt: skip
        # It never leaves its cell: the layout need not ask each one how large it is.
        text.set_in_layout(False)

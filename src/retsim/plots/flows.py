"""Switching flows: who goes from where to where, as a matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.plots.heat import write_cells
from retsim.plots.page import finished, new_page, stacked, wrapped
from retsim.plots.source import FOCAL, Source, flows, made_of
from retsim.plots.style import GREY, MM, SMALL, WIDTH, drawing
from retsim.plots.words import heads, listed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CELL, _REST, _PANEL_REST = 7.0, 26.0, 16.0
_LABEL = 22.0
"""Room for a firm's name, mm."""
_POINTS = 72.0 * MM

__all__ = ["switching_flows"]


def switching_flows(source: Source) -> Figure:
    """Customers who moved between the firms, came from outside, left the category or vanished.

    Parameters
    ----------
    source : Study or Run
        Each scenario of a study has a panel of its own.

    Returns
    -------
    Figure
        Rows: where they come from; columns: where they go; each cell says how many over the whole horizon (mean a
        replication), the darker the more.
    """
    tables = flows(source)
    top = max((float(table.to_numpy().max()) for table in tables.values()), default=0.0)
    heights = {name: len(table) * _CELL + _PANEL_REST for name, table in tables.items()}
    with drawing():
        page = new_page((sum(heights.values()) or _PANEL_REST) + _REST)
        for name, ax in stacked(page, heights).items():
            _draw(ax, tables[name], top)
            ax.set_ylabel("from")
        return finished(page, _headline(tables), _caption(source))


def _draw(ax: Axes, table: pd.DataFrame, top: float) -> None:
    from matplotlib.colors import PowerNorm

    values = table.to_numpy(float, copy=True)
    # Nobody moves from a firm to itself; a prospect is outside already.
    impossible = np.equal.outer(np.array(table.index), np.array(table.columns))
    impossible[-1] |= np.array(table.columns) == "vanished"
    values[impossible & (values == 0.0)] = np.nan
    norm = PowerNorm(0.6, vmin=0.0, vmax=max(top, 1.0))
    mesh = ax.pcolormesh(
        np.ma.masked_invalid(values), cmap="viridis_r", norm=norm, edgecolors="white", linewidth=1.0, label="flows"
    )
    ax.set_facecolor("#eeeeee")
    ax.invert_yaxis()
    ax.set_yticks(np.arange(len(table)) + 0.5, [wrapped(str(f), _LABEL * _POINTS, SMALL) for f in table.index])
    ax.xaxis.tick_top()
    _name_columns(ax, [f"to {name}" for name in table.columns])
    ax.tick_params(length=0, colors=GREY, labelcolor="black")
    ax.spines[:].set_visible(False)
    write_cells(ax, mesh, values, heads)


def _name_columns(ax: Axes, names: list[str]) -> None:
    """Names above the columns, slanted where a word is too long for its column."""
    room = (WIDTH - _LABEL - 10.0) / len(names) * _POINTS
    shown = [wrapped(name, room, SMALL) for name in names]
    slant = any(line not in name.split(" ") and " " not in line for name, lines in zip(names, shown, strict=True)
                for line in lines.split("\n"))  # fmt: skip
    if slant:
        ax.set_xticks(np.arange(len(names)) + 0.5, names, rotation=40.0, ha="left", rotation_mode="anchor")
    else:
        ax.set_xticks(np.arange(len(names)) + 0.5, shown)


def _headline(tables: dict[str, pd.DataFrame]) -> str:
    """What the focal firm wins and loses."""
    parts = []
    for name, table in tables.items():
        moves = table.to_numpy(float)
        won, lost = float(moves[:, FOCAL].sum()), float(moves[FOCAL].sum())
        parts.append(f"{heads(won)} won and {heads(lost)} lost" + (f" under {name}" if len(tables) > 1 else ""))
    if not parts or not any(float(table.to_numpy().sum()) for table in tables.values()):
        return "Nobody moved"
    return f"{next(iter(tables.values())).index[FOCAL]}: {listed(parts)}"


def _caption(source: Source) -> str:
    return (
        f"{made_of(source)}. Customers who moved over the whole horizon, mean a replication; shades as the numbers. "
        "Outside: prospects and those who left the category; vanished: gone for reasons of their own."
    )

"""Switching flows: who goes from where to where, as a matrix."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.plots.heat import write_cells
from retsim.plots.page import finished, new_page, wrapped
from retsim.plots.source import Source, flows, focal, made_of
from retsim.plots.style import GREY, MM, SMALL, WIDTH, drawing
from retsim.plots.words import listed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CELL, _REST, _PANEL_REST = 9.0, 34.0, 16.0
_LABEL = 22.0
"""Room for a firm's name, mm."""

__all__ = ["switching_flows"]


def switching_flows(source: Source) -> Figure:
    """Customers who moved between the firms, came from outside, left the category or vanished.

    Parameters
    ----------
    source : Study or Run
        Of a study, one panel a scenario.

    Returns
    -------
    Figure
        Rows: where they come from; columns: where they go; each cell says how many over the whole horizon (mean a
        replication), the darker the more.
    """
    tables = flows(source)
    columns = 2 if len(tables) > 1 and all(len(table) <= 4 for table in tables.values()) else 1
    rows = max(math.ceil(len(tables) / columns), 1)
    tall = max((len(table) for table in tables.values()), default=1)
    with drawing():
        page = new_page(rows * (tall * _CELL + _PANEL_REST) + _REST)
        axes = page.subplots(rows, columns, squeeze=False).ravel()
        top = max((float(table.to_numpy().max()) for table in tables.values()), default=0.0)
        room = (WIDTH / columns - 30.0) / (tall + 1)
        for ax, (name, table) in zip(axes, tables.items(), strict=False):
            _draw(ax, table, top, min(room, _LABEL))
            ax.set_title(name)
        for ax in axes[len(tables) :]:
            ax.set_axis_off()
        for k, ax in enumerate(axes[: len(tables)]):
            if k % columns == 0:
                ax.set_ylabel("from")
        return finished(page, _headline(tables, focal(source)), _caption(source))


def _draw(ax: Axes, table: pd.DataFrame, top: float, room: float) -> None:
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
    points = 72.0 * MM
    ax.set_yticks(np.arange(len(table)) + 0.5, [wrapped(str(f), _LABEL * points, SMALL) for f in table.index])
    ax.set_xticks(
        np.arange(len(table.columns)) + 0.5, [wrapped(f"to {f}", room * points, SMALL) for f in table.columns]
    )
    ax.xaxis.tick_top()
    ax.tick_params(length=0, colors=GREY, labelcolor="black")
    ax.spines[:].set_visible(False)
    write_cells(ax, mesh, values, _heads)


def _heads(count: float) -> str:
    return f"{count:,.0f}" if count >= 10.0 or count == round(count) else f"{count:.1f}"


def _headline(tables: dict[str, pd.DataFrame], firm: str) -> str:
    """What the focal firm wins and loses."""
    parts = []
    for name, table in tables.items():
        won, lost = float(table[firm].sum()), float(table.loc[firm].sum())
        parts.append(f"{_heads(won)} won and {_heads(lost)} lost" + (f" under {name}" if len(tables) > 1 else ""))
    if not parts or not any(float(table.to_numpy().sum()) for table in tables.values()):
        return "Nobody moved"
    return f"{firm}: {listed(parts)}"


def _caption(source: Source) -> str:
    return (
        f"{made_of(source)}. Customers who moved over the whole horizon, mean a replication; shades as the numbers. "
        "Outside: prospects and those who left the category; vanished: gone for reasons of their own."
    )

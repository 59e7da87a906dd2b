"""Where the better strategy flips: a line over one value, a map over two, the undecided band hatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.experiments.breakeven import UNDECIDED, Breakeven
from retsim.plots.page import finished, money_axis, new_page, wrapped
from retsim.plots.style import GREY, MM, PALE, SMALL, drawing, style
from retsim.plots.words import how_many, shortened
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROOM = 110.0 * 72.0 * MM
_LIGHT, _DARK = 0.18, 0.55
"""Opacity of the two areas of a map: apart in grey, too."""
_FINE = 400

__all__ = ["breakeven"]


def breakeven(found: Breakeven) -> Figure:
    """Where the better of two strategies flips.

    Parameters
    ----------
    found : Breakeven
        From `retsim.breakeven`, over one key or two.

    Returns
    -------
    Figure
        Over one key: the mean paired difference with its interval; where that includes 0 the strip is hatched:
        nobody can tell. Over two: who is better where, the line on which the means are equal, and the hatched band
        between the areas in which one is surely better. Dots are the points that were tried; between them, straight
        lines.

    Raises
    ------
    TypeError
        It is no `Breakeven`.
    """
    if not isinstance(found, Breakeven):
        raise TypeError(f"found = {found!r:.80}, must be a Breakeven, as breakeven(...) returns it")
    with drawing():
        page = new_page(92.0 if len(found.keys) == 1 else 105.0)
        ax = page.subplots()
        (_draw_line if len(found.keys) == 1 else _draw_map)(ax, found)
        return finished(page, found.sentence(), _caption(found))


def _draw_line(ax: Axes, found: Breakeven) -> None:
    table, key = found.table, found.keys[0]
    x, look = table[key].to_numpy(float), style(0)
    low, high = (table[name].to_numpy(float) for name in ("low", "high"))
    ax.fill_between(x, low, high, color=look.colour, alpha=0.2, linewidth=0.0, label="interval")
    ax.plot(x, table["mean"], color=look.colour, marker=look.marker, label="difference")
    ax.axhline(0.0, color="black", linewidth=0.9, label="_zero")
    _draw_stretches(ax, found.ranges)
    for at in found.flips["at"]:
        ax.axvline(at, color="black", linewidth=0.9, linestyle=style(1).dashes, label="_flip")
    ax.set_xlim(x.min(), x.max())
    ax.set_xlabel(wrapped(key, _ROOM, SMALL))
    ax.set_ylabel(_axis_label(found))
    if not _is_share(found):
        money_axis(ax.yaxis)
    ax.grid(axis="y")


def _draw_stretches(ax: Axes, ranges: pd.DataFrame) -> None:
    """Who is better, written above each stretch; undecided ones hatched."""
    width = ranges["high"].max() - ranges["low"].min()
    rows: Any = ranges.itertuples(index=False)
    for row in rows:
        if row.better == UNDECIDED:
            ax.axvspan(
                row.low, row.high, facecolor="none", edgecolor=GREY, hatch="////", linewidth=0.0, label="_undecided"
            )
        if row.high - row.low < 0.14 * width:
            continue
        text = UNDECIDED if row.better == UNDECIDED else f"{shortened(row.better, 20)}\nis better"
        if row.high - row.low < 0.25 * width:
            text = text.replace(" ", "\n")
        ax.annotate(
            text, ((row.low + row.high) / 2.0, 1.0), xytext=(0.0, 3.0), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="bottom", annotation_clip=False,
        )  # fmt: skip


def _draw_map(ax: Axes, found: Breakeven) -> None:
    from matplotlib.patches import Patch

    x, y, grids = _grids(found)
    low, high = grids["low"], grids["high"]
    if MEASURES[found.question.metric].better < 0:
        low, high = -high, -low
    first, second = style(1), style(0)
    ax.contourf(x, y, high, levels=[-np.inf, 0.0], colors=[first.colour], alpha=_DARK)
    ax.contourf(x, y, low, levels=[0.0, np.inf], colors=[second.colour], alpha=_LIGHT)
    _hatch(ax, (x, y), (low, high))
    mean = grids["mean"]
    if mean.min() < 0.0 < mean.max():
        ax.contour(x, y, mean, levels=[0.0], colors="black", linewidths=1.8)
    for name, look, over in ((found.names[0], first, mean < 0.0), (found.names[1], second, mean > 0.0)):
        sign = over if MEASURES[found.question.metric].better > 0 else ~over
        xs, ys = np.meshgrid(x, y)
        ax.plot(
            xs[sign],
            ys[sign],
            linestyle="none",
            color=look.colour,
            marker=look.marker,
            label=name,
            clip_on=False,
            markeredgecolor="black",
            markeredgewidth=0.6,
        )
    handles, names = ax.get_legend_handles_labels()
    handles.append(Patch(facecolor="none", edgecolor=GREY, hatch="////"))
    labels = [f"{shortened(name)} ahead" for name in names]
    ax.legend(handles, [*labels, UNDECIDED], loc="upper left", bbox_to_anchor=(1.01, 1.0))
    ax.set_xlim(x.min(), x.max())
    ax.set_ylim(y.min(), y.max())
    ax.set_xlabel(wrapped(found.keys[0], _ROOM, SMALL))
    ax.set_ylabel(wrapped(found.keys[1], 60.0 * 72.0 * MM, SMALL))
    ax.spines[["top", "right"]].set_visible(True)
    ax.tick_params(color=PALE)


def _hatch(ax: Axes, axes: tuple[Any, Any], limits: tuple[Any, Any]) -> None:
    """Hatch where the interval includes 0, in between the points tried as well."""
    x, y = (np.linspace(axis.min(), axis.max(), _FINE) for axis in axes)
    low, high = (_bilinear(grid, axes, (x, y)) for grid in limits)
    band = ((low <= 0.0) & (high >= 0.0)).astype(float)
    if band.any():
        ax.contourf(x, y, band, levels=[0.5, 1.5], colors="none", hatches=["////"])


def _bilinear(grid: Any, axes: tuple[Any, Any], fine: tuple[Any, Any]) -> Any:
    across = np.array([np.interp(fine[0], axes[0], row) for row in grid])
    return np.array([np.interp(fine[1], axes[1], column) for column in across.T]).T


def _grids(found: Breakeven) -> tuple[Any, Any, dict[str, Any]]:
    """Values of both keys, and mean and limits as grids (second key by first)."""
    table, (across, up) = found.table, found.keys
    grids = {name: table.pivot(index=up, columns=across, values=name) for name in ("mean", "low", "high")}
    one = grids["mean"]
    return one.columns.to_numpy(float), one.index.to_numpy(float), {k: g.to_numpy(float) for k, g in grids.items()}


def _is_share(found: Breakeven) -> bool:
    return MEASURES[found.question.metric].unit.startswith("share")


def _unit(found: Breakeven) -> str:
    unit = MEASURES[found.question.metric].unit
    return found.facts.currency if unit == "money" else unit


def _axis_label(found: Breakeven) -> str:
    first, second = (shortened(name) for name in found.names)
    lines = (f"{MEASURES[found.question.metric].title}, {_unit(found)}", f"{second} less {first}")
    return "\n".join(wrapped(line, 60.0 * 72.0 * MM, SMALL) for line in lines)


def _caption(found: Breakeven) -> str:
    asked = found.question
    level = f"{100.0 * asked.confidence:g} %"
    runs = f"{how_many(asked.replications, 'replication')} a point, paired, seed {found.facts.seed}"
    if len(found.keys) == 1:
        return (
            f"{found.facts.title or 'Scenario'}: {runs}. Band: {level} interval of the mean difference (Student's t); "
            "hatched: it includes 0, nobody can tell. Dashed: the means are equal. Straight lines between the values "
            "tried."
        )
    first, second = found.names
    return (
        f"{found.facts.title or 'Scenario'}: {MEASURES[asked.metric].title}, {second} against {first}; {runs}. Black "
        f"line: the means are equal; hatched: the {level} interval (Student's t) includes 0, nobody can tell. Marks are "
        "the points tried; straight lines between them."
    )

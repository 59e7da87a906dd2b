"""Answers to questions of one's own: a dot and its interval a scenario, or lines over an axis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FuncFormatter, MaxNLocator

from retsim.experiments.asking import Answers
from retsim.plots.page import finished, labelled_ends, money_axis, name_panel, new_page
from retsim.plots.strokes import band, line
from retsim.plots.style import GREY, drawing, style
from retsim.plots.words import how_many
from retsim.results.words import MINUS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _PANEL_REST, _PANEL_LINES, _REST = 6.5, 16.0, 52.0, 26.0
_MOST_TICKS = 12
"""Of places on an axis that are marked one by one."""

__all__ = ["answers"]


def answers(
    found: Answers,
    headline: str,
    *,
    questions: Sequence[str] | None = None,
    baseline: str | None = None,
    axis: str = "",
    percent: bool = False,
) -> Figure:
    """Means of each scenario with their 95 % intervals, or paired differences to one of them; one panel a question.

    Parameters
    ----------
    found : Answers
        From `retsim.ask`.
    headline : str
        What the picture says.
    questions : sequence of str, optional
        Those wanted; None: all.
    baseline : str, optional
        Paired differences to this scenario instead of means.
    axis : str
        What the axis is where scenarios have a place on one.
    percent : bool
        The numbers are shares, to be shown as percent.

    Returns
    -------
    Figure
        Scenarios with a place on an axis are lines with a band, others dots with a bar.

    Raises
    ------
    TypeError, ValueError
        It is no `Answers`, or there is no such question or baseline.
    """
    if not isinstance(found, Answers):
        raise TypeError(f"found = {found!r:.80}, must be Answers, as ask(...) returns them")
    wanted = list(found.questions if questions is None else questions)
    for question in wanted:
        if question not in found.questions:
            raise ValueError(f"questions: {question!r}, must be one of {', '.join(found.questions)}")
    table = found.means() if baseline is None else found.differences(baseline)
    lines = bool(table["at"].notna().any())
    rows = table["scenario"].nunique()
    height = len(wanted) * (_PANEL_LINES if lines else rows * _ROW + _PANEL_REST)
    with drawing():
        page = new_page(height + _REST)
        axes = page.subplots(len(wanted), 1, squeeze=False, sharex=lines)[:, 0]
        for ax, question in zip(axes, wanted, strict=True):
            mine = table[table["question"] == question]
            (_draw_lines if lines else _draw_dots)(ax, found, mine)
            name_panel(ax, question)
            _settle(ax.yaxis if lines else ax.xaxis, percent, signed=baseline is not None)
        if lines:
            axes[-1].set_xlabel(axis)
        return finished(page, headline, _caption(found, baseline, lines))


def _draw_dots(ax: Axes, found: Answers, mine: pd.DataFrame) -> None:
    for place, row in enumerate(mine.to_dict("records")):
        look = style(found.names.index(row["scenario"]))
        ax.plot([row["low"], row["high"]], [place, place], color=look.colour, linewidth=2.2, label="_interval")
        ax.plot(
            [row["mean"]], [place], linestyle="none", marker=look.marker, color=look.colour, markersize=5.5,
            label="_mean",
        )  # fmt: skip
    ends = mine[["mean", "low", "high"]].to_numpy(float)
    # Bars of no height carry the means to whoever reads the figure's data; they do not ask for room.
    ax.barh(range(len(mine)), np.nan_to_num(ends[:, 0]), height=0.0, label=str(mine["question"].iloc[0]))
    if np.isfinite(ends).any():
        low, high = np.nanmin(ends), np.nanmax(ends)
        margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
        ax.set_xlim(low - margin, high + margin)
    ax.set_yticks(range(len(mine)), list(mine["scenario"]))
    ax.set_ylim(len(mine) - 0.5, -0.5)
    _zero(ax.axvline, mine)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    ax.spines["left"].set_visible(False)


def _draw_lines(ax: Axes, found: Answers, mine: pd.DataFrame) -> None:
    ends = {}
    for name, rows in mine.groupby("scenario", sort=False):
        k, ordered = found.names.index(str(name)), rows.sort_values("at")
        x, y = ordered["at"].to_numpy(float), ordered["mean"].to_numpy(float)
        band(ax, x, ordered[["low", "high"]].to_numpy(float).T, k, f"{name}, interval")
        line(ax, x, y, k, str(name))
        ends[str(name)] = (float(y[-1]), style(k).colour)
    _zero(ax.axhline, mine)
    ax.grid(axis="y")
    places = sorted(set(mine["at"]))
    if len(places) <= _MOST_TICKS:
        ax.set_xticks(places, [f"{x:g}" for x in places])
    ax.set_xlim(places[0], places[-1])
    labelled_ends(ax, ends)


def _zero(draw: Any, mine: pd.DataFrame) -> None:
    """The line of nothing, where the numbers lie on both sides of it."""
    if mine["low"].min() < 0.0 < mine["high"].max():
        draw(0.0, color=GREY, linewidth=0.8, label="_zero")


def _settle(axis: Any, percent: bool, *, signed: bool) -> None:
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    if percent:
        sign = "+" if signed else ""
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{100.0 * x:{sign}.4g} %".replace("-", MINUS)))
    else:
        money_axis(axis)


def _caption(found: Answers, baseline: str | None, lines: bool) -> str:
    what = "mean" if baseline is None else f"mean paired difference to {baseline}, with the same luck"
    mark = ("line", "band") if lines else ("mark", "bar")
    runs = how_many(found.replications, "replication")
    return f"{runs}, seed {found.seed}; {mark[0]}: {what}; {mark[1]}: its 95 % interval (Student's t)."

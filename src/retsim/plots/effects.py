"""Paired differences of all measures on one scale: a forest plot."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from retsim.experiments.answer import verdict
from retsim.plots.page import finished, new_page, wrapped
from retsim.plots.source import check_study, currency, made_of
from retsim.plots.style import GREY, MM, PALE, SMALL, drawing, style
from retsim.plots.words import difference, shortened
from retsim.results.measures import MEASURES
from retsim.results.words import MINUS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from retsim.experiments.study import Study

EDGE = 1.0
"""Differences beyond this share of the baseline are drawn at the edge, with an arrow."""
_ROW, _REST = 4.8, 44.0

__all__ = ["differences"]


class _Row(NamedTuple):
    """A paired difference: as shares of the baseline's mean (NaN where that is 0), and in words."""

    metric: str
    scenario: str
    mean: float
    low: float
    high: float
    text: str
    verdict: int  # 1 surely better, -1 surely worse, 0 not sure


def differences(study: Study, metrics: Sequence[str] | None = None) -> Figure:
    """Paired difference of each measure to the first scenario, with its 95 % interval.

    Parameters
    ----------
    study : Study
        Of at least two scenarios.
    metrics : sequence of str, optional
        Of `retsim.MEASURES`; None: all.

    Returns
    -------
    Figure
        Positions are percent of the baseline's mean, so that measures of different units share a scale; the numbers
        at the right are in the measure's own unit. Filled: surely better (the interval is on the good side of 0);
        hollow: surely worse; grey: not sure. Measures whose baseline is 0 have only the number.

    Raises
    ------
    ValueError
        The study has one scenario, or there is no such measure.
    """
    if len(check_study(study).names) < 2:
        raise ValueError(f"study has only {study.names[0]!r}, must have at least two scenarios to differ")
    wanted = list(MEASURES) if metrics is None else list(metrics)
    rows = _rows(study, wanted)
    with drawing():
        page = new_page(_ROW * len(rows) + _REST)
        ax = page.subplots()
        _draw(ax, study, rows)
        headline = verdict(study, "discounted_profit", currency(study), minus=MINUS)
        return finished(page, headline, _caption(study))


def _rows(study: Study, metrics: list[str]) -> list[_Row]:
    means = {(row["scenario"], row["metric"]): row["mean"] for row in study.summary().to_dict("records")}
    table = study.differences(metrics).to_dict("records")
    found_at = {(row["metric"], row["scenario"]): row for row in table}
    out = []
    for metric in metrics:
        base = float(means[(study.names[0], metric)])
        for name in study.names[1:]:
            found = found_at[(metric, name)]
            mean, low, high = (float(found[key]) for key in ("mean", "low", "high"))
            size = abs(base) if base and math.isfinite(base) else math.nan
            text = difference((mean, low, high), metric, int(found["n"]))
            out.append(_Row(metric, name, mean / size, low / size, high / size, text, _sign(metric, low, high)))
    return out


def _sign(metric: str, low: float, high: float) -> int:
    """Whether it is surely better or worse; nothing is sure without an interval."""
    if low > 0.0:
        return MEASURES[metric].better
    return -MEASURES[metric].better if high < 0.0 else 0


def _draw(ax: Axes, study: Study, rows: list[_Row]) -> None:
    several = len(study.names) > 2
    new = [k == 0 or rows[k - 1].metric != row.metric for k, row in enumerate(rows)]
    for place, row in enumerate(rows):
        text = f"{shortened(row.scenario)}: {row.text}" if several else row.text
        _draw_row(ax, place, row, style(study.names.index(row.scenario)).marker)
        ax.annotate(
            text, (1.0, place), xytext=(4.0, 0.0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", annotation_clip=False,
        )  # fmt: skip
        if several and new[place] and place:
            ax.axhline(place - 0.5, color=PALE, linewidth=0.6, label="_between")
    ax.set_yticks(range(len(rows)), [_title(row.metric) if first else "" for row, first in zip(rows, new, strict=True)])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    _settle(ax, study, rows)


def _title(metric: str) -> str:
    """A measure's name; an arrow tells where less is better."""
    measure = MEASURES[metric]
    return measure.title + (" \N{DOWNWARDS ARROW}" if measure.better < 0 else "")


def _draw_row(ax: Axes, place: int, row: _Row, marker: str) -> None:
    colour = {1: style(0).colour, -1: style(1).colour, 0: GREY}[row.verdict]
    if not math.isfinite(row.mean):
        return
    at = min(max(row.mean, -EDGE), EDGE)
    if at != row.mean:
        marker = ">" if at > 0.0 else "<"
    elif math.isfinite(row.low):
        ax.plot(
            [row.low, row.high], [place, place], color=colour, linewidth=1.6, solid_capstyle="butt", label="_interval"
        )
    ax.plot(
        [at], [place], linestyle="none", marker=marker, markersize=4.8, color=colour,
        markerfacecolor={1: colour, -1: "white", 0: "#cccccc"}[row.verdict],
        label=f"{row.scenario}: {row.metric}", clip_on=False,
    )  # fmt: skip


def _settle(ax: Axes, study: Study, rows: list[_Row]) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    edges = [abs(x) for row in rows for x in (row.low, row.high, row.mean) if math.isfinite(x)]
    limit = min(1.08 * max(edges, default=0.1) or 0.1, 1.04 * EDGE)
    ax.set_xlim(-limit, limit)
    ax.axvline(0.0, color="black", linewidth=0.9, label="_zero")
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{100.0 * x:+g} %".replace("-", MINUS).replace("+0 %", "0"))
    )
    other = study.names[1] if len(study.names) == 2 else "each"
    label = f"{other} less {study.names[0]}, % of {study.names[0]}"
    ax.set_xlabel(wrapped(label, 75.0 * 72.0 * MM, SMALL))
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _caption(study: Study) -> str:
    return (
        f"{made_of(study)}, paired by replication. Bars and brackets: 95 % interval of the mean difference (Student's "
        f"t), money in {currency(study)}. Filled: surely better; hollow: surely worse; grey: not sure (the interval "
        "includes 0). No mark: the baseline is 0. \N{DOWNWARDS ARROW} less is better."
    )

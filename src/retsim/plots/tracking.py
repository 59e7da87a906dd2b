"""Tracking plot: repeat purchases that came, against those that the model and the simulation foresaw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.plots.page import finished, money_axis, new_page
from retsim.plots.style import COLOURS, GREY, drawing
from retsim.plots.words import how_many
from retsim.results.words import MINUS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from retsim.calibrate.holdout import Tracking

_NEEDED = ("actual", "expected", "cumulative_actual", "cumulative_expected", "holdout")

__all__ = ["tracking"]


def tracking(table: Tracking | pd.DataFrame) -> Figure:
    """Repeat purchases of a cohort, by period and since the start: actual, expected, and simulated where known.

    Parameters
    ----------
    table : Tracking or DataFrame
        Of `retsim.calibrate.tracking`, or its `frame`: the first column counts the periods and is named after them.

    Returns
    -------
    Figure
        Above by period, below since the start. Right of the dashed line is the hold-out, which no fit has seen; the
        headline compares its totals. The band holds the middle 95 % of the replications.

    Raises
    ------
    TypeError
        It is no such table.
    """
    frame = _frame(table)
    with drawing():
        page = new_page(128.0)
        axes = page.subplots(2, 1, sharex=True)
        unit = str(frame.columns[0])
        for ax, prefix in zip(axes, ("", "cumulative_"), strict=True):
            _draw(ax, frame, prefix)
        axes[0].set_title(f"Repeat purchases a {unit}")
        axes[1].set_title("Repeat purchases since the start")
        axes[1].set_xlabel(f"{unit}s since the first purchase of the cohort")
        axes[1].legend(loc="upper left")
        return finished(page, _headline(frame, unit), _caption(frame, unit, getattr(table, "n_replications", 0)))


def _frame(table: Tracking | pd.DataFrame) -> pd.DataFrame:
    frame: Any = getattr(table, "frame", table)
    missing = [name for name in _NEEDED if name not in getattr(frame, "columns", ())]
    if missing or not len(frame):
        lack = f"lacks {', '.join(missing)}" if missing else "is empty"
        raise TypeError(f"table {lack}, must be what retsim.calibrate.tracking(...) returns")
    found: pd.DataFrame = frame
    return found


def _draw(ax: Axes, frame: pd.DataFrame, prefix: str) -> None:
    period = frame[frame.columns[0]].to_numpy(float)
    if "simulated" in frame:
        low, high = (frame[f"{prefix}simulated_{side}"].to_numpy(float) for side in ("low", "high"))
        ax.fill_between(period, low, high, color=COLOURS[0], alpha=0.2, linewidth=0.0, label="simulated, 95 %")
        ax.plot(
            period, frame[f"{prefix}simulated"], color=COLOURS[0], linestyle=(0, (1.2, 1.2)), label="simulated, mean"
        )
    ax.plot(period, frame[f"{prefix}expected"], color=COLOURS[1], linestyle=(0, (5.0, 1.6)), label="model")
    ax.plot(period, frame[f"{prefix}actual"], color="black", linewidth=1.1, marker="o", markersize=2.2, label="actual")
    _mark_holdout(ax, frame, period)
    ax.set_ylim(bottom=0.0)
    ax.set_xlim(period[0], max(period[-1], period[0] + 1.0))
    ax.grid(axis="y")
    money_axis(ax.yaxis)


def _mark_holdout(ax: Axes, frame: pd.DataFrame, period: np.ndarray) -> None:
    held = frame["holdout"].to_numpy(bool)
    if not held.any():
        return
    start = period[held][0] - 0.5
    ax.axvline(start, color=GREY, linewidth=0.9, linestyle="--", label="_holdout")
    for text, side, shift in (("fitted", "right", -4.0), ("held back", "left", 4.0)):
        ax.annotate(
            text, (start, 1.0), xytext=(shift, -2.0), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha=side, va="top", color=GREY,
        )  # fmt: skip


def _headline(frame: pd.DataFrame, unit: str) -> str:
    """How far the totals of the hold-out are off; of the whole where nothing was held back."""
    held = frame["holdout"].to_numpy(bool)
    mine = frame[held] if held.any() else frame
    actual = float(mine["actual"].sum())
    first, last = (int(mine[frame.columns[0]].iloc[k]) for k in (0, -1))
    where = f"{'held-back ' if held.any() else ''}{unit}s {first} to {last}"
    told = [f"the model foresaw {_off(float(mine['expected'].sum()), actual)}"]
    if "simulated" in frame:
        told.append(f"the simulation {_off(float(mine['simulated'].sum()), actual)}")
    return f"{actual:,.0f} repeat purchases in the {where}; {', '.join(told)}"


def _off(predicted: float, actual: float) -> str:
    if actual == 0.0:
        return f"{predicted:,.0f}"
    off = 100.0 * (predicted / actual - 1.0)
    return f"{predicted:,.0f} ({off:+.1f} %)".replace("-", MINUS)


def _caption(frame: pd.DataFrame, unit: str, n_replications: int) -> str:
    """What is counted; a bare frame does not know its number of replications."""
    n = float(frame["actual"].sum())
    text = f"{n:,.0f} repeat purchases in {how_many(len(frame), unit)}."
    if "simulated" not in frame:
        return text
    runs = how_many(n_replications, "replication") if n_replications else "the replications"
    return f"{text} Band: the middle 95 % of {runs} of the simulation."

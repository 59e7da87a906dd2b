"""Cohort retention: of those who joined together, how many are left, as a heat map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.plots.heat import write_cells
from retsim.plots.page import Page, finished, new_page, stacked
from retsim.plots.source import Source, cohorts, made_of, period_months
from retsim.plots.style import drawing
from retsim.plots.words import heads, listed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]

MOST_ROWS = 9
"""Groups of cohorts beside those who were there at the start, unless a width is asked for."""
_MOST_NUMBERS = 14
"""Columns up to which numbers fit into the cells."""
_ROW, _REST = 5.2, 33.0

__all__ = ["cohort_retention"]


class _Table(NamedTuple):
    """Shares left, (n_rows, n_columns), NaN where not yet known; with labels."""

    shares: Floats
    rows: list[str]
    columns: list[str]


def cohort_retention(source: Source, *, months: float | None = None) -> Figure:
    """Share of each cohort of the focal firm's customers that is left, by time since joining.

    Parameters
    ----------
    source : Study or Run
        Of a study, one panel a scenario, all replications together.
    months : float, optional
        Who joined within so many months is one row, and columns are as far apart; None: the least whole number of
        periods that gives at most nine rows. Numbers are printed where they fit.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError
        `months` is not a positive multiple of the period.
    """
    tables = {name: _table(lives, period_months(source, name), months) for name, lives in cohorts(source).items()}
    with drawing():
        height = sum(_ROW * len(table.rows) + 16.0 for table in tables.values())
        page = new_page(max(height + _REST, 60.0))
        panels, low = stacked(page, {name: len(table.rows) + 1 for name, table in tables.items()}), _lowest(tables)
        for name, ax in panels.items():
            _draw(ax, tables[name], low)
        if panels:
            axes = list(panels.values())
            axes[-1].set_xlabel("months since joining")
            _colour_bar(page, axes)
        return finished(page, _headline(tables), _caption(source))


def _table(lives: Floats, period: float, months: float | None) -> _Table:
    """Cohorts put together in groups, and the shares of each group that are left at multiples of its width."""
    n = len(lives) - 1
    width = _width(n, period, months)
    ages = np.arange(width, n + 1, width)
    groups = [(0, 1), *((k, min(k + width, n + 1)) for k in range(1, n + 1, width))]
    shares = np.array([[_share(lives[first:end], int(age)) for age in ages] for first, end in groups])
    keep = ~np.isnan(shares).all(axis=1)
    labels = [_label(group, lives, period) for group in groups]
    return _Table(
        shares[keep],
        [label for label, kept in zip(labels, keep, strict=True) if kept],
        [f"{age * period:g}" for age in ages],
    )


def _width(n: int, period: float, months: float | None) -> int:
    if months is None:
        return max(math.ceil(n / MOST_ROWS), 1)
    width = round(months / period)
    if width < 1 or not math.isclose(width * period, months):
        raise ValueError(f"months = {months!r}, must be a multiple of the period, which is {period:g} months")
    return width


def _share(group: Floats, age: int) -> float:
    """Share of a group of cohorts that is left at an age, once all of them have reached it."""
    joined, left = group[:, 0], group[:, age]
    there = joined > 0.0
    if not there.any() or np.isnan(left[there]).any():
        return math.nan
    return float(left[there].sum() / joined[there].sum())


def _label(group: tuple[int, int], lives: Floats, period: float) -> str:
    first, end = group
    size = heads(float(lives[first:end, 0].sum()))
    if first == 0:
        return f"there at the start ({size})"
    low, high = (first - 1) * period, (end - 1) * period
    return f"won in months {low:g} to {high:g} ({size})"


def _lowest(tables: dict[str, _Table]) -> float:
    """Lower end of the colours: a multiple of 10 % below all shares, so that differences show."""
    found = [float(np.nanmin(t.shares)) for t in tables.values() if t.shares.size and not np.isnan(t.shares).all()]
    return min(math.floor(10.0 * min(found, default=0.0)) / 10.0, 0.9)


def _draw(ax: Axes, table: _Table, low: float) -> None:
    mesh = ax.pcolormesh(np.ma.masked_invalid(table.shares), cmap="viridis", vmin=low, vmax=1.0, label="shares")
    ax.invert_yaxis()
    ax.set_yticks(np.arange(len(table.rows)) + 0.5, table.rows)
    step = max(math.ceil(len(table.columns) / _MOST_NUMBERS), 1)
    ax.set_xticks(np.arange(0, len(table.columns), step) + 0.5, table.columns[::step])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if len(table.columns) <= _MOST_NUMBERS:
        write_cells(ax, mesh, table.shares, lambda share: f"{100.0 * share:.0f}")


def _colour_bar(page: Page, axes: list[Axes]) -> None:
    from matplotlib.ticker import PercentFormatter

    mesh = axes[0].collections[0]
    bar = page.colorbar(mesh, ax=axes, shrink=0.9 if len(axes) == 1 else 0.5, aspect=25, pad=0.02)
    bar.ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    bar.outline.set_visible(False)
    bar.ax.set_title("left", size=8, loc="left")


def _headline(tables: dict[str, _Table]) -> str:
    """What is left at the horizon of those who were there at the start."""
    left = {name: table.shares[0, -1] for name, table in tables.items() if table.shares.size}
    left = {name: share for name, share in left.items() if not math.isnan(share)}
    if not left:
        return "No cohort to follow"
    months = next(iter(tables.values())).columns[-1]
    shares = [f"{100.0 * share:.0f} %" + (f" under {name}" if len(tables) > 1 else "") for name, share in left.items()]
    return f"Of those there at the start, {listed(shares)} are left after {months} months"


def _caption(source: Source) -> str:
    return (
        f"{made_of(source)}, all customers together. Cells: % left of those who joined together (in brackets: how "
        "many, mean a replication). Who joined within a period is counted from the period's beginning. "
        "Empty: not yet that old at the horizon."
    )

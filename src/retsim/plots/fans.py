"""Fan charts: where a figure goes over time, and how far replications lie apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.experiments.answer import verdict
from retsim.plots.page import finished, labelled_ends, money_axis, month_axis, name_panel, new_page
from retsim.plots.source import check_study, currency, made_of, paths
from retsim.plots.strokes import NARROW, band, interval_half, line, wide_band
from retsim.plots.style import GREY, drawing, style
from retsim.results.words import MINUS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from retsim.experiments.study import Study

Floats = npt.NDArray[np.float64]
Fans = dict[str, "pd.DataFrame"]

_BANDS = "line: median; dark and pale band: the middle 50 % and 90 % of the replications"

_BELOW = "dark band: its 95 % interval; pale band: the middle 90 % of the differences"

__all__ = ["customers", "profit_paths"]


def profit_paths(study: Study) -> Figure:
    """Cumulative discounted profit of each scenario, and what each earns more than the first with the same luck.

    Parameters
    ----------
    study : Study
        Of any number of scenarios; the first is the baseline.

    Returns
    -------
    Figure
        Above, medians with the bands that hold 50 % and 90 % of the replications. Below, where there is more than
        one scenario, the mean paired difference with its 95 % interval (Student's t, at each time) and the band that
        holds 90 % of the paired differences.
    """
    unit = currency(check_study(study))
    with drawing():
        return _fan_page(study, "cumulative_discounted_profit", "discounted_profit", unit)


def customers(study: Study) -> Figure:
    """Customers of the focal firm over time under each scenario, and the paired difference to the first.

    Parameters
    ----------
    study : Study

    Returns
    -------
    Figure
        As `profit_paths`.
    """
    with drawing():
        return _fan_page(check_study(study), "active", "customers", "")


def _fan_page(study: Study, series: str, metric: str, unit: str) -> Figure:
    fans = _with_start(study, paths(study, series), series)
    differences = _differences(study, fans)
    ratios = [3, 2] if differences else [1]
    page = new_page(118.0 if differences else 82.0)
    axes = page.subplots(len(ratios), 1, squeeze=False, sharex=True, height_ratios=ratios)[:, 0]
    months = max((float(fan.columns[-1]) for fan in fans.values()), default=1.0)
    month_axis(axes[-1], months, "months since the start")
    _draw(axes[0], study, fans)
    axes[0].set_title(f"Cumulative discounted profit, {unit}" if unit else "Customers at the end of each period")
    caption = f"{made_of(study)}; {_BANDS if _replications(fans) > 1 else 'one replication has no band'}."
    if differences:
        _draw_differences(axes[1], study, differences)
        name_panel(axes[1], f"Difference to {study.names[0]} with the same luck, {unit or 'customers'}")
        if _replications(differences) > 1:
            caption += f" Below, line: mean difference; {_BELOW}."
    return finished(page, verdict(study, metric, unit, minus=MINUS), caption)


def _replications(fans: Fans) -> int:
    return max((len(fan) for fan in fans.values()), default=0)


def _with_start(study: Study, fans: Fans, series: str) -> Fans:
    """Paths from month 0: no profit yet; customers are those of the first period's end less what it brought."""
    if series != "active":
        return {name: _starting(fan, 0.0) for name, fan in fans.items()}
    joined, lost = paths(study, "joined"), paths(study, "lost")
    return {
        name: _starting(fan, (fan - joined[name] + lost[name]).iloc[:, 0].to_numpy(float)) for name, fan in fans.items()
    }


def _starting(fan: pd.DataFrame, start: float | Floats) -> pd.DataFrame:
    out = fan.copy()
    out.insert(0, 0.0, start)
    return out


def _differences(study: Study, fans: Fans) -> Fans:
    """Each other scenario less the first, over the replications and times that both have."""
    first = fans.get(study.names[0])
    if first is None:
        return {}
    pairs = {name: (fan - first).dropna(axis=1, how="all").dropna() for name, fan in fans.items()}
    return {name: pair for name, pair in pairs.items() if name != study.names[0] and pair.size}


def _draw(ax: Axes, study: Study, fans: Fans) -> None:
    ends = {}
    for name, fan in fans.items():
        k, time, values = study.names.index(name), fan.columns.to_numpy(float), fan.to_numpy(float)
        if len(values) > 1:
            wide_band(ax, time, values, k, name)
            band(ax, time, np.quantile(values, NARROW, axis=0), k, f"{name}, 50 %")
        middle = np.median(values, axis=0)
        line(ax, time, middle, k, name)
        ends[name] = (float(middle[-1]), style(k).colour)
    _settle(ax, ends)


def _draw_differences(ax: Axes, study: Study, differences: Fans) -> None:
    ends = {}
    for name, pair in differences.items():
        k = study.names.index(name)
        time, values = pair.columns.to_numpy(float), pair.to_numpy(float)
        mean = values.mean(axis=0)
        if len(values) > 1:
            half = interval_half(values)
            wide_band(ax, time, values, k, name)
            band(ax, time, np.stack([mean - half, mean + half]), k, f"{name}, interval")
        line(ax, time, mean, k, name)
        ends[name] = (float(mean[-1]), style(k).colour)
    ax.axhline(0.0, color=GREY, linewidth=0.8, label="_zero")
    _settle(ax, ends)


def _settle(ax: Axes, ends: dict[str, tuple[float, str]]) -> None:
    money_axis(ax.yaxis)
    ax.grid(axis="y")
    ax.margins(y=0.05)
    labelled_ends(ax, ends)

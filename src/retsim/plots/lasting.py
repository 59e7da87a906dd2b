"""Survival: how long customers stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.plots.page import finished, labelled_ends, month_axis, new_page
from retsim.plots.source import Floats, Source, made_of, survival_spread, survivals
from retsim.plots.strokes import band, interval_half, line, wide_band
from retsim.plots.style import drawing, style
from retsim.plots.words import listed
from retsim.results.run import Run

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WATCHED = 30
"""Customers that must still be watched at the age that the headline names."""

__all__ = ["survival"]


def survival(source: Source) -> Figure:
    """Share of customers still there by months since joining, for those who joined after the start.

    Parameters
    ----------
    source : Study or Run
        Of a study, the focal firm's customers under each scenario, all replications together; of a run, the customers
        of each firm.

    Returns
    -------
    Figure
        Kaplan-Meier curves. Of a study, with the 95 % interval over replications (Student's t, at each age) and the
        band that holds 90 % of the replications, up to the age at which one of them has nobody left to watch; of one
        run, with Greenwood's 95 % interval (`Run.survival`).
    """
    curves, spread = survivals(source), survival_spread(source)
    with drawing():
        page = new_page(88.0)
        ax = page.subplots()
        names = source.firms if isinstance(source, Run) else source.names
        for name, curve in curves.items():
            _draw(ax, curve, names.index(name), name, spread.get(name))
        _settle(ax, curves)
        labelled_ends(
            ax, {name: (float(c["survival"].iloc[-1]), style(names.index(name)).colour) for name, c in curves.items()}
        )
        return finished(page, _headline(source, curves), _caption(source, curves, bool(spread)))


def _draw(ax: Axes, curve: pd.DataFrame, k: int, name: str, spread: tuple[Floats, Floats] | None) -> None:
    age, survival = curve["age"].to_numpy(float), curve["survival"].to_numpy(float)
    if spread is None:
        band(ax, age, curve[["low", "high"]].to_numpy(float).T, k, f"{name}, interval")
    else:
        ages, values = spread
        middle, half = np.interp(ages, age, survival), interval_half(values)
        wide_band(ax, ages, values, k, name)
        band(ax, ages, np.clip([middle - half, middle + half], 0.0, 1.0), k, f"{name}, interval")
    line(ax, age, survival, k, name)


def _settle(ax: Axes, curves: dict[str, pd.DataFrame]) -> None:
    from matplotlib.ticker import PercentFormatter

    months = max((float(curve["age"].iloc[-1]) for curve in curves.values()), default=1.0)
    month_axis(ax, months, "months since joining")
    ax.set_ylim(0.0, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
    ax.grid(axis="y")
    ax.set_title("Customers still there, share of those who joined")


def _headline(source: Source, curves: dict[str, pd.DataFrame]) -> str:
    """What is left at the latest round age at which every curve still watches enough customers."""
    if not curves:
        return "Nobody joined after the start: there are no lives to follow"
    age = _round_age(min(_watched_to(curve) for curve in curves.values()))
    left = {name: _at(curve, age) for name, curve in curves.items()}
    order = sorted(left, key=lambda name: -left[name])
    where = "at" if isinstance(source, Run) else "under"
    shares = listed([f"{100.0 * left[name]:.0f} % {where} {name}" for name in order])
    return f"{age:g} months after joining, {shares} are still customers"


def _round_age(known: float) -> float:
    """The largest multiple of a year, a half or a quarter (the coarsest that is not too coarse) up to an age."""
    step = next((s for s in (12.0, 6.0, 3.0, 1.0) if known >= 4.0 * s), known)
    return known // step * step if step else known


def _watched_to(curve: pd.DataFrame) -> float:
    enough = curve[curve["at_risk"] >= _WATCHED]
    return float((enough if len(enough) else curve)["age"].iloc[-1])


def _at(curve: pd.DataFrame, age: float) -> float:
    return float(np.interp(age, curve["age"].to_numpy(float), curve["survival"].to_numpy(float)))


def _caption(source: Source, curves: dict[str, pd.DataFrame], spread: bool) -> str:
    if not curves:
        return f"{made_of(source)}."
    joined = ", ".join(f"{int(curve['at_risk'].iloc[0]):,} {name}" for name, curve in curves.items())
    bands = "band: its 95 % interval at each age (Greenwood)"
    if spread:
        bands = "dark band: its 95 % interval over replications; pale band: the middle 90 % of the replications"
    together = " of the customers of all replications together" if spread else ""
    return f"{made_of(source)}. Line: Kaplan-Meier{together}; {bands}. Joined after the start: {joined}."

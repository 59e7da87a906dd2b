"""Survival: how long customers stay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.plots.page import finished, labelled_ends, month_axis, new_page
from retsim.plots.source import Source, made_of, survivals
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
        Kaplan-Meier curves with their pointwise 95 % intervals (`Run.survival`).
    """
    curves = survivals(source)
    with drawing():
        page = new_page(88.0)
        ax = page.subplots()
        names = source.firms if isinstance(source, Run) else source.names
        for name, curve in curves.items():
            _draw(ax, curve, names.index(name), name)
        _settle(ax, curves)
        labelled_ends(
            ax, {name: (float(c["survival"].iloc[-1]), style(names.index(name)).colour) for name, c in curves.items()}
        )
        return finished(page, _headline(source, curves), _caption(source, curves))


def _draw(ax: Axes, curve: pd.DataFrame, k: int, name: str) -> None:
    look = style(k)
    age = curve["age"].to_numpy(float)
    low, high = (curve[key].to_numpy(float) for key in ("low", "high"))
    ax.fill_between(age, low, high, color=look.colour, alpha=0.2, linewidth=0.0, label=f"{name}, interval")
    every = max(len(age) // 8, 1)
    ax.plot(
        age, curve["survival"], color=look.colour, linestyle=look.dashes, marker=look.marker,
        markevery=(k % every, every), markerfacecolor="white", label=name,
    )  # fmt: skip


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


def _caption(source: Source, curves: dict[str, pd.DataFrame]) -> str:
    joined = ", ".join(f"{int(curve['at_risk'].iloc[0]):,} {name}" for name, curve in curves.items())
    if not curves:
        return f"{made_of(source)}."
    together = "" if isinstance(source, Run) else ", customers of all replications together"
    return (
        f"{made_of(source)}. Kaplan-Meier; band: 95 % interval at each age (Greenwood){together}. "
        f"Joined after the start: {joined}."
    )

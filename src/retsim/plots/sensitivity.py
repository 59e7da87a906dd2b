"""What a result depends on: bars with intervals, for Morris beside them mu* against sigma."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from retsim.experiments.sensitivity import MORRIS, Sensitivity
from retsim.plots.page import finished, money_axis, name_panel, new_page, wrapped
from retsim.plots.style import GREY, MM, SMALL, drawing, style
from retsim.plots.words import number
from retsim.results.measures import MEASURES
from retsim.results.words import POINTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _REST, _LEAST = 9.0, 52.0, 88.0
_ROOM = 45.0 * 72.0 * MM

__all__ = ["sensitivity"]


def sensitivity(found: Sensitivity) -> Figure:
    """Indices of sensitivity with their intervals.

    Parameters
    ----------
    found : Sensitivity
        From `retsim.sensitivity`.

    Returns
    -------
    Figure
        Morris: the mean size of each effect over the whole range, the one that matters most on top (a tornado), with
        a tick at what luck alone would show; and mu* against sigma, numbered from the top: far right matters, high up
        works together with others or bends. Sobol: first and total order shares of the variance.

    Raises
    ------
    TypeError
        It is no `Sensitivity`.
    """
    if not isinstance(found, Sensitivity):
        raise TypeError(f"found = {found!r:.80}, must be a Sensitivity, as sensitivity(...) returns it")
    rows: list[Any] = found.table.to_dict("records")
    with drawing():
        if found.sampling.method == MORRIS:
            page = new_page(max(_ROW * len(rows) + _REST, _LEAST))
            left, right = page.subplots(1, 2, width_ratios=[3.0, 2.0])
            _draw_tornado(left, found, rows)
            _draw_plane(right, found, rows)
        else:
            page = new_page(_ROW * 1.3 * len(rows) + _REST)
            _draw_shares(page.subplots(), rows)
        return finished(page, found.sentence(), _caption(found))


def _draw_tornado(ax: Axes, found: Sensitivity, rows: list[Any]) -> None:
    places, look = range(len(rows)), style(0)
    sizes = [row["mu_star"] for row in rows]
    ax.barh(places, sizes, height=0.6, color=[look.colour if row["matters"] else "#cccccc" for row in rows],
            edgecolor=GREY, linewidth=0.6, label="mu*")  # fmt: skip
    _brackets(ax, rows, "mu_star", 0.0)
    ax.plot([row["noise"] for row in rows], places, linestyle="none", marker="|", markersize=12, color=style(1).colour,
            markeredgewidth=2.0, label="luck alone")  # fmt: skip
    for place, row in enumerate(rows):
        signed = number(row["mu"], found.sampling.metric, sign=True).removesuffix(POINTS)
        ax.annotate(
            signed,
            (row["mu_star_high"], place),
            xytext=(4.0, 0.0),
            textcoords="offset points",
            va="center",
            label="_mu",
        )
    _name_rows(ax, [f"{k}  {wrapped(row['key'], _ROOM, SMALL)}" for k, row in enumerate(rows, start=1)])
    ax.set_xlim(0.0, 1.25 * max(max(row["mu_star_high"] for row in rows), 1e-300))
    name_panel(ax, "mu*: mean size of the effect")
    _settle(ax, found, "x")
    ax.legend(loc="lower right")


def _draw_plane(ax: Axes, found: Sensitivity, rows: list[Any]) -> None:
    x, y = ([row[kind] for row in rows] for kind in ("mu_star", "sigma"))
    ax.plot(x, y, linestyle="none", marker=style(0).marker, color=style(0).colour, label="sigma", clip_on=False)
    for k, row in enumerate(rows, start=1):
        ax.plot(
            [row["mu_star"]] * 2, [row["sigma_low"], row["sigma_high"]], color=GREY, linewidth=0.8, label="_interval"
        )
        ax.annotate(str(k), (row["mu_star"], row["sigma"]), xytext=(4.0, 3.0), textcoords="offset points")
    ax.set_xlim(left=0.0)
    ax.set_ylim(bottom=0.0)
    ax.set_xlabel("mu*")
    name_panel(ax, "sigma: joint or bent")
    _settle(ax, found, "y")
    if not MEASURES[found.sampling.metric].unit.startswith("share"):
        money_axis(ax.xaxis)
    ax.locator_params(axis="x", nbins=3)


def _draw_shares(ax: Axes, rows: list[Any]) -> None:
    for j, (kind, name) in enumerate((("first", "alone (first order)"), ("total", "with all others (total order)"))):
        look, shift = style(j), 0.2 * (2 * j - 1)
        ax.barh(
            [place + shift for place in range(len(rows))], [row[kind] for row in rows], height=0.38, color=look.colour,
            hatch=look.hatch, edgecolor="white", linewidth=0.0, label=name,
        )  # fmt: skip
        _brackets(ax, rows, kind, shift)
    _name_rows(ax, [wrapped(row["key"], _ROOM, SMALL) for row in rows])
    ax.axvline(0.0, color="black", linewidth=0.9, label="_zero")
    ax.set_xlabel("share of the variance of the mean")
    ax.grid(axis="x")
    ax.legend(loc="lower right")


def _brackets(ax: Axes, rows: list[Any], kind: str, shift: float) -> None:
    for place, row in enumerate(rows):
        ax.plot(
            [row[f"{kind}_low"], row[f"{kind}_high"]], [place + shift] * 2, color="black", linewidth=1.1, marker="|",
            markersize=4.0, label="_interval",
        )  # fmt: skip


def _name_rows(ax: Axes, names: list[str]) -> None:
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _settle(ax: Axes, found: Sensitivity, axis: Literal["x", "y"]) -> None:
    measure = MEASURES[found.sampling.metric]
    unit = found.facts.currency if measure.unit == "money" else measure.unit
    getattr(ax, f"set_{axis}label")(f"{measure.title}, {unit}")
    if not measure.unit.startswith("share"):
        money_axis(getattr(ax, f"{axis}axis"))
    ax.grid(axis=axis)


def _caption(found: Sensitivity) -> str:
    asked = found.sampling
    level = f"{100.0 * asked.confidence:g} %"
    of = f"{found.names[1]} less {found.names[0]}" if len(found.names) == 2 else found.names[0]
    made = (
        f"{found.facts.title}, {of}: {len(found.points):,} points in {len(found.vary)} ranges, {asked.replications} "
        f"replications each with the same luck, seed {found.facts.seed}. Brackets: {level} interval, bootstrap over points "
        "and replications."
    )
    if asked.method == MORRIS:
        return f"{made} Effects are of the whole range of a key; number: mu, with its sign. Grey: no sure effect. Orange: what luck alone would show."
    return f"{made} The luck of the runs is taken out of the shares."

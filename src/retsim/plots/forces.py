"""Forces at departure: what held and what pulled those who left, beside those who stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retsim.plots.page import finished, money_axis, new_page, stacked
from retsim.plots.source import Source, currency, decisions, made_of
from retsim.plots.style import COLOURS, HATCHES, drawing
from retsim.plots.words import heads, listed
from retsim.results.reasons import FORCES, STAY, VANISHED
from retsim.results.words import MINUS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PULLS = ("opportunity",)
"""Forces that pull away; all others hold where they are positive."""
_TITLES = {
    "surplus": "surplus here",
    "attachment": "attachment",
    "sunk": "sunk cost",
    "transaction": "transaction cost",
    "switching": "switching cost",
    "termination": "termination barrier",
    "opportunity": "surplus elsewhere",
}
_REASONS = {
    "attention": "left after a thought",
    "alert": "left after a failure",
    "price": "left after a price rise",
    "offer": "left for an offer",
    "term": "left at contract's end",
    "moment": "left at a life's turn",
}
_STAYED = "stayed"
_BAR, _PANEL_REST, _REST = 6.6, 13.0, 46.0

__all__ = ["departure_forces"]


class _Group(NamedTuple):
    """Decisions put together: how many, and the mean of each force, money."""

    label: str
    decisions: float
    forces: dict[str, float]


def departure_forces(source: Source) -> Figure:
    """Mean money of each force at the decisions of those who left, by what made them think, and of those who stayed.

    Parameters
    ----------
    source : Study or Run
        Of a study, one panel a scenario.

    Returns
    -------
    Figure
        One bar a group of decisions: to the right what holds, to the left what pulls; the numbers at the ends are
        the sums. Surplus counts as a pull where it is negative. Customers who vanished did not decide and are not in
        it. A force is the mean over decisions; every decision to stay counts, so that one customer may stay often.
    """
    table = decisions(source)
    groups = {str(name): _groups(mine) for name, mine in table.groupby("scenario", observed=True, sort=False)}
    groups = {name: found for name, found in groups.items() if found}
    heights = {name: len(found) * _BAR + _PANEL_REST for name, found in groups.items()}
    with drawing():
        page = new_page((sum(heights.values()) or _BAR + _PANEL_REST) + _REST)
        panels = stacked(page, heights, sharex=True)
        for name, ax in panels.items():
            _draw(ax, groups[name])
        if panels:
            _settle(list(panels.values()), currency(source))
        return finished(page, _headline(groups, currency(source)), _caption(source, table))


def _groups(table: pd.DataFrame) -> list[_Group]:
    """Those who stayed, then those who left by trigger, most first."""
    chose = table[(table["outcome"] != VANISHED) & (table["count"] > 0)]
    stayed, left = chose[chose["outcome"] == STAY], chose[chose["outcome"] != STAY]
    by_trigger = [
        _mean(_REASONS.get(str(trigger), str(trigger)), mine)
        for trigger, mine in left.groupby("trigger", observed=True, sort=False)
    ]
    by_trigger.sort(key=lambda group: (-group.decisions, group.label))
    return [*([_mean(_STAYED, stayed)] if len(stayed) else []), *by_trigger]


def _mean(label: str, rows: pd.DataFrame) -> _Group:
    weight = rows["count"].to_numpy(float)
    means = {name: float(np.average(rows[name].to_numpy(float), weights=weight)) for name in FORCES}
    return _Group(label, float(weight.sum()), means)


def _signed(group: _Group) -> dict[str, float]:
    return {name: -money if name in PULLS else money for name, money in group.forces.items()}


def _sums(group: _Group) -> tuple[float, float]:
    """What holds in all, and what pulls in all, at most 0."""
    signed = _signed(group).values()
    return sum(max(money, 0.0) for money in signed), sum(min(money, 0.0) for money in signed)


def _draw(ax: Axes, groups: list[_Group]) -> None:
    places = np.arange(len(groups))
    right, left = np.zeros(len(groups)), np.zeros(len(groups))
    for k, name in enumerate(FORCES):
        money = np.array([_signed(group)[name] for group in groups])
        start = np.where(money >= 0.0, right, left)
        ax.barh(
            places, money, left=start, height=0.72, label=name, color=_tint(k), hatch=HATCHES[k],
            edgecolor="white", linewidth=0.6, hatchcolor="white",
        )  # fmt: skip
        right, left = right + np.maximum(money, 0.0), left + np.minimum(money, 0.0)
    for place, group in enumerate(groups):
        _write_sums(ax, place, _sums(group))
    ax.set_yticks(places, [f"{group.label} ({heads(group.decisions)})" for group in groups])
    ax.invert_yaxis()
    ax.tick_params(axis="y", length=0)
    ax.axvline(0.0, color="black", linewidth=0.9, label="_zero")
    ax.spines["left"].set_visible(False)


def _tint(k: int) -> str:
    """Pulls are vermilion, alone; what holds has the other colours."""
    holds = [colour for colour in COLOURS if colour != COLOURS[1]]
    return COLOURS[1] if list(FORCES)[k] in PULLS else holds[k]


def _write_sums(ax: Axes, place: int, sums: tuple[float, float]) -> None:
    for money, side in zip(sums, ("left", "right"), strict=True):
        ax.annotate(
            _signed_text(money), (money, place), xytext=(3.0 if side == "left" else -3.0, 0.0),
            textcoords="offset points", ha=side, va="center",
        )  # fmt: skip


def _signed_text(money: float) -> str:
    return f"{money:+,.{0 if abs(money) >= 10.0 else 1}f}".replace("-", MINUS)


def _settle(axes: list[Axes], unit: str) -> None:
    for ax in axes:
        ax.margins(x=0.17)
        ax.grid(axis="x")
        money_axis(ax.xaxis)
    axes[-1].set_xlabel(f"\N{LEFTWARDS ARROW} pulls away      {unit}, mean a decision      holds \N{RIGHTWARDS ARROW}")
    handles, names = axes[0].get_legend_handles_labels()
    axes[0].legend(
        handles, [_TITLES[name] for name in names], loc="upper left", bbox_to_anchor=(1.0, 1.0), handlelength=2.2,
        handleheight=1.3, labelspacing=0.7,
    )  # fmt: skip


def _headline(groups: dict[str, list[_Group]], unit: str) -> str:
    """Which force differs most between those who stayed and those who left, in the first panel that has both."""
    if not groups:
        return "Nobody decided anything: there are no forces to show"
    for name, found in groups.items():
        left = [group for group in found if group.label != _STAYED]
        if found[0].label != _STAYED or not left:
            continue
        stayed, gone = _signed(found[0]), _signed(_together(left))
        force = max(stayed, key=lambda key: stayed[key] - gone[key])
        where = f" (under {name})" if len(groups) > 1 else ""
        moved = "drew leavers away" if force in PULLS else "leavers lacked"
        return (
            f"What {moved} most is {_TITLES[force]}: {_signed_text(gone[force])} {unit} against "
            f"{_signed_text(stayed[force])} for those who stayed{where}"
        )
    kept = {group.label for found in groups.values() for group in found} == {_STAYED}
    return "Nobody left: forces of those who stayed" if kept else "All who thought about it left"


def _together(groups: list[_Group]) -> _Group:
    weight = [group.decisions for group in groups]
    means = {name: float(np.average([g.forces[name] for g in groups], weights=weight)) for name in FORCES}
    return _Group("left", sum(weight), means)


def _caption(source: Source, table: pd.DataFrame) -> str:
    gone = table[table["outcome"] == VANISHED].groupby("scenario", observed=True, sort=False)["count"].sum()
    vanished = [f"{heads(float(count))}" for count in gone if count > 0]
    without = f" {listed(vanished)} vanished without a decision." if vanished else ""
    return (
        f"{made_of(source)}; in brackets: decisions, mean a replication. Numbers: sums of what holds and what pulls. "
        f"What pulls is the best alternative; a taste of the moment decides the rest.{without}"
    )

"""Who was selected, how far the others are behind, and when they dropped out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retsim.experiments.selection import Selection
from retsim.plots.page import finished, money_axis, new_page, wrapped
from retsim.plots.style import GREY, MM, PALE, SMALL, drawing, style
from retsim.plots.words import how_many
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROW, _REST = 5.5, 46.0
_MOST_ROWS = 40

__all__ = ["selection"]


def selection(found: Selection) -> Figure:
    """How far each scenario is behind the best of a race, and when it dropped out.

    Parameters
    ----------
    found : Selection
        From `retsim.select`; of more than 40 scenarios the best 40 are shown.

    Returns
    -------
    Figure
        Paired difference to the best with its interval; the hatched strip is the indifference zone. Filled: left at
        the end; hollow: dropped, with the replications after which.

    Raises
    ------
    TypeError
        It is no `Selection`.
    """
    if not isinstance(found, Selection):
        raise TypeError(f"found = {found!r:.80}, must be a Selection, as select(...) returns it")
    rows: list[Any] = found.table.to_dict("records")[:_MOST_ROWS]
    with drawing():
        page = new_page(_ROW * len(rows) + _REST)
        ax = page.subplots()
        _draw(ax, found, rows)
        return finished(page, found.sentence(), _caption(found, len(rows)))


def _draw(ax: Axes, found: Selection, rows: list[Any]) -> None:
    ax.axvspan(0.0, found.race.zone, facecolor="none", edgecolor=PALE, hatch="////", linewidth=0.0, label="_zone")
    ax.axvline(0.0, color="black", linewidth=0.9, label="_zero")
    for place, row in enumerate(rows):
        left = not row["by"]
        colour = style(0).colour if left else GREY
        ax.plot([row["behind_low"], row["behind_high"]], [place, place], color=colour, linewidth=1.6, label="_interval")
        ax.plot(
            [row["behind"]], [place], linestyle="none", marker=style(0 if left else 1).marker, color=colour,
            markerfacecolor=colour if left else "white", label=row["scenario"], clip_on=False,
        )  # fmt: skip
        text = f"left, n = {row['n']}" if left else f"dropped after {row['dropped']:.0f}"
        ax.annotate(
            text, (1.0, place), xytext=(4.0, 0.0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", annotation_clip=False,
        )  # fmt: skip
    ax.set_yticks(range(len(rows)), [wrapped(row["scenario"], 45.0 * 72.0 * MM, SMALL) for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    measure = MEASURES[found.race.metric]
    unit = found.facts.currency if measure.unit == "money" else measure.unit
    ax.set_xlabel(f"behind {wrapped(found.best, 60.0 * 72.0 * MM, SMALL)}\n{measure.title}, {unit}")
    if not measure.unit.startswith("share"):
        money_axis(ax.xaxis)
    ax.grid(axis="x")
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def _caption(found: Selection, shown: int) -> str:
    rest = len(found.names) - shown
    more = f" {rest} more, worse ones are not shown." if rest > 0 else ""
    return (
        f"Race by KN++ over {how_many(len(found.scores), 'replication')} with the same luck, seed {found.facts.seed}. Bars: "
        "95 % interval of the mean difference to the best, paired over the replications of both (Student's t). Hatched: "
        f"the indifference zone. Filled: left at the end; hollow: dropped.{more}"
    )

"""Verdicts on claims: effect with interval against the border that decides, a forest plot."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.claims.claim import FAILS, HOLDS, OPEN, Finding
from retsim.claims.page import findings_of
from retsim.claims.words import amount, verdict_words
from retsim.plots.page import finished, new_page, wrapped
from retsim.plots.style import GREY, MM, PALE, SMALL, drawing, style
from retsim.plots.words import how_many
from retsim.results.words import MINUS

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["claims"]

_LINE, _GAP, _REST = 3.7, 2.4, 34.0
"""Height of a line of text, of the space between rows, and of headline, axis and caption, mm."""
_LEFT, _MIDDLE = 78.0, 36.0
"""Width of the words and of the drawing, mm; the rest is for numbers."""
_FREE = 0.25
"""Room beyond what is drawn, as a share of it: where the shading shows that it goes on."""
_LOOK = {HOLDS: (0, "filled"), FAILS: (1, "hollow"), OPEN: (None, "grey")}


class _Row(NamedTuple):
    finding: Finding
    words: str
    numbers: str
    height: float


def claims(frame: pd.DataFrame) -> Figure:
    """Effect of each finding with its 95 % interval, against the border beyond which its claim holds.

    Parameters
    ----------
    frame : DataFrame
        Findings as `retsim.claims.verdicts` returns them, or some of its rows.

    Returns
    -------
    Figure
        Every row has a scale of its own, as units differ; shaded is where the claim holds. Filled: it holds; hollow:
        it does not; grey: not sure. In italics: conditions under which the theory says that the claim must fail.

    Raises
    ------
    ValueError
        There is no finding, or a column is missing.
    """
    missing = [name for name in ("claim", *Finding._fields) if name not in frame.columns]
    if missing or not len(frame):
        what = f"lacks the columns {', '.join(missing)}" if missing else "has no row"
        raise ValueError(f"frame {what}, must be findings as retsim.claims.verdicts returns them")
    rows = [_row(key, f) for key, f in zip(frame["claim"], findings_of(frame), strict=True)]
    with drawing():
        page = new_page(sum(row.height for row in rows) + _REST)
        ax = page.subplots()
        _draw(ax, rows)
        return finished(page, _headline(rows), _caption(rows))


def _row(key: str, f: Finding) -> _Row:
    words = wrapped(f"{key}: {f.where}. {f.effect[0].upper()}{f.effect[1:]}", _LEFT * 72.0 * MM, SMALL)
    numbers = amount(f).replace(" (", "\n(").replace("-", MINUS) + f"\n{verdict_words(f)}"
    lines = max(words.count("\n"), numbers.count("\n")) + 1
    return _Row(f, words, numbers, _LINE * lines + _GAP)


def _draw(ax: Axes, rows: list[_Row]) -> None:
    top = 0.0
    for row in rows:
        middle = top + row.height / 2.0
        _draw_row(ax, middle, row)
        look: dict[str, Any] = {"va": "center", "annotation_clip": False, "textcoords": "offset points"}
        ax.annotate(
            row.words, (0.0, middle), xytext=(-_LEFT * 72.0 * MM, 0.0), xycoords=("axes fraction", "data"), ha="left",
            style="italic" if row.finding.limit else "normal", **look,
        )  # fmt: skip
        ax.annotate(row.numbers, (1.0, middle), xytext=(5.0, 0.0), xycoords=("axes fraction", "data"), **look)
        top += row.height
        ax.axhline(top, color=PALE, linewidth=0.5, label="_between")
    ax.set(ylim=(top, 0.0), xlim=(0.0, 1.0), xticks=[], yticks=[])
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)


def _draw_row(ax: Axes, middle: float, row: _Row) -> None:
    """Shade where the claim holds, and set mark and interval upon it."""
    f = row.finding
    place = _scale(f)
    low, high = (place(x) if math.isfinite(x) else edge for x, edge in ((f.above, 0.0), (f.below, 1.0)))
    ax.fill_between(
        [low, high], middle - row.height * 0.42, middle + row.height * 0.42, color="#e8e8e8", label="_holds"
    )
    for x in (f.above, f.below):
        if math.isfinite(x):
            ax.plot([place(x)] * 2, [middle - row.height * 0.42, middle + row.height * 0.42], "k-", linewidth=0.8)
    number, kind = _LOOK[f.verdict]
    colour = GREY if number is None else style(number).colour
    if math.isfinite(f.low):
        ax.plot([place(f.low), place(f.high)], [middle] * 2, color=colour, linewidth=1.8, solid_capstyle="butt")
    face = {"filled": colour, "hollow": "white", "grey": "#cccccc"}[kind]
    marker = "D" if f.limit else "o"
    ax.plot([place(f.mean)], [middle], marker, color=colour, markersize=5.2, markerfacecolor=face, label=f.where)


def _scale(f: Finding) -> Callable[[float], float]:
    """From a value to its place in the row: everything that is finite fits, with room at both ends."""
    shown = [x for x in (f.mean, f.low, f.high, f.above, f.below) if math.isfinite(x)]
    least, most = min(shown), max(shown)
    room = _FREE * ((most - least) or 1.0)
    return lambda x: (x - least + room) / (most - least + 2.0 * room)


def _headline(rows: list[_Row]) -> str:
    found = [row.finding for row in rows if not row.finding.limit]
    limits = [row.finding for row in rows if row.finding.limit]
    text = f"{sum(f.verdict == HOLDS for f in found)} of {how_many(len(found), 'finding')} bear their claim out"
    if limits:
        text += (
            f"; at {sum(f.verdict == FAILS for f in limits)} of {how_many(len(limits), 'limit')} it fails, as it should"
        )
    return text


def _caption(rows: list[_Row]) -> str:
    n = sorted({row.finding.n for row in rows})
    made = how_many(n[0], "replication") if len(n) == 1 else f"{n[0]} to {n[-1]} replications"
    return (
        f"{made} each. Bars and brackets: 95 % interval of the mean (Student's t). Every row has a scale of its own; shaded: "
        "where the claim holds. Filled: it holds; hollow: it does not; grey: not sure. Italics and diamonds: a condition "
        "under which the theory says that it fails."
    )

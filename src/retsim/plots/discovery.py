"""Where a strategy loses: the worlds as marks, the boxes as frames."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from matplotlib.patches import Rectangle

from retsim.experiments.boxes import Box, Boxes
from retsim.plots.page import finished, new_page, wrapped
from retsim.plots.style import DASHES, GREY, MM, SMALL, drawing, style
from retsim.plots.words import how_many, listed, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ROOM = 90.0 * 72.0 * MM

__all__ = ["boxes"]


def boxes(found: Boxes) -> Figure:
    """Worlds in which a strategy loses, and the boxes that hold most of them.

    Parameters
    ----------
    found : Boxes
        From `retsim.discover`.

    Returns
    -------
    Figure
        Over the two keys that bound the first box most surely; the others are wherever they are, so a frame may hold
        worlds that its further limits leave out.

    Raises
    ------
    TypeError
        It is no `Boxes`.
    """
    if not isinstance(found, Boxes):
        raise TypeError(f"found = {found!r:.80}, must be Boxes, as discover(...) returns them")
    with drawing():
        page = new_page(112.0)
        ax = page.subplots()
        keys = _keys(found)
        _draw_worlds(ax, found, keys)
        for k, box in enumerate(found.boxes):
            _draw_box(ax, box, (k, keys))
        ax.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0))
        return finished(page, found.sentence(), _caption(found, keys))


def _keys(found: Boxes) -> tuple[str, str | None]:
    """The two keys with the most significant limits, and where there are fewer the next in order."""
    limited = found.boxes[0].quasi_p if found.boxes else {}
    order = sorted(limited, key=lambda key: limited[key])
    keys = [*order, *(str(key) for key in found.worlds.columns if key not in order)]
    return keys[0], keys[1] if len(keys) > 1 else None


def _draw_worlds(ax: Axes, found: Boxes, keys: tuple[str, str | None]) -> None:
    across, up = keys
    x = found.worlds[across].to_numpy()
    # With one key only, worlds lie in a strip by their number.
    y = found.worlds[up].to_numpy() if up else found.worlds.index.to_numpy(float)
    loser = shortened(found.facts.loser)
    for mask, look, name, filled in (
        (~found.lost, style(0), f"{loser} wins", False), (found.lost, style(1), f"{loser} loses", True)
    ):  # fmt: skip
        ax.plot(
            x[mask], y[mask], linestyle="none", marker=look.marker, color=look.colour, markersize=4.0, label=name,
            markerfacecolor=look.colour if filled else "white", clip_on=False,
        )  # fmt: skip
    ax.set_xlim(x.min(), x.max())
    ax.set_ylim(y.min(), y.max())
    ax.set_xlabel(wrapped(across, _ROOM, SMALL))
    ax.set_ylabel(wrapped(up, 60.0 * 72.0 * MM, SMALL) if up else "world")


def _draw_box(ax: Axes, box: Box, where: tuple[int, tuple[str, str | None]]) -> None:
    k, (across, up) = where
    ends = []
    for key, (low, high) in zip((across, up), (ax.get_xlim(), ax.get_ylim()), strict=True):
        limits = box.limits.get(key or "", (-math.inf, math.inf))
        ends.append((max(limits[0], low), min(limits[1], high)))
    (x0, x1), (y0, y1) = ends
    ax.add_patch(
        Rectangle((x0, y0), x1 - x0, y1 - y0, facecolor=GREY, alpha=0.15, linewidth=0.0, label="_area", clip_on=False)
    )
    ax.add_patch(
        Rectangle(
            (x0, y0), x1 - x0, y1 - y0, facecolor="none", edgecolor="black", linewidth=1.6, linestyle=DASHES[k],
            label=f"box {k + 1}: {box.lost} of {box.n} lost", clip_on=False,
        )
    )  # fmt: skip


def _caption(found: Boxes, keys: tuple[str, str | None]) -> str:
    facts = found.facts
    rest = [str(key) for key in found.worlds.columns if key not in keys]
    others = f" Not shown: {listed(rest)}." if rest else ""
    return (
        f"{len(found.lost)} worlds, {how_many(facts.replications, 'replication')} each with the same luck, seed {facts.seed}. "
        f"Lost: the mean of {facts.loser} is the worse one; in {facts.unsure} worlds the 95 % interval of the difference "
        f"includes 0. Boxes by PRIM, at least {100 * found.rules.density:g} % lost.{others}"
    )

"""How all pictures look: colours, dashes, markers, hatches, type and sizes.

The colours are those of Okabe & Ito (2008), which people who confuse red and green tell apart; yellow is left out,
because it vanishes on white. Every colour comes with dashes, a marker and a hatch of its own, so that a picture
printed in grey says the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, NamedTuple

MM = 1.0 / 25.4
"""Inches of a millimetre."""
WIDTH = 160.0
"""Width of every picture, mm."""
SMALL, TEXT, HEADLINE = 8.0, 9.0, 10.0
"""Sizes of type, points."""
GREY, PALE = "#555555", "#dddddd"
HOLD, PULL = "#0072B2", "#D55E00"
_CJK = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Source Han Sans",
    "Hiragino Sans",
    "Yu Gothic",
    "Microsoft YaHei",
    "WenQuanYi Zen Hei",
    "IPAexGothic",
)
_CJK_FILES = ("notosanscjk", "sourcehansans", "hiragino", "yugoth", "msyh", "wqy-zenhei", "ipaexg")

Dashes = str | tuple[int, tuple[float, ...]]

__all__ = ["Style", "drawing", "families", "style"]


class Style(NamedTuple):
    """How one of several things is drawn."""

    colour: str
    dashes: Dashes
    marker: str
    hatch: str


COLOURS = ("#0072B2", "#D55E00", "#009E73", "#000000", "#CC79A7", "#56B4E9", "#E69F00")
DASHES: tuple[Dashes, ...] = (
    "-",
    (0, (5.0, 1.6)),
    (0, (1.2, 1.2)),
    (0, (7.0, 1.5, 1.2, 1.5)),
    (0, (3.0, 1.2, 1.2, 1.2, 1.2, 1.2)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = ("", "////", "....", "xxxx", "\\\\\\\\", "----", "++++")


def style(k: int) -> Style:
    """Style of the k-th thing, k from 0; no two of the first 35 are the same in dashes and marker."""
    return Style(
        COLOURS[k % len(COLOURS)],
        DASHES[k % len(DASHES)],
        MARKERS[k % len(MARKERS)],
        HATCHES[k % len(HATCHES)],
    )


@cache
def families() -> list[str]:
    """Fonts to take letters from, in this order: DejaVu Sans, then those present that know Chinese and Japanese."""
    from matplotlib.font_manager import fontManager

    if not set(_CJK) & set(fontManager.get_font_names()):
        _find_more()
    present = set(fontManager.get_font_names())
    return ["DejaVu Sans", *(name for name in _CJK if name in present)]


def _find_more() -> None:
    """Look for such fonts once more: matplotlib does not see those that came after its own list was made."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    for path in findSystemFonts():
        name = path.replace("\\", "/").rpartition("/")[2].lower()
        if name.startswith(_CJK_FILES):
            # A file that cannot be read as a font is no loss.
            with suppress(OSError, RuntimeError):
                fontManager.addfont(path)


@contextmanager
def drawing() -> Iterator[None]:
    """Draw in this look, whatever the user's own settings are; they are back afterwards."""
    import matplotlib.style

    with matplotlib.style.context(["default", _look()]):
        yield


def _look() -> dict[str, Any]:
    small = ("font.size", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")
    return dict.fromkeys(small, SMALL) | {
        "font.family": families(),
        "axes.titlesize": TEXT,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": GREY,
        "axes.linewidth": 0.6,
        "axes.axisbelow": True,
        "grid.color": PALE,
        "grid.linewidth": 0.5,
        "xtick.color": GREY,
        "ytick.color": GREY,
        "xtick.labelcolor": "black",
        "ytick.labelcolor": "black",
        "hatch.linewidth": 0.6,
        "legend.frameon": False,
        "lines.linewidth": 1.7,
        "lines.markersize": 4.5,
        # A scenario may be called "$5 off": no text is a formula.
        "text.parse_math": False,
        # Letters as wide on every page as they were measured, whatever its dots an inch.
        "text.hinting": "none",
        # The same figure gives the same file.
        "svg.hashsalt": "retsim",
    }

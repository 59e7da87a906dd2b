"""The picture of a flip shows what the tables say."""

from __future__ import annotations

import numpy as np
import pytest

from retsim.experiments.breakeven import UNDECIDED, Breakeven, Facts, Question
from retsim.plots.breakeven import breakeven


def made(over, points, values, **question):
    return Breakeven(("win", "keep"), over, Question(**question), (points, values), Facts("EUR", "A market", 7))


@pytest.fixture(scope="module")
def line():
    x = np.linspace(0.0, 10.0, 6)
    luck = np.random.default_rng(1).normal(0.0, 2.0, (12, 1))
    return made({"firm.price": (0.0, 10.0)}, [{"firm.price": v} for v in x], 1000.0 * (x - 4.0 + luck))


@pytest.fixture(scope="module")
def plane():
    points = [{"a": float(a), "b": float(b)} for a in range(4) for b in range(4)]
    luck = np.random.default_rng(2).normal(0.0, 0.5, (12, 1))
    return made({"a": (0.0, 3.0), "b": (0.0, 3.0)}, points, np.array([p["a"] - p["b"] + 0.2 for p in points]) + luck)


def texts(figure):
    import matplotlib.text

    return [t for t in figure.findobj(matplotlib.text.Text) if t.get_text().strip() and t.get_visible()]


def test_the_line_is_the_table_and_the_hatching_the_undecided(line):
    figure = breakeven(line)
    (ax,) = figure.axes
    drawn = {artist.get_label(): artist for artist in ax.lines}
    assert np.allclose(drawn["difference"].get_ydata(), line.table["mean"])
    assert np.allclose(drawn["_flip"].get_xdata(), line.flips["at"][0])
    hatched = [patch for patch in ax.patches if patch.get_hatch()]
    band = line.ranges[line.ranges["better"] == UNDECIDED]
    assert [(p.get_x(), p.get_x() + p.get_width()) for p in hatched] == [
        pytest.approx(tuple(row)) for row in band[["low", "high"]].to_numpy()
    ]
    words = " ".join(t.get_text() for t in texts(figure)).replace("\n", " ")
    assert line.sentence() in words
    assert "keep less win" in words


def test_the_map_parts_the_plane_where_the_table_does(plane):
    figure = breakeven(plane)
    (ax,) = figure.axes
    table = plane.table.set_index(["a", "b"])["mean"]
    for artist in ax.lines:
        places = list(zip(*artist.get_data(), strict=True))
        assert places
        assert all((table[place] > 0) == (artist.get_label() == "keep") for place in places)
    assert sum(len(artist.get_xdata()) for artist in ax.lines) == 16
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["win ahead", "keep ahead", "undecided"]
    assert any(getattr(c, "hatches", None) == ["////"] for c in ax.collections)


def test_no_letter_is_too_small_or_off_the_page(line, plane):
    for found in (line, plane):
        figure = breakeven(found)
        renderer = figure.canvas.get_renderer() if hasattr(figure.canvas, "get_renderer") else None
        box = figure.bbox
        for text in texts(figure):
            assert text.get_fontsize() >= 8.0
            there = text.get_window_extent(renderer)
            assert there.x0 >= -1.0
            assert there.x1 <= box.x1 + 1.0


def test_one_sided_maps_and_other_things():
    points = [{"a": a, "b": b} for a in (0.0, 1.0) for b in (0.0, 1.0)]
    values = np.ones((4, 4)) + np.arange(4)[:, None] * 0.01
    assert "keep is better at 4" in breakeven(made({"a": (0, 1), "b": (0, 1)}, points, values))._suptitle.get_text()
    with pytest.raises(TypeError, match="must be a Breakeven"):
        breakeven("saas")

"""Every picture builds from every kind of result, and can be read: nothing too small, nothing cut off."""

from __future__ import annotations

import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text

import retsim as rs
from retsim import plots
from retsim.plots.style import SMALL

OF_A_STUDY = (plots.profit_paths, plots.customers, plots.differences)
OF_BOTH = (plots.survival, plots.cohort_retention, plots.departure_forces, plots.switching_flows)
LONG = "a strategy whose name says everything about it, and then some more, without any end in sight"


def texts(figure):
    return [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]


def assert_readable(figure):
    """160 mm wide; a headline and a caption; no letter under 8 points; no word beyond the page, headline free."""
    assert figure.get_figwidth() * 25.4 == pytest.approx(160.0)
    assert figure.get_suptitle()
    assert figure.get_supxlabel()
    assert all(text.get_fontsize() >= SMALL for text in texts(figure))
    head, foot = figure._suptitle.get_window_extent(), figure._supxlabel.get_window_extent()
    page = figure.bbox
    # Of a panel: all that is drawn of it, with ticks, names, legend and notes beside it.
    bodies = [ax.get_tightbbox() for ax in figure.axes]
    for box in (head, foot, *bodies):
        assert (box.min >= page.min - 1).all(), (box, page)
        assert (box.max <= page.max + 1).all(), (box, page)
    for ax, body in zip(figure.axes, bodies, strict=True):
        assert foot.y1 - 1 <= body.y0, "the caption is free"
        assert body.y1 <= head.y0 + 1, "the headline is free"
        assert hasattr(ax, "_colorbar") or min(ax.get_window_extent().size) > 20, "no room is left for the data"


@pytest.mark.parametrize("draw", OF_A_STUDY + OF_BOTH)
@pytest.mark.parametrize("kind", ["three", "still"])
def test_of_a_study(draw, kind, drawn):
    assert_readable(drawn(draw, kind))


@pytest.mark.parametrize("draw", [plots.profit_paths, plots.differences, plots.cohort_retention])
def test_of_one_replication(draw, drawn):
    assert_readable(drawn(draw, "single"))


@pytest.mark.parametrize("draw", OF_BOTH)
def test_of_a_run(draw, drawn):
    assert_readable(drawn(draw, "run"))


@pytest.mark.parametrize("draw", [plots.profit_paths, plots.differences, plots.survival, plots.switching_flows])
def test_odd_and_long_names(draw, two):
    names = {"$5 off, not $6": "acquisition-led", f"_{LONG}": "retention-led"}
    figure = draw(two.part(names))
    assert_readable(figure)
    shown = " ".join(text.get_text() for text in texts(figure)).replace("\n", " ")
    assert "$5 off, not $6" in shown
    assert f"_{LONG[:20]}" in shown


@pytest.mark.parametrize("draw", [plots.profit_paths, plots.switching_flows])
def test_one_scenario_alone(draw, three):
    figure = draw(three.part(["even"]))
    assert_readable(figure)
    assert "less" not in figure.get_suptitle()


def test_empty_results_say_so(drawn):
    assert "Nobody joined" in drawn(plots.survival, "still").get_suptitle()
    assert "Nobody decided" in drawn(plots.departure_forces, "still").get_suptitle()
    assert "Nobody moved" in drawn(plots.switching_flows, "still").get_suptitle()
    assert "No difference" in drawn(plots.profit_paths, "still").get_suptitle()


def test_one_replication_claims_nothing(drawn):
    figure = drawn(plots.profit_paths, "single")
    assert "one replication" in figure.get_suptitle()
    assert "interval" not in figure.get_suptitle()
    assert not any(ax.collections for ax in figure.axes)


def test_many_scenarios(three):
    names = [f"{old} {k}" for k in range(3) for old in three.names]
    many = three.part({name: name.rsplit(" ", 1)[0] for name in names})
    assert_readable(plots.profit_paths(many))


@pytest.mark.parametrize("draw", OF_A_STUDY + OF_BOTH)
def test_not_a_result(draw):
    with pytest.raises(TypeError, match="must be a Study"):
        draw({"win": 1})


def test_differences_of_one_scenario(three):
    with pytest.raises(ValueError, match="at least two scenarios"):
        plots.differences(three.part(["even"]))
    with pytest.raises(ValueError, match="metric = 'profits', must be one of"):
        plots.differences(three, ["profits"])


@pytest.mark.parametrize("months", [0.0, 1.5, -3.0])
def test_cohort_width_must_fit(run, months):
    with pytest.raises(ValueError, match="multiple of the period"):
        plots.cohort_retention(run, months=months)


def test_look_is_ours_and_the_users_stays_theirs(two, drawn):
    ours = drawn(plots.profit_paths, "two")
    theirs = {"font.size": 30.0, "axes.facecolor": "black", "text.usetex": False, "axes.labelsize": 40.0}
    with matplotlib.rc_context(theirs):
        other = plots.profit_paths(two)
        assert {key: matplotlib.rcParams[key] for key in theirs} == theirs
        assert_readable(other)
    assert plots.figure_digest(other) == plots.figure_digest(ours)
    assert other.axes[0].get_facecolor() == ours.axes[0].get_facecolor()
    sizes = [[t.get_fontsize() for t in texts(figure)] for figure in (ours, other)]
    assert sizes[0] == sizes[1]


def test_a_notebook_gets_a_picture(drawn):
    assert drawn(plots.survival, "single")._repr_png_().startswith(b"\x89PNG")


def test_pyplot_is_never_imported(tmp_path):
    program = f"""
import sys, json
import retsim
assert "matplotlib" not in sys.modules, "import retsim"
import pandas as pd
from retsim import plots
frame = pd.DataFrame({{"week": [1, 2, 3], "actual": [1, 2, 3], "expected": [1.0, 2.0, 2.5],
    "cumulative_actual": [1, 3, 6], "cumulative_expected": [1.0, 3.0, 5.5], "holdout": [False, False, True]}})
from retsim.plots.saving import save_figure
from pathlib import Path
save_figure(plots.tracking(frame), Path({str(tmp_path)!r}) / "tracking")
assert "matplotlib.pyplot" not in sys.modules, "a figure"
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"tracking.png", "tracking.svg"}


def test_lazy_room():
    assert rs.plots is plots
    assert all(callable(getattr(plots, name)) for name in plots.__all__)
    assert np.all([name in dir(plots) for name in plots.__all__])

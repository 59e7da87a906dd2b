"""Pictures of races, sensitivities and boxes show what the tables say."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from retsim.experiments import selection, sensitivity
from retsim.experiments.boxes import Boxes, Facts, Rules, inside
from retsim.experiments.peeling import described
from retsim.experiments.sensitivity import Sampling, Sensitivity
from retsim.plots.discovery import boxes
from retsim.plots.selection import selection as race_picture
from retsim.plots.sensitivity import sensitivity as sensitivity_picture

KEYS = ("entry.per_month", "firm.unit_cost", "discount_rate")
VARY = dict.fromkeys(KEYS, (0.0, 1.0))
DICE = np.random.default_rng(3)


def labelled(ax, name):
    return next(artist for artist in [*ax.containers, *ax.lines, *ax.patches] if artist.get_label() == name)


def lengths(ax, name):
    return [bar.get_width() for bar in labelled(ax, name)]


@pytest.fixture(scope="module")
def morris():
    """Three values of which the last does nothing, on trajectories made by hand: each key up by 2/3 in turn."""
    starts = DICE.integers(0, 2, (20, 1, 3)) / 3.0
    steps = np.concatenate([np.zeros((1, 3)), np.tri(3) * 2 / 3])
    unit = (starts + steps).reshape(-1, 3)
    exact = 9000.0 * unit[:, 0] - 4000.0 * unit[:, 1] * unit[:, 0]
    values = exact + DICE.normal(0.0, 1500.0, (8, len(unit)))
    facts = sensitivity.Facts("EUR", "A market", 7)
    return Sensitivity((("win", "keep"), VARY), Sampling(size=20, replications=8, resamples=200), (unit, values), facts)


@pytest.fixture(scope="module")
def sobol():
    a, b = DICE.random((2, 256, 3))
    mixed = [np.where(np.arange(3) == k, b, a) for k in range(3)]
    unit = np.stack([a, *mixed, b], axis=1).reshape(-1, 3)
    values = 9000.0 * unit[:, 0] + 5000.0 * unit[:, 1] + DICE.normal(0.0, 1500.0, (8, len(unit)))
    sampling = Sampling("sobol", size=256, replications=8, resamples=200)
    return Sensitivity((("keep",), VARY), sampling, (unit, values), sensitivity.Facts("EUR", "A market", 7))


@pytest.fixture(scope="module")
def lost():
    worlds = pd.DataFrame(DICE.random((150, 3)), columns=list(KEYS))
    box = {KEYS[0]: (-math.inf, 0.4), KEYS[1]: (0.3, 0.8)}
    mask = inside(worlds, box)
    found = described(worlds, (mask, np.ones(150, bool)), box)
    facts = Facts("keep", ("win",), "discounted_profit", 5, 0, 4)
    return Boxes((worlds, mask), (found,), pd.DataFrame(columns=["density"]), (Rules(), facts))


@pytest.fixture(scope="module")
def race():
    scores = DICE.normal(0.0, 800.0, (40, 1)) + DICE.normal(0.0, 400.0, (40, 4)) + [0.0, 900.0, 2000.0, 5000.0]
    gone = [selection.Dropped(0, 10, 3), selection.Dropped(1, 10, 3), selection.Dropped(2, 40, 3)]
    for one in gone:
        scores[one.after :, one.column] = np.nan
    names = ["even", "acquisition-led", "retention-led", "all for service"]
    return selection.Selection(names, selection.Race(500.0), (scores, gone), selection.Facts("EUR", 7, ()))


def test_a_tornado_is_the_table(morris):
    left, right = sensitivity_picture(morris).axes
    assert lengths(left, "mu*") == pytest.approx(morris.table["mu_star"].tolist())
    assert np.asarray(labelled(left, "luck alone").get_xdata()) == pytest.approx(morris.table["noise"])
    assert np.asarray(labelled(right, "sigma").get_ydata()) == pytest.approx(morris.table["sigma"])
    assert left.get_yticklabels()[0].get_text().endswith(morris.table["key"][0])


def test_shares_are_the_table(sobol):
    (ax,) = sensitivity_picture(sobol).axes
    for kind, name in (("first", "alone (first order)"), ("total", "with all others (total order)")):
        assert lengths(ax, name) == pytest.approx(sobol.table[kind].tolist())


def test_frames_are_the_boxes(lost):
    figure = boxes(lost)
    (ax,) = figure.axes
    frame = labelled(ax, f"box 1: {lost.boxes[0].lost} of {lost.boxes[0].n} lost")
    across = frame.get_x(), frame.get_x() + frame.get_width()
    assert across[1] == 0.4 if ax.get_xlabel() == KEYS[0] else across == pytest.approx((0.3, 0.8))
    assert len(labelled(ax, "keep loses").get_xdata()) == lost.lost.sum()
    assert len(labelled(ax, "keep wins").get_xdata()) == (~lost.lost).sum()


def test_the_race_shows_who_is_behind(race):
    (ax,) = race_picture(race).axes
    for row in race.table.to_dict("records"):
        assert labelled(ax, row["scenario"]).get_xdata()[0] == pytest.approx(row["behind"])
    assert race.table["scenario"].tolist() == ["all for service", "retention-led", "acquisition-led", "even"]


@pytest.mark.parametrize("draw", [sensitivity_picture, boxes, race_picture])
def test_what_is_something_else_is_refused(draw):
    with pytest.raises(TypeError, match="must be"):
        draw(3)

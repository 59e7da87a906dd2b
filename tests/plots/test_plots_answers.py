"""Pictures of answers show the means and intervals of the table, and say how many runs they are from."""

from __future__ import annotations

import pytest

import retsim as rs


@pytest.fixture(scope="module")
def asked():
    base = rs.load("leaky-funnel").resized(300).with_(horizon=6)
    arms = {name: base.with_(strategy=name) for name in ("leaky", "plugged")}
    plain = rs.ask(arms, {"lost": "lost", "customers": "customers"}, replications=3, seed=5)
    path = rs.ask(
        arms,
        {"active": lambda run: dict(zip(run.totals["time"], run.totals["active"], strict=True))},
        replications=3,
        seed=5,
    )
    return plain, path


def test_dots_carry_the_means(asked):
    plain, _ = asked
    digest = rs.plots.figure_digest(rs.plots.answers(plain, "An answer"))
    assert digest["title"] == "An answer"
    assert "3 replications, seed 5" in digest["caption"]
    means = plain.means()
    for panel, question in zip(digest["panels"], plain.questions, strict=True):
        expected = means[means["question"] == question]["mean"].tolist()
        assert panel["bars"][question] == pytest.approx(expected, rel=1e-3)


def test_lines_carry_means_and_intervals_of_differences(asked):
    _, path = asked
    digest = rs.plots.figure_digest(rs.plots.answers(path, "A path", baseline="leaky", axis="months"), points=6)
    assert "paired difference to leaky, with the same luck" in digest["caption"]
    panel, table = digest["panels"][0], path.differences("leaky")
    assert panel["x"] == "months"
    assert panel["lines"]["plugged"] == pytest.approx(table["mean"].tolist(), rel=1e-3)
    assert panel["bands"]["plugged, interval"]["low"] == pytest.approx(table["low"].tolist(), rel=1e-3)


def test_every_interval_lies_within_the_panel(asked):
    plain, _ = asked
    figure = rs.plots.answers(plain, "An answer")
    for ax, question in zip(figure.axes, plain.questions, strict=True):
        mine = plain.means().set_index("question").loc[question]
        low, high = ax.get_xlim()
        assert low < mine["low"].min()
        assert mine["high"].max() < high


def test_shares_are_percent(asked):
    plain, _ = asked
    figure = rs.plots.answers(plain, "Shares", percent=True)
    figure.canvas.draw()
    assert all(label.get_text().endswith(" %") for label in figure.axes[0].get_xticklabels())


def test_what_cannot_be_drawn_is_refused(asked):
    with pytest.raises(TypeError, match="must be Answers"):
        rs.plots.answers([1, 2], "No")
    with pytest.raises(ValueError, match="'x', must be one of lost, customers"):
        rs.plots.answers(asked[0], "No", questions=["x"])

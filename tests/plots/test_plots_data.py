"""What is drawn is what the tables say."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from retsim import plots
from retsim.calibrate.holdout import Tracking
from retsim.experiments.answer import verdict
from retsim.results.measures import MEASURES


def line(figure, panel, label):
    (found,) = [one for one in figure.axes[panel].lines if one.get_label() == label]
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def band(figure, panel, label):
    """Low and high edge at the band's right end."""
    (found,) = [one for one in figure.axes[panel].collections if one.get_label() == label]
    x, y = found.get_paths()[0].vertices.T
    last = y[x == x.max()]
    return last.min(), last.max()


def test_profit_fan_ends_at_the_measured_profits(two, drawn):
    figure = drawn(plots.profit_paths, "two")
    for name, mine in two.runs.groupby("scenario", observed=True):
        profit = mine["discounted_profit"]
        x, y = line(figure, 0, name)
        assert (x[0], y[0], x[-1]) == (0.0, 0.0, 30.0)
        assert y[-1] == pytest.approx(profit.median())
        assert band(figure, 0, f"{name}, 50 %") == pytest.approx(tuple(profit.quantile([0.25, 0.75])))
        assert band(figure, 0, f"{name}, 90 %") == pytest.approx(tuple(profit.quantile([0.05, 0.95])))


def test_difference_panel_ends_at_the_paired_difference(three, drawn):
    figure = drawn(plots.profit_paths, "three")
    table = three.differences("discounted_profit").set_index("scenario")
    for name in three.names[1:]:
        assert line(figure, 1, name)[1][-1] == pytest.approx(table.loc[name, "mean"])
        edges = tuple(table.loc[name, ["low", "high"]])
        assert band(figure, 1, f"{name}, interval") == pytest.approx(edges)


def test_headline_is_the_answer(two, drawn):
    row = two.differences("discounted_profit").iloc[0]
    headline = " ".join(drawn(plots.profit_paths, "two").get_suptitle().split())
    winner = two.names[1] if row["mean"] > 0 else two.names[0]
    mean, *edges = (abs(row[key]) for key in ("mean", "low", "high"))
    low, high = sorted(edges)
    assert row["low"] * row["high"] > 0, "the two strategies differ surely"
    assert headline.startswith(f"{winner} wins: +{mean:,.0f} EUR discounted profit")
    assert f"95 % interval +{low:,.0f} to +{high:,.0f}" in headline
    assert f"in {round(max(row['better'], 1 - row['better']) * 8)} of 8 replications" in headline


def test_unsure_headline(two):
    """A strategy against itself with two replications swapped: mean difference far below its spread."""
    arm = two.arms["retention-led"]
    other = arm.renamed("other")
    first, second = arm.outcomes[0], arm.outcomes[1]
    other.outcomes = arm.outcomes | {0: second._replace(replication=0), 1: first._replace(replication=1)}
    study = type(two)({"retention-led": arm, "other": other}, seed=5, replications=8)
    assert study.differences("customers")["low"].item() <= 0
    profit = study.differences("discounted_profit").iloc[0]
    assert profit["low"] < 0 < profit["high"]
    assert verdict(study, "discounted_profit", "EUR").startswith(("No sure winner", "No difference"))


def test_customers_start_where_the_market_started(run, drawn):
    figure = drawn(plots.customers, "single")
    x, y = line(figure, 0, "retention-led")
    opening = run.cohorts(share=False).iloc[0, 0]
    assert (x[0], y[0]) == (0.0, opening)
    assert y[-1] == run.measures()["customers"]


def test_survival_is_that_of_the_run(run, drawn):
    figure = drawn(plots.survival, "run")
    for firm in run.firms:
        curve = run.survival(firm)
        x, y = line(figure, 0, firm)
        np.testing.assert_array_equal(x, curve["age"])
        np.testing.assert_array_equal(y, curve["survival"])
        assert (np.diff(y) <= 0).all()
        assert band(figure, 0, f"{firm}, interval") == pytest.approx(tuple(curve[["low", "high"]].iloc[-1]))
        assert f"{curve['at_risk'].iloc[0]} {firm}" in " ".join(figure.get_supxlabel().split())


def test_survival_bands_are_those_of_the_replications(three, drawn):
    """The line is of all customers together; the bands say how far the eight replications lie apart, and how sure."""
    figure = drawn(plots.survival, "three")
    for name in three.names:
        mine = three.survival_runs[three.survival_runs["scenario"] == name]
        at = mine.groupby("age")["survival"]
        last = at.mean()[at.count() == 8].index[-1]
        runs = mine[mine["age"] == last]["survival"]
        x, y = line(figure, 0, name)
        assert band(figure, 0, f"{name}, 90 %") == pytest.approx(tuple(runs.quantile([0.05, 0.95])))
        # t(7) = 2.364624.
        half = 2.364624 * runs.std() / np.sqrt(8)
        middle = y[x == last].item()
        assert band(figure, 0, f"{name}, interval") == pytest.approx((middle - half, middle + half), abs=1e-6)
        assert half > 0.003
    caption = " ".join(figure.get_supxlabel().split())
    assert "95 % interval over replications; pale band: the middle 90 % of the replications" in caption
    assert "Greenwood" not in caption


def test_one_replication_has_greenwoods_interval(single, drawn):
    figure = drawn(plots.survival, "single")
    curve = single.survival[single.survival["scenario"] == single.names[0]]
    edges = band(figure, 0, f"{single.names[0]}, interval")
    assert edges == pytest.approx(tuple(curve[["low", "high"]].iloc[-1]))
    assert "Greenwood" in figure.get_supxlabel()


def test_cohort_cells(run, drawn):
    left = run.cohorts(share=False)
    figure = drawn(plots.cohort_retention, "run", months=6)
    (mesh,) = figure.axes[0].collections
    shares = np.ma.filled(mesh.get_array(), np.nan)
    assert shares.shape == (5, 5), "start and four whole groups of cohorts; 6, 12 ... 30 months"
    assert shares[0, 1] == left.loc[0, 12] / left.loc[0, 0]
    assert shares[1, 2] == pytest.approx(left.loc[1:6, 18].sum() / left.loc[1:6, 0].sum())
    # Cohort 12 is 18 periods old at the horizon, so the second group is known that far and no farther.
    assert shares[2, 2] == pytest.approx(left.loc[7:12, 18].sum() / left.loc[7:12, 0].sum())
    assert np.isnan(shares[2, 3])
    printed = [text.get_text() for text in figure.axes[0].texts]
    assert printed == [f"{100 * share:.0f}" for share in shares[~np.isnan(shares)]]


def test_cohort_cells_of_a_study_are_those_of_its_runs(drawn):
    of_study, of_run = (drawn(plots.cohort_retention, kind).axes for kind in ("single", "run"))
    np.testing.assert_array_equal(
        np.ma.filled(of_study[1].collections[0].get_array(), -1.0),
        np.ma.filled(of_run[0].collections[0].get_array(), -1.0),
    )


def test_forces_are_weighted_means(run, drawn):
    figure = drawn(plots.departure_forces, "run")
    ax = figure.axes[0]
    table = run.decisions[run.decisions["firm"] == "focal"]
    labels = [label.get_text() for label in ax.get_yticklabels()]
    bars = {container.get_label(): container for container in ax.containers}
    alert = table[(table["trigger"] == "alert") & ~table["outcome"].isin(["stay", "vanished"])]
    stay = table[table["outcome"] == "stay"]
    for what, mine in (("stayed", stay), ("left after a failure", alert)):
        (row,) = [k for k, label in enumerate(labels) if label.startswith(what)]
        assert labels[row] == f"{what} ({mine['count'].sum()})"
        for force, sign in (("surplus", 1), ("attachment", 1), ("termination", 1), ("opportunity", -1)):
            mean = (mine[force] * mine["count"]).sum() / mine["count"].sum()
            assert bars[force][row].get_width() == pytest.approx(sign * mean)


def test_forces_of_a_study_of_one_run_are_those_of_the_run(drawn):
    widths = [
        [bar.get_width() for bars in ax.containers for bar in bars]
        for ax in (drawn(plots.departure_forces, "single").axes[1], drawn(plots.departure_forces, "run").axes[0])
    ]
    assert widths[0] == pytest.approx(widths[1])


def test_flow_cells(run, drawn):
    figure = drawn(plots.switching_flows, "run")
    (mesh,) = figure.axes[0].collections
    cells = mesh.get_array()
    flows = run.flows().to_numpy(float)
    np.testing.assert_array_equal(np.ma.filled(cells, 0.0), flows)
    assert cells.mask[0, 0], "nobody moves from a firm to itself"
    won, lost = flows[:, 0].sum(), flows[0].sum()
    assert figure.get_suptitle().split("\n")[0] == f"focal: {won:,.0f} won and {lost:,.0f} lost"


def test_forest_positions(two, drawn):
    figure = drawn(plots.differences, "two")
    ax = figure.axes[0]
    means = two.summary().set_index(["scenario", "metric"])["mean"]
    table = two.differences().set_index("metric")
    drawn = {one.get_label().split(": ")[1]: one for one in ax.lines if ": " in one.get_label()}
    for metric in MEASURES:
        base = means[("acquisition-led", metric)]
        if base == 0 or np.isnan(base):
            assert metric not in drawn
            continue
        relative = table.loc[metric, "mean"] / abs(base)
        assert drawn[metric].get_xdata()[0] == pytest.approx(np.clip(relative, -1, 1)), metric
    assert [label.get_text().rstrip(" \u2193") for label in ax.get_yticklabels()] == [
        m.title for m in MEASURES.values()
    ]


def tracking_frame(simulated=False):
    frame = pd.DataFrame(
        {
            "week": [1, 2, 3, 4],
            "actual": [4, 6, 5, 5],
            "expected": [4.0, 5.5, 5.0, 4.0],
            "cumulative_actual": [4, 10, 15, 20],
            "cumulative_expected": [4.0, 9.5, 14.5, 18.5],
            "holdout": [False, False, True, True],
        }
    )
    if simulated:
        for prefix in ("", "cumulative_"):
            for suffix, factor in (("", 1.1), ("_low", 0.8), ("_high", 1.4)):
                frame[f"{prefix}simulated{suffix}"] = frame[f"{prefix}expected"] * factor
    return frame


def test_tracking():
    figure = plots.tracking(tracking_frame(simulated=True))
    headline = " ".join(figure.get_suptitle().split())
    assert headline == (
        "10 repeat purchases in the held-back weeks 3 to 4; the model foresaw 9 (\u221210.0 %), the simulation 10 (\u22121.0 %)"
    )
    np.testing.assert_array_equal(line(figure, 1, "actual")[1], [4, 10, 15, 20])
    assert band(figure, 1, "simulated, 95 %") == pytest.approx((0.8 * 18.5, 1.4 * 18.5))
    assert line(figure, 0, "_holdout")[0][0] == 2.5
    assert "the middle 95 % of the replications of" in " ".join(figure.get_supxlabel().split())


@pytest.mark.parametrize(("n", "words"), [(1, "1 replication of"), (2500, "2,500 replications of")])
def test_tracking_says_how_many_replications_there_were(n, words):
    frame = tracking_frame(simulated=True)
    figure = plots.tracking(Tracking(frame, pd.DataFrame(), "week", n_replications=n))
    assert f"20 repeat purchases in 4 weeks. Band: the middle 95 % of {words} the simulation." in " ".join(
        figure.get_supxlabel().split()
    )


def test_tracking_without_simulation_or_holdout():
    frame = tracking_frame().assign(holdout=False)
    figure = plots.tracking(frame)
    assert "held-back" not in figure.get_suptitle()
    assert not figure.axes[0].collections
    with pytest.raises(TypeError, match="lacks expected"):
        plots.tracking(frame.drop(columns="expected"))
    with pytest.raises(TypeError, match="lacks actual"):
        plots.tracking(3)


def test_digest(two, drawn):
    once, again = (plots.figure_digest(plots.profit_paths(two)) for _ in range(2))
    assert once == again
    assert json.loads(json.dumps(once, allow_nan=False)) == once
    first, second = once["panels"]
    _, y = line(drawn(plots.profit_paths, "two"), 0, "retention-led")
    assert first["lines"]["retention-led"] == [float(f"{y[k]:.4g}") for k in (0, 8, 15, 22, 30)]
    assert set(first["bands"]) == {f"{name}, {width} %" for name in two.names for width in (50, 90)}
    low, high = band(drawn(plots.profit_paths, "two"), 1, "retention-led, interval")
    edges = second["bands"]["retention-led, interval"]
    assert (edges["low"][-1], edges["high"][-1]) == (float(f"{low:.4g}"), float(f"{high:.4g}"))
    assert plots.figure_digest(plots.profit_paths(two.part(["retention-led"]))) != once


def test_digest_of_bars_and_cells(drawn):
    forces = plots.figure_digest(drawn(plots.departure_forces, "run"))
    assert set(forces["panels"][0]["bars"]) == {
        "surplus", "attachment", "sunk", "transaction", "switching", "termination", "opportunity",
    }  # fmt: skip
    assert all(width <= 0 for width in forces["panels"][0]["bars"]["opportunity"])
    cohorts = plots.figure_digest(drawn(plots.cohort_retention, "run"), points=10_000)
    assert len(cohorts["panels"]) == 1, "the colour bar has no data"
    shares = cohorts["panels"][0]["cells"]["shares"]
    assert None in shares
    assert all(0 <= share <= 1 for share in shares if share is not None)

"""What a study says, against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import retsim as rs
from retsim.experiments.arm import Arm
from retsim.experiments.curves import curve_of
from retsim.experiments.replicate import Outcome
from retsim.experiments.study import Study
from retsim.results.cohorts import life_table
from retsim.results.measures import MEASURES


def outcome(name, replication, **values):
    nothing = np.zeros(0, np.int64)
    measures = dict.fromkeys(MEASURES, 0.0) | values
    return Outcome(name, replication, "", measures, np.zeros((1, 1)), nothing, nothing, nothing)


def study_of(scenario, metric="discounted_profit", **values):
    arms = {}
    for name, column in values.items():
        arms[name] = Arm(name, scenario)
        for r, value in enumerate(column):
            if value is not None:
                arms[name].add(outcome(name, r, **{metric: value}))
    return Study(arms, seed=0, replications=max(map(len, values.values())))


@pytest.fixture(scope="module")
def scenario():
    return rs.load("retail")


class TestDifferences:
    def test_by_hand(self, scenario):
        s = study_of(scenario, a=[10.0, 20.0, 30.0, 40.0], b=[11.0, 22.0, 30.0, 45.0])
        row = s.differences("discounted_profit").iloc[0]
        # Differences 1, 2, 0, 5: mean 2, s = 2.160247, t(3) = 3.182446.
        assert (row["scenario"], row["baseline"], row["n"]) == ("b", "a", 4)
        assert row["mean"] == 2.0
        assert row["high"] == pytest.approx(2.0 + 3.182446 * 2.160247 / 2, abs=1e-5)
        assert row["low"] == pytest.approx(2.0 - 3.182446 * 2.160247 / 2, abs=1e-5)
        assert (row["better"], row["ties"]) == (0.75, 0.25)
        # Sums of squares about the means 27 and 25: 614 for b, 500 for a; 14 for the difference.
        assert row["variance_ratio"] == pytest.approx((500 + 614) / 14)
        assert row["correlation"] == pytest.approx(550 / np.sqrt(500 * 614))

    def test_better_is_less_where_less_is_better(self, scenario):
        s = study_of(scenario, "churn_rate", a=[0.02, 0.03], b=[0.01, 0.04])
        row = s.differences("churn_rate").iloc[0]
        assert row["better"] == 0.5
        s = study_of(scenario, "churn_rate", a=[0.02, 0.03], b=[0.01, 0.02])
        assert s.differences("churn_rate")["better"].iloc[0] == 1.0
        assert s.best("churn_rate")["scenario"].iloc[0] == "b"

    def test_one_replication_has_no_interval(self, scenario):
        s = study_of(scenario, a=[10.0], b=[12.0])
        row = s.differences("discounted_profit").iloc[0]
        assert (row["mean"], row["n"], row["better"]) == (2.0, 1, 1.0)
        assert row[["low", "high", "correlation", "variance_ratio"]].isna().all()
        assert s.summary()[["low", "high", "sd"]].isna().all().all()

    def test_only_pairs_count(self, scenario):
        s = study_of(scenario, a=[10.0, 20.0, None, 40.0], b=[11.0, None, 33.0, np.nan])
        row = s.differences("discounted_profit").iloc[0]
        assert (row["mean"], row["n"]) == (1.0, 1)
        assert s.summary().set_index(["scenario", "metric"]).loc[("b", "discounted_profit"), "n"] == 2

    def test_infinite_values_that_are_equal_do_not_differ(self, scenario):
        s = study_of(scenario, "customer_equity", a=[np.inf, 1.0], b=[np.inf, 3.0])
        assert s.differences("customer_equity")["mean"].iloc[0] == 1.0

    def test_baseline_and_metrics_can_be_chosen(self, scenario):
        s = study_of(scenario, a=[1.0, 2.0], b=[3.0, 5.0], c=[0.0, 0.0])
        frame = s.differences(["discounted_profit", "clv"], "b")
        assert list(zip(frame["scenario"], frame["metric"], strict=True)) == [
            ("a", "discounted_profit"), ("a", "clv"), ("c", "discounted_profit"), ("c", "clv")]  # fmt: skip
        assert frame["mean"].iloc[0] == -2.5
        with pytest.raises(ValueError, match="metric = 'happiness', must be one of discounted_profit"):
            s.differences("happiness")
        with pytest.raises(ValueError, match="scenario 'd': not in this study, which has a, b, c"):
            s.differences(baseline="d")
        with pytest.raises(ValueError, match=r"did you mean 0\.9"):
            s.differences(confidence=90)


class TestBest:
    def test_by_hand(self, scenario):
        s = study_of(scenario, a=[1.0, 5.0, 4.0, 0.0], b=[3.0, 5.0, 1.0, 2.0])
        frame = s.best().set_index("scenario")
        # Best are b, both, a, b.
        assert frame.loc["b", "p_best"] == 0.625
        assert frame.loc["a", "p_best"] == 0.375
        assert frame.loc["b", "regret"] == 0.75
        assert frame.loc["a", "regret"] == 1.0
        assert frame.index[0] == "b"


class TestTables:
    def test_runs_and_paths_belong_together(self, study):
        assert len(study.runs) == 24
        assert len(study.paths) == 24 * 24
        last = study.paths[study.paths["period"] == 24].reset_index(drop=True)
        for series, metric in (
            ("active", "customers"), ("cumulative_profit", "profit"), ("market_share", "market_share"),
            ("cumulative_discounted_profit", "discounted_profit"),
        ):  # fmt: skip
            assert np.allclose(last[series], study.runs[metric])
        lost = study.paths.groupby(["scenario", "replication"], observed=True)["lost"].sum()
        assert (lost.to_numpy() == study.runs["lost"].to_numpy()).all()

    def test_summary_is_of_the_runs(self, study):
        row = study.summary().set_index(["scenario", "metric"]).loc[("retention-led", "clv")]
        mine = study.runs[study.runs["scenario"] == "retention-led"]["clv"]
        assert row["mean"] == pytest.approx(mine.mean())
        assert row["median"] == pytest.approx(mine.median())
        assert row["sd"] == pytest.approx(mine.std())
        assert row["low"] < row["mean"] < row["high"]

    def test_sums_over_replications_are_those_of_the_runs(self, pair, study):
        runs = [rs.simulate(pair["retention-led"], seed=3, replication=r) for r in range(12)]
        moved = study.flows[study.flows["scenario"] == "retention-led"].set_index(["from", "to"])["count"]
        for origin in runs[0].firms:
            for end in ("focal", "discounter", "outside", "vanished"):
                mean = np.mean([run.flows().loc[origin, end] for run in runs])
                assert moved.get((origin, end), 0.0) == pytest.approx(mean)
        mine = study.departures[study.departures["scenario"] == "retention-led"]
        left = mine[mine["outcome"] != "stay"]["count"].sum()
        assert left == pytest.approx(study.runs.groupby("scenario", observed=True)["lost"].mean()["retention-led"])
        decided = pd.concat([r.decisions[r.decisions["firm"] == "focal"] for r in runs])
        stayed = decided[decided["outcome"] == "stay"]
        weights = stayed.groupby("trigger", observed=True)["count"].sum()
        means = (stayed["sunk"] * stayed["count"]).groupby(stayed["trigger"], observed=True).sum() / weights
        found = mine[mine["outcome"] == "stay"].set_index("trigger")["sunk"]
        assert np.allclose(found, means[found.index])
        cohorts = study.cohorts[study.cohorts["scenario"] == "retention-led"].set_index(["cohort", "periods"])
        by_hand = sum(run.cohorts(share=False) for run in runs) / 12
        for cohort, age in ((0, 0), (0, 24), (1, 24), (7, 3), (24, 1)):
            assert cohorts.loc[(cohort, age), "customers"] == pytest.approx(by_hand.loc[cohort, age])
        assert (7, 19) not in cohorts.index

    def test_survival_of_each_replication_is_that_of_its_run(self, pair, study):
        for replication in (0, 11):
            run = rs.simulate(pair["retention-led"], seed=3, replication=replication)
            table = study.survival_runs
            mine = table[(table["scenario"] == "retention-led") & (table["replication"] == replication)]
            curve = run.survival()
            assert mine["age"].tolist() == curve["age"].tolist()
            assert mine["survival"].tolist() == curve["survival"].tolist()
            assert mine["at_risk"].tolist() == curve["at_risk"].tolist()
        spread = study.survival_runs.groupby(["scenario", "age"], observed=True)["survival"].std()
        assert spread["retention-led"].iloc[-5:].min() > 0.0

    def test_survival_of_each_replication_is_kept_by_the_month(self, pair):
        weekly = {"keep": pair["retention-led"].with_(period=0.25, horizon=6.0)}
        found = rs.compare(weekly, replications=2, seed=3, workers=1)
        ages = found.survival_runs[found.survival_runs["replication"] == 0]["age"]
        assert ages.tolist() == [0.0, 0.125, 1.125, 2.125, 3.125, 4.125, 5.125]
        assert set(ages) < set(found.survival["age"])

    def test_without_newcomers_a_survival_curve_is_its_start(self):
        curve = curve_of(life_table(np.zeros((0, 5), np.int64), 1.0), 1.0)
        assert (curve.age.tolist(), curve.survival.tolist(), curve.at_risk.tolist()) == ([0.0], [1.0], [0])

    def test_a_part_is_a_study(self, study):
        part = study.part({"keep": "retention-led"})
        assert part.names == ("keep",)
        assert (part.runs["clv"].to_numpy() == study.runs["clv"].to_numpy()[12:]).all()
        assert len(part.differences()) == 0
        with pytest.raises(ValueError, match="'x': not in this study"):
            study.part(["x"])

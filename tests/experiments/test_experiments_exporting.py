"""What leaves the package: tidy, exact, harmless, and readable by what it is meant for."""

from __future__ import annotations

import csv

import numpy as np
import pandas as pd
import pytest

import retsim as rs
from retsim.experiments.exporting import safe

COLUMNS = ["scenario", "replication", "seed", "month", "firm", "segment", "metric", "value"]


@pytest.fixture(scope="module")
def run():
    return rs.simulate(rs.load("retail").with_(customers=300, horizon=24), seed=4, log=True)


class TestTidy:
    def test_of_a_study(self, study):
        frame = rs.tidy(study)
        assert frame.columns.tolist() == COLUMNS
        assert not frame.duplicated(COLUMNS[:-1]).any()
        assert set(frame["firm"]) == {"focal"}
        assert set(frame["segment"]) == {"all"}
        wide = frame.pivot(index=["scenario", "replication"], columns=["metric", "month"], values="value")
        runs = study.runs.set_index(["scenario", "replication"])
        for metric in ("discounted_profit", "clv", "customers"):
            mine = wide[metric, 24.0]
            assert np.allclose(mine.to_numpy(), runs.loc[mine.index, metric].to_numpy(), equal_nan=True)
        path = study.paths[(study.paths["period"] == 7)].set_index(["scenario", "replication"])["active"]
        assert (wide["active", 7.0].to_numpy() == path.loc[wide.index].to_numpy()).all()

    def test_of_a_run(self, run):
        frame = rs.tidy(run)
        assert frame.columns.tolist() == COLUMNS
        assert not frame.duplicated(COLUMNS[:-1]).any()
        mine = frame[(frame["metric"] == "revenue") & (frame["firm"] == "focal")]
        assert mine["value"].sum() == pytest.approx(run.measures()["revenue"])
        assert len(mine) == 24 * len(run.segments)


class TestFiles:
    def test_numbers_come_back_to_the_last_bit(self, study, tmp_path):
        frame = rs.tidy(study)
        with rs.to_csv(frame, tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
            cells = [row[-1] for row in csv.reader(file)][1:]
        values = [float(cell) if cell else np.nan for cell in cells]
        from_csv = pd.read_csv(tmp_path / "x.csv").assign(value=values)
        for back in (from_csv, pd.read_parquet(rs.to_parquet(frame, tmp_path / "x.parquet"))):
            assert back["value"].equals(frame["value"])
            assert back["metric"].astype(str).tolist() == frame["metric"].astype(str).tolist()

    def test_no_text_is_a_formula_and_no_number_is_touched(self, tmp_path):
        evil = ["=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "fine", "a=b", None]
        frame = pd.DataFrame({"=cmd": evil, "n": np.linspace(-5.0, 5.0, 10), "k": range(-5, 5)})
        frame["c"] = pd.Categorical(evil)
        rs.to_csv(frame, tmp_path / "x.csv")
        with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        assert rows[0] == ["'=cmd", "n", "k", "c"]
        for column in (0, 3):
            cells = [row[column] for row in rows[1:]]
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in cells)
            assert cells[7:9] == ["fine", "a=b"]
        assert [float(row[1]) for row in rows[1:]] == frame["n"].tolist()
        assert rows[1][2] == "-5"
        assert frame["=cmd"][0] == "=1+1"
        assert safe(frame)["n"].equals(frame["n"])

    def test_a_file_is_written_whole_or_not_at_all(self, tmp_path, monkeypatch):
        path = tmp_path / "x.csv"
        path.write_text("old")

        def full(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(pd.DataFrame, "to_csv", full)
        with pytest.raises(OSError, match="No space left"):
            rs.to_csv(pd.DataFrame({"a": [1]}), path)
        assert path.read_text() == "old"
        assert [p.name for p in tmp_path.iterdir()] == ["x.csv"]


class TestTransactions:
    def test_every_purchase_is_there_and_nothing_else(self, run):
        log = rs.transactions(run)
        assert log.columns.tolist() == ["customer_id", "date", "amount"]
        assert log["amount"].sum() == pytest.approx(run.measures()["revenue"], abs=1e-3)
        events = run.events
        bought = events[(events["event"] == "occasion") & (events["firm"] == "focal") & (events["amount"] > 0)]
        assert log["customer_id"].tolist() == bought["customer"].tolist()
        assert pd.to_datetime(log["date"]).is_monotonic_increasing
        assert pd.to_datetime(log["date"]).max() <= pd.Timestamp("2020-01-01") + pd.Timedelta(days=731)

    def test_calibrate_reads_it_back(self, run, tmp_path):
        log = rs.transactions(run)
        read = rs.calibrate.read_transactions(rs.to_csv(log, tmp_path / "log.csv"))
        assert (read.report.n_kept, read.report.n_refused, read.n_customers) == (
            len(log), 0, log["customer_id"].nunique())  # fmt: skip

    def test_without_a_log_it_says_so(self):
        bare = rs.simulate(rs.load("retail").with_(customers=20, horizon=2))
        with pytest.raises(ValueError, match="kept no log"):
            rs.transactions(bare)
        logged = rs.simulate(rs.load("retail").with_(customers=20, horizon=2), log=True)
        with pytest.raises(ValueError, match="firm = 'nobody', must be one of"):
            rs.transactions(logged, "nobody")

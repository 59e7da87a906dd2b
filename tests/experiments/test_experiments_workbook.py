"""A study for managers and for researchers: the same figures in a workbook and in labelled arrays, and no formula."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest

import retsim as rs
from retsim.cli import main
from retsim.results.measures import MEASURES

openpyxl = pytest.importorskip("openpyxl")
xr = pytest.importorskip("xarray")
EVIL = ("=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)")


@pytest.fixture(scope="module")
def evil(study):
    """The study under names that a spreadsheet might take for formulas."""
    names = dict(zip(EVIL, [*study.names, *study.names], strict=True))
    return study.part(names)


@pytest.fixture(scope="module")
def book(evil, tmp_path_factory):
    path = rs.to_excel(evil, tmp_path_factory.mktemp("book") / "study.xlsx")
    return path, openpyxl.load_workbook(path)


class TestWorkbook:
    def test_the_answer_stands_first_and_in_words(self, study, tmp_path):
        from retsim.experiments.answer import verdict

        book = openpyxl.load_workbook(rs.to_excel(study, tmp_path / "x.xlsx"))
        assert book.sheetnames == ["Answer", "Means", "Differences", "Choice", "Months", "Runs", "About"]
        assert book["Answer"]["A1"].value == f"{verdict(study, 'discounted_profit', 'EUR')}."
        assert "12 replications of each scenario with the same luck, seed 3" in book["Answer"]["A3"].value
        assert len(book["Answer"]._charts) == 1

    def test_every_number_is_the_study_s(self, evil, book):
        _, book = book
        head, *rows = book["Runs"].iter_rows(values_only=True)
        assert [name.replace(" ", "_") for name in head] == list(evil.runs.columns)
        expected = evil.runs.assign(scenario=evil.runs["scenario"].astype(str))
        assert len(rows) == len(expected) == 48
        for row, wanted in zip(rows, expected.itertuples(index=False, name=None), strict=True):
            assert row[0] == wanted[0]
            found = np.array([np.nan if x is None else x for x in row[1:]], float)
            # A cell has 16 digits.
            assert np.allclose(found, np.array(wanted[1:], float), rtol=1e-15, atol=0.0, equal_nan=True)
        means = {(r[0], r[1]): r[3] for r in book["Means"].iter_rows(min_row=2, values_only=True)}
        summary = evil.summary()
        assert means.keys() == set(zip(summary["scenario"].astype(str), summary["metric"], strict=True))
        months = list(book["Months"].iter_rows(values_only=True))
        assert months[0] == ("month", *EVIL)
        profit = evil.paths[(evil.paths["scenario"] == EVIL[0]) & (evil.paths["period"] == 24)]
        assert months[24][1] == pytest.approx(profit["cumulative_discounted_profit"].mean())

    def test_no_text_is_a_formula(self, book):
        path, book = book
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert {cell.data_type for cell in cells} <= {"s", "n"}
        assert sum(cell.value in EVIL for cell in cells) > 48
        with zipfile.ZipFile(path) as parts:
            sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
        assert len(sheets) == 7
        assert not any("<f>" in text or "<f " in text or "<hyperlink" in text for text in sheets)

    def test_a_study_of_one_scenario_has_nothing_to_compare(self, study, tmp_path):
        book = openpyxl.load_workbook(rs.to_excel(study.part(["retention-led"]), tmp_path / "x.xlsx"))
        assert "Differences" not in book.sheetnames


class TestArrays:
    def test_series_and_measures_are_in_their_places(self, study):
        data = study.to_xarray()
        assert dict(data.sizes) == {"scenario": 2, "replication": 12, "month": 24}
        row = study.paths.iloc[100]
        there = data.sel(scenario=row["scenario"], replication=row["replication"], month=row["time"])
        assert float(there["active"]) == row["active"]
        assert float(there["cash"]) == row["cash"]
        runs = study.runs.iloc[17]
        for name in MEASURES:
            found = float(data[f"measure_{name}" if "month" in data.get(name, data["active"]).dims else name].sel(
                scenario=runs["scenario"], replication=runs["replication"]))  # fmt: skip
            assert found == pytest.approx(runs[name], nan_ok=True, rel=0, abs=0), name
        assert data["discounted_profit"].attrs == {"long_name": "discounted profit", "units": "EUR"}
        assert data["active"].attrs["units"] == "customers"

    def test_what_is_missing_is_empty(self, pair):
        short = pair["retention-led"].with_(horizon=6)
        study = rs.compare({"long": pair["acquisition-led"], "short": short}, replications=2, workers=1)
        del study.arms["short"].outcomes[1]
        data = study.to_xarray()
        assert data.sizes["month"] == 24
        assert np.isnan(data["profit"].sel(scenario="short", month=24.0)).all()
        assert np.isnan(data["profit"].sel(scenario="short", replication=1)).all()
        assert not np.isnan(data["profit"].sel(scenario="short", replication=0, month=6.0))

    def test_it_comes_back_from_a_file(self, study, tmp_path):
        from retsim.experiments.arrays import to_netcdf

        with xr.open_dataset(to_netcdf(study, tmp_path / "study.nc"), engine="scipy") as back:
            mine = study.to_xarray()
            assert back["scenario"].values.astype(str).tolist() == list(study.names)
            assert back["profit"].values.tobytes() == mine["profit"].values.tobytes()
            assert back["profit"].attrs == mine["profit"].attrs


@pytest.fixture(scope="module")
def kept(pair, tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    rs.compare(pair, replications=2, seed=3, workers=1, folder=folder)
    return folder


class TestCommand:
    @pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "nc"])
    def test_a_kept_study_is_written_by_the_ending_of_the_file(self, kept, tmp_path, capsys, ending):
        path = tmp_path / "new" / f"study.{ending}"
        assert main(["export", str(kept), "--to", str(path)]) == 0
        assert f"written: {path}; 4 runs planned = 4 done + 0 failed + 0 pending" in capsys.readouterr().out
        assert [p.name for p in path.parent.iterdir()] == [path.name]
        assert path.stat().st_size > 1000

    def test_what_cannot_be_is_refused(self, kept, tmp_path, capsys):
        assert main(["export", str(kept), "--to", str(tmp_path / "x.xls")]) == 2
        assert "ends in '.xls', must end in one of .csv, .parquet, .xlsx, .nc" in capsys.readouterr().err
        assert main(["export", str(tmp_path), "--to", str(tmp_path / "x.csv")]) == 2
        assert "holds no results.sqlite" in capsys.readouterr().err
        assert list(tmp_path.iterdir()) == []

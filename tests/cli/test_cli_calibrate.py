"""`retsim calibrate`: a scenario out of a log, held against the log, and never over something else."""

import contextlib
import hashlib
import io
import json
from pathlib import Path

import pandas as pd
import pytest

import retsim as rs
from retsim.calibrate import fit_bgnbd, fit_gammagamma, read_transactions, scenario_from, summarise, tracked
from retsim.cli import main

CDNOW = Path(__file__).parents[2] / "data" / "CDNOW_sample.txt.gz"
CUTOFF = ["--cutoff", "1997-09-30"]
FILES = {"shop.toml", "tracking.csv", "tracking.parquet", "tracking.png", "tracking.svg", "manifest.json"}


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """Every sixth customer of CDNOW, as a CSV."""
    days = read_transactions(CDNOW).days
    names = sorted(days["customer"].unique())[::6]
    path = tmp_path_factory.mktemp("log") / "shop.csv"
    days[days["customer"].isin(names)].to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def made(log, tmp_path_factory):
    """A folder with a finished calibration, and what was printed."""
    folder = tmp_path_factory.mktemp("made") / "new" / "shop"
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = main(["calibrate", str(log), *CUTOFF, "--out", str(folder), "--replications", "10",
                     "--assume", "currency=USD", "--assume", "avoidable_attrition=0.25"])  # fmt: skip
    assert code == 0
    return folder, printed.getvalue()


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class TestWritten:
    def test_all_files_and_their_digests(self, made, log):
        folder, _ = made
        assert {path.name for path in folder.iterdir()} == FILES
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest["format"] == "retsim calibration 1"
        assert manifest["log_digest"] == hashlib.sha256(log.read_bytes()).hexdigest()
        for name, digest in manifest["files"].items():
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        assert set(manifest["files"]) == FILES - {"manifest.json"}
        assert (folder / "tracking.png").read_bytes()[:4] == b"\x89PNG"

    def test_the_scenario_is_that_of_the_library(self, made, log):
        scenario = rs.load(made[0] / "shop.toml")
        summary = summarise(read_transactions(log), cutoff="1997-09-30")
        assumed = rs.calibrate.Assumptions(currency="USD", avoidable_attrition=0.25)
        bgnbd, gammagamma = fit_bgnbd(summary), fit_gammagamma(summary)
        again = scenario_from(summary, bgnbd, gammagamma, name="shop", assumptions=assumed)
        assert scenario.digest() == again.digest()
        found = tracked(again, summary, bgnbd, replications=10)
        table = pd.read_parquet(made[0] / "tracking.parquet")
        pd.testing.assert_frame_equal(table, found.tracking.frame)
        pd.testing.assert_frame_equal(pd.read_csv(made[0] / "tracking.csv"), table, check_dtype=False)

    def test_the_answer_comes_first_and_is_in_the_manifest(self, made):
        folder, printed = made
        answer = json.loads((folder / "manifest.json").read_text())["answer"]
        table = pd.read_parquet(folder / "tracking.parquet")
        held = table[table["holdout"]]
        last = table["week"].iloc[-1]
        assert (answer["first"], answer["last"]) == (40, last)
        assert answer["actual"] == held["actual"].sum()
        assert answer["simulated"] == pytest.approx(held["simulated"].sum())
        assert answer["low"] <= answer["simulated"] <= answer["high"]
        lines = printed.splitlines()
        assert lines[2].startswith(
            f"In weeks 40 to {last}, which no fit has seen, simulated customers made {answer['simulated']:,.0f} "
            f"repeat purchases, the real ones {answer['actual']:,} (middle 95 % of 10 runs: "
        )
        weeks = [line.split()[0] for line in lines if "fitted  " in line or "held back  " in line][-8:]
        assert {"13", "26", "39", "52", "65", str(last)} <= set(weeks)
        assert lines[-1].startswith(f"Next: retsim compare {folder / 'shop.toml'}")

    def test_it_can_be_compared(self, made, retsim):
        code, out, err = retsim(
            "compare", made[0] / "shop.toml", "--set", "horizon=6", "--replications", 3, "--workers", 1, "--json"
        )
        assert (code, err) == (0, "")
        (found,) = json.loads(out)["comparisons"]
        assert set(found["scenarios"]) == {"acquisition-led", "retention-led"}

    def test_again_over_the_old_one_and_as_json(self, made, log, retsim, tmp_path):
        folder = tmp_path / "shop"
        arguments = ["calibrate", log, *CUTOFF, "--out", folder, "--replications", 2, "--json"]
        code, out, err = retsim(*arguments)
        assert (code, err) == (0, "")
        found = json.loads(out)
        assert [Path(path).name for path in found["written"]] == [*sorted(FILES - {"manifest.json"}), "manifest.json"]
        assert found["scenario"]["digest"] == rs.load(folder / "shop.toml").digest()
        before = content(folder)
        assert retsim(*arguments, "--assume", "gross_margin=0.5")[0] == 0
        after = content(folder)
        assert after["shop.toml"] != before["shop.toml"]
        assert after["tracking.csv"] == before["tracking.csv"]


class TestRefusals:
    @pytest.fixture(autouse=True)
    def no_work(self, monkeypatch):
        monkeypatch.setattr("retsim.calibrate.fit_paretonbd", lambda *_: pytest.fail("it fitted"), raising=False)

    def test_a_changed_scenario_is_not_overwritten(self, made, log, retsim, tmp_path):
        folder = tmp_path / "shop"
        folder.mkdir()
        for name, was in content(made[0]).items():
            (folder / name).write_bytes(was)
        with (folder / "shop.toml").open("a") as file:
            file.write("# mine\n")
        before = content(folder)
        code, out, err = retsim("calibrate", log, *CUTOFF, "--out", folder)
        assert (code, out) == (2, "")
        assert "shop.toml: was changed since it was written" in err
        assert content(folder) == before

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("tracking.csv", "mine", "tracking.csv: is there already"),
            ("shop.toml", "mine", "shop.toml: is there already"),
            ("manifest.json", '{"format": "retsim study 1"}', "manifest.json: format = 'retsim study 1'"),
            ("manifest.json", "[" * 100_000, "manifest.json: format = None"),
        ],
    )
    def test_what_something_else_wrote_stays(self, log, retsim, tmp_path, name, text, words):
        (tmp_path / name).write_text(text)
        code, out, err = retsim("calibrate", log, *CUTOFF, "--out", tmp_path)
        assert (code, out) == (2, "")
        assert words in err
        assert content(tmp_path) == {name: text.encode()}

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["--name", "../shop", "--out", "x"], "--name '../shop': must be letters"),
            (
                ["--assume", "margin=0.2", "--out", "x"],
                "--assume margin=0.2: must be KEY=VALUE with a KEY of avoidable",
            ),
            (["--assume", "gross_margin=half", "--out", "x"], "'half' is no number"),
            (["--assume", "gross_margin=30", "--out", "x"], "gross_margin = 30.0, must lie in 0.06..1"),
            (["--name", "shop"], "needs --out DIR"),
            (["--replications", "1", "--out", "x"], "from 2 to"),
            (["--cutoff", "yesterday", "--out", "x"], "cutoff = 'yesterday'"),
            (["--cutoff", "1990-01-01", "--out", "x"], "nobody had bought by then"),
            (["--amount", "price", "--out", "x"], "price"),
        ],
    )
    def test_wrong_arguments(self, log, retsim, tmp_path, monkeypatch, arguments, words):
        monkeypatch.chdir(tmp_path)
        code, out, err = retsim("calibrate", log, *arguments)
        assert (code, out) == (2, "")
        assert words in err
        assert len(err.strip().splitlines()) == 1
        assert list(tmp_path.iterdir()) == []

"""Saved studies: whole or not at all, never over something else, and every run can be made again."""

from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

import retsim as rs
from retsim.experiments import saving
from retsim.experiments.manifest import ManifestError, NotReproducedError


@pytest.fixture
def small(pair):
    return rs.compare(pair, replications=2, seed=3, workers=1)


@pytest.fixture
def saved(small, tmp_path):
    return small.save(tmp_path / "study", command=["retsim", "compare"])


def rewrite(manifest, change):
    content = json.loads(manifest.read_text(encoding="utf-8"))
    change(content)
    manifest.write_text(json.dumps(content), encoding="utf-8")


class TestSave:
    def test_tables_are_those_of_the_study(self, small, saved):
        for name in saving.TABLES:
            found = pd.read_parquet(saved.parent / f"{name}.parquet")
            pd.testing.assert_frame_equal(found, getattr(small, name), check_dtype=False, check_categorical=False)
        assert len(pd.read_parquet(saved.parent / "differences.parquet")) == len(rs.MEASURES)

    def test_manifest_says_where_the_numbers_come_from(self, small, saved):
        content = json.loads(saved.read_text(encoding="utf-8"))
        assert content["command"] == ["retsim", "compare"]
        assert (content["seed"], content["replications"], content["failed"]) == (3, 2, [])
        assert {"python", "retsim", "numpy", "numba"} <= set(content["versions"])
        assert len(content["sources_digest"]) == 24
        assert content["stream_version"] >= 1
        for name, scenario in small.scenarios.items():
            assert content["scenarios"][name]["digest"] == scenario.digest()
            assert content["scenarios"][name]["parameters"]["firm"]["price"] == scenario.firm.price
            assert set(content["runs"][name]) == {"0", "1"}
        for name, digest in content["files"].items():
            assert hashlib.sha256((saved.parent / name).read_bytes()).hexdigest() == digest
        again = rs.load(saved.parent / "scenarios" / "2-retention-led.toml")
        assert again.digest() == small.scenarios["retention-led"].digest()

    def test_an_older_study_is_replaced_and_other_files_stay(self, small, saved):
        folder = saved.parent
        (folder / "notes.txt").write_text("mine")
        small.part(["retention-led"]).save(folder)
        assert (folder / "notes.txt").read_text() == "mine"
        assert sorted(p.name for p in (folder / "scenarios").iterdir()) == ["1-retention-led.toml"]
        assert list(json.loads(saved.read_text())["scenarios"]) == ["retention-led"]

    def test_what_is_not_a_study_is_never_overwritten(self, small, tmp_path):
        mine = tmp_path / "runs.parquet"
        mine.write_text("mine")
        with pytest.raises(FileExistsError, match=r"holds runs\.parquet, which no study there wrote"):
            small.save(tmp_path)
        (tmp_path / "other").mkdir()
        other = tmp_path / "other" / "manifest.json"
        other.write_text('{"name": "a web page"}')
        with pytest.raises(FileExistsError, match="must be 'retsim study 1'; choose another folder"):
            small.save(tmp_path / "other")
        with pytest.raises(FileExistsError, match="is a file"):
            small.save(mine)
        assert mine.read_text() == "mine"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["other", "runs.parquet"]
        assert [p.name for p in (tmp_path / "other").iterdir()] == ["manifest.json"]

    def test_a_failure_on_the_way_leaves_the_old_study(self, small, saved, monkeypatch):
        before = {p: p.read_bytes() for p in saved.parent.rglob("*") if p.is_file()}

        def full_disk(*_):
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space left"):
            small.part(["retention-led"]).save(saved.parent, extra=full_disk)
        monkeypatch.setattr(saving, "_flush", full_disk)
        with pytest.raises(OSError, match="No space left"):
            small.part(["retention-led"]).save(saved.parent)
        assert {p: p.read_bytes() for p in saved.parent.rglob("*") if p.is_file()} == before

    def test_extra_files_belong_to_the_study(self, small, tmp_path):
        def draw(study, folder):
            (folder / "picture.svg").write_text(f"<svg>{len(study.runs)}</svg>")

        manifest = small.save(tmp_path, extra=draw)
        assert (tmp_path / "picture.svg").read_text() == "<svg>4</svg>"
        assert "picture.svg" in json.loads(manifest.read_text())["files"]
        small.save(tmp_path)
        assert not (tmp_path / "picture.svg").exists()

    def test_a_manifest_cannot_make_files_vanish_elsewhere(self, small, tmp_path):
        outside = tmp_path / "outside.txt"
        outside.write_text("mine")
        manifest = small.save(tmp_path / "study")
        rewrite(manifest, lambda content: content["files"].update({"../outside.txt": "0"}))
        small.save(tmp_path / "study")
        assert outside.read_text() == "mine"


class TestRerun:
    def test_makes_the_recorded_run(self, pair, saved):
        run = rs.rerun(saved, "retention-led", 1)
        assert run.digest() == rs.simulate(pair["retention-led"], seed=3, replication=1).digest()
        assert rs.rerun(saved.parent, "acquisition-led", 0).replication == 0

    def test_a_run_that_differs_is_refused_and_says_what_else_does(self, saved):
        def change(content):
            content["runs"]["retention-led"]["1"] = "0" * 64
            content["versions"]["numba"] = "0.1"

        rewrite(saved, change)
        with pytest.raises(NotReproducedError, match=r"replication 1: digest .*versions.numba .* \(recorded 0\.1\)"):
            rs.rerun(saved, "retention-led", 1)

    def test_a_changed_scenario_is_found(self, saved):
        def change(content):
            entry = content["scenarios"]["retention-led"]
            entry["toml"] = entry["toml"].replace("price = 30.0", "price = 31.0")

        rewrite(saved, change)
        with pytest.raises(ManifestError, match="the text does not give the recorded digest"):
            rs.rerun(saved, "retention-led", 0)

    def test_what_is_not_there(self, saved, tmp_path):
        with pytest.raises(ManifestError, match="scenario = 'x', must be one of acquisition-led, retention-led"):
            rs.rerun(saved, "x", 0)
        with pytest.raises(ManifestError, match="replication = 2: no such run"):
            rs.rerun(saved, "retention-led", 2)
        with pytest.raises(ManifestError, match="cannot be read"):
            rs.rerun(tmp_path / "nowhere.json", "x", 0)
        (tmp_path / "bad.json").write_text("{")
        with pytest.raises(ManifestError, match="is no JSON"):
            rs.rerun(tmp_path / "bad.json", "x", 0)
        (tmp_path / "list.json").write_text("[]")
        with pytest.raises(ManifestError, match="format = 'list'"):
            rs.rerun(tmp_path / "list.json", "x", 0)

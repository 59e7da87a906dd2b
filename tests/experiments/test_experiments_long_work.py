"""Long work from the command line, and runs that never end or need too much."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

import retsim as rs
from retsim.cli import main
from retsim.experiments import making
from retsim.experiments.replicate import attempt

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs signals of POSIX")


def digests(study):
    return {(arm.name, o.replication): o.digest for arm in study.arms.values() for o in arm.in_order()}


class TestLimits:
    @posix
    def test_a_hanging_run_is_recorded_and_the_rest_goes_on(self, pair, tmp_path):
        small = pair["retention-led"].with_(customers=50, horizon=6)
        crowd = small.with_(customers=3_000_000, horizon=120)
        study = rs.compare(
            {"small": small, "crowd": crowd}, replications=2, folder=tmp_path, workers=rs.Workers(2, limit=3.0)
        )
        assert {(f.scenario, f.replication) for f in study.failures} == {("crowd", 0), ("crowd", 1)}
        assert all(f.reason == "took longer than 3 seconds, twice" for f in study.failures)
        assert len(study.arms["small"]) == 2
        again = rs.open_study(tmp_path)
        assert again.failures == study.failures
        assert digests(again) == digests(study)

    @pytest.mark.skipif(sys.platform != "linux", reason="the limit of the address space is kept on Linux")
    def test_a_run_that_eats_memory_is_recorded_and_the_rest_goes_on(self, pair):
        small = pair["retention-led"].with_(customers=50, horizon=6)
        crowd = small.with_(customers=20_000_000)
        study = rs.compare({"small": small, "crowd": crowd}, replications=1, workers=rs.Workers(1, memory=4.0))
        assert [f.scenario for f in study.failures] == ["crowd"]
        assert "Memory" in study.failures[0].reason
        assert len(study.arms["small"]) == 1

    def test_senseless_limits_are_refused(self, pair):
        with pytest.raises(ValueError, match=r"workers\.limit = -1, must be a number above 0 \(seconds a run\)"):
            rs.compare(pair, workers=rs.Workers(2, limit=-1))


SMALL = ["--set", "customers=200", "--set", "horizon=12", "--strategy", "acquisition-led", "--strategy", "even"]


def kept_in(folder):
    """Runs that a folder has, whether or not a study has begun there."""
    try:
        return len(digests(rs.open_study(folder)))
    except FileNotFoundError:
        return 0


class TestCommand:
    def test_a_study_is_kept_and_counted(self, tmp_path, capsys):
        folder = str(tmp_path / "study")
        assert main(["compare", "telecom", *SMALL, "--replications", "3", "--study", folder]) == 0
        assert f"kept: {folder}; 6 runs planned = 6 done + 0 failed + 0 pending" in capsys.readouterr().out
        assert main(["compare", "telecom", *SMALL, "--replications", "3", "--study", folder, "--json"]) == 0
        first = json.loads(capsys.readouterr().out)
        assert main(["compare", "telecom", *SMALL, "--replications", "3", "--json"]) == 0
        assert json.loads(capsys.readouterr().out) == first

    def test_failed_runs_are_named_and_the_exit_code_is_3(self, tmp_path, capsys, monkeypatch):
        def broken(scenario, task, settings):
            if task.replication == 1:
                return making.Failure(*task, "ValueError: no luck")
            return attempt(scenario, task, settings)

        monkeypatch.setattr(making, "attempt", broken)
        command = ["compare", "telecom", *SMALL, "--replications", "3", "--workers", "1", "--study", str(tmp_path)]
        assert main(command) == 3
        text = capsys.readouterr()
        assert "failed: telecom/even, replication 1: ValueError: no luck" in text.err
        assert "6 runs planned = 4 done + 2 failed + 0 pending" in text.out
        monkeypatch.undo()
        assert main(command) == 0
        assert "6 done + 0 failed" in capsys.readouterr().out

    @posix
    def test_an_interrupt_says_how_to_go_on(self, tmp_path):
        command = [sys.executable, "-m", "retsim", "compare", "telecom", *SMALL[2:], "--set", "customers=200",
                   "--replications", "100000", "--workers", "1", "--study", "kept"]  # fmt: skip
        process = subprocess.Popen(
            command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and kept_in(tmp_path / "kept") < 4:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert "interrupted; the runs made so far are kept in kept; the same command goes on" in process.stderr.read()
        assert len(digests(rs.open_study(tmp_path / "kept"))) > 3

    def test_precision_is_told(self, capsys):
        assert main(["compare", "telecom", *SMALL, "--precision", "0.5", "--at-most", "25"]) == 0
        assert "50 % was asked for" in capsys.readouterr().out
        assert main(["compare", "telecom", "saas", "--precision", "0.5"]) == 2
        assert "is about one comparison, not 2" in capsys.readouterr().err
        assert main(["run", "telecom", "--precision", "5"]) == 2
        assert "did you mean 0.05?" in capsys.readouterr().err
        assert main(["run", "telecom", "--at-most", "50"]) == 2
        assert "is a ceiling for --precision" in capsys.readouterr().err

"""Long work from the command line, and runs that never end or need too much."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys

import evil_strategies
import pandas as pd
import pytest
from processes import started, wait_until

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

    @pytest.mark.skipif(sys.platform != "linux", reason="the limit of the address space is kept on Linux")
    @pytest.mark.parametrize("n", [40, pytest.param(1000, marks=pytest.mark.verify)])
    def test_of_many_runs_the_three_evil_ones_are_named_and_the_others_made(self, n):
        """One that kills its worker, one that never ends, one that wants more memory than there is."""
        tiny = rs.load("retail").with_(customers=5, horizon=1, strategy="acquisition-led")
        names = ["crash", "hang", "eat", *(f"good {k}" for k in range(n - 3))]
        evil = {name: getattr(evil_strategies, name) for name in names[:3]}
        study = rs.compare(
            dict.fromkeys(names, tiny), replications=1, strategy=evil, workers=rs.Workers(2, limit=4.0, memory=4.0)
        )
        assert study.counts == (n, n - 3, 3, 0)
        reasons = {failure.scenario: failure.reason for failure in study.failures}
        assert reasons.keys() == evil.keys()
        assert "killed by SIGKILL" in reasons["crash"]
        assert reasons["hang"] == "took longer than 4 seconds, twice"
        assert "MemoryError" in reasons["eat"]
        expected = rs.simulate(tiny).digest()
        assert {digest for (_, _), digest in digests(study).items()} == {expected}

    def test_senseless_limits_are_refused(self, pair):
        with pytest.raises(ValueError, match=r"workers\.limit = -1, must be a number above 0 \(seconds a run\)"):
            rs.compare(pair, workers=rs.Workers(2, limit=-1))


SMALL = [
    "--set",
    "customers=200",
    "--set",
    "horizon=12",
    "--strategy",
    "acquisition-led",
    "--strategy",
    "even",
]


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
        command = ["compare", "telecom", *SMALL[2:], "--set", "customers=200", "--replications", "100000", "--workers", "1",
                   "--study", "kept"]  # fmt: skip
        process = started(
            "-m", "retsim", *command, cwd=tmp_path, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        try:
            wait_until(lambda: kept_in(tmp_path / "kept") >= 4, seconds=120)
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=60) == 130
        finally:
            process.kill()
        said = process.stderr.read()
        assert "interrupted; the runs made so far are kept in kept; the same command goes on from there:" in said
        assert said.splitlines()[-1] == shlex.join(["retsim", *command])
        assert len(digests(rs.open_study(tmp_path / "kept"))) > 3

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root mounts a small disk")
    def test_a_full_disk_keeps_what_there_is_and_the_same_command_goes_on(self, tmp_path, capsys):
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=240k", "none", str(tmp_path)], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("no disk can be mounted here")
        command = ["compare", "telecom", *SMALL, "--replications", "20", "--workers", "1"]
        try:
            assert main([*command, "--study", str(tmp_path / "kept")]) == 1
            said = capsys.readouterr().err
            assert "results.sqlite" in said
            assert "bytes are free there" in said
            assert "the same command goes on" in said
            subprocess.run(["mount", "-o", "remount,size=9m", str(tmp_path)], check=True)
            before = kept_in(tmp_path / "kept")
            assert 0 < before < 40
            assert main([*command, "--study", str(tmp_path / "kept")]) == 0
            assert "40 runs planned = 40 done + 0 failed + 0 pending" in capsys.readouterr().out
            kept = rs.open_study(tmp_path / "kept")
            found = kept.runs
        finally:
            subprocess.run(["umount", str(tmp_path)], check=True)
        scenarios = {name: arm.scenario for name, arm in kept.arms.items()}
        pd.testing.assert_frame_equal(found, rs.compare(scenarios, replications=20, workers=1).runs)

    def test_precision_is_told(self, capsys):
        assert main(["compare", "telecom", *SMALL, "--precision", "0.5", "--at-most", "25"]) == 0
        assert "50 % was asked for" in capsys.readouterr().out
        assert main(["compare", "telecom", "saas", "--precision", "0.5"]) == 2
        assert "is about one comparison, not 2" in capsys.readouterr().err
        assert main(["run", "telecom", "--precision", "5"]) == 2
        assert "did you mean 0.05?" in capsys.readouterr().err
        assert main(["run", "telecom", "--at-most", "50"]) == 2
        assert "is a ceiling for --precision" in capsys.readouterr().err

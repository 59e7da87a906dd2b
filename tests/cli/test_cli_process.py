"""The command line as a process of its own: start-up, pipes, interrupts, nothing left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import ENVIRONMENT, end_session, members_of, started, wait_until

SMALL = ["--set", "customers=200", "--set", "horizon=12"]


def retsim(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "retsim", *arguments],
        env=ENVIRONMENT, capture_output=True, text=True, timeout=300, check=False, **options,
    )  # fmt: skip


def imported(*arguments):
    """Modules that a command imports."""
    code = f"import sys; from retsim.cli import main\ntry: main({list(arguments)!r})\nexcept SystemExit: pass\n"
    code += "print(*sys.modules, file=sys.stderr)"
    found = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    return set(found.stderr.split())


def test_help_and_import_load_nothing_heavy():
    heavy = {"numpy", "scipy", "pandas", "numba", "matplotlib", "pydantic", "pyarrow", "tqdm", "simpy"}
    assert not heavy & imported("--help")
    assert not heavy & imported("compare", "--help")
    code = "import sys, retsim; dir(retsim); print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)
    assert not heavy & set(found.stdout.split())


def test_looking_does_not_compile():
    assert not {"numba", "pandas", "matplotlib"} & imported("show", "telecom")


def test_json_is_all_there_is_on_stdout_and_stderr_is_silent(tmp_path):
    found = retsim("compare", "retail", *SMALL, "--replications", "2", "--json", cwd=tmp_path)
    assert found.returncode == 0
    assert json.loads(found.stdout)["comparisons"][0]["replications"] == 2
    assert found.stderr == ""
    assert list(tmp_path.iterdir()) == []


def test_wrong_input_is_exit_code_2_in_a_process_too(tmp_path):
    (tmp_path / "bad.toml").write_text('extends = "retail"\ncustomers = -5\n')
    found = retsim("run", "bad.toml", "--out", "results", cwd=tmp_path)
    assert found.returncode == 2
    assert found.stdout == ""
    assert "bad.toml, line 2: customers = -5, must lie in" in found.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["bad.toml"]


def test_a_reader_who_has_seen_enough_is_no_error():
    command = f'"{sys.executable}" -m retsim show telecom | head -n 1'
    found = subprocess.run(command, shell=True, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert found.stderr == ""
    assert found.stdout.startswith("telecom")


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")
def test_an_interrupt_ends_everything_at_once(tmp_path):
    process = started(
        "-m", "retsim", "compare", "telecom", "--replications", "100000", "--workers", "2", "--out", "results",
        cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        # Main process, its resource tracker, the fork server and two workers.
        wait_until(lambda: len(members_of(process.pid)) >= 5, seconds=120)
        time.sleep(1.0)
        os.killpg(process.pid, signal.SIGINT)
        # The runs that are left would take hours; how soon it really ends is for the benchmark to say.
        out, err = process.communicate(timeout=120)
        assert process.returncode == 130
        assert out == b""
        assert err.decode().strip().splitlines()[-1] == "retsim: interrupted; nothing was written"
        wait_until(lambda: not members_of(process.pid), seconds=20)
        assert list(tmp_path.iterdir()) == []
    finally:
        end_session(process.pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the process table of Linux")
def test_workers_end_with_the_program_in_the_midst_of_a_run():
    code = (
        "import retsim as rs; s = rs.load('telecom').with_(customers=3_000_000, horizon=120, strategy='even')\n"
        # With a limit all runs are made in workers, where each of these takes minutes.
        "rs.compare({'crowd': s}, replications=9, workers=rs.Workers(2, limit=3000.0))"
    )
    process = started("-c", code, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: len(members_of(process.pid)) >= 5, seconds=120)
        time.sleep(1.0)
        process.kill()
        process.wait()
        wait_until(lambda: not members_of(process.pid), seconds=60)
    finally:
        end_session(process.pid)

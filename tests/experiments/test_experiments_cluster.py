"""A real Dask cluster of several processes on this machine: the same bits, and whatever dies, nothing lost or twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from contextlib import contextmanager

import pandas as pd
import pytest
from processes import end_session, started, wait_until

import retsim as rs
from retsim.experiments import cluster as room

pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs signals of POSIX")
DEATHS = 0
"""Workers that a batch may lose before Dask gives it up; its own default is 3, and each takes seconds to start again."""


@pytest.fixture(scope="module")
def dask():
    """Scheduler and two worker processes with their nannies, seen from this machine only."""
    import dask
    from distributed import LocalCluster

    quiet = {"distributed.scheduler.allowed-failures": DEATHS, "distributed.admin.low-level-log-length": 0}
    with (
        dask.config.set(quiet),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None,
            worker_dashboard_address=None, silence_logs=50,
        ) as found,
    ):  # fmt: skip
        yield found


@pytest.fixture
def place(dask):
    return dask.scheduler_address


def digests(study):
    return {(arm.name, o.replication): o.digest for arm in study.arms.values() for o in arm.in_order()}


def assert_same(one, other):
    for name in ("runs", "paths", "departures", "flows", "survival", "survival_runs", "cohorts"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert digests(one) == digests(other)


class TestSameBits:
    def test_a_cluster_makes_the_same_study(self, pair, study, place):
        told = []
        other = rs.compare(pair, replications=12, seed=3, workers=place, progress=lambda *n: told.append(n))
        assert_same(study, other)
        assert told == [(n, 24) for n in range(1, 25)]

    def test_it_is_seen_from_this_machine_only(self, dask):
        import psutil

        pids = [os.getpid(), *(worker.process.process.pid for worker in dask.workers.values())]
        listening = [
            c.laddr for pid in pids for c in psutil.Process(pid).net_connections("inet") if c.status == "LISTEN"
        ]
        assert len(listening) >= 3
        assert {address.ip for address in listening} == {"127.0.0.1"}

    def test_a_strategy_of_a_cell_is_sent(self, pair, place):
        less = 0.25

        def cautious(_):
            return rs.Plan(retention_share=less)

        one = {"one": pair["retention-led"]}
        here = rs.compare(one, replications=2, strategy=cautious, workers=1)
        assert_same(here, rs.compare(one, replications=2, strategy=cautious, workers=place))
        assert digests(here) != digests(rs.compare(one, replications=2, workers=1))

    def test_what_fails_there_is_named(self, pair, place):
        def unlucky(_):
            raise ArithmeticError("no luck")

        study = rs.compare(pair, replications=2, strategy={"retention-led": unlucky}, workers=place)
        assert study.counts == (4, 2, 2, 0)
        assert {failure.reason for failure in study.failures} == {"ArithmeticError: no luck"}


class TestRefused:
    def test_a_worker_of_another_program(self, pair, place, monkeypatch):
        mine = room._proof()
        there = mine._replace(code="other", parts=mine.parts | {"numba": "9.9"})
        monkeypatch.setattr(room, "_proof", lambda: there)
        with pytest.raises(rs.ClusterError, match=r"worker tcp://127.* is another program: numba .* \(there 9\.9\)"):
            rs.compare(pair, replications=2, workers=place)

    def test_a_worker_that_computes_other_bits(self, pair, place, monkeypatch):
        other = room._proof()._replace(digest="other")
        monkeypatch.setattr(room, "_proof", lambda: other)
        with pytest.raises(rs.ClusterError, match="computes other bits than this machine"):
            rs.compare(pair, replications=2, workers=place)

    def test_an_address_where_nobody_answers(self, pair, monkeypatch, tmp_path):
        monkeypatch.setattr(room, "_CONNECT", 0.5)
        with pytest.raises(rs.ClusterError, match=r"no scheduler answers there.*0 of 4 runs are kept in"):
            rs.compare(pair, replications=2, workers="tcp://127.0.0.1:9", folder=tmp_path)


def kill_one():
    """Kill a worker process as the system does when memory runs out; its nanny, in this process, lives on."""
    import psutil

    workers = [c for c in psutil.Process().children() if "spawn_main" in " ".join(c.cmdline())]
    workers[0].kill()


class TestKills:
    def test_killed_workers_lose_nothing(self, pair, study, place, tmp_path):
        killed = []

        def kill(done, _):
            if done == (6, 14, -1)[len(killed)]:
                kill_one()
                killed.append(done)

        other = rs.compare(pair, replications=12, seed=3, workers=place, folder=tmp_path, progress=kill)
        assert killed == [6, 14]
        assert_same(study, other)
        assert_same(study, rs.open_study(tmp_path))

    def test_a_run_that_never_ends_is_named_and_the_rest_goes_on(self, pair, place):
        def hang(_):
            time.sleep(3600.0)

        small = {name: scenario.with_(customers=20, horizon=3) for name, scenario in pair.items()}
        where = rs.Workers(limit=3.0, where=place)
        study = rs.compare(small, replications=1, strategy={"retention-led": hang}, workers=where)
        assert [(f.scenario, f.replication) for f in study.failures] == [("retention-led", 0)]
        assert "took longer than 3 seconds, or crashed" in study.failures[0].reason
        assert study.counts == (2, 1, 1, 0)

    @pytest.mark.parametrize("moments", [[7], pytest.param(None, marks=pytest.mark.verify)])
    def test_a_killed_scheduler_ends_the_study_and_the_same_call_goes_on(self, pair, study, tmp_path, moments):
        for number, moment in enumerate(moments or [random.randrange(1, 20) for _ in range(10)]):
            folder = tmp_path / str(number)
            with separate_cluster(tmp_path / f"scheduler-{number}.json") as (address, scheduler):

                def kill(done, _, moment=moment, scheduler=scheduler):
                    if done == moment:
                        scheduler.kill()

                words = rf"the scheduler is gone; \d+ of 24 runs are kept in .*{number}; the same command goes on"
                with pytest.raises(rs.ClusterError, match=words):
                    rs.compare(pair, replications=12, seed=3, workers=address, folder=folder, progress=kill)
            kept = rs.open_study(folder)
            assert moment <= kept.counts.done < 24
            assert digests(kept).items() <= digests(study).items()
            assert_same(study, rs.compare(pair, replications=12, seed=3, workers=1, folder=folder))


@contextmanager
def separate_cluster(file):
    """Scheduler and worker as processes of their own, as on other machines: the address, and the scheduler's process."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    here = ("--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file))
    processes = [
        started("-m", "distributed.cli.dask_scheduler", "--port", "0", *here, **quiet),
        started(
            "-m", "distributed.cli.dask_worker", "--no-nanny", "--nthreads", "1", "--death-timeout", "5",
            "--local-directory", str(file.parent), *here, **quiet,
        ),
    ]  # fmt: skip
    try:
        wait_until(lambda: file.exists() and file.stat().st_size > 0, seconds=200)
        yield json.loads(file.read_text())["address"], processes[0]
    finally:
        for process in processes:
            end_session(process.pid)
            process.wait()

"""Common random numbers and where runs are made: none of it may change a result."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pandas as pd
import pytest
from helpers import unlucky

import retsim as rs
from retsim.experiments import replicate, workers
from retsim.experiments.replicate import Failure, Settings, Task
from retsim.experiments.sharing import Made, Share
from retsim.experiments.workers import Crew

TABLES = ("runs", "paths", "departures", "flows", "survival", "survival_runs", "cohorts")


def digests(study):
    return {(a.name, o.replication): o.digest for a in study.arms.values() for o in a.in_order()}


class TestSameLuck:
    def test_a_scenario_against_itself_differs_by_nothing(self, pair):
        scenario = pair["retention-led"]
        study = rs.compare({"a": scenario, "b": scenario.with_(title="twin")}, replications=3, workers=1)
        # Nobody was asked, so that there is no surveyed satisfaction.
        frame = study.differences().dropna(subset="mean")
        assert (frame["mean"] == 0.0).all()
        assert (frame["ties"] == 1.0).all()
        assert study.runs["clv"].nunique() == 3

    def test_turned_round_the_difference_changes_its_sign(self, study):
        there, back = (study.differences(baseline=name).dropna(subset="mean") for name in (None, "retention-led"))
        assert (there["mean"] == -back["mean"]).all()
        assert (there["low"] == -back["high"]).all()
        assert (there["mean"] != 0.0).sum() >= 10

    def test_pairing_makes_the_difference_sharper(self, study):
        row = study.differences("discounted_profit").iloc[0]
        assert row["correlation"] > 0.8
        assert row["variance_ratio"] > 5.0

    def test_each_run_is_the_one_that_simulate_makes(self, pair, study):
        for name, replication in (("acquisition-led", 0), ("retention-led", 11)):
            run = rs.simulate(pair[name], seed=3, replication=replication)
            assert digests(study)[name, replication] == run.digest()
            row = study.runs[(study.runs["scenario"] == name) & (study.runs["replication"] == replication)]
            assert row["customer_equity"].item() == run.measures()["customer_equity"]

    def test_fewer_replications_and_other_company_change_no_run(self, pair, study):
        less = rs.compare({"retention-led": pair["retention-led"]}, replications=4, seed=3, workers=1)
        assert digests(less).items() <= digests(study).items()
        turned = rs.compare(dict(reversed(pair.items())), replications=2, seed=3, workers=1)
        assert digests(turned).items() <= digests(study).items()


class TestWorkers:
    def test_two_workers_make_the_same_study(self, pair, study):
        done = []
        other = rs.compare(pair, replications=12, seed=3, workers=2, progress=lambda *n: done.append(n))
        for name in TABLES:
            pd.testing.assert_frame_equal(getattr(other, name), getattr(study, name))
        assert done == [(n, 24) for n in range(1, 25)]
        assert not [p for p in multiprocessing.active_children() if p.name == "retsim worker"]

    def test_a_killed_worker_loses_nothing(self, pair, study, killer):
        other = rs.compare(pair, replications=12, seed=3, workers=2, progress=killer)
        assert len(killer.killed) == 2
        assert other.failures == ()
        pd.testing.assert_frame_equal(other.runs, study.runs)

    def test_an_interrupt_leaves_no_worker_behind(self, pair):
        def stop(n, _):
            if n >= 4:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rs.compare(pair, replications=20, workers=2, progress=stop)
        assert not [p for p in multiprocessing.active_children() if p.name == "retsim worker"]

    def test_hash_seed_and_processes_do_not_matter(self, study):
        script = (
            "import json, retsim as rs\n"
            "s = rs.load('telecom').with_(customers=300, horizon=24)\n"
            "pair = {n: s.with_(strategy=n) for n in ('acquisition-led', 'retention-led')}\n"
            # No guard against being imported: workers must not run a user's script again.
            "study = rs.compare(pair, replications=2, seed=3, workers=2)\n"
            "print(json.dumps([o.digest for a in study.arms.values() for o in a.in_order()]))\n"
        )
        path = os.pathsep.join(p for p in sys.path if p)
        found = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": path},
            capture_output=True, text=True, check=True, timeout=300,
        )  # fmt: skip
        expected = digests(study)
        assert json.loads(found.stdout) == [expected[name, r] for name in study.names for r in (0, 1)]


SIZES = {"s": SimpleNamespace(customers=100, horizon=12.0)}
"""As much as sharing out asks of a scenario."""


class FakePipe:
    """A pipe whose worker dies of one task and does all others."""

    def __init__(self, deadly):
        self.deadly, self.sent = deadly, []

    def send(self, batch):
        self.sent.extend(batch or ())

    def recv(self):
        task = self.sent.pop(0)
        if task == self.deadly:
            raise EOFError
        return Made(Failure(*task, "made"))

    def close(self):
        self.sent.clear()


class FakeProcess:
    exitcode = -9

    def is_alive(self):
        return False

    def join(self, *_):
        return None

    def terminate(self):
        return None


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs signals of POSIX")
class TestSilence:
    """A worker that is stopped answers nothing and does not die: only the parent's clock tells."""

    def test_a_stopped_worker_is_replaced_and_loses_nothing(self, pair, study, monkeypatch):
        monkeypatch.setattr(workers, "_GRACE", 1.0)
        monkeypatch.setattr(workers, "_STARTING", 30.0)
        stopped = []

        def stop(n, _):
            alive = [p for p in multiprocessing.active_children() if p.name == "retsim worker"]
            if n >= 12 and alive and not stopped:
                stopped.append(alive[0].pid)
                os.kill(alive[0].pid, signal.SIGSTOP)

        other = rs.compare(pair, replications=12, seed=3, workers=rs.Workers(2, limit=5.0), progress=stop)
        assert len(stopped) == 1
        assert other.failures == ()
        pd.testing.assert_frame_equal(other.runs, study.runs)

    def test_a_run_whose_workers_fall_silent_twice_is_named(self, monkeypatch):
        """Workers without a word: the first run of each batch is tried twice and given up, and it ends."""
        monkeypatch.setattr(workers, "_STARTING", 0.2)
        monkeypatch.setattr(workers, "_live", _mute)
        done = []
        Crew({}, Settings(0, limit=0.1), 1).work(Share([Task("s", 7)], SIZES), done.extend)
        assert [made.result for made in done] == [Failure("s", 7, "its worker died twice (it was silent for too long)")]


def _mute(*_):
    time.sleep(60.0)


class TestCrew:
    @pytest.fixture
    def crew(self, monkeypatch):
        monkeypatch.setattr(workers, "wait", lambda pipes, _: pipes[:1])
        crew = Crew({}, Settings(0), 2)
        crew._start = lambda: workers._Member(FakeProcess(), FakePipe(Task("s", 3)))
        return crew

    def test_a_run_that_kills_twice_is_given_up_and_named(self, crew):
        done = []
        share = Share([Task("s", r) for r in range(10)], SIZES)
        # It is known what a run takes, so that a worker gets several at once.
        share.learn(Made(Failure("s", 99, "made"), 0.01))
        crew.work(share, done.extend)
        results = [made.result for made in done]
        failed = [result for result in results if result.reason != "made"]
        assert failed == [Failure("s", 3, "its worker died twice (killed by SIGKILL; memory may have run out)")]
        assert sorted(result.replication for result in results) == list(range(10))

    def test_where_no_worker_can_live_it_stops(self, monkeypatch):
        monkeypatch.setattr(workers, "wait", lambda pipes, _: pipes[:1])
        crew = Crew({}, Settings(0), 2)

        class Dead(FakePipe):
            def recv(self):
                raise EOFError

        crew._start = lambda: workers._Member(FakeProcess(), Dead(None))
        with pytest.raises(RuntimeError, match="21 workers died one after another"):
            crew.work(Share([Task("s", r) for r in range(100)], SIZES), lambda _: None)


class TestFailures:
    def test_what_cannot_be_run_is_named_and_the_rest_goes_on(self, pair, monkeypatch):
        monkeypatch.setattr(replicate, "simulate", unlucky(replicate.simulate))
        study = rs.compare(pair, replications=3, workers=1)
        assert len(study.runs) == 4
        assert study.failed["reason"].tolist() == ["ArithmeticError: no luck"] * 2
        assert (study.differences()["n"] <= 2).all()
        nothing = study.part(["retention-led"])
        nothing.arms["retention-led"] = type(nothing.arms["retention-led"])("retention-led", pair["retention-led"])
        for name in TABLES:
            assert len(getattr(nothing, name)) == 0
            assert list(getattr(nothing, name).columns) == list(getattr(study, name).columns)
        assert (nothing.summary()["n"] == 0).all()
        monkeypatch.setattr(replicate, "simulate", lambda *_, **__: 1 / 0)
        with pytest.raises(RuntimeError, match="no run could be made; acquisition-led, replication 0: ZeroDiv"):
            rs.compare(pair, replications=2, workers=1)


@pytest.mark.parametrize(
    ("scenarios", "options", "words"),
    [
        ({}, {}, "scenarios is empty"),
        (["telecom"], {}, "scenarios must be a mapping"),
        ({"a": "telecom"}, {}, r"scenarios\['a'\] = 'telecom', must be a Scenario"),
        (None, {"replications": 0}, "replications = 0, must be a whole number from 1"),
        (None, {"seed": 2**32}, "seed = 4294967296"),
        (None, {"workers": 0}, "workers = 0"),
        (None, {"threads": 0}, "threads = 0"),
    ],
)
def test_arguments_that_are_refused(pair, scenarios, options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        rs.compare(pair if scenarios is None else scenarios, **options)

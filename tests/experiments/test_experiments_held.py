"""A study whose runs stay in its folder: it says the same, needs no memory for them, and tells when they are gone."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
import tracemalloc
from contextlib import closing
from copy import deepcopy

import numpy as np
import pandas as pd
import pytest

import retsim as rs
from retsim.experiments import making
from retsim.experiments.interrupts import heard
from retsim.experiments.replicate import Settings, Task, attempt
from retsim.experiments.sharing import Tasks
from retsim.experiments.store import FILE, StoreError


@pytest.fixture
def small():
    retail = rs.load("retail").with_(customers=40, horizon=6)
    return {
        "win": retail.with_(strategy="acquisition-led"),
        "keep": retail.with_(strategy="retention-led"),
    }


class TestInFolder:
    def test_it_says_the_same_as_one_in_memory(self, small, tmp_path):
        held, free = (rs.compare(small, replications=6, workers=1, folder=folder) for folder in (tmp_path, None))
        for name in ("runs", "paths", "departures", "flows", "survival", "survival_runs", "cohorts", "reichheld"):
            pd.testing.assert_frame_equal(getattr(held, name), getattr(free, name))
        pd.testing.assert_frame_equal(held.summary(), free.summary())
        pd.testing.assert_frame_equal(held.differences(), free.differences())
        pd.testing.assert_frame_equal(held.best(), free.best())
        part = held.part({"a": "keep"})
        np.testing.assert_array_equal(part.runs["profit"], free.part(["keep"]).runs["profit"])
        assert held.to_xarray().equals(free.to_xarray())

    def test_one_run_is_read_by_its_number(self, small, tmp_path):
        study = rs.compare(small, replications=4, workers=1, folder=tmp_path)
        outcomes = study.arms["keep"].outcomes
        assert list(outcomes) == [0, 1, 2, 3]
        assert outcomes[2].digest == rs.simulate(small["keep"], replication=2).digest()
        assert "2" not in outcomes
        assert 4 not in outcomes
        assert 9_999 not in outcomes
        with pytest.raises(KeyError):
            outcomes[4]

    def test_memory_does_not_grow_with_the_number_of_runs(self, tmp_path, monkeypatch):
        """A thousand runs, each a copy of one that was made, so that nothing but keeping them takes time and memory."""
        tiny = rs.load("telecom").with_(customers=5, horizon=24, strategy="even")
        made = attempt(tiny, Task("one", 0), Settings(0))
        monkeypatch.setattr(
            making, "attempt", lambda _, task, __: deepcopy(made)._replace(replication=task.replication)
        )
        first, last = 200, 1000

        def grown(folder):
            marks = {}

            def mark(done, total):
                if done in (first, last):
                    gc.collect()
                    marks[done] = tracemalloc.get_traced_memory()[0]

            tracemalloc.start()
            rs.compare({"one": tiny}, replications=last, workers=1, folder=folder, progress=mark)
            tracemalloc.stop()
            return (marks[last] - marks[first]) / (last - first)

        in_memory, in_folder = grown(None), grown(tmp_path / "kept")
        assert in_memory > 4_000, "bytes a run where nothing is kept elsewhere"
        assert in_folder < 100

    def test_a_folder_that_is_gone_is_told(self, small, tmp_path):
        study = rs.compare(small, replications=2, workers=1, folder=tmp_path / "kept")
        (tmp_path / "kept").rename(tmp_path / "moved")
        with pytest.raises(StoreError, match=r"results\.sqlite: is no longer there.*put the folder back, or give"):
            study.summary()
        (tmp_path / "moved").rename(tmp_path / "kept")
        assert study.summary()["n"].eq(2).any()

    def test_a_run_that_was_damaged_meanwhile_is_told(self, small, tmp_path):
        study = rs.compare(small, replications=3, workers=1, folder=tmp_path)
        like = study.arms["win"].outcomes.like
        with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
            db.execute("UPDATE results SET bits = x'00' WHERE replication = 1 AND scenario = ?", (like.scenario,))
        for read in (study.differences, lambda: study.arms["win"].outcomes[1]):
            with pytest.raises(
                StoreError, match=r"replication 1 of win is damaged; give the command of the study again"
            ):
                read()
        with closing(sqlite3.connect(tmp_path / FILE)) as db, db:
            db.execute("DELETE FROM results WHERE replication = 1 AND scenario = ?", (like.scenario,))
        with pytest.raises(StoreError, match="1 runs of win are no longer there"):
            study.differences()


class TestTasks:
    def test_they_are_in_order_without_those_that_are_there(self):
        tasks = Tasks(range(2, 5), {"a": {0, 3}, "b": {}})
        assert list(tasks) == [Task("a", 2), Task("b", 2), Task("b", 3), Task("a", 4), Task("b", 4)]
        assert len(tasks) == 5
        assert tasks.counts == {"a": 2, "b": 3}


class Finaliser:
    """Ctrl-C comes while Python throws this away."""

    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            pass


class TestInterrupts:
    @pytest.fixture(autouse=True)
    def as_in_a_terminal(self):
        """As a program has it that was not started in the background."""
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        yield
        signal.signal(signal.SIGINT, before)

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_one_that_falls_into_a_finaliser_stops_the_study_all_the_same(self, small, tmp_path, monkeypatch):
        def interrupted(scenario, task, settings):
            if task == Task("win", 1):
                Finaliser()
            return attempt(scenario, task, settings)

        monkeypatch.setattr(making, "attempt", interrupted)
        with pytest.raises(KeyboardInterrupt):
            rs.compare(small, replications=50, workers=1, folder=tmp_path)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert rs.open_study(tmp_path).counts == (100, 3, 0, 97), "the run in which it fell is kept"

    def test_one_that_is_not_lost_is_raised_where_it_falls(self):
        reached = []

        def work():
            with heard() as ask:
                ask()
                signal.raise_signal(signal.SIGINT)
                reached.append(ask)

        with pytest.raises(KeyboardInterrupt):
            work()
        assert not reached

    def test_who_does_not_listen_is_left_alone(self):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        with heard() as ask:
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            signal.raise_signal(signal.SIGINT)
            ask()

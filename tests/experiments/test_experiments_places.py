"""Where runs are made: how a place is named, how work is shared out, threads, and what is shown of progress."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace

import pandas as pd
import pytest

import retsim as rs
from retsim import jit
from retsim.cli import main
from retsim.experiments import progress
from retsim.experiments.place import ClusterError, Workers, placed
from retsim.experiments.replicate import Failure, Task
from retsim.experiments.sharing import Made, Share


class TestPlace:
    @pytest.mark.parametrize(
        ("given", "meant"),
        [
            (None, Workers()),
            (3, Workers(3)),
            ("3", Workers(3)),
            ("processes:3", Workers(3)),
            ("threads", Workers(where="threads")),
            ("threads:2", Workers(2, where="threads")),
            ("tcp://host:8786", Workers(where="tcp://host:8786")),
            ("tls://[::1]:8786", Workers(where="tls://[::1]:8786")),
            (Workers(2, limit=3.0), Workers(2, 3.0)),
        ],
    )
    def test_what_is_meant(self, given, meant):
        assert placed(given) == meant

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ("threats:2", r"workers = 'threats:2', must be a number of processes, \"threads:N\", or the address"),
            ("threads:two", "workers = 'threads:two', must be"),
            (":2", "workers = ':2', must be"),
            ("http://host:8786", "workers = 'http://host:8786', must be"),
            ("tcp://", "workers = 'tcp://', must be"),
            (2.5, "workers = 2.5, must be"),
            (True, "workers = True, must be a whole number"),
            ("threads:0", "workers = 0, must be a whole number from 1"),
            (Workers(2, where="tcp://host:1"), r"workers\.number = 2, must be None with tcp://host:1"),
            (Workers(2, limit=1.0, where="threads"), r"workers\.limit = 1\.0, must be None with threads"),
            (Workers(memory=1.0, where="tcp://host:1"), r"workers\.memory = 1\.0, must be None on a cluster"),
            (Workers(2, limit=0.0), r"workers\.limit = 0\.0, must be a number above 0 \(seconds a run\)"),
        ],
    )
    def test_what_is_refused(self, given, words):
        with pytest.raises((TypeError, ValueError), match=words):
            placed(given)

    def test_the_command_line_says_the_same(self, capsys):
        with pytest.raises(SystemExit) as stop:
            main(["run", "telecom", "--workers", "thread:2"])
        assert stop.value.code == 2
        assert "argument --workers: 'thread:2', must be a number of processes" in capsys.readouterr().err
        assert main(["run", "telecom", "--workers", "threads:2", "--limit", "3"]) == 2
        assert "--limit 3: workers.limit = 3.0, must be None with threads" in capsys.readouterr().err

    def test_a_lost_cluster_ends_with_the_line_that_resumes(self, capsys, monkeypatch):
        def lost(*_, **__):
            raise ClusterError("workers = 'tcp://h:1': the scheduler is gone; 4 of 8 runs are kept in it's")

        monkeypatch.setattr("retsim.experiments.compare.compare", lost)
        assert main(["run", "telecom", "--study", "it's"]) == 1
        said = capsys.readouterr().err
        assert "the scheduler is gone; 4 of 8 runs are kept" in said
        assert """retsim run telecom --study 'it'"'"'s'""" in said


def made(task, seconds):
    return Made(Failure(*task, ""), seconds)


SIZES = {name: SimpleNamespace(customers=500, horizon=horizon) for name, horizon in (("a", 9.0), ("b", 99.0))}
"""As much as sharing out asks of a scenario."""


class TestSharing:
    def test_batches_are_of_about_the_same_cost_in_the_order_of_the_runs(self):
        tasks = [Task(name, r) for r in range(300) for name in "ab"]
        share = Share(tasks, SIZES)
        assert share.take(seconds=10.0, most=100, hands=2) == (tasks[0],), "nothing is known of what runs take"
        share.learn(made(tasks[0], 0.01))
        # Nothing is known of b but that it is ten times as long.
        assert share.cost(tasks[1]) == pytest.approx(0.1)
        share.learn(made(tasks[1], 0.04))
        assert share.cost(tasks[1]) == pytest.approx(0.04)
        batches = []
        while share:
            batches.append(share.take(seconds=0.5, most=100, hands=2))
        assert [task for batch in batches for task in batch] == tasks[1:]
        costs = [sum(share.cost(task) for task in batch) for batch in batches]
        assert max(costs) <= 0.5
        assert costs[0] > 0.45
        assert len(batches[-1]) == 1, "towards the end they become smaller"

    def test_what_comes_back_is_next_and_what_killed_is_last_and_alone(self):
        tasks = [Task("a", r) for r in range(40)]
        share = Share(tasks, SIZES)
        share.learn(made(tasks[0], 0.01))
        first = share.take(seconds=1.0, most=3, hands=1)
        assert len(first) == 3
        share.set_alone(first[0])
        share.give_back(first[1:])
        assert len(share) == 40
        found = [share.take(seconds=1.0, most=3, hands=1) for _ in range(len(share))]
        flat = [task for batch in found for task in batch]
        assert flat == [*tasks[1:], tasks[0]]
        assert [tasks[0]] in [list(batch) for batch in found]
        assert share.expected == pytest.approx(0.0)


class TestThreads:
    def test_threads_make_the_same_study(self, pair, study):
        told = []
        other = rs.compare(pair, replications=12, seed=3, workers="threads:2", progress=lambda *n: told.append(n))
        for name in ("runs", "paths", "departures", "survival_runs"):
            pd.testing.assert_frame_equal(getattr(other, name), getattr(study, name))
        assert told == [(n, 24) for n in range(1, 25)]

    def test_rules_and_strategies_of_a_cell_run_in_threads_and_not_in_processes(self, pair, monkeypatch):
        mine = lambda view: None  # noqa: E731
        mine.__module__ = "__main__"
        one = {"one": pair["retention-led"]}
        here = rs.compare(one, replications=3, strategy=mine, workers=1)
        there = rs.compare(one, replications=3, strategy=mine, workers="threads:2")
        pd.testing.assert_frame_equal(here.runs, there.runs)
        with pytest.raises(TypeError, match="workers = 2, must be 1 or threads with this strategy"):
            rs.compare(one, replications=3, strategy=mine, workers=2)
        jit.set_own_sources("def switch(): ...")
        try:
            assert rs.compare(one, replications=3, workers="threads:2").counts == (3, 3, 0, 0)
            for elsewhere in (2, "tcp://127.0.0.1:1"):
                with pytest.raises(RuntimeError, match="rules of your own live in this process only"):
                    rs.compare(one, replications=3, workers=elsewhere)
        finally:
            jit.set_own_sources("")

    def test_what_ends_a_thread_ends_the_study(self, pair):
        def leave(_):
            raise SystemExit(7)

        with pytest.raises(SystemExit):
            rs.compare(pair, replications=4, strategy={"retention-led": leave}, workers="threads:2")

    def test_an_interrupt_waits_for_no_thread(self, pair):
        def stop(n, _):
            if n >= 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rs.compare(pair, replications=50, workers="threads:2", progress=stop)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestProgress:
    def test_a_bar_has_the_time_left_and_the_cost_so_far(self, monkeypatch):
        monkeypatch.delenv("CI", raising=False)
        monkeypatch.setattr(sys, "stderr", terminal := Terminal())
        with progress.Shown(True, 40) as shown:
            shown.before = 10
            shown.tell(10, 0.0)
            # As if it had been begun long ago, so that the next word is written.
            shown.bar.mininterval = 0.0
            shown.bar.last_print_t -= 60.0
            shown.bar.start_t -= 60.0
            shown.tell(30, 3725.0)
        last = terminal.getvalue().replace("\n", "\r").split("\r")
        said = next(text for text in reversed(last) if "30/40" in text)
        assert "1 h 02 min CPU" in said
        # 20 of the 30 that were left took a minute.
        assert "01:00<00:30" in said

    def test_where_nobody_watches_nothing_is_written(self, monkeypatch):
        monkeypatch.setattr(sys, "stderr", terminal := Terminal())
        monkeypatch.setenv("CI", "true")
        with progress.Shown(True, 40) as shown:
            shown.tell(30, 1.0)
        monkeypatch.delenv("CI")
        terminal.isatty = lambda: False
        with progress.Shown(True, 40) as shown:
            shown.tell(30, 1.0)
        assert terminal.getvalue() == ""

    def test_in_a_notebook_it_is_a_widget(self, monkeypatch):
        monkeypatch.delenv("CI", raising=False)
        shell = SimpleNamespace(config={"IPKernelApp": {}})
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        assert progress._in_notebook()
        shell.config.clear()
        assert not progress._in_notebook()

    def test_who_watches_gets_everything(self, pair, tmp_path):
        class Page:
            def __init__(self):
                self.seen = []

            def show(self, state):
                self.seen.append(state)

        rs.compare(pair, replications=2, workers=1, folder=tmp_path)
        page = Page()
        rs.compare(pair, replications=4, workers=1, folder=tmp_path, progress=page)
        assert [(state.done, state.total, state.before) for state in page.seen] == [(n, 8, 4) for n in range(4, 9)]
        assert page.seen[0].left is None
        assert page.seen[-1].left == 0.0
        assert 0.0 < page.seen[1].cpu < page.seen[-1].cpu

    @pytest.mark.parametrize(
        ("seconds", "words"), [(4.24, "4.2 s"), (59.96, "1 min 00 s"), (185.2, "3 min 05 s"), (7801.0, "2 h 10 min")]
    )
    def test_times_in_words(self, seconds, words):
        assert progress.spelt(seconds) == words

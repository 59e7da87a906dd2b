"""A study in a folder: whatever stops it, the same call goes on, and ends with the same bits."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import sqlite3
import sys
import time
import warnings
from contextlib import closing
from multiprocessing import forkserver, resource_tracker

import pandas as pd
import pytest
from processes import die_with_parent

import retsim as rs
from retsim import jit
from retsim.experiments import making, origin
from retsim.experiments.replicate import attempt
from retsim.experiments.store import FILE

TABLES = ("runs", "paths", "departures", "flows", "survival", "survival_runs", "cohorts")
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture(autouse=True)
def no_silent_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", rs.FolderWarning)
        yield


def assert_same(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert digests(one) == digests(other)


def digests(study):
    return {(arm.name, o.replication): o.digest for arm in study.arms.values() for o in arm.in_order()}


@pytest.fixture
def counted(monkeypatch):
    """Runs that are really made in this process."""
    made = []

    def counting(scenario, task, settings):
        made.append(task)
        return attempt(scenario, task, settings)

    monkeypatch.setattr(making, "attempt", counting)
    return made


class TestReuse:
    def test_a_second_call_makes_nothing_and_says_the_same(self, pair, study, tmp_path, counted):
        first = rs.compare(pair, replications=12, seed=3, workers=1, folder=tmp_path)
        assert len(counted) == 24
        counted.clear()
        told = []
        second = rs.compare(
            pair, replications=12, seed=3, workers=1, folder=tmp_path, progress=lambda *n: told.append(n)
        )
        assert counted == []
        assert told == [(24, 24)]
        for other in (first, second, rs.open_study(tmp_path)):
            assert_same(study, other)

    def test_more_replications_and_another_company_only_add(self, pair, study, tmp_path, counted):
        only = {"mine": pair["retention-led"].with_(title="The same by another name")}
        rs.compare(only, replications=5, seed=3, workers=1, folder=tmp_path)
        counted.clear()
        assert_same(study, rs.compare(pair, replications=12, seed=3, workers=1, folder=tmp_path))
        assert len(counted) == 24 - 5

    def test_what_is_saved_from_a_folder_is_what_is_saved_without(self, pair, study, tmp_path):
        kept = rs.compare(pair, replications=12, seed=3, workers=1, folder=tmp_path)
        one, other = kept.save(tmp_path), study.save(tmp_path / "other")
        one, other = json.loads(one.read_text()), json.loads(other.read_text())
        assert one["files"] == other["files"]
        assert one["runs"] == other["runs"]


class TestNeverMixed:
    @pytest.fixture
    def folder(self, pair, tmp_path):
        rs.compare(pair, replications=2, seed=3, workers=1, folder=tmp_path)
        return tmp_path

    def again(self, folder, pair, counted, reason, **changes):
        counted.clear()
        with pytest.warns(rs.FolderWarning, match=f"4 results there are of something else and are not used: {reason}"):
            other = rs.compare(pair, **{"replications": 2, "seed": 3, "workers": 1, "folder": folder} | changes)
        assert len(counted) == 4
        return other

    def test_of_another_seed(self, folder, pair, counted):
        other = self.again(folder, pair, counted, r"seed 4 \(there 3\)", seed=4)
        assert_same(other, rs.compare(pair, replications=2, seed=4, workers=1))

    def test_of_another_scenario(self, folder, pair, counted):
        changed = {name: s.with_(**{"firm.price": 31.0}) for name, s in pair.items()}
        self.again(folder, changed, counted, "scenario acquisition-led has changed since: firm.price")

    @pytest.mark.parametrize("part", ["numba", "sources"])
    def test_of_another_program(self, folder, pair, counted, monkeypatch, part):
        here = origin.origin()
        later = here._replace(code="other", parts=here.parts | {part: "9.9"})
        monkeypatch.setattr("retsim.experiments.folder.origin", lambda: later)
        self.again(folder, pair, counted, rf"{part} 9\.9 \(there")

    def test_of_another_stream_version(self, folder, pair, counted, monkeypatch):
        later = origin.origin()._replace(streams=99)
        monkeypatch.setattr("retsim.experiments.folder.origin", lambda: later)
        self.again(folder, pair, counted, r"streams 99 \(there")

    def test_of_rules_of_ones_own(self, folder, pair, counted):
        jit.set_own_sources("def switch(): ...")
        try:
            self.again(folder, pair, counted, r"own rules [0-9a-f]{12} \(there none\)")
        finally:
            jit.set_own_sources("")

    def test_the_digest_of_the_program_sees_every_room_that_a_run_enters(self):
        names = {path.relative_to(origin._PACKAGE).as_posix() for path in origin._files()}
        loaded = {
            os.path.relpath(module.__file__, origin._PACKAGE)
            for name, module in sys.modules.items()
            if name.startswith("retsim.") and getattr(module, "__file__", None)
        }
        rooms = ("rules/", "lifecycle/", "engines/", "market/", "results/", "scenario/")
        assert {name for name in loaded if name.startswith(rooms)} <= names
        assert {"population.py", "streams.py", "world.py", "experiments/replicate.py"} <= names
        assert not any(name.startswith(("plots/", "cli/")) for name in names)


class TestDamage:
    def test_only_the_damaged_run_is_named_and_made_again(self, pair, study, tmp_path, counted):
        rs.compare(pair, replications=12, seed=3, workers=1, folder=tmp_path)
        counted.clear()
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as db:
            db.execute(
                "UPDATE results SET bits = CAST(substr(bits, 1, 40) || x'00' || substr(bits, 42) AS BLOB) WHERE rowid = 8"
            )
        with pytest.warns(rs.FolderWarning, match="damaged, to be made again: .*, replication 3$"):
            assert len(digests(rs.open_study(tmp_path))) == 23
        again = rs.compare(pair, replications=12, seed=3, workers=1, folder=tmp_path)
        assert len(counted) == 1
        assert_same(study, again)


def forget_helpers():
    """A forked child must not take its parent's helper processes, left by tests before, for its own."""
    for helper in (forkserver._forkserver, resource_tracker._resource_tracker):
        fresh = type(helper)()
        helper.__dict__.update(fresh.__dict__)


def work(pair, folder, acknowledged, workers):
    """A study in a forked child; says each run that was acknowledged."""
    child = os.fork()
    if child:
        return child
    try:
        os.setsid()
        die_with_parent()
        forget_helpers()
        rs.compare(
            pair, replications=12, seed=3, workers=workers, folder=folder,
            progress=lambda n, _: os.write(acknowledged, f"{n}\n".encode()),
        )  # fmt: skip
    except BaseException as error:
        os.write(2, f"{error!r}\n".encode())
        os._exit(9)
    os._exit(0)


def heard(near, child, lines):
    """What a child says: so many lines, or all until it ends."""
    text = b""
    while text.count(b"\n") < lines and os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        if select.select([near], [], [], 0.05)[0]:
            text += os.read(near, 1 << 16)
    return text


def moment(dice, workers):
    """Runs after which to kill, and seconds after those; with workers, some of them in workers."""
    return dice.randrange(4 * workers) + 3 * (workers - 1), dice.uniform(0.0, 0.03 * workers)


def rest_of(near):
    return os.read(near, 1 << 16) if select.select([near], [], [], 0.0)[0] else b""


@posix
class TestKills:
    def kill_until_done(self, pair, folder, *, workers, times, dice):
        """Kill at random moments; the numbers acknowledged never fall behind what is there."""
        near, far = os.pipe()
        for number in range(times + 1):
            child = work(pair, folder, far, workers)
            if number < times:
                # A moment counted in runs, and a little later, so that a busy machine changes nothing.
                runs, seconds = dice()
                text = heard(near, child, runs)
                time.sleep(seconds)
                os.kill(child, signal.SIGKILL)
            else:
                text = heard(near, child, 1000)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            assert code in (0, -signal.SIGKILL)
            said = [int(n) for n in (text + rest_of(near)).split()]
            if (folder / FILE).exists() and said:
                assert len(digests(rs.open_study(folder))) >= max(said)
        assert code == 0

    def test_a_killed_study_goes_on_and_ends_with_the_same_bits(self, pair, study, tmp_path):
        random_moments = random.Random(1)
        self.kill_until_done(pair, tmp_path, workers=1, times=12, dice=lambda: moment(random_moments, 1))
        assert_same(study, rs.open_study(tmp_path))

    def test_with_workers_too_and_no_orphan_stays(self, pair, study, tmp_path):
        random_moments = random.Random(2)
        self.kill_until_done(pair, tmp_path, workers=2, times=2, dice=lambda: moment(random_moments, 2))
        assert_same(study, rs.open_study(tmp_path))

    @pytest.mark.verify
    def test_fifty_kills(self, pair, study, tmp_path):
        for number, workers in enumerate([1, 2] * 5):
            moments = random.Random()
            folder = tmp_path / str(number)
            self.kill_until_done(pair, folder, workers=workers, times=5, dice=lambda m=moments, w=workers: moment(m, w))
            assert_same(study, rs.open_study(folder))

    def test_killed_workers_lose_nothing(self, pair, study, tmp_path, killer):
        other = rs.compare(pair, replications=12, seed=3, workers=2, folder=tmp_path, progress=killer)
        assert len(killer.killed) == 2
        assert_same(study, other)
        assert_same(study, rs.open_study(tmp_path))

    def test_two_studies_at_once_do_not_harm_each_other(self, pair, study, tmp_path):
        near, far = os.pipe()
        children = [work(pair, tmp_path, far, 1) for _ in range(2)]
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
        os.close(near)
        os.close(far)
        assert_same(study, rs.open_study(tmp_path))

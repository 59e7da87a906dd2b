"""The store of a study: what was put stays, damage is found, and whatever is whole is saved."""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import time
import zlib
from contextlib import suppress

import numpy as np
import pytest
from processes import die_with_parent

from retsim.experiments.packing import pack, unpack
from retsim.experiments.replicate import Outcome
from retsim.experiments.store import FILE, Key, Store, StoreError

LIKE = Key("s0", 1, 0, "code", 1)
posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and POSIX limits")


def bits_of(k):
    """Random bytes, so that rows cannot be taken for each other; some fill several pages."""
    return random.Random(k).randbytes(50 + 977 * (k % 11))


def filled(folder, n=300):
    with Store(folder) as store:
        for k in range(n):
            store.put(LIKE._replace(replication=k), bits_of(k))
        store.note("plan", "p", {"replications": n})
    return folder / FILE


def found(store):
    """Whole results by replication, and the replications that were damaged; wrong bytes are never given out."""
    whole, damaged = {}, []
    for key, bits in store.results(["s0"], LIKE):
        if bits is None:
            damaged.append(key.replication)
        else:
            assert bits == bits_of(key.replication)
            whole[key.replication] = bits
    return whole, damaged


def in_child(task):
    """Run in a forked child, which ends at once; its exit code."""
    child = os.fork()
    if child == 0:
        try:
            task()
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
            os._exit(9)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    return filled(tmp_path_factory.mktemp("full"))


def damaged_copy(full, folder, change):
    shutil.copyfile(full, folder / FILE)
    content = bytearray(full.read_bytes())
    (folder / FILE).write_bytes(change(content))


class TestKeeping:
    def test_what_was_put_is_found_and_only_under_its_key(self, tmp_path):
        with Store(tmp_path) as store:
            assert store.put(LIKE, b"one")
            assert not store.put(LIKE, b"one")
            for other in ({"scenario": "s1"}, {"seed": 2}, {"code": "x"}, {"streams": 2}):
                assert not list(store.results([other.get("scenario", "s0")], LIKE._replace(**other)))
            assert list(store.results(["s0"], LIKE)) == [(LIKE, b"one")]

    def test_other_bits_for_the_same_run_are_refused(self, tmp_path):
        with Store(tmp_path) as store:
            store.put(LIKE, b"one")
            with pytest.raises(StoreError, match="is there with other bits"):
                store.put(LIKE, b"two")
            assert list(store.results(["s0"], LIKE)) == [(LIKE, b"one")]

    def test_a_failure_is_forgotten_when_the_run_is_made(self, tmp_path):
        with Store(tmp_path) as store:
            store.fail(LIKE, "no reason")
            store.fail(LIKE, "worse")
            assert list(store.failures(["s0"], LIKE)) == [(LIKE, "worse")]
            store.put(LIKE, b"one")
            assert not list(store.failures(["s0"], LIKE))

    def test_a_file_of_another_program_is_left_alone(self, tmp_path):
        db = sqlite3.connect(tmp_path / FILE)
        db.execute("CREATE TABLE mine(x)")
        db.close()
        before = (tmp_path / FILE).read_bytes()
        with pytest.raises(StoreError, match="is no store of studies; choose another folder"):
            Store(tmp_path)
        assert (tmp_path / FILE).read_bytes() == before

    def test_a_newer_format_is_refused(self, tmp_path):
        Store(tmp_path).close()
        db = sqlite3.connect(tmp_path / FILE)
        db.execute("PRAGMA user_version = 2")
        db.close()
        with pytest.raises(StoreError, match="has format 2, this version knows 1"):
            Store(tmp_path)

    def test_a_folder_that_cannot_be_is_named(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(StoreError, match=r"file.*bytes are free there"):
            Store(tmp_path / "file" / "study")


class TestDamage:
    @pytest.mark.parametrize("seed", range(40))
    def test_a_wrong_byte_is_found_and_costs_at_most_the_rows_of_its_page(self, full, tmp_path, seed):
        dice = random.Random(seed)
        place, flip = dice.randrange(full.stat().st_size), dice.randrange(1, 256)
        if seed < 8:
            # The head of the file, and that of its first pages, where everything hangs on.
            place = (16, 18, 40, 60, 100, 103, 4096, 4096 + 5)[seed]

        def change(content):
            content[place] ^= flip
            return content

        damaged_copy(full, tmp_path, change)
        with Store(tmp_path) as store:
            whole, damaged = found(store)
            lost = set(range(300)) - whole.keys()
            # A page of 4096 bytes has at most a few of these rows, and is an overflow page of at most one.
            assert len(lost) <= 30
            assert not lost or damaged or store.repaired
            for k in lost:
                store.put(LIKE._replace(replication=k), bits_of(k))
            assert len(found(store)[0]) == 300
        with Store(tmp_path) as store:
            assert not store.repaired
            assert len(found(store)[0]) == 300

    @pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.3, 0.7, 0.999])
    def test_a_file_cut_short_is_found_and_its_rest_saved(self, full, tmp_path, share):
        size = int(full.stat().st_size * share)
        damaged_copy(full, tmp_path, lambda content: content[:size])
        with Store(tmp_path) as store:
            assert "was damaged" in store.repaired
            assert "damaged-1.sqlite" in store.repaired
            whole, _ = found(store)
            assert len(whole) >= 300 * share * 0.9 - 10
        assert (tmp_path / "results.damaged-1.sqlite").stat().st_size == size

    @posix
    def test_a_wrong_byte_in_the_log_of_a_killed_process(self, tmp_path):
        def work():
            store = Store(tmp_path)
            for k in range(30):
                store.put(LIKE._replace(replication=k), bits_of(k))
            os.kill(os.getpid(), signal.SIGKILL)

        assert in_child(work) == -signal.SIGKILL
        log = tmp_path / f"{FILE}-wal"
        content = bytearray(log.read_bytes())
        content[len(content) // 3] ^= 4
        log.write_bytes(content)
        with Store(tmp_path) as store:
            assert "of the log is wrong" in store.repaired
            whole, _ = found(store)
            # Most rows stand in several frames, because a page is written again with each new row.
            assert len(whole) >= 28

    @posix
    def test_damage_while_another_process_works_is_told_and_not_touched(self, full, tmp_path):
        def change(content):
            content[4096:8192] = bytes(4096)
            return content

        damaged_copy(full, tmp_path, change)
        import fcntl

        with (tmp_path / "lock").open("ab") as other:
            fcntl.flock(other, fcntl.LOCK_SH)
            before = (tmp_path / FILE).read_bytes()
            with pytest.raises(StoreError, match="another process uses it; end that one first"):
                Store(tmp_path)
            assert (tmp_path / FILE).read_bytes() == before
        with Store(tmp_path) as store:
            assert store.repaired


@posix
class TestHardTimes:
    def test_kills_lose_nothing_that_was_acknowledged(self, tmp_path):
        dice, acknowledged = random.Random(5), 0
        near, far = os.pipe()
        for _ in range(50):
            child = os.fork()
            if child == 0:
                die_with_parent()
                with Store(tmp_path) as store:
                    for k in range(acknowledged, 10**6):
                        store.put(LIKE._replace(replication=k), bits_of(k))
                        os.write(far, b".")
            # A moment counted in results, and a little later, so that a busy machine changes nothing.
            os.set_blocking(near, True)
            for _ in range(dice.randrange(5)):
                acknowledged += len(os.read(near, 1))
            time.sleep(dice.uniform(0.0, 0.004))
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.set_blocking(near, False)
            with suppress(BlockingIOError):
                acknowledged += len(os.read(near, 1 << 16))
            with Store(tmp_path) as store:
                assert not store.repaired
                whole, damaged = found(store)
                assert not damaged
                assert whole.keys() >= set(range(acknowledged))
        assert acknowledged > 50

    def test_two_processes_write_side_by_side(self, tmp_path):
        children = []
        for order in (1, -1):
            child = os.fork()
            if child == 0:
                try:
                    with Store(tmp_path) as store:
                        for k in range(200)[::order]:
                            store.put(LIKE._replace(replication=k), bits_of(k))
                except BaseException:
                    os._exit(9)
                os._exit(0)
            children.append(child)
        assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0]
        with Store(tmp_path) as store:
            assert len(found(store)[0]) == 200
            assert store.census() == [("s0", "code", 1, 1, 200)]

    def test_no_more_room_keeps_what_there_is(self, tmp_path):
        import resource

        def work():
            resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
            store = Store(tmp_path)
            try:
                for k in range(300):
                    store.put(LIKE._replace(replication=k), bits_of(k))
                    (tmp_path / "acknowledged").write_text(str(k + 1))
            except StoreError as error:
                (tmp_path / "message").write_text(str(error))
                store.close()

        assert in_child(work) == 0
        message, count = (tmp_path / "message").read_text(), int((tmp_path / "acknowledged").read_text())
        assert FILE in message
        assert "bytes are free there" in message
        assert 10 < count < 300
        with Store(tmp_path) as store:
            assert not store.repaired
            assert found(store)[0].keys() >= set(range(count))

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root mounts a small disk")
    def test_a_full_disk_keeps_what_there_is(self, tmp_path):
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(tmp_path)], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("no disk can be mounted here")
        try:
            store, count = Store(tmp_path), 0
            with pytest.raises(StoreError, match=r"full \([0-9,]+ bytes are free there\)"):  # noqa: PT012
                for k in range(1000):
                    store.put(LIKE._replace(replication=k), bits_of(k))
                    count = k + 1
            store.close()
            assert count > 20
            subprocess.run(["mount", "-o", "remount,size=9m", str(tmp_path)], check=True)
            with Store(tmp_path) as store:
                assert not store.repaired
                assert found(store)[0].keys() >= set(range(count))
                store.put(LIKE._replace(replication=count), bits_of(count))
        finally:
            subprocess.run(["umount", str(tmp_path)], check=True)


class TestTogether:
    def test_many_are_kept_at_once_or_not_at_all(self, tmp_path):
        with Store(tmp_path) as store:
            with store.together():
                for k in range(3):
                    store.put(LIKE._replace(replication=k), bits_of(k))
            with pytest.raises(ZeroDivisionError), store.together():  # noqa: PT012
                store.put(LIKE._replace(replication=3), bits_of(3))
                raise ZeroDivisionError
            assert found(store)[0].keys() == {0, 1, 2}
            store.put(LIKE._replace(replication=4), bits_of(4))
        with Store(tmp_path) as store:
            assert found(store)[0].keys() == {0, 1, 2, 4}


class TestPacking:
    @pytest.fixture
    def outcome(self):
        dice = np.random.default_rng(1)
        return Outcome(
            "a", 7, "ab12", {"x": float("nan"), "y": float("inf"), "z": 0.1}, dice.random((3, 2)),
            departures=dice.integers(0, 9, (2, 3, 4)), flows=dice.integers(-(2**62), 2**62, (2, 2)),
            lives=np.zeros((0, 5), np.int64),
        )  # fmt: skip

    def test_there_and_back_is_the_same_to_the_last_bit(self, outcome):
        back = unpack(pack(outcome), "b", 8)
        assert (back.scenario, back.replication, back.digest) == ("b", 8, "ab12")
        assert [v.hex() for v in back.measures.values()] == [v.hex() for v in outcome.measures.values()]
        assert list(back.measures) == ["x", "y", "z"]
        for name in ("path", "departures", "flows", "lives"):
            mine, theirs = getattr(outcome, name), getattr(back, name)
            assert (mine.dtype, mine.shape, mine.tobytes()) == (theirs.dtype, theirs.shape, theirs.tobytes())

    def test_whatever_is_not_an_outcome_is_refused_and_not_run(self, outcome, tmp_path):
        class Bomb:
            def __reduce__(self):
                return (tmp_path.joinpath("ran").touch, ())

        good = pack(outcome)
        for bits in (b"", b"x", good[:-3], pickle.dumps(Bomb()), zlib.compress(pickle.dumps(Bomb())),
                     zlib.compress(zlib.decompress(good) + b"1"), zlib.compress(zlib.decompress(good)[:-8])):  # fmt: skip
            with pytest.raises(ValueError, match="is no packed outcome"):
                unpack(bits, "a", 0)
        assert not (tmp_path / "ran").exists()

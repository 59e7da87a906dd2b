"""What it costs to share runs out: each function here is measured in a process of its own (``places.py``)."""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

TRIVIAL, LARGE = 400, 16
"""Runs of nothing, to see what is around them; and of a second each, to see what a second core gives."""
RESUMED = 10_000


class Cost(NamedTuple):
    """Wall and processor seconds, workers included."""

    wall: float
    cpu: float


@contextmanager
def local_cluster(workers: int) -> Iterator[Any]:
    """A Dask cluster of so many processes on this machine, seen from nowhere else."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, worker_dashboard_address=None,
        silence_logs=50,
    ) as cluster:  # fmt: skip
        yield cluster


def processor_seconds() -> float:
    """What this process and all below it have used so far, those that ended included."""
    import psutil

    me = psutil.Process()
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    total = sum(me.cpu_times()[:2]) + ended.ru_utime + ended.ru_stime
    for child in me.children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += sum(times[:2])
    return total


def timed(task: Callable[[], object]) -> Cost:
    wall, cpu = time.perf_counter(), processor_seconds()
    task()
    return Cost(time.perf_counter() - wall, processor_seconds() - cpu)


def nothing() -> Any:
    """A scenario of one customer and one month."""
    import retsim as rs

    return rs.load("retail").with_(customers=1, horizon=1, strategy="retention-led")


def overhead(where: str, kept: bool) -> Cost:
    """Wall and processor seconds a run beyond the run itself; workers are there already."""
    from retsim.experiments.replicate import Settings, Task, attempt
    from retsim.experiments.sharing import Share
    from retsim.experiments.workers import Crew

    scenario = nothing()
    one, settings = {"nothing": scenario}, Settings(0)
    attempt(scenario, Task("nothing", 0), settings)
    bare = timed(lambda: [attempt(scenario, Task("nothing", r), settings) for r in range(TRIVIAL)])

    def crew(n: int) -> None:
        share = Share([Task("nothing", r) for r in range(n)], one)
        Crew(one, settings, 1).work(share, lambda made: [share.learn(x) for x in made])

    if where == "process":
        # Twice as many runs in as many seconds more: what it takes to start the worker falls out.
        few, many = timed(lambda: crew(TRIVIAL)), timed(lambda: crew(2 * TRIVIAL))
        spent = Cost(many.wall - few.wall, many.cpu - few.cpu)
    elif where == "dask":
        with local_cluster(1) as cluster:
            spent = _compared(one, cluster.scheduler_address, kept)
    else:
        spent = _compared(one, 1 if where == "here" else where, kept)
    return Cost((spent.wall - bare.wall) / TRIVIAL, (spent.cpu - bare.cpu) / TRIVIAL)


def _compared(scenarios: Any, workers: Any, kept: bool) -> Cost:
    import retsim as rs

    with tempfile.TemporaryDirectory(dir=".") as folder:
        where = {"folder": folder} if kept else {}
        rs.compare(scenarios, replications=20, workers=workers, **where)
        first = timed(lambda: rs.compare(scenarios, replications=20 + TRIVIAL, workers=workers, **where))
        if kept:
            return first
        again = timed(lambda: rs.compare(scenarios, replications=20, workers=workers))
    return Cost(first.wall - again.wall, first.cpu - again.cpu)


def large(where: str) -> float:
    """Wall seconds of runs of about a second each; workers are there already."""
    import retsim as rs

    scenario = {"large": _of_a_second()}
    if where != "dask":
        workers = int(where) if where.isdecimal() else where
        rs.compare(scenario, replications=2, workers=1)
        return timed(lambda: rs.compare(scenario, replications=LARGE, workers=workers)).wall
    with local_cluster(2) as cluster:
        rs.compare(scenario, replications=4, workers=cluster.scheduler_address)
        return timed(lambda: rs.compare(scenario, replications=LARGE, workers=cluster.scheduler_address)).wall


def _of_a_second() -> Any:
    import retsim as rs

    customers = 20_000
    scenario = rs.load("telecom").with_(customers=customers, strategy="retention-led")
    rs.simulate(scenario.with_(customers=100))
    cpu = time.process_time()
    rs.simulate(scenario)
    return scenario.with_(customers=int(customers / (time.process_time() - cpu)))


def resume() -> dict[str, float]:
    """Making nothing of a study of 10,000 runs that is all there: wall, processor seconds, peak memory."""
    import retsim as rs
    from retsim.experiments.folder import Folder
    from retsim.experiments.replicate import Settings, Task, attempt

    base = rs.load("telecom").with_(customers=300)
    pair = {name: base.with_(strategy=name) for name in ("acquisition-led", "retention-led")}
    code = (
        "import sys, time, resource; wall, cpu = time.perf_counter(), time.process_time()\n"
        "import retsim as rs; base = rs.load('telecom').with_(customers=300)\n"
        "pair = {name: base.with_(strategy=name) for name in ('acquisition-led', 'retention-led')}\n"
        f"study = rs.compare(pair, replications={RESUMED // 2}, folder=sys.argv[1])\n"
        f"assert study.counts == ({RESUMED}, {RESUMED}, 0, 0)\n"
        "study.summary(); study.differences()\n"
        "print(time.perf_counter() - wall, time.process_time() - cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    with tempfile.TemporaryDirectory(dir=".") as folder:
        made = {name: [attempt(s, Task(name, r), Settings(0)) for r in range(25)] for name, s in pair.items()}
        store = Folder(folder, pair, Settings(0))
        store.plan(RESUMED // 2)
        for runs in made.values():
            store.keep([runs[r % 25]._replace(replication=r) for r in range(RESUMED // 2)])
        store.close()
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        found = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    wall, cpu, peak = map(float, found.stdout.split())
    return {"wall": wall, "cpu": cpu, "peak_bytes": 1024 * peak, "file_bytes": size}


def commit() -> float:
    """Seconds to keep one run on this disk, commit and all."""
    from retsim.experiments.store import Key, Store

    with tempfile.TemporaryDirectory(dir=".") as folder, Store(Path(folder)) as store:
        bits = os.urandom(6000)
        return timed(lambda: [store.put(Key("s", 0, r, "c", 1), bits) for r in range(300)]).wall / 300


def interrupt() -> float:
    """Seconds from Ctrl-C to the end of a comparison with two workers."""
    command = [sys.executable, "-m", "retsim", "compare", "telecom", "--replications", "100000", "--workers", "2"]
    with tempfile.TemporaryDirectory(dir=".") as folder:
        child = subprocess.Popen([*command, "--study", folder], stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(15.0)
        wall = time.perf_counter()
        os.killpg(child.pid, signal.SIGINT)
        child.wait()
        return time.perf_counter() - wall

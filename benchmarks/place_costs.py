"""What it costs to share runs out: each function here is measured in a process of its own (``places.py``)."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from parallel import machine_cpu

TRIVIAL, LARGE = (50, 150), (6, 24)
"""Few and many runs of nothing, to see what is around them; and of a second each, to see what a second core gives.
Only what many take longer than few counts: what it takes to start workers falls out."""
ROUNDS = {TRIVIAL: 6, LARGE: 2}
"""How often, in turn with what they are held against; the least of each counts."""
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


def timed(task: Callable[..., object], *arguments: int) -> Cost:
    """Seconds on the clock, and of all processors of this machine: workers of any kind are in it."""
    wall, cpu = time.perf_counter(), machine_cpu()
    task(*arguments)
    return Cost(time.perf_counter() - wall, machine_cpu() - cpu)


def a_run(tasks: Sequence[Callable[[int], object]], numbers: tuple[int, int]) -> list[Cost]:
    """Seconds a run of each task, a function of how many runs; in turn, the least of all rounds."""
    few, many = numbers
    rounds = [[(timed(task, few), timed(task, many)) for task in tasks] for _ in range(ROUNDS[numbers])]
    found = []
    for pairs in zip(*rounds, strict=True):
        least = [Cost(*map(min, zip(*costs, strict=True))) for costs in zip(*pairs, strict=True)]
        found.append(Cost(*((long - short) / (many - few) for short, long in zip(*least, strict=True))))
    return found


def nothing() -> Any:
    """A scenario of one customer and one month."""
    import retsim as rs

    return rs.load("retail").with_(customers=1, horizon=1, strategy="retention-led")


def overhead(where: str, kept: bool) -> Cost:
    """Wall and processor seconds a run beyond the run itself; workers are there already."""
    import retsim as rs
    from retsim.experiments.replicate import Settings, Task, attempt
    from retsim.experiments.sharing import Share
    from retsim.experiments.workers import Crew

    scenario = nothing()
    one, settings = {"nothing": scenario}, Settings(0)
    attempt(scenario, Task("nothing", 0), settings)

    def bare(n: int) -> None:
        for r in range(n):
            attempt(scenario, Task("nothing", r), settings)

    def crew(n: int) -> None:
        share = Share([Task("nothing", r) for r in range(n)], one)
        Crew(one, settings, 1).work(share, lambda made: [share.learn(x) for x in made])

    def compared(n: int, workers: Any = 1) -> None:
        with tempfile.TemporaryDirectory(dir=".") as folder:
            rs.compare(one, replications=n, workers=workers, **({"folder": folder} if kept else {}))

    if where == "dask":
        with local_cluster(1) as cluster:
            costs = a_run([bare, lambda n: compared(n, cluster.scheduler_address)], TRIVIAL)
    else:
        costs = a_run([bare, crew if where == "process" else compared], TRIVIAL)
    return Cost(costs[1].wall - costs[0].wall, costs[1].cpu - costs[0].cpu)


def speedup(where: str) -> float:
    """How many times as many runs of about a second get done on two cores as on one; workers are there already."""
    import retsim as rs

    scenario = {"large": _of_a_second()}

    def compared(n: int, workers: Any = 1) -> None:
        rs.compare(scenario, replications=n, workers=workers)

    if where == "dask":
        with local_cluster(2) as cluster:
            one, two = a_run([compared, lambda n: compared(n, cluster.scheduler_address)], LARGE)
    else:
        workers = int(where) if where.isdecimal() else where
        one, two = a_run([compared, lambda n: compared(n, workers)], LARGE)
    return one.wall / two.wall


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

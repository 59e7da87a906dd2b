"""What a second core gives, in wall time: two processes on an idle machine, two threads on a busy one."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from costs import Plan
from measure import Timing, finish, measure, start, time_tool

# Foreign load, in cores, above which a machine is not called idle.
IDLE = 0.10


class Speedup(NamedTuple):
    """Replications over two processes against one.

    Parameters
    ----------
    serial, parallel : list of float
        Wall seconds of the repetitions.
    ceiling : float or None
        What two independent copies of the C program reach together against one: the machine's own limit.
        None without a C compiler.
    foreign_cores : float
        Cores that other programs used before, between or after the repetitions, at most.
    """

    serial: list[float]
    parallel: list[float]
    ceiling: float | None
    foreign_cores: float


class Busy(NamedTuple):
    """One and two threads while another program spins on one core."""

    serial: list[Timing]
    threads: list[Timing]


def machine_cpu() -> float:
    """Return the CPU seconds that the whole machine has used (Linux), with those that its host took away."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def foreign_cores(seconds: float = 1.0) -> float:
    """Return how many cores other programs use while this one waits."""
    before, wall = machine_cpu(), time.monotonic()
    time.sleep(seconds)
    return (machine_cpu() - before) / (time.monotonic() - wall)


def ceiling(plan: Plan) -> float:
    """Return the throughput of two copies of the C program at once against one alone."""
    n, least_cpu = plan.size(100_000), 8 * plan.least_cpu
    job = {"tool": "c", "n": n, "periods": plan.periods, "seed": 1, "least_cpu": least_cpu}
    alone = Timing(*measure("tool", **job))
    pair = [Timing(*finish(child)) for child in [start("tool", **job), start("tool", **job)]]
    return sum(timing.events / timing.wall for timing in pair) / (alone.events / alone.wall)


def two_processes(plan: Plan, *, replications: int, with_ceiling: bool) -> Speedup:
    """Time the adapter's ``replicate`` with one and two workers in turn."""
    n = plan.size(100_000)
    serial, parallel, foreign = [], [], []
    for _ in range(max(1, plan.repetitions - 1)):
        foreign.append(foreign_cores())
        serial.append(measure("replicate", replications=replications, n=n, workers=1))
        parallel.append(measure("replicate", replications=replications, n=n, workers=2))
    foreign.append(foreign_cores())
    return Speedup(serial, parallel, ceiling(plan) if with_ceiling else None, max(foreign))


@contextmanager
def spinning_competitor() -> Iterator[None]:
    """Keep one core busy with another program meanwhile."""
    core = min(os.sched_getaffinity(0))
    code = f"import os; os.sched_setaffinity(0, {{{core}}})\nwhile True: pass"
    competitor = subprocess.Popen([sys.executable, "-c", code])
    try:
        yield
    finally:
        competitor.kill()
        competitor.wait()


def two_threads_busy(plan: Plan) -> Busy:
    """Time the compiled engine with one and two threads in turn beside a competitor."""

    def timing(tool: str) -> Timing:
        return time_tool(tool, plan.size(100_000), periods=plan.periods, seed=1, least_cpu=plan.least_cpu)

    busy = Busy([], [])
    with spinning_competitor():
        for _ in range(plan.repetitions):
            busy.serial.append(timing("retsim"))
            busy.threads.append(timing("retsim-2"))
    return busy

"""One measurement in a process of its own, so that no tool inherits another's garbage, caches or memory.

``measure`` is the parent's side; it runs ``measure.py JSON``, which does what the JSON says and prints a
JSON answer. The functions in KINDS are the child's side.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from tools import runner

HERE = Path(__file__).parent
SOURCE = HERE.parent / "src"


class Timing(NamedTuple):
    """One tool timed at one size.

    Parameters
    ----------
    cpu, wall : float
        Seconds, for all runs together; CPU time of all threads.
    events : int
        Purchases simulated in that time.
    peak_bytes : int
        Largest resident memory of the process.
    """

    cpu: float
    wall: float
    events: int
    peak_bytes: int


def environment() -> dict[str, str]:
    """Return the environment of a child: this package on the path, bytecode cached as for any user."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = (str(SOURCE), str(HERE), *filter(None, [os.environ.get("PYTHONPATH")]))
    return kept | {"PYTHONPATH": os.pathsep.join(path)}


def start(kind: str, **what: Any) -> subprocess.Popen[str]:
    """Start a child that measures ``kind``."""
    command = [sys.executable, str(HERE / "measure.py"), json.dumps({"kind": kind, **what})]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())


def finish(child: subprocess.Popen[str]) -> Any:
    """Wait for a child and return its answer; its last line is the JSON."""
    out, _ = child.communicate()
    if child.returncode:
        raise RuntimeError(f"benchmarks: a measurement failed (see above): {child.args!r}")
    return json.loads(out.splitlines()[-1])


def measure(kind: str, **what: Any) -> Any:
    """Measure ``kind`` in a child and return its answer."""
    return finish(start(kind, **what))


def time_tool(tool: str, n: int, *, periods: int, seed: int, least_cpu: float) -> Timing:
    """Time a tool in a child: runs with seeds ``seed``, ``seed + 1``, ... until ``least_cpu`` s are used."""
    return Timing(*measure("tool", tool=tool, n=n, periods=periods, seed=seed, least_cpu=least_cpu))


def _tool(tool: str, n: int, periods: int, seed: int, least_cpu: float) -> Timing:
    run = runner(tool)
    run(50, seed, min(periods, 3))  # compiles, loads, warms up
    events, cpu, wall = 0, time.process_time(), time.perf_counter()
    while (used := time.process_time() - cpu) < least_cpu or not events:
        events += int(run(n, seed, periods)["purchases"].sum())
        seed += 1
    return Timing(used, time.perf_counter() - wall, events, _peak_bytes())


def _peak_bytes() -> int:
    # Not getrusage: its maximum is inherited from the parent (Linux).
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return 1024 * int(status.split("VmHWM:")[1].split()[0])


def _bytes_per_customer(n: int) -> float:
    import w1_retsim

    return float(w1_retsim.bytes_per_customer(n))


def _replicate(replications: int, n: int, workers: int) -> float:
    import w1_retsim

    w1_retsim.run(50, 0, 3)
    wall = time.perf_counter()
    w1_retsim.replicate(replications, n, workers)
    return time.perf_counter() - wall


def _paired_variance_ratios() -> dict[str, float]:
    import pairs

    return {name: float(ratio) for name, ratio in pairs.paired_variance_ratios().items()}


KINDS: dict[str, Callable[..., Any]] = {
    "tool": _tool,
    "bytes_per_customer": _bytes_per_customer,
    "replicate": _replicate,
    "paired_variance_ratios": _paired_variance_ratios,
}

if __name__ == "__main__":
    request = json.loads(sys.argv[1])
    print(json.dumps(KINDS[request.pop("kind")](**request)))

"""What sharing out costs and what it gives: ``python benchmarks/places.py``, on an idle machine, about ten minutes.

Prints a table; exit 1 when a figure misses what it must reach. Where other programs use the machine, what is measured on
the clock or over all processors is shown and not judged. ``--only NAME`` measures some rows.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

from measure import HERE, environment
from parallel import IDLE, foreign_cores


class Row(NamedTuple):
    """A figure: what is measured, the most or least it must be, and how it is shown."""

    name: str
    title: str
    measure: Callable[[], float]
    must: Callable[[float], bool]
    goal: str
    form: str
    is_wall: bool = True


def child(function: str, *arguments: Any) -> Any:
    """A function of `place_costs` in a process of its own."""
    code = f"import json, place_costs; print(json.dumps(place_costs.{function}(*{arguments!r})))"
    done = subprocess.run([sys.executable, "-c", code], env=environment(), cwd=HERE, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError(f"benchmarks: {function}{arguments} failed (see above)")
    return json.loads(done.stdout.splitlines()[-1])


def speedup(where: str) -> float:
    return float(child("speedup", where))


def overhead(part: int, where: str, kept: bool = False) -> float:
    return 1000.0 * float(child("overhead", where, kept)[part])


def resumed(key: str) -> float:
    if key not in _resumed:
        _resumed.update(child("resume"))
    return _resumed[key]


_resumed: dict[str, float] = {}
AT_LEAST, FAST, QUICK = 1.85, 10.0, 2.0
ANY: Callable[[float], bool] = lambda x: True  # noqa: E731

ROWS = [
    Row("two", "speed-up of 2 processes, runs of 1 s", lambda: speedup("2"), lambda x: x >= AT_LEAST, ">= 1.85", "{:.2f}"),
    Row("threads", "speed-up of 2 threads, runs of 1 s", lambda: speedup("threads:2"), ANY, "", "{:.2f}"),
    Row("two-dask", "speed-up of 2 Dask workers, runs of 1 s", lambda: speedup("dask"), ANY, "", "{:.2f}"),
    *[
        Row(f"{name}-{'cpu' if part else 'wall'}", f"a run, {title}, {'processor' if part else 'wall'} ms",
            lambda part=part, where=where, kept=kept: overhead(part, where, kept), lambda x, most=most: x < most,
            f"< {most:g}", "{:.2f}")
        for name, title, where, kept, most in (
            ("here", "in this process", "here", False, 2.0),
            ("kept", "in this process, kept in a folder", "here", True, 10.0),
            ("process", "through a worker process", "process", False, 2.0),
            ("dask", "through Dask", "dask", False, 10.0),
        )
        for part in (0, 1)
    ],
    Row("commit", "keeping a run, wall ms", lambda: 1000.0 * child("commit"), ANY, "", "{:.2f}"),
    Row("resume", "resuming 10,000 runs, wall s", lambda: resumed("wall"), lambda x: x < FAST, "< 10", "{:.1f}"),
    Row("resume-cpu", "resuming 10,000 runs, processor s", lambda: resumed("cpu"), lambda x: x < FAST, "< 10", "{:.1f}", False),
    Row("resume-memory", "its memory, MB", lambda: resumed("peak_bytes") / 1e6, lambda x: x < 1000, "< 1000", "{:.0f}", False),
    Row("resume-file", "its file, MB", lambda: resumed("file_bytes") / 1e6, ANY, "", "{:.0f}", False),
    Row("ctrl-c", "Ctrl-C to the end, 2 workers, s", lambda: child("interrupt"), lambda x: x < QUICK, "< 2", "{:.2f}"),
]  # fmt: skip


def main() -> int:
    """Measure row by row and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=[row.name for row in ROWS], help="measure these rows")
    wanted = parser.parse_args().only
    print("| figure | measured | must be | |\n|---|---:|---:|---|", flush=True)
    missed = 0
    for row in ROWS:
        if wanted and row.name not in wanted:
            continue
        foreign = foreign_cores()
        value = row.measure()
        busy = row.is_wall and max(foreign, foreign_cores()) > IDLE
        word = "not judged: the machine is busy" if busy else "" if not row.goal else "yes" if row.must(value) else "NO"
        missed += word == "NO"
        print(f"| {row.title} | {row.form.format(value)} | {row.goal} | {word} |", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

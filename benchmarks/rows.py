"""The figures to reach: each row's measured value, what it must and should reach, and the verdict."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from costs import Costs, Job, Plan, least, median
from parallel import IDLE, Busy, Speedup
from startup import FIRST_RUN, HELP, IMPORT
from tools import TOOLS

NOT_AVAILABLE, MISSED = "not available", "MISSED"


class Measured(NamedTuple):
    """Everything that one run of the benchmark measured; None or empty where it could not.

    Parameters
    ----------
    plan : Plan
        Sizes and repetitions.
    costs : dict
        Timings of each job.
    startup : Mapping
        CPU seconds by code.
    bytes_per_customer : float or None
        Live memory.
    speedup : Speedup or None
        Two processes.
    busy : Busy or None
        Two threads.
    pairs : Mapping of str to float
        Variance against independent seeds over variance of paired ones, by pair.
    """

    plan: Plan
    costs: Costs
    startup: Mapping[str, list[float]]
    bytes_per_customer: float | None
    speedup: Speedup | None
    busy: Busy | None
    pairs: Mapping[str, float]


class Figure(NamedTuple):
    """A measured value, what a reader should know with it, and whether a verdict on it is fair."""

    value: float
    note: str = ""
    judged: bool = True


class Row(NamedTuple):
    """One figure to reach.

    Parameters
    ----------
    what : str
        What is measured.
    unit : str
        Behind the numbers: "x", " B", " s".
    must, aim : float or None
        Limits; None where there is none.
    more_is_better : bool
        Which side of the limits is good.
    figure : callable
        Measured -> Figure, or None when it could not be measured.
    """

    what: str
    unit: str
    must: float | None
    aim: float | None
    more_is_better: bool
    figure: Callable[[Measured], Figure | None]


def number(value: float) -> str:
    """Return three significant digits, no exponent."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def reaches(row: Row, value: float, limit: float) -> bool:
    """Whether ``value`` is on the good side of ``limit``."""
    return value >= limit if row.more_is_better else value <= limit


def verdict(row: Row, figure: Figure | None, *, quick: bool) -> str:
    """Say in two words what a figure reached."""
    if figure is None:
        return NOT_AVAILABLE
    if quick or not figure.judged:
        return "not judged"
    if row.must is None:
        return "for information"
    if not reaches(row, figure.value, row.must):
        return MISSED
    return "aim reached" if row.aim is not None and reaches(row, figure.value, row.aim) else "must reached"


def cost_ratio(above: Job, below: Job) -> Callable[[Measured], Figure | None]:
    """Return a figure: least CPU time per event of one job over that of another."""

    def figure(measured: Measured) -> Figure | None:
        a, b = (measured.costs.get(job, []) for job in (above, below))
        if not a or not b:
            return None
        return Figure(least(a) / least(b), f"by medians {median(a) / median(b):.3g}")

    return figure


def process_cpu(code: str) -> Callable[[Measured], Figure | None]:
    """Return a figure: least CPU time of a process that runs ``code``."""

    def figure(measured: Measured) -> Figure | None:
        times = measured.startup.get(code)
        return Figure(min(times), f"median {statistics.median(times):.2f} s") if times else None

    return figure


def two_processes(measured: Measured) -> Figure | None:
    """Serial over parallel wall time."""
    speedup = measured.speedup
    if speedup is None:
        return None
    limit = "" if speedup.ceiling is None else f"two C programs at once: {speedup.ceiling:.2f}x; "
    idle = speedup.foreign_cores <= IDLE
    load = f"other programs used {speedup.foreign_cores:.2f} cores{'' if idle else ', so not idle'}"
    return Figure(min(speedup.serial) / min(speedup.parallel), limit + load, judged=idle)


def two_threads(measured: Measured) -> Figure | None:
    """Serial over threaded time per event, the worse of wall and CPU."""
    busy = measured.busy
    if busy is None:
        return None
    wall, cpu = (
        min(getattr(timing, clock) / timing.events for timing in busy.serial)
        / min(getattr(timing, clock) / timing.events for timing in busy.threads)
        for clock in ("wall", "cpu")
    )
    return Figure(min(wall, cpu), f"the worse of wall {wall:.2f} and CPU {cpu:.2f}")


def memory(measured: Measured) -> Figure | None:
    """Live memory a customer."""
    size = measured.bytes_per_customer
    return None if size is None else Figure(size)


def peak_memory(measured: Measured) -> Figure | None:
    """Peak memory of the process with a million customers, GB."""
    timings = measured.costs.get(Job("retsim", 1_000_000), [])
    return Figure(max(timing.peak_bytes for timing in timings) / 1e9) if timings else None


def paired_variance(measured: Measured) -> Figure | None:
    """The least of the standard pairs."""
    if not measured.pairs:
        return None
    each = ", ".join(f"{name} {ratio:.3g}" for name, ratio in measured.pairs.items())
    return Figure(min(measured.pairs.values()), f"the least of {each}")


def against(tool: str, n: int, must: float | None, aim: float | None) -> Row:
    """Return a row: the compiled engine against another tool, how many times as fast."""
    figure = cost_ratio(Job(tool, n), Job("retsim", n))
    return Row(f"compiled engine against {TOOLS[tool].label}, N = {n:,}", "x", must, aim, True, figure)


def time_against(tool: str, must: float | None, aim: float | None) -> Row:
    """Return a row: time of the compiled engine over that of another tool."""
    figure = cost_ratio(Job("retsim", 100_000), Job(tool, 100_000))
    return Row(f"time against {TOOLS[tool].label}, N = 100,000", "x", must, aim, False, figure)


ROWS: Sequence[Row] = (
    against("simpy", 100_000, 100, 200),
    against("mesa", 10_000, 25, 50),
    against("agentpy", 10_000, None, None),
    against("numpy", 100_000, 1, 2),
    against("numpy", 2_000, 2, 4),
    time_against("c", 1.5, 0.7),
    time_against("c-xoshiro", None, None),
    Row(
        "cost per event at N = 1,000,000 against 10,000", "x", 1.2, 1.05, False,
        cost_ratio(Job("retsim", 1_000_000), Job("retsim", 10_000)),
    ),
    Row("two processes over replications, idle machine, wall time", "x", 1.8, 1.95, True, two_processes),
    Row("two threads on a busy machine against serial", "x", 0.9, None, True, two_threads),
    Row("live memory a customer", " B", 300, 150, False, memory),
    Row("peak memory of the process, N = 1,000,000", " GB", 2, None, False, peak_memory),
    Row(
        "reference engine against SimPy, N = 1,000", "x", 0.5, 0.9, True,
        cost_ratio(Job("simpy", 1_000), Job("reference", 1_000)),
    ),
    Row("`retsim --help`, CPU", " s", 0.4, 0.25, False, process_cpu(HELP)),
    Row("`import retsim`, CPU", " s", 0.5, 0.3, False, process_cpu(IMPORT)),
    Row("first compiled run of a process, warm cache, CPU", " s", 3, 1.5, False, process_cpu(FIRST_RUN)),
    Row("variance of independent seeds over that of pairs, worst pair", "x", 10, 50, True, paired_variance),
)  # fmt: skip

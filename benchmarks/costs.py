"""CPU time per event of every tool at every size, repetitions interleaved."""

import statistics
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

from measure import Timing, time_tool
from tools import TOOLS, problem

EVENTS_PER_CUSTOMER_MONTH = 118 / 120
SHORT = 10.0
"""Seconds below which a timing is a short one."""


class Job(NamedTuple):
    """One tool at one size (customers at time 0)."""

    tool: str
    n: int


class Plan(NamedTuple):
    """How to time jobs.

    Parameters
    ----------
    periods : int
        Months a run.
    repetitions : int
        How often each job is timed; the jobs take turns.
    often : int
        How many times as often a short one is timed: a machine's speed changes from second to second, and what takes
        a minute sees some of everything.
    least_cpu : float
        CPU seconds of one timing at least; small runs are repeated until then.
    shrink : int
        What sizes are divided by: 1, or more for a smoke check.
    """

    periods: int
    repetitions: int
    often: int
    least_cpu: float
    shrink: int

    def size(self, n: int) -> int:
        """Return the size that is simulated for a nominal ``n``."""
        return max(100, n // self.shrink)


# The table needs these ...
TABLE = (
    *(Job("simpy", n) for n in (1_000, 100_000)),
    *(Job("mesa", n) for n in (10_000,)),
    *(Job("agentpy", n) for n in (10_000,)),
    *(Job("numpy", n) for n in (2_000, 100_000)),
    *(Job(tool, 100_000) for tool in ("c", "c-xoshiro")),
    *(Job("retsim", n) for n in (2_000, 10_000, 100_000, 1_000_000)),
    *(Job("reference", n) for n in (1_000,)),
)
# ... and the picture also these.
PICTURE = (
    *(Job(tool, 1_000) for tool in ("mesa", "agentpy", "numpy", "c", "c-xoshiro", "retsim")),
    *(Job(tool, 10_000) for tool in ("simpy", "numpy", "c", "c-xoshiro", "reference")),
    *(Job(tool, 1_000_000) for tool in ("numpy", "c", "c-xoshiro")),
)

Costs = dict[Job, list[Timing]]


def per_event(timing: Timing) -> float:
    """Return CPU seconds per event."""
    return timing.cpu / timing.events


def least(timings: Sequence[Timing]) -> float:
    """Return the least CPU time per event: what other programs on the machine disturbed least."""
    return min(map(per_event, timings))


def median(timings: Sequence[Timing]) -> float:
    """Return the median CPU time per event."""
    return statistics.median(map(per_event, timings))


def can_run(jobs: Sequence[Job]) -> list[Job]:
    """Return the jobs whose tool runs here, smallest first."""
    missing = {key: problem(key) for key in TOOLS}
    return sorted((job for job in jobs if missing[job.tool] is None), key=lambda job: (job.n, job.tool))


def seconds(job: Job, plan: Plan) -> float:
    """Return how long one timing of a job takes, roughly."""
    events = plan.size(job.n) * plan.periods * EVENTS_PER_CUSTOMER_MONTH
    return max(events / TOOLS[job.tool].rough_rate, plan.least_cpu) + 1.0


def turns(jobs: Sequence[Job], plan: Plan) -> list[tuple[int, Job]]:
    """Return (number of the timing, job), A B C A B C ...: all jobs, then the short ones again, and all anew."""
    short = [job for job in jobs if seconds(job, plan) < SHORT]
    rounds = range(plan.repetitions * plan.often)
    return [(number, job) for number in rounds for job in (short if number % plan.often else jobs)]


def time_jobs(jobs: Sequence[Job], plan: Plan) -> Costs:
    """Time every job, in turns, and tell the time left on stderr."""
    costs: Costs = {job: [] for job in jobs}
    begun = time.monotonic()
    due = turns(jobs, plan)
    total = sum(seconds(job, plan) for _, job in due)
    done = 0.0
    for i, (number, job) in enumerate(due):
        timing = time_tool(
            job.tool,
            plan.size(job.n),
            periods=plan.periods,
            seed=1000 * (number + 1),
            least_cpu=plan.least_cpu,
        )
        costs[job].append(timing)
        done += seconds(job, plan)
        left = (time.monotonic() - begun) * (total - done) / done
        print(
            f"[{i + 1}/{len(due)}] {TOOLS[job.tool].label}, N = {plan.size(job.n):,}: "
            f"{1 / per_event(timing):,.0f} events per CPU second; about {left / 60:.1f} min left",
            file=sys.stderr,
        )
    return costs

"""One run of the benchmark: what it can measure here, the measurements, the figures, the page."""

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import agreement
import machine
import picture
import report
from costs import PICTURE, TABLE, Plan, can_run, time_jobs
from measure import SOURCE, measure
from parallel import Speedup, two_processes, two_threads_busy
from rows import MISSED, NOT_AVAILABLE, ROWS, Figure, Measured, Row, verdict
from startup import FIRST_RUN, HELP, IMPORT, interleaved
from tools import TOOLS, problem

FULL = Plan(periods=120, repetitions=3, often=5, least_cpu=1.0, shrink=1)
QUICK = Plan(periods=24, repetitions=1, often=1, least_cpu=0.02, shrink=50)
REPLICATIONS, QUICK_REPLICATIONS = 100, 3
"""As many as `retsim compare` makes, unless told; the start of the workers is part of the time."""
MEMORY_N = 100_000


def offers(module: str, function: str) -> bool:
    """Whether a module beside this one exists and has ``function``."""
    return importlib.util.find_spec(module) is not None and hasattr(importlib.import_module(module), function)


def say(what: str) -> None:
    """Tell progress."""
    print(what, file=sys.stderr)


def startup_times(repetitions: int) -> dict[str, list[float]]:
    """Time the short processes that can run."""
    package = importlib.util.find_spec("retsim")
    codes = [IMPORT] if package and package.origin else []
    codes += [HELP] if package and importlib.util.find_spec("retsim.cli") else []
    codes += [FIRST_RUN] if problem("retsim") is None else []
    say(f"start-up: {len(codes)} short processes, {repetitions + 1} times")
    return interleaved(codes, repetitions)


def speedup(plan: Plan, *, quick: bool) -> Speedup | None:
    """Time replications over processes, when the adapter can."""
    if not offers("w1_retsim", "replicate"):
        return None
    say("two processes over replications")
    replications = QUICK_REPLICATIONS if quick else REPLICATIONS
    return two_processes(plan, replications=replications, with_ceiling=problem("c") is None)


def paired_variances() -> dict[str, float]:
    """Compare paired with independent seeds, when the standard pairs are there."""
    if not offers("pairs", "paired_variance_ratios"):
        return {}
    say("variance of paired differences")
    return dict(measure("paired_variance_ratios"))


def measurements(options: argparse.Namespace) -> Measured:
    """Measure all that can be measured here."""
    plan = QUICK if options.quick else FULL._replace(repetitions=options.repetitions)
    jobs = can_run(TABLE if options.quick else TABLE + PICTURE)
    if options.tools:
        jobs = [job for job in jobs if job.tool in options.tools]
    parallel = not options.tools and problem("retsim") is None
    costs = time_jobs(jobs, plan)
    memory = "bytes_per_customer", plan.size(MEMORY_N)
    return Measured(
        plan=plan,
        costs=costs,
        startup={} if options.tools else startup_times(2 if options.quick else 5),
        bytes_per_customer=measure(memory[0], n=memory[1]) if offers("w1_retsim", memory[0]) else None,
        speedup=speedup(plan, quick=options.quick) if parallel else None,
        busy=two_threads_busy(plan) if parallel else None,
        pairs={} if options.quick or options.tools else paired_variances(),
    )


class Session(NamedTuple):
    """One finished run of the benchmark.

    Parameters
    ----------
    quick : bool
        Whether it was a smoke check.
    complete : bool
        Whether every row was to be measured: neither a smoke check nor only some tools.
    measured : Measured
        The measurements.
    agreements : sequence of Agreement
        Empty when skipped.
    """

    quick: bool
    complete: bool
    measured: Measured
    agreements: Sequence[agreement.Agreement]

    @classmethod
    def measure(cls, options: argparse.Namespace) -> "Session":
        """Check the agreement, then measure."""
        sys.path.insert(0, str(SOURCE))
        agreements = [] if options.no_agreement else agreement.check(quick=options.quick)
        complete = not (options.quick or options.tools)
        return cls(options.quick, complete, measurements(options), agreements)

    @property
    def figures(self) -> list[tuple[Row, Figure | None]]:
        """Each row with its figure."""
        return [(row, row.figure(self.measured)) for row in ROWS]

    def failed(self) -> bool:
        """Whether tools disagree, a figure misses what it must reach, or a complete run lacks one."""
        verdicts = {verdict(row, figure, quick=self.quick) for row, figure in self.figures if row.must}
        lacking = self.complete and NOT_AVAILABLE in verdicts
        return MISSED in verdicts or lacking or not all(one.agrees for one in self.agreements)

    def text(self) -> str:
        """Return the page."""
        measured = self.measured
        sections = [
            ("Figures against their targets", report.target_table(self.figures, quick=self.quick)),
            ("Events per CPU second", report.speed_table(measured.costs, measured.plan)),
            ("Do the tools simulate the same thing?", report.agreement_section(self.agreements)),
            ("How retsim's W1 differs", self.differences()),
            ("Machine", "\n".join(f"- {line}" for line in machine.description())),
        ]
        left_out = [f"- {tool.label}: {reason}" for key, tool in TOOLS.items() if (reason := problem(key))]
        if left_out:
            sections.append(("Left out", "\n".join(left_out)))
        return report.page(sections, quick=self.quick)

    @staticmethod
    def differences() -> str:
        """Return what the adapter says about itself."""
        if not offers("w1_retsim", "DIFFERENCES"):
            return "Not stated."
        return str(importlib.import_module("w1_retsim").DIFFERENCES)

    def write(self, folder: Path) -> None:
        """Write page and picture into ``folder``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmark.md").write_text(self.text(), encoding="utf-8")
        picture.draw(folder / "benchmark.png", self.measured.costs, self.measured.plan, self.figures)

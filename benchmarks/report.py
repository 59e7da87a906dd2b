"""The benchmark as Markdown: figures against targets, speeds, agreement, machine."""

from collections.abc import Sequence
from pathlib import Path

import agreement
from costs import Costs, Plan, least, median
from rows import NOT_AVAILABLE, Figure, Row, number, verdict
from tools import TOOLS

WHAT_IS_MEASURED = """\
Workload W1, churn with repurchase, over 120 months (`benchmarks/workload.py`), written in each tool as its
own documentation would (`benchmarks/w1_*.py`); retsim runs it through its ordinary rules. An event is a
purchase. Each timing is a process of its own, after a warm-up. The tools take turns, those whose timing is
short five times as often, and all ratios are of CPU time within this one run, from the least of the
timings, except where a row says wall time. The figures come from `make bench` and hold for the machine named
below."""

NOTES = Path(__file__).parent / "notes.md"
"""What is measured by other commands or on other machines; written by hand."""

SMOKE_CHECK = """\
**A smoke check: sizes are a fiftieth of what the rows say, over 24 months, timed once. No figure here means
anything.**"""


def limit(value: float | None, row: Row) -> str:
    """Return a limit with its direction and unit; empty where there is none."""
    return "" if value is None else f"{'≥' if row.more_is_better else '≤'} {number(value)}{row.unit}"


def target_table(figures: Sequence[tuple[Row, Figure | None]], *, quick: bool) -> str:
    """Return a line per figure to reach."""
    lines = ["| figure | measured | must | aim | verdict | note |", "|---|---:|---:|---:|---|---|"]
    for row, figure in figures:
        measured = f"{number(figure.value)}{row.unit}" if figure else NOT_AVAILABLE
        limits = f"{limit(row.must, row)} | {limit(row.aim, row)}"
        outcome, note = verdict(row, figure, quick=quick), figure.note if figure else ""
        lines.append(f"| {row.what} | {measured} | {limits} | {outcome} | {note} |")
    return "\n".join(lines)


def speed_table(costs: Costs, plan: Plan) -> str:
    """Return a line per tool and size."""
    lines = [
        "| tool | customers | events per CPU second, best | median | peak memory of the process |",
        "|---|---:|---:|---:|---:|",
    ]
    order = list(TOOLS)
    for job in sorted(costs, key=lambda job: (order.index(job.tool), job.n)):
        times = costs[job]
        peak = max(timing.peak_bytes for timing in times) / 1e6
        lines.append(
            f"| {TOOLS[job.tool].label} | {plan.size(job.n):,} | {1 / least(times):,.0f} "
            f"| {1 / median(times):,.0f} | {peak:,.0f} MB |"
        )
    return "\n".join(lines)


def agreement_section(results: Sequence[agreement.Agreement]) -> str:
    """Return the tables of agreement with a sentence on each."""
    if not results:
        return "Not checked in this run."
    parts = []
    for result in results:
        outcome = "agree" if result.agrees else "DISAGREE"
        parts.append(
            f"N = {result.n:,}, {agreement.N_SEEDS} seeds: the tools {outcome}. Yearly means of each tool "
            f"against the others, largest deviation in standard errors (limit {agreement.LIMIT:g}):\n\n"
            f"{agreement.table(result)}"
        )
    return "\n\n".join(parts)


def page(sections: Sequence[tuple[str, str]], *, quick: bool) -> str:
    """Return the whole page from (heading, text) pairs."""
    what = f"{SMOKE_CHECK}\n\n{WHAT_IS_MEASURED}" if quick else WHAT_IS_MEASURED
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections)
    picture = "![Speed by tool, and figures against targets](benchmark.png)"
    if not quick:
        picture += "\n\n" + NOTES.read_text(encoding="utf-8").strip()
    return f"# Speed\n\n{what}\n\n{picture}\n\n{body}\n"

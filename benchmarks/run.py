"""Measure everything of the issue's table in one run: ``python benchmarks/run.py``, or ``make bench``.

Makes its own environment on first use, checks that the tools agree, times them in turn, prints the table,
and writes ``docs/benchmark.md`` and ``docs/benchmark.png``. Exit 1 when tools disagree, or when a figure
misses what it must reach or could not be measured.

``--quick`` is a smoke check in the running Python: tiny sizes, no verdicts, nothing written unless ``--out``
is given.
"""

import argparse
import sys
from pathlib import Path

import environment

DOCS = environment.ROOT / "docs"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="smoke check: tiny sizes, in the running Python")
    parser.add_argument(
        "--repetitions", type=int, default=3, help="timings of each job, short ones five times as many (default 3)"
    )
    parser.add_argument("--tools", nargs="+", metavar="TOOL", help="time only these, e.g. retsim numpy c")
    parser.add_argument("--no-agreement", action="store_true", help="skip the check that the tools agree")
    parser.add_argument("--out", type=Path, help="folder for benchmark.md and benchmark.png (default docs)")
    options = parser.parse_args()
    if options.repetitions < 1:
        parser.error(f"--repetitions = {options.repetitions}, must be 1 or more")
    return options


def main() -> int:
    """Enter the environment, measure, report."""
    options = arguments()
    if not options.quick:
        environment.enter()
    # What follows needs packages that only the environment has.
    from session import Session

    session = Session.measure(options)
    print(session.text())
    folder = options.out or (None if options.quick or options.tools else DOCS)
    if folder:
        session.write(folder)
        print(f"\nWritten: {folder / 'benchmark.md'}, {folder / 'benchmark.png'}")
    return 1 if session.failed() else 0


if __name__ == "__main__":
    sys.exit(main())

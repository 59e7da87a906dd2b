"""What switched-off mechanisms cost: ``python benchmarks/switched_off.py``, about five minutes, most of it compiling.

The same runs with retsim as it is, and with a copy of it in which the switches of all further mechanisms are the constant
"off", so that their code is gone. Both in turn, each timing in a process of its own; the least CPU time of each counts.
Exit 1 when all mechanisms together cost more than 2 %.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import HERE, environment

SOURCE = HERE.parent / "src" / "retsim"
SWITCHES = (
    (r"\b(?:me\.)?world\.has_more == 0", "True"),
    (r"\b(?:me\.)?world\.(?:has_more|n_products) != 0", "False"),
    (r"\brange\(world\.n_products\)", "range(0)"),
)
MOST = 1.02
JOBS = {"w1": (100_000, 24), "telecom": (20_000, 48), "retail": (20_000, 48)}

TIMING = """
import sys, time
sys.path[:0] = [{source!r}, {here!r}]
import retsim as rs, w1_retsim
from retsim.market.market import Market
def run(n):
    scenario = w1_retsim.scenario(n, {months}) if {name!r} == "w1" else rs.load({name!r}).resized(n).with_(horizon={months})
    market = Market(scenario, (1, 0))
    assert market.population.more.size == 0 and market.world.products.size == 0
    began = time.process_time()
    market.run()
    return time.process_time() - began
run(1000)
print(min(run({n}) for _ in range(4)))
"""


def without_mechanisms(folder: Path) -> Path:
    """A copy of the sources in which no further mechanism can be on."""
    shutil.copytree(SOURCE, folder / "retsim", ignore=shutil.ignore_patterns("__pycache__"))
    changed = 0
    for part in ("engines", "lifecycle"):
        for path in (folder / "retsim" / part).glob("*.py"):
            text = path.read_text(encoding="utf-8")
            for pattern, constant in SWITCHES:
                text, n = re.subn(pattern, constant, text)
                changed += n
            path.write_text(text, encoding="utf-8")
    if changed < 30:
        raise RuntimeError(
            f"benchmarks: only {changed} switches found in {SOURCE}, there were 35: are they named anew?"
        )
    return folder


def timed(source: Path, name: str) -> float:
    """CPU seconds of one run, the best of four, in a process of its own."""
    n, months = JOBS[name]
    code = TIMING.format(source=str(source), here=str(HERE), name=name, n=n, months=months)
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return float(done.stdout.splitlines()[-1])


def main() -> int:
    """Time in turn and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="timings of each (default 5)")
    rounds = parser.parse_args().rounds
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        sources = {"as it is": SOURCE.parent, "without": without_mechanisms(Path(folder))}
        print(
            "| workload | as it is, s | without, s | cost of what is off | must be |\n|---|---:|---:|---:|---|",
            flush=True,
        )
        for name in JOBS:
            least = dict.fromkeys(sources, float("inf"))
            for _ in range(rounds):
                for which, source in sources.items():
                    least[which] = min(least[which], timed(source, name))
            ratio = least["as it is"] / least["without"]
            missed += ratio > MOST
            print(
                f"| {name} | {least['as it is']:.3f} | {least['without']:.3f} | {ratio - 1:+.1%} | < {MOST - 1:.0%} |",
                flush=True,
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

"""What a run costs with every mechanism on: ``python benchmarks/all_on.py``, about four minutes.

An event is a row of the event log: what a customer lives through at a moment of their own (a bill or purchase, a complaint and
its answer, a contact, a meeting, a life event, an offer, a decision, joining and leaving). Time in the engine is what the
customers' lives take; the whole run has, besides, the birth of 100,000 customers, and what firms do each month: models of leaving,
targeting, programmes, desks, word of mouth, a network, accounts. CPU time, the least of the repetitions. Bytes a customer are what the
process has more of where there are twice as many people: what it holds at the end of a run (all of it: what a customer is, the
network, the firms' database and what they have learned), and at its peak, when a tick has worked out most. Large pages are
off for it: the last one of a column is partly empty, at random, by as much as 20 bytes a customer for each column.
Exit 1 when an engine lives through fewer than 1.5 million events a second, or a customer takes more than 600 bytes.
"""

import argparse
import json
import subprocess
import sys

from measure import HERE, environment

TESTS = HERE.parent / "tests"
NAMES = ("bank", "telecom", "retail")
EVENTS, BYTES = 1.5e6, 600

TIMING = """
import json, sys, time
sys.path[:0] = [{source!r}, {tests!r}]
import retsim as rs
from helpers import everything
from retsim.engines import compiled
from retsim.market.market import Market

def scenario(n, months):
    packaged = rs.load({name!r})
    usual = {{f"segments.{{s}}.traits.attention": segment.traits.attention for s, segment in packaged.segments.items()}}
    return everything(packaged).with_(**usual).resized(n).with_(horizon=float(months))

spent = [0.0]
lived = compiled.run_until
def timed(*args):
    began = time.process_time()
    first = lived(*args)
    spent[0] += time.process_time() - began
    return first
compiled.run_until = timed

small = Market(scenario(5_000, {months}), (1, 0), log=True)
small.run()
events = small.events.events().size * {n} / 5_000
best = []
for _ in range({repetitions}):
    spent[0], began = 0.0, time.process_time()
    market = Market(scenario({n}, {months}), (1, 0))
    market.run()
    best.append((spent[0], time.process_time() - began))
print(json.dumps([events, min(b[0] for b in best), min(b[1] for b in best)]))
"""
MEMORY = """
import ctypes, gc, json, resource, sys
NO_LARGE_PAGES = 41  # PR_SET_THP_DISABLE of Linux
ctypes.CDLL(None).prctl(NO_LARGE_PAGES, 1, 0, 0, 0)
sys.path[:0] = [{source!r}, {tests!r}]
import retsim as rs
from helpers import everything
from retsim.market.market import Market

market = Market(everything(rs.load({name!r})).resized({n}).with_(horizon=float({months})), (1, 0))
market.run()
peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
gc.collect()
# What is free already and only not given back to the machine yet.
ctypes.CDLL("libc.so.6").malloc_trim(0)
held = resource.getpagesize() * int(open("/proc/self/statm").read().split()[1])
print(json.dumps([held, peak, market.population.n]))
"""


def told(code: str, name: str, n: int, months: int, **more: int) -> list[float]:
    """What a program prints, in a process of its own."""
    values = {"source": str(HERE.parent / "src"), "tests": str(TESTS), "name": name, "n": n, "months": months}
    program = code.format(**values, **more)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return list(json.loads(done.stdout.splitlines()[-1]))


def main() -> int:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--months", type=int, nargs="+", default=[12, 60])
    parser.add_argument("--repetitions", type=int, default=3)
    args = parser.parse_args()
    print(
        "| scenario, everything on | months | events, millions | a second, engine | a second, whole run "
        "| bytes a customer: held | at the peak |\n|---|---:|---:|---:|---:|---:|---:|",
        flush=True,
    )
    missed = 0
    for name in NAMES:
        for months in args.months:
            events, engine, whole = told(TIMING, name, args.customers, months, repetitions=args.repetitions)
            small, large = (told(MEMORY, name, k * args.customers, months) for k in (1, 2))
            held, peak = ((large[which] - small[which]) / (large[2] - small[2]) for which in (0, 1))
            missed += events / engine < EVENTS or held > BYTES
            print(
                f"| {name} | {months} | {events / 1e6:.2f} | {events / engine / 1e6:.2f} M | {events / whole / 1e6:.2f} M "
                f"| {held:.0f} | {peak:.0f} |",
                flush=True,
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

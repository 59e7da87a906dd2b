"""Runs markets in plain Python (``NUMBA_DISABLE_JIT=1``) with eyes on every draw, and prints what it saw as JSON.

Started by the tests as a process of its own, as numba decides when it is imported. Arguments: the name of a task.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from helpers import bits, customers_of, everything, ledger_of, run_market

import retsim.engines.prepare
import retsim.engines.room
import retsim.streams
from retsim import numerics
from retsim.scenario import load
from retsim.streams import Draw

NAMES = ("telecom", "retail", "saas")
AUDITED = (*NAMES, "crowded", "staff-loop", "word-of-mouth", "bank")
READS = {
    Draw.ENROLMENT: 1000,  # a rank in a queue: the same number is computed anew at each tick
    Draw.CLUB: 1000,  # an inclination: asked anew at each tick
    Draw.RIVAL: 1000,  # a delay: computed anew at each tick
    Draw.SEGMENT: 2,  # two lanes, read at two places: whose segment, and whose customer at the start
    Draw.AFFINITY: 1000,  # the same for each time with a firm: computed anew at each joining
    Draw.DESK: 2,  # two lanes, read at two places: how long the answer takes, and whether it is good
    Draw.LEAD: 1000,  # whether a lead is in earnest, and what is believed of it: the same whenever it is asked anew
    Draw.WORD: 3,  # when a word comes, and the rank of a rewarded one in the queue for the money
}
"""How often the same number may be computed, for the same use; every other draw once."""

# A batch is filled up with copies of its first, whose luck nobody looks at.
retsim.engines.room.LANES = 1


def small(name):
    """A few dozen customers for some months with every mechanism on; crowded: more firms than one draw has lanes."""
    scenario = load("retail" if name == "crowded" else name)
    scenario = scenario.with_(customers=32, horizon=5.0, strategy="retention-led")
    if name == "crowded":
        more = {f"rival{n}": {"awareness": 1.0, "organic": 0.2, "poaching": 0.5} for n in range(6)}
        scenario = scenario.with_(rivals=more)
    return everything(scenario).with_(**{"firm.failure_rate": 0.4, "firm.contract_term": 2.0, "entry.per_month": 6.0})


_RNG = np.random.default_rng(3)
EXPONENTS = [float(x) for x in (0.0, -0.0, 1.0, -1.0, 700.0, -700.0, 1e-300, *_RNG.uniform(-50, 50, 4000))]
POSITIVE = [
    float(x)
    for x in (1.0, 2.0**-33, 1 - 2.0**-33, 1e300, 1e-300, *_RNG.random(4000), *np.exp(_RNG.uniform(-700, 700, 500)))
]
WORDS = [0, 1, 2, 77, 2**31, 2**32 - 2, 2**32 - 1]


def digests(market):
    return {name: hashlib.sha256(value).hexdigest() for name, value in bits(market).items()}


@contextmanager
def philox_seen_by(watch):
    """Lets `watch(counter, key)` change the counter of every draw that anyone makes."""
    genuine = retsim.streams.philox
    places = (retsim.streams, retsim.engines.prepare)
    for place in places:
        place.philox = lambda counter, key: genuine(watch(tuple(int(c) for c in counter), key), key)
    yield
    for place in places:
        place.philox = genuine


def audit(name, engine):
    """How often each (key, counter) was used, and by which purposes."""
    uses, purposes = Counter(), Counter()

    def watch(counter, key):
        uses[counter, tuple(int(k) for k in key)] += 1
        purposes[Draw(counter[3]).name] += 1
        return tuple(np.uint64(c) for c in counter)

    with philox_seen_by(watch):
        market = run_market(small(name), 3, 1, engine=engine, log=True)
    twice = [(Draw(c[3]).name, *c[:3]) for (c, _), n in uses.items() if n > READS.get(c[3], 1)]
    keys = {key for _, key in uses}
    return {"twice": twice, "keys": sorted(keys), "purposes": dict(purposes), "digests": digests(market)}


def permuted(name):
    """Every customer's luck given to another: the same people in other places."""
    scenario = alone(name, 30)
    order = np.random.default_rng(1).permutation(30)

    def watch(counter, key):
        who = counter[2] if counter[3] == Draw.ENTRY else int(order[counter[2]])
        return tuple(np.uint64(c) for c in (*counter[:2], who, counter[3]))

    usual = run_market(scenario, 4)
    with philox_seen_by(watch):
        other = run_market(scenario, 4)
    same_people = customers_of(usual)[order].tobytes() == customers_of(other).tobytes()
    same_total = (ledger_of(usual) == ledger_of(other)).all()
    moved = (customers_of(usual) != customers_of(other)).mean()
    return {"same_people": bool(same_people), "same_total": bool(same_total), "moved": float(moved)}


def halves(name):
    """Customers 0 to 14 and 15 to 29 in runs of their own."""
    whole, first = run_market(alone(name, 30), 5), run_market(alone(name, 15), 5)
    with philox_seen_by(lambda counter, key: tuple(np.uint64(c) for c in (*counter[:2], counter[2] + 15, counter[3]))):
        second = run_market(alone(name, 15), 5)
    joined = customers_of(first).tobytes() + customers_of(second).tobytes()
    return {
        "same_people": joined == customers_of(whole).tobytes(),
        "same_total": bool((ledger_of(whole) == ledger_of(first) + ledger_of(second)).all()),
        "moved": float((customers_of(first) != customers_of(second)).mean()),
    }


def alone(name, customers):
    """Customers whose lives touch nobody's: no budgets, no newcomers."""
    scenario = load(name)
    budgets = {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals} | {"budget.monthly": 0.0}
    still = {"entry.per_month": 0.0, "entry.per_satisfied": 0.0}
    return scenario.with_(customers=customers, horizon=5.0, **budgets, **still)


def numbers():
    """Own exp, log and unit of given arguments, to the last bit."""
    return {
        "exp": [float(numerics.exp(x)).hex() for x in EXPONENTS],
        "log": [float(numerics.log(x)).hex() for x in POSITIVE],
        "unit": [float(numerics.unit(np.uint64(w))).hex() for w in WORDS],
    }


TASKS = {
    "numbers": numbers,
    "audit": lambda: {
        f"{name} {engine}": audit(name, engine) for name in AUDITED for engine in ("reference", "compiled")
    },
    "relations": lambda: {name: {"permuted": permuted(name), "halves": halves(name)} for name in NAMES},
}

if __name__ == "__main__":
    json.dump(TASKS[sys.argv[1]](), sys.stdout)

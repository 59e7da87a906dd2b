"""Every draw is used once, plain Python gives the compiled bits, and there is no other randomness."""

import json
import os
import random
import subprocess
import sys
import time
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from helpers import bits, run_market
from plain_python import AUDITED, EXPONENTS, NAMES, POSITIVE, WORDS, small

from retsim import numerics
from retsim.scenario import load
from retsim.streams import Draw

SCRIPT = Path(__file__).with_name("plain_python.py")
RUNS = [f"{name} {engine}" for name in AUDITED for engine in ("reference", "compiled")]


def plain_python(task):
    """What `plain_python.py` saw, in a process without numba's compiler and with a hash seed of its own."""
    done = _process(task)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@cache
def _process(task):
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONHASHSEED": "4242"}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    return subprocess.run([sys.executable, SCRIPT, task], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("run", RUNS)
def test_no_draw_is_used_twice(run):
    seen = plain_python("audit")[run]
    assert seen["twice"] == []
    assert seen["keys"] == [[3, 1]]
    assert sum(seen["purposes"].values()) > 2000


def test_the_audit_saw_every_purpose():
    used = set().union(*(plain_python("audit")[run]["purposes"] for run in RUNS))
    assert used == {draw.name for draw in Draw}


def test_plain_python_has_the_same_exp_log_and_uniforms():
    plain = plain_python("numbers")
    assert [numerics.exp(x).hex() for x in EXPONENTS] == plain["exp"]
    assert [numerics.log(x).hex() for x in POSITIVE] == plain["log"]
    assert [numerics.unit(np.uint64(w)).hex() for w in WORDS] == plain["unit"]


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize("name", AUDITED)
def test_plain_python_gives_the_compiled_bits(name, engine):
    """No fused operations, no reordering, no machine's own exp: what a debugger shows is what ran."""
    compiled = bits(run_market(small(name), 3, 1, log=True))
    plain = plain_python("audit")[f"{name} {engine}"]["digests"]
    assert {what: sha256(value).hexdigest() for what, value in compiled.items()} == plain


@pytest.mark.parametrize("relation", ["permuted", "halves"])
@pytest.mark.parametrize("name", NAMES)
def test_31_32_renumbering_permutes_and_two_halves_make_a_whole(name, relation):
    seen = plain_python("relations")[name][relation]
    assert seen["same_people"]
    assert seen["same_total"]
    assert seen["moved"] > 0.3


def forbidden(*_, **__):
    raise AssertionError("a source of chance or time was asked that is not retsim.streams")


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", NAMES)
def test_no_other_randomness(name, engine, monkeypatch):
    usual = bits(run_market(load(name).with_(customers=60, horizon=6.0), 1, engine=engine))
    for module in (random, np.random):
        for source in ("random", "seed", "uniform", "choice", "shuffle"):
            monkeypatch.setattr(module, source, forbidden)
    for source in ("default_rng", "rand", "randn", "normal", "randint", "SeedSequence"):
        monkeypatch.setattr(np.random, source, forbidden)
    monkeypatch.setattr(os, "urandom", forbidden)
    for clock in ("time", "time_ns", "monotonic", "perf_counter"):
        monkeypatch.setattr(time, clock, forbidden)
    watched = bits(run_market(load(name).with_(customers=60, horizon=6.0), 1, engine=engine))
    monkeypatch.undo()
    assert watched == usual

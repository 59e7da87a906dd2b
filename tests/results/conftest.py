"""Small runs of the packaged scenarios, made once a session."""

from __future__ import annotations

from functools import cache

import pytest

import retsim as rs

PLACES = [
    (name, strategy) for name in ("retail", "saas", "telecom") for strategy in ("acquisition-led", "retention-led")
]


@cache
def _small_run(name, strategy, **options):
    scenario = rs.load(name).with_(customers=300, horizon=24, strategy=strategy)
    return rs.simulate(scenario, seed=11, **options)


@pytest.fixture(scope="session")
def small_run():
    """A function that makes a run of 300 people over 24 months, or gives the one that was made."""
    return _small_run


@pytest.fixture(params=PLACES, ids=["-".join(place) for place in PLACES], scope="session")
def run(request):
    """A logged run of each packaged scenario under each of its two main strategies."""
    return _small_run(*request.param, log=True)

"""A small pair of strategies and a study of it, made once a session."""

from __future__ import annotations

import multiprocessing

import pytest

import retsim as rs


@pytest.fixture(scope="session")
def pair():
    """Two strategies of one small market."""
    scenario = rs.load("telecom").with_(customers=300, horizon=24)
    return {name: scenario.with_(strategy=name) for name in ("acquisition-led", "retention-led")}


@pytest.fixture(scope="session")
def study(pair):
    """Twelve replications of the pair, made in this process."""
    return rs.compare(pair, replications=12, seed=3, workers=1)


class Killer:
    """As a study's progress: once six runs are made, kills every worker, one time."""

    def __init__(self):
        self.killed = []

    def __call__(self, done, _):
        alive = [p for p in multiprocessing.active_children() if p.name == "retsim worker"]
        if done >= 6 and alive and not self.killed:
            self.killed = [p.pid for p in alive]
            for process in alive:
                process.kill()


@pytest.fixture
def killer():
    return Killer()

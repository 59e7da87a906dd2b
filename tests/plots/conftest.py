"""Small studies and runs to draw."""

from __future__ import annotations

import pytest
from helpers import bare_scenario

import retsim as rs

STRATEGIES = ("acquisition-led", "retention-led", "even")


def _arms():
    market = rs.load("telecom").with_(customers=300, horizon=30)
    return {name: market.with_(strategy=name) for name in STRATEGIES}


@pytest.fixture(scope="session")
def three():
    """A study of three strategies, eight replications."""
    return rs.compare(_arms(), replications=8, seed=5, workers=1)


@pytest.fixture(scope="session")
def two(three):
    """Two strategies of it."""
    return three.part(STRATEGIES[:2])


@pytest.fixture(scope="session")
def single():
    """Two strategies, one replication."""
    arms = _arms()
    return rs.compare({name: arms[name] for name in STRATEGIES[:2]}, replications=1, seed=5, workers=1)


@pytest.fixture(scope="session")
def run():
    """One run."""
    return rs.simulate(_arms()["retention-led"], seed=5)


@pytest.fixture(scope="session")
def still():
    """A study in which nobody joins, decides, leaves or vanishes, and the two scenarios are the same."""
    quiet = bare_scenario(customers=50)
    return rs.compare({"one": quiet, "other": quiet}, replications=2, seed=5, workers=1)


@pytest.fixture(scope="session")
def drawn(request):
    """A function that draws a picture of one of the results above, or gives the one that was drawn."""
    figures = {}

    def picture(draw, kind, **options):
        key = (draw, kind, tuple(options.items()))
        if key not in figures:
            figures[key] = draw(request.getfixturevalue(kind), **options)
        return figures[key]

    return picture

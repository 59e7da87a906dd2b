"""A run that nobody keeps leaves nothing behind, and needs no search for garbage."""

import gc
import pickle
import weakref

import pandas as pd
import pytest
from helpers import everything

import retsim as rs
from retsim.market.market import Market
from retsim.state import Count
from retsim.world import OWN

NAMES = ("retail", "storms", "telecom")


@pytest.fixture
def markets(monkeypatch):
    """Every market that is made, as a weak reference; nothing is searched for garbage meanwhile."""
    made = []
    usual = Market.__init__

    def noted(self, *args, **options):
        made.append(weakref.ref(self))
        usual(self, *args, **options)

    monkeypatch.setattr(Market, "__init__", noted)
    gc.disable()
    yield made
    gc.enable()


def waits_for_ever(market):
    """A process that has not ended when the market does."""
    while True:
        yield market.at(market.now + 5.0) | market.env.event()


def does_nothing(view):
    """A strategy that changes nothing."""
    del view


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"engine": "reference"},
        {"threads": 2},
        {"log": True},
        {"processes": [waits_for_ever]},
        {"strategy": does_nothing},
    ],
    ids=lambda options: next(iter(options), "plain"),
)
@pytest.mark.parametrize("name", NAMES)
def test_the_memory_of_a_run_is_free_as_soon_as_nobody_keeps_it(markets, name, options):
    scenario = everything(rs.load(name)).with_(customers=100, horizon=6.0)
    run = rs.simulate(scenario, **options)
    digest, world = run.digest(), weakref.ref(run.world)
    assert [market() for market in markets] == [None]
    del run
    assert world() is None
    assert rs.simulate(scenario, **options).digest() == digest


def test_a_market_that_is_kept_can_be_asked_after_its_end(markets):
    market = Market(rs.load("retail").with_(customers=100, horizon=6.0), (1, 0))
    market.run([waits_for_ever])
    assert market.now == 6.0
    assert market.active() == market.books.counts[-1][0, :, Count.ACTIVE].sum()
    with pytest.raises(ValueError, match="a finite time that is not over: it is month 6"):
        market.at(5.0)
    assert markets[0]() is market


@pytest.mark.parametrize("name", ["price-fight", "storms", "telecom"])
def test_a_copy_of_a_run_holds_nothing_that_was_kept_for_others(name):
    scenario = everything(rs.load(name)).with_(customers=1000, horizon=6.0)
    run = rs.simulate(scenario)
    assert len(run.world.customers) == len(run.records) == len(run.customers)
    copied = pickle.dumps(run)
    # Customers as the world's and as the run's own, accounts as the world's and as the books' own, and what is closed.
    arrays = sum(getattr(run.world, part).nbytes for part in (*OWN, "book"))
    closed = sum(
        sparse.cells.nbytes for kept in (run.books.base, run.books.ledger, run.books.decisions) for sparse in kept
    )
    assert len(copied) < 2 * (arrays + closed) + 100_000
    again = pickle.loads(copied)
    assert again.digest() == run.digest()
    pd.testing.assert_frame_equal(again.loyalty, run.loyalty)
    pd.testing.assert_frame_equal(again.periods, run.periods)

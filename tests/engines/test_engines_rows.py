"""Where people lie, when they are drawn and how a period is closed change nothing."""

import numpy as np
import pytest
from helpers import customers_of, differing, everything, run_market

from retsim import births, population
from retsim.market import books, newcomers
from retsim.market.market import Market
from retsim.market.setting import nature_of, segments_of
from retsim.scenario import load
from retsim.state import CUSTOMER, MORE, N_STOCKS, RELATION, TRAIT


def arriving(name="telecom", **changes):
    """A market whose newcomers soon outnumber those who were there at the start."""
    return load(name).with_(customers=300, horizon=12.0, entry={"per_month": 150.0, "walk_in": 0.3}, **changes)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("scenario", [arriving(), everything(arriving("bank"))], ids=["core", "everything"])
def test_moving_people_to_a_larger_place_changes_nothing(monkeypatch, scenario, engine):
    at_ease = run_market(scenario, 5, engine=engine)
    monkeypatch.setattr(population, "_RESERVE", 1)
    monkeypatch.setattr(population, "_AT_ONCE", 50)
    moved = []
    allocate = population.Population._allocate
    monkeypatch.setattr(population.Population, "_allocate", lambda self, n: (moved.append(n), allocate(self, n))[1])
    crowded = run_market(scenario, 5, engine=engine)
    assert differing(at_ease, crowded) == []
    assert len(moved) >= 3
    assert at_ease.population.n > 1500


@pytest.mark.parametrize("scenario", [arriving(), everything(arriving("bank"))], ids=["core", "everything"])
def test_people_lie_in_the_heap_or_in_pages_of_their_own(monkeypatch, scenario):
    in_the_heap = run_market(scenario, 5)
    monkeypatch.setattr(population, "_SMALL", 0)
    monkeypatch.setattr(population, "_LARGE", 1 << 12)
    in_pages = run_market(scenario, 5)
    assert differing(in_the_heap, in_pages) == []
    for market in (in_the_heap, in_pages):
        assert market.population.customers.ctypes.data % 64 == 0


def test_where_addresses_are_limited_or_refused_only_what_is_needed_is_taken(monkeypatch):
    usual = run_market(arriving(), 6)
    assert len(usual.population.customers) == 8 * 300
    monkeypatch.setattr(population, "_addresses_are_limited", lambda: True)
    assert differing(usual, run_market(arriving(), 6)) == []
    monkeypatch.undo()

    asked = []
    rows = population.Population._rows

    def refuses(self, n):
        """Give what is needed, and refuse what is only kept in reserve."""
        asked.append(n)
        if len(asked) % 2:
            raise MemoryError
        return rows(self, n)

    monkeypatch.setattr(population.Population, "_rows", refuses)
    assert differing(usual, run_market(arriving(), 6)) == []
    assert all(reserved == 8 * needed for reserved, needed in zip(asked[::2], asked[1::2], strict=True))


def test_how_many_newcomers_are_drawn_at_once_changes_nothing(monkeypatch):
    usual = run_market(arriving(), 7)
    monkeypatch.setattr(newcomers, "_CHUNK", 3)
    assert differing(usual, run_market(arriving(), 7)) == []


def test_newcomers_come_when_the_accumulated_rate_reaches_theirs():
    customers, relations = np.zeros(4, CUSTOMER), np.zeros((4, 2), RELATION)
    customers["segment"], customers["firm"] = [0, 1, 0, 1], -1
    doors = np.array([[0.5, 1.0], [0.25, 0.5]])
    luck = np.array([0.1, 0.1, 0.9, 0.1]), np.array([0.5, 0.2, 0.1, 0.7])
    thresholds = np.array([10.5, 12.0, 13.0, 14.0])
    births.admit((customers, relations), thresholds, luck, (2.0, 10.0, 4.0, 2.875), (0.3, doors))
    assert customers["occasion_at"].tolist() == [2.125, 2.5, 2.75, 2.875]
    # The third does not walk in; the fourth would, but her segment's doors are shut to half of those who do.
    assert customers["firm"].tolist() == [1, 0, -1, -1]
    assert relations["meetings"].tolist() == [[0, 1], [1, 0], [0, 0], [0, 0]]


def test_who_begins_has_done_nothing_and_knows_a_firm_by_its_awareness():
    n = 20_000
    columns = np.zeros(n, CUSTOMER), np.zeros((n, 6), RELATION), np.zeros(0, MORE)
    aware = np.array([0.0, 0.2, 0.5, 0.8, 1.0, 0.3])
    born = np.ones(n, np.int64), np.full(n, 0.7), np.full(n, 0.4)
    births.begin(columns, np.arange(n), born, aware, (np.uint64(1), np.uint64(2)))
    customers, relations, _ = columns
    for name, value in {
        "segment": 1,
        "satisfaction": 0.7,
        "expectation": 0.4,
        "firm": -1,
        "contact_at": np.inf,
    }.items():
        assert (customers[name] == value).all()
    assert (relations["memory"] == -1.0).all()
    assert np.abs(relations["meetings"].mean(axis=0) - aware).max() < 0.015
    # A first meeting lies one unit of hazard away on average, and each firm's is its own.
    assert np.abs(relations["meet_at"].mean(axis=0) - 1.0).max() < 0.03
    assert np.abs(np.corrcoef(relations["meet_at"].T) - np.eye(6)).max() < 0.03


@pytest.mark.parametrize("name", ["retail", "saas"])
def test_what_is_taken_down_is_all_that_is_not_zero(name):
    """Whatever was taken down before."""
    rng = np.random.default_rng(4)
    world = Market(load(name).with_(customers=20, horizon=12.0), (1, 0)).world
    kept, was = books.Books(world), []
    for period, share in enumerate((0.0, 0.01, 0.3, 1.0, 1.0, 0.02)):
        tables = world.base[: period + 2], world.book[: period + 2], world.decisions, world.counts
        for table in tables:
            table[...] = np.where(rng.random(table.shape) < share, rng.integers(-9, 9, table.shape), 0)
        was.append([table.copy() for table in tables])
        kept.close(world)
        assert world.clock["period"][0] == period + 1
        assert (tables[0] == was[-1][0]).all()
        assert (world.counts[..., :N_STOCKS] == was[-1][3][..., :N_STOCKS]).all()
        assert not any(part.any() for part in (world.book, world.decisions, world.counts[..., N_STOCKS:]))
    for period, tables in enumerate(was):
        for table, sparse in zip(tables, (kept.base, kept.ledger, kept.decisions), strict=False):
            assert sparse[period].cells.tolist() == np.flatnonzero(table).tolist()
            assert sparse[period].values.tolist() == table[table != 0].tolist()
        assert (kept.counts[period] == tables[3]).all()
        # It holds nothing else: no part of the room in which it was written.
        assert kept.ledger[period].cells.base.size == sum(np.count_nonzero(table) for table in tables[:3])


def test_a_column_filled_for_one_segment_is_filled_anew_for_another():
    """What is common to a segment stands in the columns of a batch until a segment with another value is lived through."""
    scenario = load("retail").with_(customers=600, horizon=8.0)
    first, second = list(scenario.segments)[:2]
    unlike = scenario.with_(
        **{
            f"segments.{s}.traits.{trait}": x
            for s, k in ((first, 0), (second, 1))
            for trait, x in (("spend", (40.0, 90.0)[k]), ("attention", (0.9, 0.2)[k]), ("purchase_rate", (2.0, 1.0)[k]))
        }
    )
    in_batches, one_by_one = run_market(unlike, 8), run_market(unlike, 8, engine="reference")
    assert differing(in_batches, one_by_one) == []
    assert set(customers_of(in_batches)["segment"].tolist()) == {0, 1}


def test_a_trait_that_varies_in_one_segment_is_everyones_own():
    """So a column that is read is never one that was filled."""
    scenario = load("retail")
    first, second = list(scenario.segments)[:2]
    spread = {"dist": "uniform", "low": 20.0, "high": 90.0}
    changed = scenario.with_(**{f"segments.{first}.traits.spend": spread, f"segments.{second}.traits.spend": 60.0})
    nature = nature_of(changed, segments_of(changed))
    own = nature.columns[:, TRAIT["spend"]]
    assert own.min() == own.max() >= 0
    assert nature.values[1, TRAIT["spend"]] == 60.0

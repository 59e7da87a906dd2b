"""Fingerprint and invariants: equal where they must be, and every broken invariant is found."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import retsim as rs
from retsim.state import Count, Status


class TestDigest:
    @pytest.mark.parametrize("name", ["retail", "saas", "telecom"])
    def test_is_the_same_from_both_engines_any_threads_and_with_a_log(self, name):
        scenario = rs.load(name).with_(customers=150, horizon=12)
        digest = rs.simulate(scenario, seed=3, replication=4).digest()
        for options in ({"engine": "reference"}, {"threads": 2}, {"log": True}):
            assert rs.simulate(scenario, seed=3, replication=4, **options).digest() == digest
        assert rs.simulate(scenario, seed=3, replication=5).digest() != digest
        assert rs.simulate(scenario, seed=4, replication=4).digest() != digest

    def test_names_do_not_matter(self):
        scenario = rs.load("retail").with_(customers=100, horizon=6)
        other = scenario.with_(name="other", title="Another title")
        assert rs.simulate(other).digest() == rs.simulate(scenario).digest()

    def test_a_process_of_ones_own_counts_the_same_in_both_engines(self):
        scenario = rs.load("telecom").with_(customers=150, horizon=24)

        def dearer(market):
            yield market.at(12.34)
            market.set("focal", price=45.0)

        plain = rs.simulate(scenario).digest()
        changed = [rs.simulate(scenario, engine=e, processes=[dearer]) for e in ("compiled", "reference")]
        assert changed[0].digest() == changed[1].digest() != plain
        for run in changed:
            run.check()

    @pytest.mark.parametrize("part", ["customer", "relation", "count", "pool", "base", "ledger", "decision"])
    def test_one_changed_bit_anywhere_changes_it(self, part):
        run = rs.simulate(rs.load("saas").with_(customers=50, horizon=6))
        before, books = run.digest(), run.books
        if part == "customer":
            run.records["satisfaction"][7] = np.nextafter(run.records["satisfaction"][7], 1.0)
        elif part == "relation":
            run.relations["meetings"][3, 1] += 1
        elif part == "count":
            books.counts[2][0, 0, Count.CONTACTS] += 1
        elif part == "pool":
            books.pools[2][0, 0] += 1
        else:
            where = {"base": books.base, "ledger": books.ledger, "decision": books.decisions}[part]
            where[3].values[0] += 1
        assert run.digest() != before


class TestCheck:
    def test_packaged_scenarios_balance(self, run):
        run.check()

    @pytest.fixture
    def broken(self):
        return copy.deepcopy(rs.simulate(rs.load("telecom").with_(customers=200, horizon=12), seed=1))

    def _refused(self, run, words):
        run.__dict__.pop("closed", None)
        with pytest.raises(rs.BrokenInvariantError, match=words):
            run.check()

    def test_a_posting_without_its_counterpart(self, broken):
        broken.books.ledger[5].values[0] += 1
        self._refused(broken, r"ledger: period 6, focal, convenience, cohort 0, initial: .* 1 micro-units, must be 0")

    def test_revenue_that_nobody_was_billed(self, broken):
        broken.records["revenue"][0] += 5
        self._refused(broken, "revenue of the ledger against the sum over customers")

    def test_a_customer_who_came_from_nowhere(self, broken):
        broken.books.counts[6][0, 0, Count.ACTIVE] += 1
        self._refused(broken, "change of active customers")

    def test_a_customer_in_no_cohort(self, broken):
        broken.books.base[4].values[0] -= 1
        self._refused(broken, "cohorts against active customers")

    def test_a_customer_who_is_two_things_at_once(self, broken):
        prospect = np.flatnonzero(broken.records["status"] == Status.PROSPECT)[0]
        broken.records["status"][prospect] = Status.GONE
        self._refused(broken, "customers against their pool")

    def test_a_departure_without_a_reason(self, broken):
        for book in broken.books.decisions:
            book.values[:] = 0
        self._refused(broken, "decisions against customers lost to")

    def test_money_from_nowhere(self, broken):
        broken.spending[0].spent += 1
        self._refused(broken, "budget of focal: spent")


class TestArguments:
    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"seed": -1}, "seed = -1, must be a whole number from 0 to 4294967295"),
            ({"seed": 2**32}, "seed = 4294967296"),
            ({"replication": 1.5}, r"replication = 1\.5, must be a whole number"),
            ({"seed": True}, "seed = True"),
            ({"seed": "7"}, "seed = '7'"),
            ({"engine": "fast"}, "engine = 'fast', must be one of 'compiled', 'reference'"),
            ({"threads": 0}, "threads = 0"),
            ({"threads": 2, "engine": "reference"}, "must be 1 with the reference engine"),
            ({"processes": [3]}, "processes holds 3"),
        ],
    )
    def test_what_is_refused(self, options, words):
        scenario = rs.load("retail").with_(customers=10, horizon=1)
        with pytest.raises((TypeError, ValueError), match=words):
            rs.simulate(scenario, **options)

    def test_a_name_is_no_scenario(self):
        with pytest.raises(TypeError, match=r"scenario = 'telecom', must be a Scenario; did you mean load"):
            rs.simulate("telecom")

    def test_numbers_of_numpy_are_numbers(self):
        scenario = rs.load("retail").with_(customers=10, horizon=1)
        run = rs.simulate(scenario, seed=np.int64(3), replication=np.uint32(2**32 - 1))
        assert run.digest() == rs.simulate(scenario, seed=3, replication=2**32 - 1).digest()

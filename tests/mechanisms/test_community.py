"""R17, R19: a community of customers: who is a member, what it costs, and what it does to attachment, values and talk."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    account_totals,
    assert_lawful,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    run_market,
)

import retsim as rs
from retsim.rules import sharing
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Count, Kind, Status

ONLY = {
    "strategies": {"together": {"retention_share": 1.0, "mix": {"community": 1.0}}}, "strategy": "together",
    "firm.community_cost": 2.0, "firm.community_attachment": 0.2, "firm.community_identification": 0.0,
}  # fmt: skip


def together(**overrides):
    """Ten customers under a monthly bill, of whom the fund keeps four in the community, and nothing else happens."""
    return bare_scenario(**CONTRACTUAL | ONLY | {"customers": 10, "horizon": 3.0, "budget.monthly": 8.0} | overrides)


def members(market):
    return market.population.more[: market.population.n]["community"] != 0


@pytest.mark.parametrize(
    ("arguments", "due"), [((0.0, 0.3), 0.3), ((0.5, 0.3), 0.8), ((0.9, 0.3), 1.0), ((0.0, 0.0), 0.0)]
)
def test_weight_of_shared_values_by_hand(arguments, due):
    assert sharing.weight_of(*arguments) == pytest.approx(due)


def test_members_by_hand():
    """8 a month pay for four at 2; after ticks at 0, 1 and 2 their attachment is 1 - exp(-.6), the others' 0."""
    market = run_market(together())
    assert members(market).sum() == 4
    assert account_totals(market)["programme_community"] == 24 * MICRO
    assert list(counts_of(market)[:, 0, 0, Count.MEMBERS]) == [4, 4, 4]
    attachment = customers_of(market)["attachment"]
    np.testing.assert_allclose(attachment[members(market)], 1.0 - np.exp(-0.6), rtol=1e-12)
    assert (attachment[~members(market)] == 0.0).all()
    run = rs.simulate(together())
    run.check()
    assert list(run.totals["programme_community"]) == [8.0] * 3
    assert run.customers["in_community"].sum() == 4


def test_whose_values_fit_grow_closer_and_who_thinks_otherwise_does_not():
    """Fit 1, 1/2 and 0 at weight 1/2: gains of 3/2, 1 and 1/2 of 1 - exp(-.2)."""
    plenty = {"budget.monthly": 1000.0, "firm.stance": 1.0, "firm.community_identification": 0.5, "horizon": 1.0}
    gain = 1.0 - np.exp(-0.2)
    for stance, share in ((1.0, 1.5), (0.5, 1.0), (0.0, 0.5)):
        market = run_market(together(**plenty, **{"segments.all.traits.stance": stance}))
        np.testing.assert_allclose(customers_of(market)["attachment"], share * gain, rtol=1e-12)


def test_occasions_attach_members_by_their_values_too():
    """Nothing but bills: a good occasion's gain of .1 becomes .15 for a member whose values fit."""
    bills = {"behaviour.attachment_gain": 0.1, "behaviour.initial_expectation": 0.5, "firm.community_attachment": 0.0}
    bills |= {"firm.stance": 0.5, "firm.community_identification": 0.5, "horizon": 1.0}
    market = run_market(together(**bills))
    inside = members(market)
    np.testing.assert_allclose(customers_of(market)["attachment"][inside], 0.15, rtol=1e-12)
    np.testing.assert_allclose(customers_of(market)["attachment"][~inside], 0.1, rtol=1e-12)


def test_part_of_what_is_paid_for_arrives():
    market = run_market(together(customers=2000, **{"budget.monthly": 1e4, "firm.execution": 0.7}), 3)
    assert account_totals(market)["programme_community"] == 3 * 2 * 2000 * MICRO
    assert abs(members(market).mean() - 0.7) < 4 * np.sqrt(0.21 / 2000)
    better = run_market(together(customers=2000, **{"budget.monthly": 1e4, "firm.execution": 0.9}), 3)
    assert (members(better) >= members(market)).all()


def test_more_money_takes_the_same_members_and_more():
    inside = [members(run_market(together(customers=300, **{"budget.monthly": m}), 4)) for m in (0.0, 100.0, 300.0)]
    assert [int(x.sum()) for x in inside] == [0, 50, 150]
    assert (inside[2] >= inside[1]).all()


def test_members_tell_more_and_nobody_hears_later():
    """Half of the market are content members; pathwise, twice the talk brings every word forward."""
    speaking = {
        "segments.all.initial": {"focal": 0.5}, "word.rate": 0.5, "behaviour.delighted_mark": 0.6, "customers": 600,
        "segments.all.traits.willingness_to_pay": 0.0, "budget.monthly": 1e4, "word.matching": 0.0, "horizon": 4.0,
        "word.reputation_learning": 0.0,
    }  # fmt: skip
    heard = []
    for multiple in (1.0, 2.0):
        words = events_of(run_market(together(**speaking, **{"firm.community_talk": multiple}), 5, log=True), Kind.WORD)
        first = np.full(600, np.inf)
        np.minimum.at(first, words["customer"], words["time"])
        heard.append(first)
    assert (heard[1] <= heard[0]).all()
    assert (heard[1] < heard[0]).sum() > 60


def test_who_leaves_is_a_member_no_more():
    market = run_market(load("customer-community").with_(customers=400, horizon=18.0), 6, log=True)
    people = customers_of(market)
    assert (people["status"][members(market)] == Status.ACTIVE).all()
    assert (people["firm"][members(market)] == 0).all()
    assert members(market).sum() > 20
    assert events_of(market, Kind.LEAVE).size > 50


def test_engines_and_threads_agree():
    scenario = load("customer-community").with_(customers=300, horizon=12.0, **{"firm.execution": 0.8})
    compiled = run_market(scenario, 7, log=True)
    assert differing(compiled, run_market(scenario, 7, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 7, threads=2, log=True)) == []
    assert_lawful(compiled)


def test_a_community_raises_bonds_and_recommendations():
    """The packaged market, the same money: against coupons and contact, by paired intervals."""
    base = load("customer-community").with_(customers=800, horizon=36.0)
    gaps = []
    for replication in range(6):
        pair = [
            rs.simulate(base.with_(strategy=s), seed=8, replication=replication) for s in ("community", "retention-led")
        ]
        words = [run.totals[run.totals["firm"] == "focal"]["recommended"].sum() for run in pair]
        found = [run.measures() for run in pair]
        gaps.append([words[0] - words[1], *(found[0][m] - found[1][m] for m in ("mean_attachment", "retention_rate"))])
    mean, error = np.mean(gaps, axis=0), np.std(gaps, axis=0, ddof=1) / np.sqrt(6)
    # Two sided 99 % of Student's t with 5 degrees of freedom.
    assert (mean - 4.04 * error > 0).all(), (mean, error)


def test_without_money_its_figures_change_nothing():
    scenario = load("telecom").with_(customers=200, horizon=8.0)
    figures = {"firm.community_talk": 9.0, "firm.community_attachment": 5.0, "firm.community_identification": 1.0}
    assert rs.simulate(scenario.with_(**figures)).digest() == rs.simulate(scenario).digest()


def test_it_cannot_begin_where_nothing_was_kept_for_it():
    def begins(market):
        yield market.at(1.5)
        market.firms[0].add_funds("community", 1000 * MICRO)

    with pytest.raises(ValueError, match="focal: a community must be part of the scenario from the start"):
        run_market(load("telecom").with_(customers=50, horizon=3.0), processes=[begins])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("firm.community_cost", 0.0), ("firm.community_attachment", -1.0), ("firm.community_identification", 1.5),
        ("firm.community_talk", -2.0), ("budget.mix", {"community": 0.5}), ("budget.mix.community", -0.5),
    ],
)  # fmt: skip
def test_bad_input_is_refused(key, value):
    with pytest.raises(ScenarioError) as caught:
        load("customer-community").with_(**{key: value})
    assert caught.value.problems[0].key == key

"""R5, R8: the bad film and the season ticket: what is paid holds the human and not the rational customer (pattern 8)."""

import itertools

import numpy as np
import pytest
from helpers import events_of, first_leaving, run_market

import retsim as rs
from retsim.scenario import load
from retsim.state import Kind, Trigger

FILM = load("bad-film")
SHARES = np.array([0.0, 0.3, 1.0])


def viewers(sensitivity, seed=1):
    everyone = {f"segments.{s}.traits.sunk_sensitivity": sensitivity for s in FILM.segments}
    return run_market(FILM.with_(**everyone), seed, log=True)


def surplus_of(market):
    """Money's worth of each buyer's evening after the ticket: scenes watched at what they were worth, the rest elsewhere.

    A scene is an eighth of the evening; its worth is willingness to pay times the quality of the film.
    """
    seen, joined = events_of(market, Kind.OCCASION), events_of(market, Kind.JOIN)
    scenes = np.bincount(seen["customer"], minlength=FILM.customers)
    worth = market.population.traits[: FILM.customers, 0] * FILM.firm.product_quality
    elsewhere = FILM.behaviour.outside_value * FILM.behaviour.billing_period
    bought = np.isin(np.arange(FILM.customers), joined["customer"])
    return (scenes * (worth - elsewhere))[bought]


def test_the_rational_walk_out_and_the_human_stay():
    run = rs.simulate(FILM, seed=1, log=True)
    run.check()
    people = run.customers
    stayed = (
        people[people["spells"] > 0].groupby("segment", observed=True)["status"].agg(lambda s: (s == "active").mean())
    )
    assert stayed["rational"] < 0.02
    assert stayed["human"] > 0.6


def test_who_stays_against_their_own_surplus_is_told():
    """At the last scene: nearly all humans who are still there, and hardly any rational one, had better be elsewhere."""
    decisions = rs.simulate(FILM, seed=1).decisions
    stays = decisions[(decisions["outcome"] == "stay") & (decisions["period"] > 4)]
    assert rs.simulate(FILM, seed=1).measures()["stays_against_surplus"] > 0.5
    share = stays.groupby("segment", observed=True)[["against_surplus", "count"]].sum()
    assert share.loc["human", "against_surplus"] > 0.95 * share.loc["human", "count"]
    assert share.loc["human", "against_surplus"] > 20 * max(share.loc["rational", "against_surplus"], 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_8_the_more_the_ticket_counts_the_longer_they_stay_and_the_worse_is_their_evening(seed):
    """Pattern 8, viewer by viewer: the same film, the same luck."""
    runs = [viewers(float(weight), seed) for weight in SHARES]
    left = [first_leaving(market).at for market in runs]
    surplus = [surplus_of(market) for market in runs]
    for less, more in itertools.pairwise(left):
        assert (more >= less).all()
        assert (more > less).mean() > 0.3
    for human, rational in zip(surplus[1:], surplus, strict=False):
        assert human.sum() < rational.sum()
        assert (human <= rational).all()


def test_sunk_cost_is_neutral_at_sensitivity_nought():
    """Ten times the ticket: who is rational and has bought it leaves at the same scene to the last bit."""
    cheap, dear = (
        run_market(FILM.with_(**{"firm.setup_fee": fee, "segments.human.share": 0.0, "segments.rational.share": 1.0,
                                 "firm.reputation": 1.0, "behaviour.outside_value": 12.0}), 3, log=True)
        for fee in (1.0, 10.0)
    )  # fmt: skip
    both = np.intersect1d(*(events_of(m, Kind.JOIN)["customer"] for m in (cheap, dear)))
    assert both.size > 800
    at = [first_leaving(m).at[both] for m in (cheap, dear)]
    same_time = np.isin(both, _joined_together(cheap, dear))
    assert same_time.mean() > 0.8
    assert (at[0][same_time] == at[1][same_time]).all()
    assert np.isfinite(at[0]).mean() > 0.5


def _joined_together(one, other):
    first = []
    for market in (one, other):
        joined = events_of(market, Kind.JOIN)
        at = np.full(FILM.customers, np.nan)
        at[joined["customer"][::-1]] = joined["time"][::-1]
        first.append(at)
    return np.flatnonzero(first[0] == first[1])


def attended(fee, seed):
    """Plays among the first five that each went to, and when they bought their ticket."""
    market = run_market(load("season-ticket").with_(**{"firm.setup_fee": fee}), seed, log=True)
    plays, joined = events_of(market, Kind.OCCASION), events_of(market, Kind.JOIN)
    n = market.scenario.customers
    at = np.full(n, np.inf)
    np.minimum.at(at, joined["customer"], joined["time"])
    return np.bincount(plays["customer"][plays["time"] < 5.0], minlength=n), at


def test_who_paid_in_full_goes_to_more_plays():
    """Arkes & Blumer (1985): full price 4.1 of the first five plays, discounts 3.3; the direction, among the same buyers.

    As at their counter, the price must not decide who buys or when: compared are those who bought at the same moment.
    """
    gaps = []
    for seed in range(6):
        (full, at), (less, at_less), (least, at_least) = (attended(fee, seed) for fee in (15.0, 13.0, 8.0))
        same = np.isfinite(at) & (at == at_less) & (at == at_least)
        assert same.sum() > 400
        assert (full >= least)[same].mean() > 0.9
        gaps.append([(full - less)[same].mean(), (less - least)[same].mean()])
    mean, error = np.mean(gaps, axis=0), np.std(gaps, axis=0, ddof=1) / np.sqrt(6)
    # Two sided 99 % of Student's t with 5 degrees of freedom.
    assert (mean - 4.04 * error > 0).all(), (mean, error)


def test_the_film_ends_nobody_is_held_by_a_fee():
    events = events_of(run_market(FILM, 4, log=True), Kind.LEAVE)
    assert (events["amount"] == 0).all()
    assert (events["termination"] == 0.0).all()
    assert set(np.unique(events["trigger"])) <= {Trigger.ATTENTION, Trigger.TERM}

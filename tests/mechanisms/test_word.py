"""Word of mouth: networks, who hears what and when, Bass as its limit, reputations (R17)."""

from itertools import pairwise
from math import exp

import numpy as np
import pytest
from helpers import (
    assert_lawful,
    bare_scenario,
    counts_of,
    customers_of,
    decisions_of,
    differing,
    events_of,
    rival,
    run_market,
    trait_of,
)

import retsim as rs
from retsim.market.network import KINDS, Network
from retsim.results.value import lifetimes
from retsim.rules import word
from retsim.scenario import ScenarioError, load
from retsim.state import Channel, Count, Kind, Trigger
from retsim.theory import bass

CASES = [
    (word.praise_rate, (0.4, 0.5, 0.0, 2.0), 0.2),
    (word.praise_rate, (0.4, 0.5, 0.1, 2.0), 0.12),
    (word.praise_rate, (0.4, 0.5, 0.3, 2.0), 0.0),
    (word.matched, (0.2, 0.75, 0.0), 0.2),
    (word.matched, (0.2, 0.75, -0.01), 0.05),
    (word.warning_rate, (0.4, 0.25, 2.0), 0.2),
    (word.reputation_after, (0.5, 0.9, 0.0, 3.0), 0.5),
    (word.reputation_after, (0.5, 0.9, np.log(2), 1.0), 0.7),
    (word.reputation_after, (0.5, 0.1, 0.5, 2.0), 0.5 - 0.4 * (1 - exp(-1))),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "arguments", "due"), CASES)
def test_rules_by_hand(rule, arguments, due):
    assert rule(*arguments) == pytest.approx(due, abs=1e-12)
    assert rule.py_func(*arguments) == pytest.approx(due, abs=1e-12)


def network(kind, n, *, ties=4, rewiring=0.1, initial=None, steps=1):
    out = Network(kind, (3, 1), ties=ties, rewiring=rewiring)
    for size in np.linspace(0, n, steps + 1).astype(int)[1:]:
        out.grow(int(size), n if initial is None else initial)
    return out


def pairs_of(net):
    """Maker and partner of each tie."""
    return np.stack((np.repeat(np.arange(net.n), net.ties), net.partners.ravel()))


def degrees(net):
    pairs = pairs_of(net)
    real = pairs[:, pairs[0] != pairs[1]]
    return np.bincount(real.ravel(), minlength=net.n)


@pytest.mark.parametrize("kind", KINDS)
def test_a_network_grows_without_changing_what_was(kind):
    """All at once or by the way; newcomers add their own ties and no other."""
    at_once, by_steps = network(kind, 900, initial=300), network(kind, 900, initial=300, steps=3)
    assert (at_once.partners == by_steps.partners).all()
    fewer = network(kind, 600, initial=300)
    assert (at_once.partners[:600] == fewer.partners).all()
    assert at_once.partners.shape == (900, 4)
    assert (at_once.partners >= 0).all()
    assert (at_once.partners < 900).all()
    assert (at_once.partners[300:] < np.arange(300, 900)[:, None]).all()


@pytest.mark.parametrize("kind", KINDS)
def test_hardly_anybody_to_know(kind):
    assert degrees(network(kind, 1)).tolist() == [0]
    assert degrees(network(kind, 2, ties=1)).sum() in (2, 4)


def test_a_ring_and_a_random_network():
    ring = network("small-world", 10, ties=2, rewiring=0.0)
    assert sorted(map(tuple, pairs_of(ring).T))[:4] == [(0, 1), (0, 2), (1, 2), (1, 3)]
    assert (degrees(ring) == 4).all()
    spread = degrees(network("random", 20_000))
    assert spread.mean() == 8.0
    # Own ties, and Poisson many made by others.
    assert abs(spread.var() - 4.0) < 4 * np.sqrt(2 * 16 / 20_000) + 0.1
    assert (network("random", 500).partners != np.arange(500)[:, None]).all()


def test_rewiring_takes_the_share_it_says():
    ring, few, all_ = (network("small-world", 20_000, rewiring=share).partners for share in (0.0, 0.1, 1.0))
    moved = (ring != few).mean()
    assert abs(moved - 0.1) < 4 * np.sqrt(0.09 / 80_000) + 1e-3
    assert (all_ == network("random", 20_000).partners).all()


def test_a_scale_free_network_has_the_degrees_of_its_law():
    """P(k) = 2 m (m + 1) / (k (k + 1)(k + 2)), k from m (Barabasi & Albert 1999; Dorogovtsev et al. 2000)."""
    found = degrees(network("scale-free", 30_000))
    for k in (4, 5, 8):
        due = 2 * 4 * 5 / (k * (k + 1) * (k + 2))
        assert abs((found == k).mean() - due) < 4 * np.sqrt(due * (1 - due) / 30_000) + 0.004
    assert found.max() > 10 * degrees(network("random", 30_000)).max()


def adoption(**overrides):
    """Prospects who buy once when they hear of the firm, are content for ever, and recommend it."""
    return bare_scenario(
        **{
            "segments.all.initial": {"focal": 0.0}, "segments.all.traits.initial_satisfaction": 0.95, "firm.organic": 0.02,
            "segments.all.traits.purchase_rate": 0.0, "word.rate": 0.4, "word.reputation_learning": 0.0,
            # Who never buys again has no flow of surplus; the welcome makes joining worth it.
            "firm.welcome_bonus": 1.0,
        } | overrides
    )  # fmt: skip


def joined_share(market):
    counts = counts_of(market)
    return counts[:, 0, 0, Count.ACTIVE] / market.scenario.customers


def test_bass_is_a_limit():
    """Hazard p + q F of Bass (1969) with the market looked at 20 times a month, over eight runs."""
    scenario = adoption(customers=10_000, horizon=12.0, tick=0.05)
    found = np.array([joined_share(run_market(scenario, 1, r)) for r in range(8)])
    months = np.arange(1, 13)
    due = bass.cumulative(months, innovation=0.02, imitation=0.4)
    stepwise = [0.0]
    for _ in range(240):
        stepwise.append(stepwise[-1] + (1 - stepwise[-1]) * -np.expm1(-(0.02 + 0.4 * stepwise[-1]) * 0.05))
    steps = np.array(stepwise)[20::20]
    # Those who joined are heard from the next tick on: half a tick late, which tells in a curve that grows by .4 a month.
    assert np.abs(steps - due).max() < 0.01
    error = found.std(axis=0, ddof=1) / np.sqrt(8)
    assert error.max() < 0.005
    assert (np.abs(found.mean(axis=0) - steps) < 4 * error + 1e-4).all()


@pytest.mark.parametrize("kind", KINDS)
def test_who_has_no_neighbours_who_speak_hears_nothing(kind):
    """Half are content customers: a tick later the prospects heard in proportion to their own neighbours who speak."""
    half = {"segments.all.initial": {"focal": 0.5}, "word.network": kind, "firm.organic": 0.0, "word.ties": 2}
    market = run_market(adoption(customers=4000, horizon=1.0, **half), 3, log=True)
    speaks = customers_of(market)["channel"] == Channel.INITIAL
    speaks &= customers_of(market)["spells"] > 0
    pairs = pairs_of(market.word.network)
    near = np.bincount(pairs[0], weights=speaks[pairs[1]], minlength=4000)
    near += np.bincount(pairs[1], weights=speaks[pairs[0]], minlength=4000)
    heard = np.isin(np.arange(4000), events_of(market, Kind.WORD)["customer"])
    assert not heard[speaks].any()
    assert not heard[near == 0].any()
    for k in (1, 2, 3):
        mine = ~speaks & (near == k)
        due = 1 - exp(-0.4 * k / 4)
        assert abs(heard[mine].mean() - due) < 4 * np.sqrt(due * (1 - due) / mine.sum())


def joins(market):
    events = events_of(market, Kind.JOIN)
    at = np.full(market.scenario.customers, np.inf)
    at[events["customer"][::-1]] = events["time"][::-1]
    return at


@pytest.mark.parametrize(
    ("lever", "values"), [("word.rate", (0.0, 0.2, 0.4, 0.8)), ("behaviour.word_response", (0.3, 1.0, 2.0))]
)
@pytest.mark.parametrize("kind", ["none", "small-world"])
def test_more_talk_and_nobody_joins_later(lever, values, kind):
    """Pathwise, as all who join recommend."""
    runs = [joins(run_market(adoption(customers=400, **{"word.network": kind, lever: v}), 2, log=True)) for v in values]
    for less, more in pairwise(runs):
        assert (more <= less).all()
        assert (more < less)[np.isfinite(more)].mean() > 0.3


def divided(**overrides):
    """Some are delighted and some disappointed, and nobody ever changes their mind."""
    feeling = {"dist": "uniform", "low": 0.0, "high": 1.0}
    return bare_scenario(
        customers=600, **{
            "segments.all.initial": {"focal": 0.4}, "segments.all.traits.initial_satisfaction": feeling, "word.rate": 1.0,
            "word.reputation_learning": 0.0, "behaviour.choice_noise": 60.0, "behaviour.delighted_mark": 0.5,
        } | overrides,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("lever", "values"), [("word.warnings", (0.0, 0.5, 1.0)), ("behaviour.disappointed_mark", (0.0, 0.2, 0.4))]
)
def test_more_warnings_win_fewer(lever, values):
    quiet = {"behaviour.disappointed_mark": 0.4, "word.warnings": 1.0, lever: values[0]}
    won = []
    for value in values:
        counts = [
            counts_of(run_market(divided(**(quiet | {lever: value})), 4, r)).sum(axis=(0, 1, 2)) for r in range(4)
        ]
        won.append(sum(int(c[Count.JOINED + Channel.WORD]) for c in counts))
    assert won == sorted(won, reverse=True)
    assert won[0] > 1.1 * won[-1]


def test_warnings_make_customers_think():
    market = run_market(divided(**{"word.warnings": 0.5}), 1, log=True)
    counts = counts_of(market).sum(axis=(0, 1, 2))
    assert counts[Count.WARNED] > 100
    assert counts[Count.RECOMMENDED] > 100
    words = events_of(market, Kind.WORD)
    assert (words["trigger"] == 1).sum() == counts[Count.RECOMMENDED]
    assert (words["trigger"] == 0).sum() == counts[Count.WARNED]
    thought = decisions_of(market)[:, 0, 0, Trigger.WORD, :, 0].sum(axis=0)
    assert thought.sum() == counts[Count.WARNED]
    assert (thought[:2] > 0).all()


def test_leavers_warn_for_a_while():
    """Nobody is disappointed but those who left: without them no word is said against the firm."""
    leaving = {
        "segments.all.traits.attention": 0.5,
        "behaviour.disappointed_mark": 0.0,
        "behaviour.delighted_mark": 1.0,
    }
    warned = [
        int(counts_of(run_market(divided(**leaving, **{"word.leavers": m}), 5))[..., Count.WARNED].sum())
        for m in (0.0, 3.0, 12.0)
    ]
    assert 0 <= warned[0] < warned[1] < warned[2]


def test_reputation_by_hand():
    """All are customers of .9, recommend once a month a head, and are believed at 1: it closes 1 - exp(-1) of the gap."""
    content = {"segments.all.traits.initial_satisfaction": 0.9, "firm.reputation": 0.5}
    talk = {"word.rate": 1.0, "word.reputation_learning": 1.0}
    run = rs.simulate(bare_scenario(customers=50, **content, **talk))
    assert run.totals["reputation"].to_numpy() == pytest.approx(0.9 - 0.4 * np.exp(-np.arange(1, 13)), abs=1e-4)
    still = rs.simulate(bare_scenario(customers=50, **content, **talk | {"word.reputation_learning": 0.0}))
    assert (still.totals["reputation"] == 0.5).all()


def test_a_figure_set_anew_is_the_reputation_from_then_on():
    def scandal(market):
        yield market.at(3.5)
        market.set("focal", reputation=0.2)

    run = rs.simulate(
        bare_scenario(customers=50, **{"word.rate": 1.0, "word.reputation_learning": 0.0}), processes=[scandal]
    )
    assert run.totals["reputation"].tolist() == [0.7] * 3 + [0.2] * 9


def test_words_shift_no_meeting():
    """Nobody ever joins: meetings come at the same moments whether people talk or not."""
    refusing = {
        "segments.all.initial": {"focal": 0.0, "other": 0.5}, "segments.all.traits.willingness_to_pay": 1.0, "firm.organic": 0.5,
        "behaviour.choice_noise": 0.0, "firm.awareness": 0.0,
    }  # fmt: skip
    other = {"rivals": {"other": rival(price=0.5, setup_fee=50.0)}, "behaviour.delighted_mark": 0.5}
    base = bare_scenario(customers=300, **refusing, **other, **{"rivals.other.organic": 0.0})
    quiet, loud = (run_market(base.with_(**{"word.rate": r, "word.rivals": 0.0}), 6) for r in (0.0, 2.0))
    mine, theirs = quiet.population.relations[:300, 0], loud.population.relations[:300, 0]
    assert (mine["meet_at"] == theirs["meet_at"]).all()
    assert (mine["meetings"] == theirs["meetings"] & 0xFFFFFF).all()
    assert mine["meetings"].max() > 3


@pytest.mark.parametrize(
    ("name", "kind"), [("word-of-mouth", "scale-free"), ("word-of-mouth", "small-world"), ("telecom", "none")]
)
def test_engines_and_threads_agree(name, kind):
    talk = {
        "word.rate": 0.6,
        "word.network": kind,
        "behaviour.delighted_mark": 0.75,
        "behaviour.disappointed_mark": 0.6,
    }
    scenario = load(name).with_(customers=300, horizon=14.0, **talk, **{"entry.per_month": 4.0})
    compiled = run_market(scenario, 2, log=True)
    assert differing(compiled, run_market(scenario, 2, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 2, threads=2, log=True)) == []
    assert_lawful(compiled)
    words = events_of(compiled, Kind.WORD)
    assert set(words["trigger"]) == {0, 1}
    assert counts_of(compiled)[..., Count.JOINED + Channel.WORD].sum() > 0


def test_without_talk_its_figures_change_nothing():
    scenario = load("telecom").with_(customers=200, horizon=8.0)
    figures = {
        "word.network": "random",
        "word.ties": 9,
        "word.warnings": 5.0,
        "behaviour.delighted_mark": 0.1,
        "behaviour.word_bond": 0.9,
    }
    run = rs.simulate(scenario.with_(**figures))
    assert run.digest() == rs.simulate(scenario).digest()
    assert run.more.size == 0


def test_who_knows_both_sides_recommends_to_whom_it_fits():
    """Worth .7 x willingness to pay - 100: with full matching nobody below 143 is told, and everybody else at the same time."""
    wanting = {"segments.all.traits.willingness_to_pay": {"dist": "uniform", "low": 60.0, "high": 220.0}}
    half = {"segments.all.initial": {"focal": 0.5}, "firm.organic": 0.0, "horizon": 1.0}
    told = []
    for matching in (0.0, 0.5, 1.0):
        market = run_market(adoption(**wanting, **half, **{"word.matching": matching}), 7, log=True)
        words = events_of(market, Kind.WORD)
        told.append(dict(zip(words["customer"].tolist(), words["time"].tolist(), strict=True)))
        fits = trait_of(market, "willingness_to_pay") * 0.7 >= 100
    assert {i: at for i, at in told[0].items() if fits[i]} == told[2]
    assert set(told[2]) < set(told[1]) < set(told[0])


def test_who_comes_by_word_begins_with_a_bond():
    bond = {
        "behaviour.word_bond": 0.3,
        "segments.all.traits.social_sensitivity": 1.5,
        "behaviour.attachment_decay": 0.0,
    }
    joined = events_of(run_market(adoption(**bond), 1, log=True), Kind.JOIN)
    by_word = joined["trigger"] == Channel.WORD
    assert (joined["attachment"][by_word] == 0.3 * 1.5).all()
    assert not joined["attachment"][~by_word].any()
    assert by_word.sum() > 100 < (~by_word).sum()


def test_customers_won_by_word_are_worth_more_and_promotion_won_less():
    """Pattern 9 in the packaged scenario, twenty-four replications, all baskets alike so that the rest shows.

    Money within the horizon before what it cost to win them, compared between those who came in the same month: who
    comes early has longer to pay.
    """
    base = load("word-of-mouth")
    money = {
        "monthly": 3 * base.budget.monthly,
        "retention_share": 0.2,
        "winning": {"advertising": 0.7, "promotion": 0.3, "referral": 0.0},
    }
    alike = {f"segments.{s}.traits.spend": 1.0 for s in base.segments}
    scenario = base.with_(customers=6000, horizon=30.0, budget=money, **alike)
    gaps = []
    for r in range(24):
        found = lifetimes(rs.simulate(scenario, seed=2, replication=r))
        heads, values = found.heads[:18].sum(axis=1), found.values[:18].sum(axis=1)
        gaps.append([_gap(heads, values, Channel.WORD), _gap(heads, values, Channel.PROMOTION)])
    for sign, gap in zip((1, -1), np.transpose(gaps), strict=True):
        assert sign * gap.mean() > 3 * gap.std(ddof=1) / np.sqrt(24)


def _gap(heads, values, channel):
    """Mean value of a channel's customers less that of the advertised of the same month, by the former's numbers."""
    ads, mine = Channel.ADVERTISING, channel
    both = (heads[:, ads] > 0) & (heads[:, mine] > 0)
    means = values[both][:, [mine, ads]] / heads[both][:, [mine, ads]]
    weights = heads[both, mine] * heads[both, ads] / (heads[both, mine] + heads[both, ads])
    return float(np.average(means[:, 0] - means[:, 1], weights=weights))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("word.network", "lattice"),
        ("word.ties", 0),
        ("word.ties", 2.5),
        ("word.rate", -0.1),
        ("word.rewiring", 1.1),
        ("word.speed", 1.0),
        ("behaviour.delighted_mark", 1.1),
    ],
)
def test_bad_input_is_refused(key, value):
    with pytest.raises(ScenarioError) as caught:
        load("telecom").with_(**{key: value})
    assert caught.value.problems[0].key == key

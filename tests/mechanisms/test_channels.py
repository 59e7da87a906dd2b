"""Promotion and referral rewards: reach, bonus, rewards within the budget, and who comes by which way (R15)."""

from itertools import pairwise

import numpy as np
import pytest
from helpers import (
    account_totals,
    assert_lawful,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    ledger_of,
    run_market,
    trait_of,
)

import retsim as rs
from retsim.rules.acquisition import hazard_of, saturating
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Account, Channel, Count, Kind

ONLY_PROMOTION = {"budget.winning": {"promotion": 1.0}}
EVEN = {"budget.winning": {"advertising": 0.4, "promotion": 0.35, "referral": 0.25}}


def prospects(**overrides):
    """Nobody is a customer yet; joining is worth it for some and, with the bonus, for some more."""
    return bare_scenario(
        **{
            "customers": 2000, "horizon": 1.0, "segments.all.initial": {"focal": 0.0}, "budget.monthly": 10_000.0,
            "firm.ad_ceiling": 0.3, "firm.ad_efficiency": 0.2, "firm.promo_ceiling": 0.5, "firm.promo_efficiency": 0.3,
            "firm.promo_bonus": 30.0, "segments.all.traits.willingness_to_pay": {"dist": "uniform", "low": 60.0, "high": 220.0},
        } | overrides
    )  # fmt: skip


def joined(market):
    return counts_of(market).sum(axis=(0, 1, 2))[Count.JOINED : Count.JOINED + len(Channel)]


def test_promotion_reaches_by_its_own_curve():
    """5 a head: the chance of a month is ceiling (1 - exp(-efficiency 5)), the money is spent to the last unit."""
    market = run_market(prospects(**ONLY_PROMOTION, **{"segments.all.traits.willingness_to_pay": 500.0}))
    due = saturating(5.0, 0.5, 0.3)
    assert market.world.reach[0, 0, 0]["rate"] == hazard_of(due, 1.0)
    n = joined(market)
    assert n[Channel.PROMOTION] == n.sum()
    assert abs(n.sum() / 2000 - due) < 4 * np.sqrt(due * (1 - due) / 2000)
    accounts = account_totals(market)
    assert accounts["promotion"] == 10_000 * MICRO
    assert accounts["welcome"] == n.sum() * 30 * MICRO
    assert accounts["advertising"] == accounts["referral"] == 0


def test_the_bonus_draws_those_who_would_not_have_come():
    """Worth .7 x willingness to pay - 100 a month over a month: those from 143 on come, with the bonus from 100 on."""
    kinds = {}
    for name, winning in (("advertising", {"advertising": 1.0}), ("promotion", {"promotion": 1.0})):
        market = run_market(prospects(**{"budget.winning": winning}, horizon=3.0))
        won = customers_of(market)["channel"] == Channel[name.upper()]
        won &= customers_of(market)["spells"] > 0
        kinds[name] = trait_of(market, "willingness_to_pay")[won]
        assert won.sum() > 300
    assert kinds["advertising"].min() == pytest.approx(100 / 0.7, abs=2)
    assert kinds["promotion"].min() == pytest.approx(70 / 0.7, abs=2)


@pytest.mark.parametrize("bonuses", [(0.0, 15.0, 30.0, 60.0)])
def test_a_higher_bonus_never_wins_fewer(bonuses):
    """Pathwise: the same meetings; whoever joins joins with a higher bonus, too, and no later."""
    at = []
    for bonus in bonuses:
        events = events_of(
            run_market(prospects(**ONLY_PROMOTION, **{"firm.promo_bonus": bonus}), 2, log=True), Kind.JOIN
        )
        when = np.full(2000, np.inf)
        when[events["customer"]] = events["time"]
        at.append(when)
    for less, more in pairwise(at):
        assert (more <= less).all()
        assert (more < less).sum() > 20


def test_more_money_for_promotion_wins_more():
    won = [
        int(joined(run_market(prospects(**ONLY_PROMOTION, **{"budget.monthly": m}), 3))[Channel.PROMOTION])
        for m in (0.0, 3e3, 1e4, 4e4)
    ]
    assert won == sorted(won)
    assert won[0] == 0 < won[1] < won[3]


def recommending(**overrides):
    """Half are content customers, who tell the others."""
    return prospects(
        **{
            "word.rate": 0.5, "word.reputation_learning": 0.0, "behaviour.delighted_mark": 0.6, "customers": 600, "horizon": 4.0,
            "segments.all.initial": {"focal": 0.5}, "segments.all.traits.willingness_to_pay": 500.0,
            "budget.winning": {"referral": 1.0}, "budget.monthly": 2400.0, "firm.referral_reward": 8.0, "firm.referral_lift": 0.1,
        } | overrides
    )  # fmt: skip


def test_rewards_are_paid_for_those_who_came_and_within_the_fund():
    run = rs.simulate(recommending())
    run.check()
    n = int(run.totals["joined_referral"].sum())
    assert n > 30
    assert run.totals["referral"].sum() == pytest.approx(8.0 * n)
    # The lift is 8 x .1: of 18 words 8 are for the reward.
    won = n + int(run.totals["joined_word"].sum())
    assert abs(n / won - 8 / 18) < 4 * np.sqrt(8 * 10 / 18**2 / won)


@pytest.mark.parametrize("money", [3.0, 20.0, 90.0])
def test_no_reward_is_promised_that_the_fund_cannot_pay(money):
    """A handful of rewards a month at most; money that was reserved and not used waits for the next."""
    run = rs.simulate(recommending(**{"budget.monthly": money}))
    run.check()
    paid = run.totals["referral"].cumsum()
    assert (paid <= money * run.totals["period"]).all()
    most = int(4 * money // 8)
    assert run.totals["joined_referral"].sum() <= most
    assert (run.totals["joined_referral"].sum() > 0) == (most > 0)


def test_a_reward_brings_words_forward():
    """Pathwise: the same luck, more is told, and nobody joins later."""
    at = []
    for lift in (0.0, 0.1, 0.4):
        events = events_of(run_market(recommending(**{"firm.referral_lift": lift}), 5, log=True), Kind.JOIN)
        when = np.full(600, np.inf)
        when[events["customer"]] = events["time"]
        at.append(when)
    for less, more in pairwise(at):
        assert (more <= less).all()
        assert (more < less).sum() > 20


@pytest.mark.parametrize("name", ["word-of-mouth", "telecom"])
def test_engines_and_threads_agree(name):
    busy = {"word.rate": 1.5, "behaviour.delighted_mark": 0.7, "entry.per_month": 5.0, "budget.retention_share": 0.3}
    scenario = load(name).with_(customers=300, horizon=14.0, **EVEN, **busy, **{"firm.referral_reward": 3.0})
    compiled = run_market(scenario, 2, log=True)
    assert differing(compiled, run_market(scenario, 2, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 2, threads=2, log=True)) == []
    assert_lawful(compiled)
    won = joined(compiled)
    assert (won[[Channel.ADVERTISING, Channel.PROMOTION, Channel.WORD]] > 0).all()
    rs.simulate(scenario, seed=2).check()


def test_every_account_of_a_channel_stands_with_the_channel():
    market = run_market(prospects(**{"budget.winning": {"advertising": 0.5, "promotion": 0.5}}))
    book = ledger_of(market).sum(axis=(0, 1, 2, 3))
    assert book[Channel.PROMOTION, Account.PROMOTION] == book[Channel.ADVERTISING, Account.ADVERTISING] == 5000 * MICRO
    assert book[Channel.PROMOTION, Account.WELCOME] > 0
    assert book[Channel.ADVERTISING, Account.WELCOME] == 0


def test_advertising_alone_is_what_it_was():
    scenario = load("telecom").with_(customers=200, horizon=8.0)
    figures = {
        "firm.promo_bonus": 99.0,
        "firm.promo_ceiling": 0.9,
        "firm.referral_reward": 5.0,
        "budget.winning": {"advertising": 1.0},
    }
    assert rs.simulate(scenario.with_(**figures)).digest() == rs.simulate(scenario).digest()


def test_bad_input_is_refused():
    for key, value, place in (
        ("budget.winning", {"promotion": 0.4}, "budget.winning"),
        ("budget.winning", {"prizes": 1.0}, "budget.winning.prizes"),
        ("budget.winning", {"referral": 1.0}, "budget.winning.referral"),
        ("firm.promo_ceiling", 1.0, "firm.promo_ceiling"),
        ("firm.referral_reward", -1.0, "firm.referral_reward"),
    ):
        with pytest.raises(ScenarioError) as caught:
            load("telecom").with_(**{key: value})
        assert caught.value.problems[0].key == place
    with pytest.raises(ScenarioError, match=r"must be 0 where nobody recommends: word.rate is 0"):
        load("telecom").with_(**{"budget.winning": {"advertising": 0.5, "referral": 0.5}})

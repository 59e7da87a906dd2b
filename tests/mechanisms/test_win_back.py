"""R15, R21: lapsed customers are asked to come back, with a bonus for those who do."""

import numpy as np
import pytest
from helpers import account_totals, assert_lawful, bare_scenario, counts_of, differing, events_of, run_market

import retsim as rs
from retsim.scenario import load
from retsim.state import MICRO, Channel, Count, Kind

MIX = {"service": 0.0, "price": 0.0, "contact": 0.0, "win_back": 1.0}


def asking(bonus, *, monthly=100.0, **figures):
    """Bad service drives everybody out at once; what is left to decide is whether to come back.

    They remember a satisfaction of 0.6: with willingness to pay 200, a price of 100 and a horizon of one month that is
    a surplus of 20; "not now" is worth 50. Only a bonus of more than 30 brings them back.
    """
    strategy = {"retention_share": 1.0, "mix": MIX}
    return bare_scenario(
        setting="contractual", customers=40, horizon=10.0, strategies={"back": strategy}, strategy="back",
        budget={"monthly": monthly},
        **{
            "segments.all.traits.initial_satisfaction": 0.6, "segments.all.traits.attention": 1.0,
            "behaviour.outside_value": 50.0, "behaviour.first_bill": 0.5, "firm.win_back_bonus": bonus,
            "firm.win_back_cost": 3.0,
        } | {f"firm.{name}": value for name, value in figures.items()},
    )  # fmt: skip


def won(market):
    return int(counts_of(market)[:, 0, :, Count.JOINED + Channel.WIN_BACK].sum())


def test_who_comes_back_and_what_it_costs_by_hand():
    for bonus, comes in ((29.0, False), (31.0, True)):
        market = run_market(asking(bonus), 1, log=True)
        back = won(market)
        assert (back > 0) is comes
        declined = events_of(market, Kind.DECLINE).size
        asked = market.firms[0].approaches // (3 * MICRO)
        assert back + declined == asked > 5
        assert account_totals(market)["win_back"] == (3 * asked + round(bonus) * back) * MICRO
        assert_lawful(market)


def test_no_more_are_asked_than_the_fund_pays_for_bonus_included():
    market = run_market(asking(29.0, monthly=65.0), 1, log=True)
    declined = events_of(market, Kind.DECLINE)["time"]
    # 65 a month pay for two approaches of 3 + 29 each; nobody takes the bonus, which then pays for more.
    # Who left after the first bill was gone for a month, as far as the firm knows, at the tick of month 2.
    left = 130.0
    for month in range(2, 10):
        left += 65.0
        asked = int(((declined >= month) & (declined < month + 1)).sum())
        assert asked == min(int(left // 32.0), 40)
        left -= 3.0 * asked


def test_nobody_is_asked_too_early_too_late_or_twice_in_a_row():
    market = run_market(asking(29.0, monthly=9000.0, win_back_wait=2.0, win_back_limit=5.0), 1, log=True)
    declined, left = events_of(market, Kind.DECLINE), events_of(market, Kind.LEAVE)
    gone = dict(zip(left["customer"].tolist(), left["time"].tolist(), strict=True))
    since = np.array([event["time"] - gone[int(event["customer"])] for event in declined])
    assert (since >= 1.5).all()
    assert (since <= 6.5).all()
    assert np.bincount(declined["customer"]).max() == 2


def test_a_higher_bonus_never_loses_one_who_would_come_for_less():
    """With money for all, who came for less came no later for more."""
    first = []
    for bonus in (10.0, 31.0, 60.0):
        noisy = asking(bonus, monthly=9000.0).with_(**{"behaviour.choice_noise": 15.0})
        joins = events_of(run_market(noisy, 2, log=True), Kind.JOIN)
        came = np.full(40, np.inf)
        for event in joins[joins["trigger"] == Channel.WIN_BACK][::-1]:
            came[event["customer"]] = event["time"]
        first.append(came)
    assert (first[0] >= first[1]).all()
    assert (first[1] >= first[2]).all()
    assert np.isfinite(first[2]).sum() > np.isfinite(first[0]).sum()


def test_win_back_pays_where_many_lapse_and_earn_well():
    scenario = load("saas").with_(customers=500, horizon=36.0, **{"firm.win_back_bonus": 20.0})
    plain = {"service": 0.4, "price": 0.0, "contact": 0.6}
    arms = [
        scenario.with_(strategies={"s": {"retention_share": 0.6, "mix": mix}}, strategy="s") for mix in (plain, MIX)
    ]
    back = [np.array([won(run_market(arm, seed)) for seed in range(4)]) for arm in arms]
    assert not back[0].any()
    assert back[1].min() > 0


@pytest.mark.parametrize("name", ["telecom", "retail", "saas"])
def test_engines_and_threads_agree(name):
    scenario = load(name).with_(customers=300, horizon=18.0, strategy="win-back", **{"firm.win_back_bonus": 15.0})
    compiled = run_market(scenario, 4, log=True)
    assert differing(compiled, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 4, threads=2, log=True)) == []
    assert compiled.firms[0].approaches > 0
    assert_lawful(compiled)
    run = rs.simulate(scenario, seed=4)
    run.check()
    assert run.totals["win_back"].sum() > 0


def test_without_notice_the_silent_are_asked_and_cost_money():
    scenario = load("retail").with_(customers=300, horizon=18.0, strategy="win-back", **{"firm.win_back_wait": 4.0})
    market = run_market(scenario, 4, log=True)
    asked = market.firms[0].approaches // (2 * MICRO)
    answered = events_of(market, Kind.DECLINE).size + won(market)
    assert asked > answered / 3
    assert market.firms[0].approaches > 0


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("win_back_bonus", -1.0, "must lie in 0.."),
        ("win_back_cost", 0.0, "must lie in"),
        ("win_back_wait", 5000, "0..1200"),
    ],
)
def test_refusals(key, value, message):
    with pytest.raises(rs.ScenarioError, match=message):
        asking(1.0, **{key: value})

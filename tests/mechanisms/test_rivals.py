"""R20: rivals copy programmes after a delay, follow a lower price, and poach with a bonus."""

import numpy as np
import pytest
from helpers import (
    account_totals,
    assert_lawful,
    bare_scenario,
    counts_of,
    differing,
    events_of,
    ledger_of,
    rival,
    run_market,
)

import retsim as rs
from retsim.market.rivals import LEVELS, delay_of
from retsim.scenario import load
from retsim.state import MICRO, Account, Channel, Count, Kind
from retsim.streams import Draw, lanes_of


def small(name="telecom", **overrides):
    scenario = load(name).with_(customers=300, horizon=18.0)
    return scenario.with_(**overrides)


def imitating(scenario, **figures):
    figures = {"imitation": 1} | figures
    return scenario.with_(**{f"rivals.{r}.{name}": value for r in scenario.rivals for name, value in figures.items()})


def test_the_delay_of_a_copy_is_a_lognormal_of_its_mean_and_spread():
    assert delay_of(0.5, 6.0, 0.0) == 6.0
    # Median of a lognormal: mean / sqrt(1 + cv**2).
    assert delay_of(0.5, 18.0, 0.75) == pytest.approx(18.0 / 1.25)
    u = (np.arange(20_000) + 0.5) / 20_000
    many = np.array([delay_of(x, 6.0, 0.5) for x in u])
    assert many.mean() == pytest.approx(6.0, rel=1e-3)
    assert many.std() / many.mean() == pytest.approx(0.5, rel=0.02)


def test_a_copy_has_the_terms_and_the_money_of_the_original_and_comes_when_its_draw_says():
    scenario = imitating(small(strategy="retention-led", **{"firm.discount": 0.3, "budget.monthly": 1100}))
    granted = {}

    def watch(market):
        for month in range(1, 18):
            yield market.at(month + 0.5)
            granted[month] = market.firms[1].own["discount"], market.firms[1].budgeted

    market = run_market(scenario, 5, processes=[watch])
    u = lanes_of((5, 0), Draw.RIVAL, np.array([1]), 1, 0)[0, 0]
    delay = delay_of(float(u), 6.0, 0.5)
    assert 1.0 < delay < 16.0
    first = int(np.ceil(delay))
    assert [granted[m][0] == 0.3 for m in granted] == [m >= first for m in granted]
    # From then on the rival spends more than its own budget: as much a customer as the focal firm.
    own = 1400 * MICRO
    steps = np.diff([granted[m][1] for m in range(1, 18)])
    assert (steps[: first - 2] == own).all()
    assert (steps[first - 1 :] > own).all()
    assert_lawful(market)


def test_without_anything_to_copy_nothing_is_copied():
    scenario = small(strategy="acquire-only")
    assert differing(run_market(scenario, 2), run_market(imitating(scenario), 2)) == []


def poached(bonus, budget=0.0, **figures):
    """Two firms; the rival's advertising reaches all of the focal firm's customers, who think of price alone."""
    other = rival(price=100.0, reputation=0.5, organic=0.0, ad_ceiling=0.9, ad_efficiency=1.0, poaching=1.0)
    other |= {"poaching_bonus": bonus, "budget": {"monthly": budget}} | figures
    return bare_scenario(
        customers=200, rivals={"other": other}, horizon=4.0,
        **{"segments.all.traits.initial_satisfaction": 0.7, "behaviour.planning_horizon": 1.0},
    )  # fmt: skip


def test_a_poaching_bonus_is_weighed_and_paid_by_hand():
    # A month's surplus: here 200 x 0.7 - 100 = 40, there 200 x 0.5 - 100 = 0; the bonus must be above 40.
    for bonus, leaves in ((39.0, False), (41.0, True)):
        market = run_market(poached(bonus, budget=2000.0), 1, log=True)
        left = events_of(market, Kind.LEAVE)
        assert (left.size > 20) is leaves
        assert account_totals(market)["welcome"] == round(bonus * MICRO) * left.size
        assert_lawful(market)


def test_a_poaching_bonus_is_for_customers_of_others_only():
    scenario = poached(5.0, budget=2000.0, reputation=0.8).with_(**{"segments.all.initial": {"focal": 0.5}})
    market = run_market(scenario, 1)
    welcome = ledger_of(market)[..., Account.WELCOME].sum()
    joined = counts_of(market)[:, 1, :, Count.JOINED :][..., : len(Channel)].sum()
    moved = counts_of(market)[:, 0, :, Count.LOST_TO_RIVAL].sum()
    assert welcome == 5 * MICRO * moved
    assert joined > moved > 0


def test_price_matching_closes_a_share_of_the_gap_after_its_delay():
    seen = {}

    def cut(market):
        yield market.at(2.5)
        market.set("focal", price=60.0)
        for month in range(3, 9):
            yield market.at(month + 0.5)
            seen[month] = market.firms[1].figures["price"]
            if month == 6:
                market.set("focal", price=120.0)

    other = rival(price=100.0, price_matching=0.5, matching_delay=2.0)
    run_market(bare_scenario(customers=20, rivals={"other": other}, horizon=10.0), processes=[cut])
    # The focal price is 60 from the tick at 3 to that at 6; two months later the rival asks 100 - 0.5 x 40.
    assert seen == {3: 100.0, 4: 100.0, 5: 80.0, 6: 80.0, 7: 80.0, 8: 80.0}


def test_a_dearer_focal_firm_is_never_followed_and_matching_nothing_is_off():
    scenario = small(**{"firm.price": 50.0})
    followed = scenario.with_(**{f"rivals.{r}.price_matching": 1.0 for r in scenario.rivals})
    assert differing(run_market(scenario, 2), run_market(followed, 2)) == []


def differences(name, value_of, plain, changed, seeds=8):
    both = [[value_of(run_market(scenario, seed)) for seed in range(seeds)] for scenario in (plain, changed)]
    return np.subtract(*both)


@pytest.mark.parametrize(
    "change",
    [
        {"price_matching": 1.0, "matching_delay": 0.0},
        {"poaching_bonus": 150.0},
    ],
)
def test_rivals_that_react_leave_the_focal_firm_fewer_customers(change):
    scenario = small(**{"firm.price": 18.0, "firm.contract_term": 0.0, "firm.fee_per_month": 0.0})
    sharper = scenario.with_(**{f"rivals.{r}.{k}": v for r in scenario.rivals for k, v in change.items()})
    lost = differences("customers", lambda m: m.active(), scenario, sharper)
    assert lost.mean() > 2.5 * lost.std(ddof=1) / np.sqrt(lost.size)


def test_what_remains_of_an_advantage_after_the_copy():
    """Pattern 7: coupons win less when rivals give them, too, and the sooner they do the less is left."""
    scenario = load("retail").with_(customers=600, horizon=36.0, strategy="retain-1", **{"budget.monthly": 2500})
    scenario = scenario.with_(**{"firm.discount": 0.25, "firm.discount_tenure": 0.0})
    runs = {}
    for name, delay in (("never", None), ("late", 18.0), ("soon", 1.0)):
        arm = scenario if delay is None else imitating(scenario, imitation_delay_1=delay, imitation_spread=0.0)
        runs[name] = np.array([run_market(arm, seed).active() for seed in range(8)])
    base = np.array([run_market(scenario.with_(**{"budget.monthly": 0.0}), seed).active() for seed in range(8)])
    advantage = {name: found - base for name, found in runs.items()}
    error = {name: (found - runs["soon"]).std(ddof=1) / np.sqrt(8) for name, found in runs.items()}
    assert advantage["never"].mean() > 0.0
    assert (runs["never"] - runs["soon"]).mean() > 2.5 * error["never"]
    assert advantage["never"].mean() >= advantage["late"].mean() >= advantage["soon"].mean()


def test_only_levels_with_a_delay_can_be_copied():
    from retsim.parameters import Firm, table_of

    figures = table_of(Firm)
    for number, level in LEVELS.items():
        assert figures[f"imitation_delay_{number}"].default == {1: 6.0, 2: 18.0, 3: 48.0}[number]
        assert all(name in figures for name in level.terms)


@pytest.mark.parametrize("name", ["telecom", "saas"])
def test_engines_and_threads_agree_where_rivals_react(name):
    scenario = imitating(
        small(name, strategy="retention-led"),
        imitation_delay_1=3.0,
        imitation_delay_2=5.0,
        price_matching=0.6,
        poaching_bonus=40.0,
    ).with_(**{"firm.price": 20.0})
    compiled = run_market(scenario, 4, log=True)
    assert differing(compiled, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 4, threads=2, log=True)) == []
    assert_lawful(compiled)
    rs.simulate(scenario, seed=4).check()


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("price_matching", 1.2, "must lie in 0..1"),
        ("imitation", 0.5, "must be 0 or 1"),
        ("imitation_delay_1", -1.0, "must lie in 0..1200"),
        ("poaching_bonus", -5.0, "must lie in 0.."),
    ],
)
def test_refusals(key, value, message):
    with pytest.raises(rs.ScenarioError, match=message):
        small(**{f"rivals.network.{key}": value})

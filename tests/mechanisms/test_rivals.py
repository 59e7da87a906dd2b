"""R20: rivals copy programmes after a delay, follow a lower price, and poach with a bonus."""

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
    rival,
    run_market,
)

import retsim as rs
from retsim.market.market import Market
from retsim.market.rivals import LEVELS, SCHEMES, delay_of
from retsim.scenario import load
from retsim.state import MICRO, Account, Channel, Count, Flag, Kind
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


def test_a_rival_may_begin_to_follow_and_to_copy_in_mid_run_and_stop():
    """Switched on for months 4 to 8: what it does is seen from the tick at 4 on, and at 8 its price is its own again."""
    seen = {}

    def switch(market):
        yield market.at(3.5)
        market.set("network", price_matching=0.5, matching_delay=0.0, imitation=1.0, imitation_delay_1=0.0)
        yield market.at(4.5)
        seen[4] = market.firms[1].figures["price"], market.firms[1].own["discount"]
        yield market.at(7.5)
        market.set("network", price_matching=0.0, imitation=0.0)
        yield market.at(8.5)
        seen[8] = market.firms[1].figures["price"], market.firms[1].budgeted

    scenario = small(strategy="retain-1", **{"firm.price": 20.0, "firm.discount": 0.2})
    market = run_market(scenario, 3, processes=[switch])
    assert seen[4] == (pytest.approx(34.0 - 0.5 * 14.0), 0.2)
    assert seen[8][0] == 34.0
    assert market.firms[1].budgeted == seen[8][1] + 9 * 1400 * MICRO


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


def structural(**overrides):
    """A focal firm with a system, and rivals who copy it a given while after its first money."""
    terms = {
        "firm.structural_launch": 500.0, "firm.structural_setup": 7.0, "firm.structural_upkeep": 1.5,
        "firm.structural_value": 12.0, "firm.structural_draw": 3.0, "behaviour.structural_cost": 150.0,
    }  # fmt: skip
    scenario = imitating(small(strategy="retain-3", **terms), imitation_delay_3=6.0, imitation_spread=0.0)
    return scenario.with_(**{"budget.monthly": 2500.0} | overrides)


def test_level_3_is_copied_with_its_terms_and_has_to_be_built_first():
    """Six months after the first money the rivals have the terms; the launch is paid when so much has been saved."""
    seen = {}

    def watch(market):
        for month in range(18):
            yield market.at(month + 0.5)
            seen[month] = [(f.own["structural_value"], f.launched, f.funds["structural"]) for f in market.firms[1:]]

    market = run_market(structural(), 5, processes=[watch])
    before, after = [seen[m][0] for m in range(6)], [seen[m][0] for m in range(6, 18)]
    assert {value for value, _, _ in before} == {6.0}
    assert {value for value, _, _ in after} == {12.0}
    assert not any(launched for _, launched, _ in before)
    assert after[-1][1]
    # The rival has about as many customers: about 0.42 of 2500 a month for 500, so that the launch comes soon after.
    assert [launched for _, launched, _ in after].index(True) <= 2
    paid = ledger_of(market)[:, :, 1, :, :, Account.PROGRAMME_STRUCTURAL].sum(axis=(1, 2, 3)) / MICRO
    assert not paid[:6].any()
    assert paid[6:].sum() > 500.0
    assert (customers_of(market)["flags"][customers_of(market)["firm"] == 1] & Flag.STRUCTURAL).any()
    assert_lawful(market)


def test_a_launch_that_nobody_can_pay_is_never_copied():
    market = run_market(structural(**{"firm.structural_launch": 1e6}), 5)
    assert not any(firm.launched for firm in market.firms)
    assert market.firms[1].funds["structural"] > 0
    assert ledger_of(market)[..., Account.PROGRAMME_STRUCTURAL].sum() == 0


@pytest.mark.parametrize(
    "figures",
    [
        {"points_rate": 0.1, "points_threshold": 5.0, "points_expiry": 9.0},
        {"cash_back": 0.05},
        {
            "status_threshold": 100.0,
            "status_discount": 0.05,
            "status_value": 20.0,
            "gold_threshold": 150.0,
            "gold_value": 30.0,
        },
    ],
    ids=lambda figures: next(iter(figures)),
)
def test_schemes_of_level_1_are_copied_and_given_up_with_the_original(figures):
    offered = {f"firm.{name}": value for name, value in figures.items()}
    scenario = imitating(small(**offered), imitation_delay_1=4.0, imitation_spread=0.0)
    key, seen = next(iter(figures)), {}

    def watch(market):
        for month in range(14):
            yield market.at(month + 0.5)
            seen[month] = [{name: firm.own[name] for name in figures} for firm in market.firms[1:]]
            if month == 9:
                market.set("focal", **{key: 0.0})

    compiled = run_market(scenario, 5, processes=[watch], log=True)
    assert all(found[key] == 0.0 for month in (0, 3, 10, 13) for found in seen[month])
    assert all(found == figures for month in (4, 9) for found in seen[month])
    assert differing(compiled, run_market(scenario, 5, processes=[watch], engine="reference", log=True)) == []
    rs.simulate(scenario, seed=5, processes=[watch]).check()


def test_who_has_a_scheme_already_keeps_it_and_nobody_gives_back_more_than_is_paid():
    scenario = imitating(
        small(**{"firm.cash_back": 0.3, "firm.points_rate": 0.2}), imitation_delay_1=1.0, imitation_spread=0.0
    )
    scenario = scenario.with_(**{"rivals.network.points_rate": 0.75, "rivals.discounter.cash_back": 0.1})
    network, discounter = run_market(scenario, 5).firms[1:]
    assert (network.own["points_rate"], network.own["cash_back"]) == (0.75, 0.0)
    assert (discounter.own["points_rate"], discounter.own["cash_back"]) == (0.2, 0.1)


def test_a_copied_club_has_members_and_costs():
    """Copied without benefits it only costs: whoever had an empty club before pays for the copy as well."""
    club = {"firm.club": 1.0, "firm.club_benefit": 4.0, "firm.club_fee": 1.0, "firm.club_cost": 2.0}
    scenario = imitating(small(**club), imitation_delay_2=3.0, imitation_spread=0.0)
    run = rs.simulate(scenario, seed=5)
    cost = run.totals.pivot(index="period", columns="firm", values="programme_club")
    assert (cost["network"].to_numpy() > 0.0).tolist() == [False] * 3 + [True] * 15
    run.check()


def test_a_care_plan_is_copied_with_level_2():
    plan = {"firm.care_product": 0.3, "firm.care_relations": 0.2, "firm.care_before": 1.0}
    scenario = imitating(small(strategy="retain-2", **plan), imitation_delay_2=2.0, imitation_spread=0.0)
    rival_ = run_market(scenario, 5).firms[1]
    assert [rival_.own[name] for name in ("care_product", "care_relations", "care_before")] == [0.3, 0.2, 1.0]


@pytest.mark.parametrize("level", [1, 2, 3])
def test_a_longer_delay_never_copies_sooner(level):
    """The same draw: 40 rivals and seeds, and each copies later; half of the delay is half of the wait."""
    at = []
    for mean in (10.0, 20.0):
        scenario = imitating(small(strategy="40-60"), **{f"imitation_delay_{level}": mean})
        rivals = [Market(scenario, (seed, 0)) for seed in range(20)]
        at.append([m.rivals.delay(firm, level) for m in rivals for firm in m.firms[1:]])
    assert np.array(at[1]) == pytest.approx(2.0 * np.array(at[0]))
    assert np.std(at[0]) > 1.0


def test_only_levels_with_a_delay_can_be_copied():
    from retsim.parameters import Firm, table_of

    figures = table_of(Firm)
    for number, level in LEVELS.items():
        assert figures[f"imitation_delay_{number}"].default == {1: 6.0, 2: 18.0, 3: 48.0}[number]
        assert all(name in figures for name in level.terms)
    for scheme in SCHEMES:
        assert scheme.level in LEVELS
        assert all(name in figures for name in (scheme.key, *scheme.terms))


@pytest.mark.parametrize("name", ["telecom", "saas"])
def test_engines_and_threads_agree_where_rivals_react(name):
    scenario = imitating(
        small(name, strategy="retention-led"),
        imitation_delay_1=3.0,
        imitation_delay_2=5.0,
        imitation_delay_3=4.0,
        price_matching=0.6,
        poaching_bonus=40.0,
    ).with_(
        **{
            "firm.price": 20.0,
            "firm.points_rate": 0.05,
            "budget.mix": {"price": 0.3, "contact": 0.3, "structural": 0.4},
        }
    )
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
        ("imitation_delay_3", 2000.0, "must lie in 0..1200"),
        ("poaching_bonus", -5.0, "must lie in 0.."),
    ],
)
def test_refusals(key, value, message):
    with pytest.raises(rs.ScenarioError, match=message):
        small(**{f"rivals.network.{key}": value})

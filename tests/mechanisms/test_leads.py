"""R15: the lead funnel: reached, interested, deciding, won; who is followed up, and what a database that is wrong wastes."""

import itertools

import numpy as np
import pytest
from helpers import (
    account_totals,
    assert_lawful,
    assert_share,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    run_market,
)

import retsim as rs
from retsim.rules import leads
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Channel, Count, Kind

FUNNEL = {"firm.lead_funnel": 1.0, "firm.lead_appeal": 0.25, "firm.lead_unaided": 0.0, "firm.qualification_mark": 0.0}
MONEY = {"budget.monthly": 1e5, "budget.winning": {"advertising": 0.5, "follow_up": 0.5}}


def prospects(**overrides):
    """Nobody is a customer yet, everyone who decides joins, and each is met about once."""
    quiet = {"customers": 4000, "horizon": 4.0, "segments.all.initial": {"focal": 0.0}, "firm.organic": 0.3}
    return bare_scenario(**quiet | {"segments.all.traits.willingness_to_pay": 500.0} | FUNNEL | overrides)


def stages(market):
    counts = counts_of(market)[:, 0].sum(axis=(0, 1))
    names = ("REACHED", "INTERESTED", "FOLLOWED", "WASTED", "DECIDING", "LEADS_WON")
    return {name.lower(): int(counts[Count[name]]) for name in names}


@pytest.mark.parametrize(
    ("rule", "arguments", "due"),
    [
        (leads.p_interested, (0.0, 0.25), 0.25),
        (leads.p_interested, (0.4, 0.25), 0.55),
        (leads.p_interested, (1.0, 0.25), 1.0),
        (leads.in_earnest, (0.39, 0.4, 1.0), True),
        (leads.in_earnest, (0.39, 0.4, 0.5), False),
        (leads.believed, (0.8, 0.2, 1.0), 0.8),
        (leads.believed, (0.8, 0.2, 0.0), 0.2),
        (leads.believed, (0.8, 0.2, 0.25), 0.35),
    ],
)
def test_rules_by_hand(rule, arguments, due):
    assert rule(*arguments) == pytest.approx(due, rel=1e-12)
    assert getattr(rule, "py_func", rule)(*arguments) == pytest.approx(due, rel=1e-12)


def test_shares_of_the_stages_are_those_of_the_rules():
    """Intent .4 and appeal .25: .55 are interested; every lead is followed up and .4 of them decide, who all join."""
    market = run_market(prospects(**MONEY, **{"segments.all.traits.intent": 0.4}), 1)
    n = stages(market)
    assert n["reached"] > 3000
    assert_share(n["interested"], n["reached"], 0.55, precision=0.02)
    assert n["followed"] > 1000
    assert_share(n["followed"] - n["wasted"], n["followed"], 0.4, precision=0.04)
    assert n["deciding"] == n["leads_won"] == n["followed"] - n["wasted"]
    assert account_totals(market)["follow_up"] == 5 * MICRO * n["followed"]
    people = customers_of(market)
    assert (people["channel"][people["spells"] > 0] == Channel.ORGANIC).all()


def test_who_is_sure_needs_nobody_to_call():
    """Nobody follows up: of the leads the share intent x unaided decides at once, and the others never."""
    market = run_market(prospects(**{"segments.all.traits.intent": 0.6, "firm.lead_unaided": 0.5}), 2, log=True)
    n = stages(market)
    assert n["followed"] == n["wasted"] == 0
    assert_share(n["deciding"], n["interested"], 0.3, precision=0.05)
    made, won = events_of(market, Kind.LEAD), events_of(market, Kind.JOIN)
    assert np.isin(won["customer"], made["customer"]).all()
    assert np.isin(won["time"], made["time"]).all()


def test_only_those_are_called_whom_the_firm_believes_in_and_can_pay_for():
    """Half of the people mean to buy, half never do. A sure database calls the first, and nobody else."""
    halves = {"segments.all.traits.intent": {"dist": "values", "values": [0.0, 1.0]}, "firm.lead_appeal": 1.0}
    sure = {"firm.qualification": 1.0, "firm.qualification_mark": 0.5}
    known = stages(run_market(prospects(**MONEY, **halves, **sure), 3))
    assert known["wasted"] == 0
    assert known["followed"] == known["leads_won"] > 800
    # Until the second month nobody is called twice.
    blind = stages(run_market(prospects(**MONEY, **halves, **{"firm.qualification": 0.0, "horizon": 2.0}), 3))
    assert_share(blind["wasted"], blind["followed"], 0.5, precision=0.05)
    poor = {"budget.monthly": 100.0, "budget.winning": {"advertising": 0.5, "follow_up": 0.5}}
    scarce = stages(run_market(prospects(**poor, **halves, **sure), 3))
    assert scarce["followed"] == 4 * 50 / 5, (
        "what is not used at the first tick, when there are no leads, is used later"
    )


def test_a_lead_that_nobody_calls_is_forgotten_and_can_be_won_anew():
    often = {"firm.organic": 3.0, "segments.all.traits.intent": 1.0, "firm.lead_lasts": 1.0, "customers": 500}
    short, lasting = (
        stages(run_market(prospects(**often | {"firm.lead_lasts": months}), 4)) for months in (0.25, 100.0)
    )
    assert lasting["reached"] == lasting["interested"] == 500
    assert short["reached"] > 3 * 500
    assert short["deciding"] == lasting["deciding"] == 0


@pytest.mark.parametrize("figure", ["segments.all.traits.intent", "firm.lead_appeal"])
def test_more_intent_or_appeal_and_nobody_is_interested_later(figure):
    at = []
    for value in (0.1, 0.4, 0.8):
        made = events_of(
            run_market(prospects(**{"segments.all.traits.intent": 0.2} | {figure: value}), 5, log=True), Kind.LEAD
        )
        first = np.full(4000, np.inf)
        np.minimum.at(first, made["customer"], made["time"])
        at.append(first)
    for less, more in itertools.pairwise(at):
        assert (more <= less).all()
        assert (more < less).mean() > 0.1


def test_without_friction_the_funnel_is_none():
    """Mechanism `funnel` off: everyone reached decides at once, so customers and accounts are those without a funnel."""
    scenario = load("lead-funnel").with_(
        customers=300, horizon=12.0, **{"budget.winning": {"advertising": 1.0, "follow_up": 0.0}}
    )
    off, none = run_market(scenario.without("funnel"), 6), run_market(scenario.with_(**{"firm.lead_funnel": 0.0}), 6)
    for field in ("status", "firm", "joined_at", "channel", "value", "revenue", "satisfaction"):
        assert (customers_of(off)[field] == customers_of(none)[field]).all(), field
    assert account_totals(off) == account_totals(none)
    assert counts_of(off)[..., Count.DECIDING].sum() == counts_of(off)[..., Count.REACHED].sum() > 20


def test_engines_and_threads_agree():
    """Promotion, win-back and word of mouth around the funnel, and a rival with one of its own."""
    busy = {
        "budget.winning": {"advertising": 0.4, "promotion": 0.3, "follow_up": 0.3}, "firm.win_back_wait": 0.5,
        "budget.mix": {"service": 0.3, "win_back": 0.3, "contact": 0.4}, "word.rate": 0.3, "tick": 0.5,
        "rivals.startup.lead_funnel": 1.0, "rivals.startup.budget.winning": {"advertising": 0.5, "follow_up": 0.5},
        "firm.follow_up_cost": 30.0,
    }  # fmt: skip
    scenario = load("lead-funnel").with_(customers=250, horizon=12.0, **busy)
    compiled = run_market(scenario, 7, log=True)
    assert differing(compiled, run_market(scenario, 7, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 7, threads=2, log=True)) == []
    assert_lawful(compiled)
    n = counts_of(compiled).sum(axis=(0, 2))
    for firm in (0, 2):
        assert (n[firm][[Count.REACHED, Count.INTERESTED, Count.FOLLOWED, Count.WASTED, Count.DECIDING]] > 0).all()
    run = rs.simulate(scenario, seed=7)
    run.check()
    called = run.totals.groupby("firm", observed=True)["followed_up"].sum()
    assert run.totals["follow_up"].sum() == 30.0 * called["focal"] + 5.0 * called["startup"]


def test_the_funnel_is_a_table_that_adds_up():
    run = rs.simulate(load("lead-funnel").with_(customers=500, horizon=24.0), seed=8)
    table, mine = run.funnel(), run.totals[run.totals["firm"] == "focal"]
    assert list(table.index) == ["reached", "interested", "deciding", "won"]
    assert (table["customers"].diff().dropna() < 0).all()
    for stage, column in (("reached", "reached"), ("deciding", "deciding"), ("won", "leads_won")):
        assert table["customers"][stage] == mine[column].sum()
    assert (table["customers"].shift().dropna() - table["leaked"][1:] == table["customers"][1:]).all()
    np.testing.assert_allclose(table["leak_rate"][1:], table["leaked"][1:] / table["customers"].shift()[1:])
    assert table["cost"]["reached"] == pytest.approx(mine["advertising"].sum())
    assert table["cost"]["deciding"] == pytest.approx(mine["follow_up"].sum())
    assert table["cost_per_head"]["won"] == pytest.approx(table["cost"].sum() / table["customers"]["won"])
    with pytest.raises(ValueError, match="suite has none; set its lead_funnel to 1"):
        run.funnel("suite")


def test_a_database_that_knows_wins_more_for_the_same_money():
    """The packaged market: between a lottery and full knowledge of intent lie fewer wasted calls, and money."""
    base = load("lead-funnel").with_(strategy="acquisition-led", customers=800, horizon=36.0)
    arms = {name: base.with_(**{"firm.qualification": q}) for name, q in (("lottery", 0.0), ("sure", 1.0))}
    gaps = []
    for replication in range(8):
        runs = {name: rs.simulate(arm, seed=9, replication=replication) for name, arm in arms.items()}
        mine = {name: run.totals[run.totals["firm"] == "focal"] for name, run in runs.items()}
        wasted = [(t["wasted_follow_ups"].sum() / t["followed_up"].sum()) for t in mine.values()]
        won = [run.funnel()["customers"]["won"] for run in runs.values()]
        gaps.append((wasted[0] - wasted[1], won[1] - won[0]))
    mean, error = np.mean(gaps, axis=0), np.std(gaps, axis=0, ddof=1) / np.sqrt(8)
    # Two sided 99 % of Student's t with 7 degrees of freedom.
    assert (mean - 3.5 * error > 0).all()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("firm.lead_funnel", 0.5), ("firm.lead_appeal", 1.2), ("firm.lead_unaided", -0.1), ("firm.lead_lasts", 0.0),
        ("firm.follow_up_cost", 0.0), ("firm.qualification", 2.0), ("firm.qualification_mark", -1.0),
        ("segments.offices.traits.intent", 1.5), ("budget.winning.follow_up", 1.5),
    ],
)  # fmt: skip
def test_bad_input_is_refused(key, value):
    with pytest.raises(ScenarioError) as caught:
        load("lead-funnel").with_(**{key: value})
    assert caught.value.problems[0].key == key


def test_money_for_leads_needs_a_firm_that_has_leads():
    half = {"advertising": 0.5, "follow_up": 0.5}
    for changes, place in (
        ({"budget.winning": half}, "budget.winning.follow_up"),
        ({"rivals.suite.budget.winning": half}, "rivals.suite.budget.winning.follow_up"),
        ({"strategies.retention-led.winning": half}, "strategies.retention-led.winning.follow_up"),
    ):
        with pytest.raises(ScenarioError, match="must be 0 where nobody becomes a lead") as caught:
            load("saas").with_(**changes)
        assert caught.value.problems[0].key == place
    with pytest.raises(ValueError, match=r"lead_funnel = 1.0, must be above 0 for some firm from the start"):
        run_market(load("saas").with_(customers=20, horizon=2.0), processes=[_opens_a_funnel])


def _opens_a_funnel(market):
    yield market.at(1.5)
    market.set("focal", lead_funnel=1.0)

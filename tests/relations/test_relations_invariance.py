"""Relations 28 to 47: what changes nothing, what scales, what only renames, and what must not be counted."""

from itertools import product

import numpy as np
import pytest
from helpers import (
    account_totals,
    assert_close,
    bare_scenario,
    bits,
    counts_of,
    customers_of,
    differing,
    events_of,
    first_leaving,
    ledger_of,
    run_market,
    values_of,
)

from retsim.engines.compiled import CompiledEngine
from retsim.market.market import ENGINES
from retsim.scenario import Scenario, load
from retsim.scenario.plain import plain
from retsim.state import Count, Kind

NAMES = ("telecom", "retail", "saas")
FREE = {"behaviour.first_purchase": 0.0, "segments.all.traits.purchase_rate": 0.0}


def small(name, **overrides):
    return load(name).with_(customers=300, horizon=24.0, **overrides)


def logged(scenario, seed=111, **kwargs):
    return run_market(scenario, seed, log=True, **kwargs)


@pytest.mark.parametrize("name", NAMES)
def test_28_a_null_strategy_is_no_strategy(name):
    """However it is written: no strategy, a strategy that keeps nothing, a programme without money, or without effect."""
    nothing = small(name, strategy="none", strategies={"none": {"retention_share": 0.0}})
    ways = [
        nothing,
        nothing.with_(**{"budget.retention_share": 0.0}),
        nothing.with_(
            strategies={"none": {"retention_share": 0.0, "mix": {"service": 0.0, "price": 0.0, "contact": 1.0}}}
        ),
        nothing.with_(
            strategies={"none": {"retention_share": 0.0, "mix": {"service": 1.0, "price": 0.0, "contact": 0.0}}}
        ),
    ]
    unplanned = logged(
        load(name).with_(customers=300, horizon=24.0, strategy="acquisition-led", **{"budget.retention_share": 0.0})
    )
    for scenario in ways:
        assert differing(unplanned, logged(scenario)) == []
    something = logged(small(name, strategy="retention-led"))
    assert "customers" in differing(unplanned, something)


@pytest.mark.parametrize("name", NAMES)
def test_28_no_money_is_no_strategy(name):
    broke = {"budget.monthly": 0.0}
    runs = [logged(small(name, strategy=s, **broke)) for s in ("acquisition-led", "retention-led")]
    assert differing(*runs) == []


@pytest.mark.parametrize("tick", [0.5, 1.0, 3.0, 12.0])
@pytest.mark.parametrize("name", NAMES)
def test_29_the_first_months_of_a_longer_run(name, tick):
    """Eighteen months alone, or as the first of thirty: the same, also where the horizon cuts a tick."""
    short = load(name).with_(customers=200, horizon=18.0, tick=tick)
    one, longer = logged(short), logged(short.with_(horizon=30.0))
    first = events_of(longer)
    assert events_of(one).tobytes() == first[first["time"] < 18.0].tobytes()
    assert counts_of(one).tobytes() == counts_of(longer)[:18].tobytes()
    mine, theirs = ledger_of(one), ledger_of(longer)
    assert (mine == theirs[:18, : mine.shape[1]]).all()
    assert first.size > events_of(one).size > 300


def independent(name, customers):
    """A market where nobody's life depends on anybody else's: no budgets, no newcomers drawn by others."""
    scenario = load(name)
    budgets = {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals} | {"budget.monthly": 0.0}
    return scenario.with_(
        customers=customers, horizon=24.0, **budgets, **{"entry.per_satisfied": 0.0, "entry.per_month": 0.0}
    )


@pytest.mark.parametrize("name", NAMES)
def test_30_more_independent_customers_change_nobody(name):
    some, more = logged(independent(name, 200)), logged(independent(name, 311))
    assert customers_of(some).tobytes() == customers_of(more)[:200].tobytes()
    theirs = events_of(more)
    assert events_of(some).tobytes() == theirs[theirs["customer"] < 200].tobytes()
    assert events_of(some).size > 300


@pytest.mark.parametrize("name", NAMES)
def test_30_newcomers_are_the_same_people_whoever_was_there_before(name):
    """They count from a place of their own, so one more customer at the start is no other newcomer."""
    few, more = (logged(independent(name, n).with_(**{"entry.per_month": 5.0})) for n in (200, 201))
    assert customers_of(few)[200:].tobytes() == customers_of(more)[201:].tobytes()
    assert customers_of(few).size > 280


class Shuffled(CompiledEngine):
    """Lets customers live up to a sync one by one, in an order of its own."""

    def sync(self, now):
        order = np.random.default_rng(112).permutation(self.market.population.n)
        for i in order.tolist():
            self._live(self.market.world, self._rooms[0], (i, i + 1), now)


@pytest.mark.parametrize("name", NAMES)
def test_33_the_order_of_customers_changes_nothing(name, monkeypatch):
    """Whole lives from sync to sync in any order; bills that fall on the same instant are among them."""
    monkeypatch.setitem(ENGINES, "shuffled", Shuffled)
    whole_months = {f"segments.{s}.traits.tenure": 0.0 for s in load(name).segments}
    scenario = small(name, **whole_months)
    usual = logged(scenario)
    assert differing(usual, logged(scenario, engine="shuffled")) == []
    times = events_of(usual, Kind.OCCASION)["time"]
    assert name == "retail" or times.size - np.unique(times).size > 0.3 * times.size


MONEY = {
    "behaviour": ("sunk_setup sunk_per_occasion attachment_value search_cost information_cost bargaining_cost decision_cost "
                  "monitoring_cost breach_risk procedural_cost relational_barrier power_imbalance outside_value "
                  "choice_noise attrition_pull").split(),
    "firm": ("price unit_cost cost_to_serve complaint_cost compensation welcome_bonus setup_fee fee_fixed fee_per_month "
             "contact_cost").split(),
}  # fmt: skip


def in_other_money(scenario, k):
    """The same market in a currency of which k make one of the old: every amount times k."""
    raw = scenario.model_dump(by_alias=True)
    changes = {f"behaviour.{name}": raw["behaviour"][name] * k for name in MONEY["behaviour"]}
    for s, name in product(scenario.segments, MONEY["behaviour"]):
        if (own := raw["segments"][s]["behaviour"][name]) is not None:
            changes[f"segments.{s}.behaviour.{name}"] = own * k
    for firm in ("firm", *(f"rivals.{r}" for r in scenario.rivals)):
        figures = raw["firm"] if firm == "firm" else raw["rivals"][firm.removeprefix("rivals.")]
        changes |= {f"{firm}.{name}": figures[name] * k for name in MONEY["firm"]}
        for response in ("ad_efficiency", "service_efficiency"):
            changes[f"{firm}.{response}"] = figures[response] / k
        budget = raw["budget"] if firm == "firm" else figures["budget"]
        changes[f"{firm}.budget.monthly".removeprefix("firm.")] = budget["monthly"] * k
    for s in scenario.segments:
        worth = raw["segments"][s]["traits"]["willingness_to_pay"]
        changes[f"segments.{s}.traits.willingness_to_pay"] = worth | {"mean": worth["mean"] * k}
    return scenario.with_(**changes)


@pytest.mark.parametrize("k", [0.5, 2.0, 8.0])
@pytest.mark.parametrize("name", NAMES)
def test_34_35_in_another_currency_the_same_people_leave_and_money_is_k_times(name, k):
    """Powers of two scale floats exactly; the traits go through a logarithm, and each posting rounds to a micro-unit."""
    scenario = small(
        name, **{"behaviour.sunk_per_occasion": 8.0, "behaviour.power_imbalance": 4.0, "firm.setup_fee": 16.0}
    )
    scenario = scenario.with_(horizon=36.0)
    one, other = logged(scenario), logged(in_other_money(scenario, k))
    same = ("time", "customer", "kind", "firm", "outcome", "trigger", "satisfaction", "attachment")
    assert all((events_of(one)[field] == events_of(other)[field]).all() for field in same)
    for field in ("sunk", "transaction", "switching", "termination"):
        assert (events_of(one)[field] * k == events_of(other)[field]).all()
    for field in ("surplus", "opportunity"):
        np.testing.assert_allclose(events_of(other)[field], events_of(one)[field] * k, rtol=1e-9, atol=1e-9)
    assert (counts_of(one) == counts_of(other)).all()
    postings = max(events_of(one).size, 1000)
    for account, amount in account_totals(one).items():
        assert abs(account_totals(other)[account] - k * amount) <= (k + 1) * postings, account
    assert np.unique(events_of(one, Kind.LEAVE)["customer"]).size > 0.3 * 300


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"behaviour.power_imbalance": 256.0}, {"behaviour.monitoring_cost": 256.0}),
        ({"behaviour.breach_risk": 256.0}, {"behaviour.bargaining_cost": 256.0}),
        ({"behaviour.search_cost": 256.0}, {"behaviour.information_cost": 256.0}),
    ],
)
def test_36_a_shift_in_one_force_equals_the_same_shift_in_another(name, one, other):
    """Where nobody leaves the category each of these stands between the customer and every rival alike."""
    level = {f"behaviour.{c}_cost": 0.0 for c in ("search", "information", "bargaining", "decision", "monitoring")}
    level |= {"behaviour.breach_risk": 0.0, "behaviour.power_imbalance": 0.0, "behaviour.outside_value": -1e6}
    raw = load(name)
    level |= {f"segments.{s}.traits.price_of_time": 1.0 for s in raw.segments}
    level |= {f"rivals.{r}.organic": 0.0 for r in raw.rivals} | {
        "firm.organic": 0.0,
        "entry.per_month": 0.0,
        "entry.per_satisfied": 0.0,
    }
    level |= {f"rivals.{r}.budget.monthly": 0.0 for r in raw.rivals} | {"budget.monthly": 0.0}
    base, mine, theirs = (first_leaving(logged(small(name, **level | shift))) for shift in ({}, one, other))
    assert (mine.at == theirs.at).all()
    assert (mine.outcome == theirs.outcome).all()
    left = np.isfinite(base.at)
    assert (base.at != mine.at)[left].mean() >= 0.3


@pytest.mark.parametrize("name", NAMES)
def test_37_how_often_is_reported_changes_no_event(name):
    monthly = logged(small(name))
    for period in (0.25, 0.5, 2.0, 24.0):
        other = logged(small(name, period=period))
        assert events_of(monthly).tobytes() == events_of(other).tobytes()
        assert account_totals(monthly) == account_totals(other)
        flows = [counts_of(m)[..., Count.OCCASIONS : Count.TENURE_LOST + 1].sum(axis=0) for m in (monthly, other)]
        assert (flows[0] == flows[1]).all()
        assert len(other.books.counts) == 24 / period
        kept = [f for f in customers_of(other).dtype.names if f != "cohort"]
        assert all((customers_of(monthly)[f] == customers_of(other)[f]).all() for f in kept)


@pytest.mark.parametrize("name", NAMES)
def test_39_the_same_seed_twice_and_other_seeds_in_the_mean(name):
    assert bits(logged(small(name), 5)) == bits(logged(small(name), 5))
    sums = np.array([counts_of(run_market(small(name), seed))[-1, 0, :, Count.ACTIVE].sum() for seed in range(24)])
    halves = sums[:12], sums[12:]
    error = np.sqrt(sum(h.var(ddof=1) / 12 for h in halves))
    assert abs(halves[0].mean() - halves[1].mean()) <= 4 * error
    assert np.unique(sums).size > 10


@pytest.mark.parametrize("name", NAMES)
def test_40_a_difference_to_itself_is_nothing_and_turns_its_sign(name):
    keep, win = (small(name, strategy=s) for s in ("retention-led", "acquisition-led"))
    profit = {}
    for label, scenario in (("keep", keep), ("win", win), ("again", keep)):
        profit[label] = np.array([account_totals(run_market(scenario, 6, r))["cash"] for r in range(4)])
    assert (profit["keep"] - profit["again"] == 0).all()
    assert (profit["keep"] - profit["win"] == -(profit["win"] - profit["keep"])).all()
    assert (profit["keep"] != profit["win"]).all()


@pytest.mark.parametrize("name", NAMES)
def test_41_names_change_nothing(name):
    """Other names for firms, segments and strategies, in the same order, and other words about the scenario."""
    scenario = small(name, strategy="retention-led")
    raw = {key: value for key, value in plain(scenario).items() if key != "evidence"}
    firms = {"focal": "us"} | {r: f"zz {r}" for r in raw["rivals"]}
    new = lambda table, prefix: {prefix + key: value for key, value in table.items()}  # noqa: E731
    rivals = {firms[r]: f | {"strategy": f["strategy"] and "S" + f["strategy"]} for r, f in raw["rivals"].items()}
    segments = {
        f"{'zyx'[n]}-{s}": segment | {"initial": {firms[f]: share for f, share in segment["initial"].items()}}
        for n, (s, segment) in enumerate(raw["segments"].items())
    }
    renamed = Scenario(**raw | {
        "name": "other", "title": "T", "focal": "us", "currency": "XYZ", "strategy": "Sretention-led",
        "strategies": new(raw["strategies"], "S"), "rivals": rivals, "segments": segments,
    })  # fmt: skip
    assert differing(logged(scenario), logged(renamed)) == []


@pytest.mark.parametrize("name", NAMES)
def test_42_a_sweep_of_one_point_is_the_run(name):
    """A value set to what it is, in any order of the overrides, before or after others."""
    scenario = small(name)
    price, share = scenario.firm.price, scenario.plan_of("focal").retention_share
    swept = [
        scenario.with_(**{"firm.price": price, "budget.retention_share": share}),
        scenario.with_(**{"budget.retention_share": share, "firm.price": price}),
        scenario.with_(**{"firm.price": price + 5.0}).with_(**{"firm.price": price}),
        scenario.with_(firm={"price": price}),
    ]
    usual = logged(scenario)
    assert all(differing(usual, logged(s)) == [] for s in swept)
    assert differing(usual, logged(scenario.with_(**{"firm.price": price + 5.0}))) != []


def test_43_twice_the_customers_double_counts_and_a_standard_error_by_root_two():
    """Per-customer means keep their value; the spread of a run's mean over replications shrinks by sqrt 2."""
    means = {}
    for n in (200, 400):
        scenario = independent("retail", n)
        means[n] = np.array([values_of(run_market(scenario, 7, r)).mean() for r in range(80)])
    pooled = np.sqrt(means[200].var(ddof=1) / 80 + means[400].var(ddof=1) / 80)
    assert abs(means[200].mean() - means[400].mean()) <= 4 * pooled
    log_ratio = np.log(means[200].std(ddof=1) / means[400].std(ddof=1))
    assert abs(log_ratio - np.log(2) / 2) <= 4 * np.sqrt(1 / 79)
    assert log_ratio > 0
    counts = [counts_of(run_market(independent("retail", n), 7))[:, :, :, Count.OCCASIONS].sum() for n in (2000, 4000)]
    assert counts[1] == pytest.approx(2 * counts[0], rel=0.1)


def test_47_censored_spells_are_neither_churn_nor_full_lifetimes():
    """Leavers per month at risk give the hazard back; a mean over complete lifetimes alone would be far too short."""
    n, hazard, horizon = 60_000, 0.02, 24.0
    scenario = bare_scenario(customers=n, horizon=horizon, **FREE, **{"segments.all.traits.vanish_rate": hazard})
    market = run_market(scenario, 113)
    counts = counts_of(market)[:, 0, 0]
    left, months_of_leavers = counts[:, Count.VANISHED].sum(), counts[:, Count.TENURE_LOST].sum() / 2**20
    at_risk = months_of_leavers + counts[-1, Count.ACTIVE] * horizon
    assert_close(left / at_risk, hazard, hazard / np.sqrt(left), precision=0.0075)
    assert left + counts[-1, Count.ACTIVE] == n
    complete_only = months_of_leavers / left
    assert complete_only < 0.3 / hazard
    people = customers_of(market)
    assert (people["joined_at"][people["status"] == 2] == 0).all()

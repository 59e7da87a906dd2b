"""Relations 1 to 17: what holds exactly in every run, recomputed from the event log and the ledger."""

from functools import cache

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    account_totals,
    assert_lawful,
    bare_scenario,
    counts_of,
    customers_of,
    decisions_of,
    events_of,
    ledger_of,
    pools_of,
    run_market,
)

from retsim.market.market import Market
from retsim.results.run import Run
from retsim.scenario import load
from retsim.state import MICRO, Account, Count, Flag, Force, Kind, Status, Trigger
from retsim.streams import NEWCOMERS_FROM

NAMES = ("telecom", "retail", "saas")


@cache
def lived(name, strategy="retention-led"):
    """A run with its log, made once."""
    return run_market(load(name).with_(customers=500, horizon=36.0, strategy=strategy), 91, log=True)


def all_runs():
    return [(name, strategy) for name in NAMES for strategy in ("retention-led", "acquisition-led")]


@pytest.mark.parametrize("run", all_runs())
def test_1_customers_are_conserved_per_period_and_segment(run):
    market = lived(*run)
    assert_lawful(market)
    counts, pools = counts_of(market), pools_of(market)
    in_market = counts[:, :, :, Count.ACTIVE].sum(axis=1) + pools.sum(axis=2)
    people, came = customers_of(market), events_of(market, Kind.ENTER, Kind.JOIN)
    entered = np.full(people.size, np.inf)
    np.minimum.at(entered, came["customer"], came["time"])
    for period in range(in_market.shape[0]):
        for s in range(in_market.shape[1]):
            known = (entered < period + 1) & (people["segment"] == s)
            assert in_market[period, s] == known.sum()
    assert in_market[-1].sum() > 500, "nobody came"


@pytest.mark.parametrize("run", all_runs())
def test_2_one_join_at_most_one_leave_and_nothing_outside_a_spell(run):
    market = lived(*run)
    firm = {}
    for who, kind, its in zip(
        *(events_of(market)[field].tolist() for field in ("customer", "kind", "firm")), strict=True
    ):
        if kind == Kind.JOIN:
            assert who not in firm, "joins while a customer"
            firm[who] = its
        elif kind == Kind.LEAVE:
            assert firm.pop(who) == its
        elif kind in (Kind.OCCASION, Kind.CONTACT, Kind.STAY, Kind.COMPLAINT):
            assert firm[who] == its, "something happens outside a spell"
        else:
            assert who not in firm
    people = customers_of(market)
    assert firm == {i: people["firm"][i] for i in np.flatnonzero(people["status"] == Status.ACTIVE)}
    assert events_of(market, Kind.LEAVE).size > 0.3 * people.size


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", NAMES)
def test_3_every_customer_has_one_number_and_one_nature_of_their_own(name, engine):
    """Newcomers are born in several batches, and numbers go on: nobody enters twice, nobody is born a second time."""
    crowd = load(name).with_(customers=300, horizon=12.0, **{"entry.per_month": 120.0})
    market = run_market(crowd, 90, engine=engine, log=True)
    people, n = market.population, market.population.n
    assert n > 300 + 2 * 512, "newcomers of one batch only"
    shown = Run(market, engine).customers["customer"]
    assert shown.is_unique
    assert len(shown) == n
    entered = np.bincount(events_of(market, Kind.ENTER)["customer"], minlength=n)
    assert entered.size == n, "somebody enters who is not in the table"
    assert (entered[300:] <= 1).all()
    assert np.unique(events_of(market)["customer"]).size > 0.9 * n
    # Numbers in the stream: places in the pool, and places in the row of newcomers; no two people share one.
    numbers = np.concatenate([np.arange(300), NEWCOMERS_FROM + np.arange(n - 300)])
    segments = customers_of(market)["segment"].astype(int)
    for which in np.flatnonzero((people.nature.columns >= 0).all(axis=0)):
        born_with = people.traits[:n, people.nature.columns[0, which]]
        assert (born_with == people.trait(int(which), numbers, segments)).all()
    assert len(np.unique(people.traits[:n], axis=0)) == n


@pytest.mark.parametrize("run", all_runs())
def test_7_tenures_at_leaving_add_up_to_the_area_under_active(run):
    """Everybody's time as a customer: of those who left by the counters, of the others by when they joined."""
    market = lived(*run)
    people, moves = customers_of(market), events_of(market, Kind.JOIN, Kind.LEAVE)
    steps = np.where(moves["kind"] == Kind.JOIN, 1, -1)
    area = float((np.cumsum(steps)[:-1] * np.diff(moves["time"])).sum())
    area += float(steps.sum() * (36.0 - moves["time"][-1]))
    before = sum(_tenures_at_the_start(market))
    left = counts_of(market)[..., Count.TENURE_LOST].sum() / 2**20
    still = (36.0 - people["joined_at"][people["status"] == Status.ACTIVE]).sum()
    assert left + still == pytest.approx(area + before, abs=moves.size * 2.0**-20)
    assert left > 0.3 * area


def _tenures_at_the_start(market):
    """Months of standing with which customers started, from the same people before anything happens to them."""
    people = customers_of(Market(market.scenario, market.key))
    assert (people["status"] == Status.EXPECTED).all()
    return [-float(since) for since in people["joined_at"][people["firm"] >= 0]]


@pytest.mark.parametrize("run", all_runs())
def test_4_and_10_revenue_is_the_sum_of_bills_over_any_cut(run):
    market = lived(*run)
    ledger, bills = ledger_of(market), events_of(market, Kind.OCCASION)
    assert account_totals(market)["revenue"] == -int(bills["amount"].sum())
    by_firm = -ledger[..., Account.REVENUE].sum(axis=(0, 1, 3, 4))
    by_period = -ledger[..., Account.REVENUE].sum(axis=(1, 2, 3, 4))
    segment = customers_of(market)["segment"][bills["customer"]]
    for firm in range(3):
        assert by_firm[firm] == bills["amount"][bills["firm"] == firm].sum()
    for period in range(36):
        assert by_period[period] == bills["amount"][np.floor(bills["time"]) == period].sum()
    for s in range(ledger.shape[3]):
        assert -ledger[:, :, :, s, :, Account.REVENUE].sum() == bills["amount"][segment == s].sum()
    assert customers_of(market)["revenue"].sum() == bills["amount"].sum()


def test_4_no_drift_over_1200_periods():
    """A century of bills at a price that no binary fraction hits: the books are exact to the micro-unit."""
    scenario = bare_scenario(customers=40, horizon=1200.0, **CONTRACTUAL, **{"firm.price": 0.1, "discount_rate": 0.1})
    market = run_market(scenario, 92)
    assert account_totals(market)["revenue"] == -40 * 1200 * 100_000
    assert (customers_of(market)["revenue"] == 1200 * 100_000).all()
    assert_lawful(market)


@pytest.mark.parametrize("run", all_runs())
def test_5_spend_is_treatments_times_unit_cost_and_within_budget(run):
    market = lived(*run)
    totals = ledger_of(market).sum(axis=(0, 1, 3, 4))
    for firm in market.firms:
        booked = totals[firm.index]
        cost = round(firm.figures["contact_cost"] * MICRO)
        assert booked[Account.PROGRAMME_CONTACT] % cost == 0
        used = booked[
            [Account.ADVERTISING, Account.PROGRAMME_SERVICE, Account.PROGRAMME_CONTACT, Account.DISCOUNT]
        ].sum()
        assert used <= firm.spent <= firm.budgeted
        assert firm.spent - used <= firm.reserved
        coupon = round(firm.figures["discount"] * firm.figures["price"] * MICRO)
        coupons = counts_of(market)[:, firm.index, :, Count.COUPONS].sum()
        assert booked[Account.DISCOUNT] <= coupons * coupon
        assert firm.budgeted == round(firm.monthly * 36) * MICRO
    assert totals[0][Account.PROGRAMME_CONTACT] > 0
    assert totals[0][Account.DISCOUNT] > 0


def test_6_only_the_tenured_have_coupons_and_only_customers_are_cared_for():
    seen = {"coupon": 0, "care": 0, "none": 0}

    def look(market):
        for month in range(36):
            yield market.at(month + 0.0)
            yield market.env.timeout(0)
            people = customers_of(market)
            flags, tenure = people["flags"], month - people["joined_at"]
            coupon, care = flags & Flag.DISCOUNT > 0, flags & Flag.CONTACT > 0
            assert (people["status"][coupon | care] == Status.ACTIVE).all()
            limits = np.array([f.figures["discount_tenure"] for f in market.firms])
            assert (tenure[coupon] >= limits[people["firm"][coupon]]).all()
            assert (np.isfinite(people["contact_at"]) == care).all()
            for firm in market.firms:
                assert (coupon & (people["firm"] == firm.index)).sum() == firm.enrolled["price"]
                assert (care & (people["firm"] == firm.index)).sum() == firm.enrolled["contact"]
            seen["coupon"] += coupon.sum()
            seen["care"] += care.sum()
            seen["none"] += (people["status"] == Status.ACTIVE).sum() - (coupon | care).sum()

    run_market(load("telecom").with_(customers=500, horizon=36.0, strategy="retention-led"), 93, processes=[look])
    assert min(seen.values()) > 500


@pytest.mark.parametrize("setting", ["contractual", "non-contractual"])
def test_8_bounds_hold_under_extreme_shocks(setting):
    """Quality, prices and failures jump between their ends every few weeks; states stay in their ranges."""

    def shocks(market):
        extremes = [
            {"service_quality": 0.0, "product_quality": 0.0, "delivery_quality": 0.0, "failure_rate": 1.0, "severity": 1.0},
            {"price": 1e9}, {"price": 0.0}, {"service_quality": 1.0, "product_quality": 1.0, "failure_rate": 0.0},
            {"recovery_quality": 1.0, "compensation": 1e6}, {"welcome_bonus": 1e6}, {"reputation": 0.0},
        ]  # fmt: skip
        for n in range(60):
            yield market.env.timeout(0.37)
            market.set(n % len(market.firms), **extremes[n % len(extremes)])

    name = "telecom" if setting == "contractual" else "retail"
    rough = {"behaviour.loss_aversion": 20.0, "behaviour.recovery_paradox": 1.0, "behaviour.experience_noise": 1.0}
    scenario = load(name).with_(customers=300, horizon=24.0, **rough)
    market = run_market(scenario, 94, log=True, processes=[shocks])
    assert_lawful(market)
    events = events_of(market)
    for field in ("satisfaction", "expectation", "attachment"):
        assert (events[field] >= 0).all()
        assert (events[field] <= 1).all()
    assert not any(np.isnan(events[field]).any() for field in events.dtype.names)
    assert (events["satisfaction"] < 0.01).any()
    assert (events["satisfaction"] > 0.99).any()


@pytest.mark.parametrize("run", all_runs())
def test_11_value_recomputed_from_the_log(run):
    """Every posting of a customer, discounted when it fell due, adds up to the customer's value."""
    market = lived(*run)
    rate = np.log1p(market.scenario.discount_rate) / 12.0
    ledger = ledger_of(market)
    own = [Account.REVENUE, Account.FEES, Account.DISCOUNT, Account.GOODS, Account.SERVING, Account.COMPLAINTS,
           Account.COMPENSATION, Account.WELCOME]  # fmt: skip
    margins = -ledger[..., own].sum(axis=(1, 2, 3, 4, 5))
    value = customers_of(market)["value"].sum()
    months = np.arange(36)
    low = (margins * np.exp(-rate * np.where(margins > 0, months + 1, months))).sum()
    high = (margins * np.exp(-rate * np.where(margins > 0, months, months + 1))).sum()
    assert low <= value <= high
    assert high - low < 0.02 * abs(value)


def test_11_survival_starts_at_one_and_never_rises():
    market = run_market(load("telecom").with_(customers=500, horizon=36.0), 95, log=True)
    first = events_of(market, Kind.JOIN)
    first = first["customer"][first["time"] == 0.0]
    gone = events_of(market, Kind.LEAVE)
    left_at = np.full(500, np.inf)
    np.minimum.at(left_at, gone["customer"][gone["customer"] < 500], gone["time"][gone["customer"] < 500])
    survival = np.array([(left_at[first] > month).mean() for month in np.arange(0.0, 36.0, 0.25)])
    assert survival[0] == 1.0
    assert (np.diff(survival) <= 0).all()
    assert 0.05 < survival[-1] < 0.95


@pytest.mark.parametrize("run", all_runs())
def test_12_offers_seen_considered_taken(run):
    """Every meeting of another firm's customer is thought over, and only some lead to a change."""
    market = lived(*run)
    thought = events_of(market, Kind.STAY, Kind.LEAVE)
    considered = thought[thought["trigger"] == Trigger.OFFER]
    taken = considered[(considered["kind"] == Kind.LEAVE) & (considered["outcome"] < 3)]
    seen = int(market.population.relations["meetings"][: market.population.n].sum())
    assert seen >= considered.size >= taken.size > 0
    joined = events_of(market, Kind.JOIN)
    switched = joined[joined["firm"] >= 0]
    switched = switched[switched["outcome"] >= 0]
    moves = thought[(thought["kind"] == Kind.LEAVE) & (thought["outcome"] < 3)]
    assert switched.size == moves.size


@pytest.mark.parametrize("name", NAMES)
def test_13_infinite_switching_cost_nobody_leaves(name):
    scenario = load(name).with_(customers=400, horizon=24.0)
    still = {f"segments.{s}.traits.vanish_rate": 0.0 for s in scenario.segments}
    free = run_market(scenario.with_(**still), 96, log=True)
    held = run_market(scenario.with_(**still, **{"behaviour.power_imbalance": 1e9}), 96, log=True)
    assert not events_of(held, Kind.LEAVE).size
    assert events_of(held, Kind.STAY).size > 400
    assert np.unique(events_of(free, Kind.LEAVE)["customer"]).size > 0.3 * 400


@pytest.mark.parametrize("name", NAMES)
def test_14_infinite_pull_all_leave_at_the_first_look(name):
    pulled = run_market(load(name).with_(customers=400, horizon=24.0, **{"behaviour.outside_value": 1e9}), 97, log=True)
    assert not events_of(pulled, Kind.STAY).size
    left = events_of(pulled, Kind.LEAVE)
    assert np.unique(left["customer"]).size > 0.3 * 400
    assert (left["outcome"] >= 3).all()


@pytest.mark.parametrize("name", NAMES)
def test_15_no_failures_no_complaints_no_recovery_cost(name):
    scenario = load(name).with_(customers=400, horizon=24.0)
    perfect = {f"rivals.{r}.failure_rate": 0.0 for r in scenario.rivals} | {"firm.failure_rate": 0.0}
    market, usual = (run_market(s, 98) for s in (scenario.with_(**perfect), scenario))
    for run, expected in ((market, False), (usual, True)):
        counts = counts_of(run)[..., [Count.FAILURES, Count.COMPLAINTS, Count.RECOVERED]].sum(axis=(0, 1, 2))
        assert (counts > 0).all() == expected == counts.any()
        assert (account_totals(run)["complaints"] > 0) == expected


@pytest.mark.parametrize("name", NAMES)
def test_16_no_acquisition_nobody_joins(name):
    scenario = load(name).with_(customers=400, horizon=24.0, **{"entry.per_month": 0.0, "entry.per_satisfied": 0.0})
    silent = {"firm.ad_ceiling": 0.0, "firm.organic": 0.0}
    silent |= {f"rivals.{r}.{figure}": 0.0 for r in scenario.rivals for figure in ("ad_ceiling", "organic")}
    market = run_market(scenario.with_(**silent), 99, log=True)
    joined = events_of(market, Kind.JOIN)
    newly = joined[(joined["time"] > 0) & (joined["outcome"] < 0)]
    assert not newly.size
    usual = events_of(run_market(scenario, 99, log=True), Kind.JOIN)
    assert ((usual["time"] > 0) & (usual["outcome"] < 0)).sum() > 20


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("customers", [0, 1])
@pytest.mark.parametrize("name", NAMES)
def test_17_no_customers_and_one_customer_are_defined(name, customers, engine):
    scenario = load(name).with_(customers=customers, horizon=12.0)
    market = run_market(scenario, 100, engine=engine, log=True)
    assert_lawful(market)
    assert len(market.books.counts) == 12
    none = scenario.with_(customers=0, **{"entry.per_month": 0.0})
    empty = run_market(none, 100, engine=engine, log=True)
    assert not events_of(empty).size
    assert not counts_of(empty).any()
    assert empty.firms[0].spent == 0


@pytest.mark.parametrize("run", all_runs())
def test_50_causes_of_leaving_add_up_to_the_leavers(run):
    market = lived(*run)
    lost = counts_of(market)[..., Count.LOST_TO_RIVAL : Count.VANISHED + 1].sum()
    decided = decisions_of(market)[..., Force.COUNT]
    stayed = sum(int(decided[:, k, :, :, k].sum()) for k in range(3))
    assert lost == events_of(market, Kind.LEAVE).size == decided.sum() - stayed
    assert stayed == events_of(market, Kind.STAY).size
    by_trigger = decided.sum(axis=(0, 1, 2, 4))
    logged = events_of(market, Kind.LEAVE, Kind.STAY)["trigger"]
    assert by_trigger.tolist() == np.bincount(logged, minlength=len(Trigger)).tolist()

"""R22: what comes from outside, scheduled in a scenario or written by a user in ten lines."""

import numpy as np
import pytest
from helpers import assert_lawful, counts_of, differing, events_of, run_market

import retsim as rs
from retsim.scenario import load
from retsim.state import Count, Kind

CRISIS = {"kind": "quality-crisis", "start": 3.0, "duration": 4.0, "depth": 0.5, "press": 0.4, "press_duration": 6.0}
WAR = {"kind": "price-war", "start": 2.5, "duration": 5.0, "price_factor": 0.7}
SLUMP = {"kind": "recession", "start": 4.0, "duration": 6.0, "worth_factor": 0.6}
OUTAGE = {"kind": "outage", "start": 5.0, "duration": 3.0}
ENTRY = {"kind": "entrant", "start": 6.0, "firm": "newcomer"}
NEWCOMER = {
    "price": 20.0,
    "reputation": 0.8,
    "awareness": 0.5,
    "organic": 0.05,
    "poaching": 0.5,
    "budget": {"monthly": 2000},
}


def small(*shocks, name="telecom", **overrides):
    scenario = load(name).with_(**{"customers": 300, "horizon": 12.0} | overrides)
    return scenario.with_(shocks={f"s{n}": shock for n, shock in enumerate(shocks)})


def watched(scenario, *moments, engine="compiled"):
    """A run, and the figures of its firms at some moments (after what happens then)."""
    seen = {}

    def watch(market):
        for when in moments:
            yield market.at(when)
            yield market.at(when)
            seen[when] = [dict(firm.figures) for firm in market.firms], market.world.segments["worth"].copy()

    return run_market(scenario, 1, engine=engine, processes=[watch]), seen


def test_a_quality_crisis_lasts_as_long_as_it_says_and_leaves_nothing_behind():
    _, seen = watched(small(CRISIS), 1.0, 5.0, 8.0, 10.0)
    before, during, press, after = (seen[when][0][0] for when in (1.0, 5.0, 8.0, 10.0))
    for name in ("product_quality", "service_quality", "delivery_quality"):
        assert during[name] == before[name] * 0.5
        assert press[name] == before[name]
    assert during["reputation"] == press["reputation"] == before["reputation"] * 0.6
    assert after == before


def test_shocks_that_overlap_multiply_and_end_one_by_one():
    second = CRISIS | {"start": 5.0, "duration": 6.0, "depth": 0.2}
    _, seen = watched(small(CRISIS, second), 1.0, 6.0, 9.0, 11.5)
    quality = [seen[when][0][0]["product_quality"] for when in (1.0, 6.0, 9.0, 11.5)]
    assert quality[1] == quality[0] * 0.5 * 0.8
    assert quality[2] == quality[0] * 0.8
    assert quality[3] == quality[0]


def test_a_price_war_is_the_rivals_and_a_recession_is_everyones():
    _, seen = watched(small(WAR, SLUMP), 1.0, 5.0, 11.0)
    (before, calm), (during, poor), (after, rich) = (seen[when] for when in (1.0, 5.0, 11.0))
    assert during[0]["price"] == before[0]["price"]
    assert [f["price"] for f in during[1:]] == [f["price"] * 0.7 for f in before[1:]]
    assert after == before
    assert (poor == 0.6).all()
    assert (calm == 1.0).all()
    assert (rich == 1.0).all()


def test_while_the_database_is_down_nobody_is_contacted():
    down, up = (run_market(small(*shocks, **{"budget.monthly": 3000.0}), 1, log=True) for shocks in ((OUTAGE,), ()))
    contacts = [events_of(market, Kind.CONTACT) for market in (down, up)]
    focal = [c["time"][c["firm"] == 0] for c in contacts]
    assert not ((focal[0] >= 5.0) & (focal[0] < 8.0)).any()
    assert ((focal[1] >= 5.0) & (focal[1] < 8.0)).sum() > 50
    assert (focal[0] >= 8.0).sum() > 50
    assert (focal[0][focal[0] < 5.0] == focal[1][focal[1] < 5.0]).all()


DATABASE = {
    "budget.monthly": 4000.0, "budget.retention_share": 0.9, "firm.knowledge_gain": 0.2, "firm.offer_rate": 0.5,
    "budget.mix": {"price": 0.2, "contact": 0.2, "win_back": 0.2, "core": 0.2, "survey": 0.2}, "firm.discount_tenure": 0.0,
    "firm.survey_pause": 0.0, "firm.win_back_wait": 0.0, "firm.contract_term": 0.0, "word.rate": 0.2,
    "budget.winning": {"advertising": 0.4, "referral": 0.6}, "behaviour.delighted_mark": 0.5,
    "products": {"device": {"price": 20.0, "initial": 0.0}}, "behaviour.life_event_rate": 0.3,
}  # fmt: skip


def test_while_the_database_is_down_all_stops_that_needs_it_and_goes_on_after_it():
    """By period of a month: what is 0 from the tick at 5 to that at 8, and is not before and after."""
    run = rs.simulate(small(OUTAGE, **DATABASE), seed=1)
    run.check()
    totals = run.totals[run.totals.firm == "focal"].set_index("period")
    for column in ("discounts", "contacts", "win_back", "programme_core", "surveys", "replied"):
        spent = totals[column].to_numpy()
        assert not spent[5:8].any(), column
        assert (spent[3:5] > 0).all(), column
        assert (spent[8:10] > 0).all(), column


def test_what_it_knows_is_not_at_hand_and_nothing_is_learned_while_it_is_down():
    names = ("shared_knowledge", "knowledge_gain", "rhythm_detection", "offer_rate", "reward")
    seen, known, spells = {}, {}, {}

    def watch(market):
        for when in (4.5, 5.5, 7.5, 8.5):
            yield market.at(when)
            market.sync()
            seen[when] = [float(market.world.offers[0][name]) for name in names]
            people, n = market.population.customers, market.scenario.customers
            known[when] = market.population.more["knowledge"][:n].copy()
            spells[when] = np.where(people["firm"][:n] == 0, people["spells"][:n], -1)

    run_market(small(OUTAGE, **DATABASE), 1, processes=[watch])
    assert all(seen[4.5])
    assert seen[5.5] == seen[7.5] == [0.0] * 5
    assert seen[8.5] == seen[4.5]
    stayed = (spells[4.5] >= 0) & (spells[4.5] == spells[8.5])
    assert stayed.sum() > 30
    assert (known[5.5] == known[7.5])[stayed].all()
    assert (known[8.5] > known[7.5])[stayed].sum() > 10


def test_a_strategy_sees_the_database_as_it_was_before_it_went_down():
    views = []
    rs.simulate(small(OUTAGE), seed=1, strategy=lambda view: views.append(view))
    frozen = [view.customers.frequency.sum() for view in views]
    # An outage that comes at the instant of a tick counts from that tick or the next on, in the order of processes.
    assert len(set(frozen[5:8])) == 1
    assert frozen[3] < frozen[4]
    assert frozen[8] > frozen[7]


def test_a_longer_outage_never_contacts_more_and_never_asks_more():
    runs = [rs.simulate(small({**OUTAGE, "duration": d}, **DATABASE), seed=2) for d in (0.5, 3.0, 6.0)]
    for column in ("contacts", "asked", "coupons"):
        found = [run.totals[run.totals.firm == "focal"][column].sum() for run in runs]
        assert found[0] > found[1] > found[2], column


def test_nobody_meets_an_entrant_before_it_comes():
    market = run_market(small(ENTRY, rivals={"newcomer": NEWCOMER}), 1, log=True)
    joined = counts_of(market)[:, 3, :, Count.JOINED : Count.JOINED + 8].sum(axis=(1, 2))
    assert not joined[:6].any()
    assert joined[6:].sum() > 10
    assert market.population.relations["meetings"][:, 3].max() > 0
    money = market.firms[3].budgeted
    assert money == 2000 * 6 * 1_000_000


def test_until_it_comes_an_entrant_is_as_if_it_were_not_there():
    with_it = run_market(small({**ENTRY, "start": 7.0}, rivals={"newcomer": NEWCOMER}, horizon=6.0), 1)
    never = run_market(small({**ENTRY, "start": 600.0}, rivals={"newcomer": NEWCOMER}, horizon=6.0), 1)
    assert differing(with_it, never) == []
    without = run_market(small(horizon=6.0), 1)
    assert (counts_of(with_it)[:, :3] == counts_of(without)).all()


def test_an_entrant_that_thinks_does_not_plan_before_it_is_there():
    """Two quarters before it enters its books are empty, and its split is what the scenario says."""
    seen = []

    def watch(market):
        for when in (5.5, 11.5):
            yield market.at(when)
            seen.append((market.firms[3].retention_share, len(market.planners[0].pages)))

    clever = NEWCOMER | {"strategy": "adaptive"}
    run_market(small(ENTRY, rivals={"newcomer": clever}), 1, processes=[watch])
    assert seen[0] == (0.5, 0)
    assert seen[1][0] != 0.5
    assert seen[1][1] == 5


def ended(scenario, seeds=range(6)):
    """Customers of the focal firm at the end, by seed."""
    return np.array([run_market(scenario, seed).active() for seed in seeds])


@pytest.mark.parametrize(
    ("mild", "harsh"),
    [
        (CRISIS | {"depth": 0.1}, CRISIS | {"depth": 0.9}),
        (WAR | {"price_factor": 0.95}, WAR | {"price_factor": 0.4}),
        (CRISIS | {"depth": 0.9, "duration": 1.0}, CRISIS | {"depth": 0.9, "duration": 9.0}),
    ],
)
def test_harsher_shocks_leave_fewer_customers(mild, harsh):
    free = {"firm.contract_term": 0.0, "horizon": 15.0}
    lost = ended(small(mild, **free)) - ended(small(harsh, **free))
    assert lost.mean() > 2.0 * lost.std(ddof=1) / np.sqrt(lost.size) > 0.0


def test_in_a_harsher_recession_more_leave_the_category():
    free = {"firm.contract_term": 0.0}
    runs = [run_market(small(SLUMP | {"worth_factor": f}, **free), 2) for f in (1.0, 0.7, 0.4)]
    gone = [int(counts_of(market)[..., Count.LOST_TO_OUTSIDE].sum()) for market in runs]
    assert gone[0] < gone[1] < gone[2]


def test_a_recession_of_factor_1_changes_nothing():
    assert differing(run_market(small(), 3), run_market(small(SLUMP | {"worth_factor": 1.0}), 3)) == []


def test_in_whatever_order_strains_come_they_are_the_same():
    """A factor that goes beyond the range is held only with all the others: 0.86 x 2 x 0.5, not 1 x 0.5."""
    seen = []

    def strained(first, second):
        def watch(market):
            yield market.at(1.0)
            market.strain("a", "focal", product_quality=first)
            market.strain("b", "focal", product_quality=second)
            seen.append(market.firms[0].figures["product_quality"])

        return watch

    for factors in ((2.0, 0.5), (0.5, 2.0)):
        run_market(small(horizon=2.0), processes=[strained(*factors)])
    assert seen == [0.86, 0.86]


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree_under_an_outage_of_everything(name):
    further = DATABASE | ({"firm.contract_term": 1.0} if name == "telecom" else {})
    scenario = small(OUTAGE, name=name, **further)
    compiled = run_market(scenario, 4, log=True)
    assert differing(compiled, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 4, threads=2, log=True)) == []
    assert_lawful(compiled)


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree_under_all_shocks(name):
    scenario = small(CRISIS, WAR, SLUMP, OUTAGE, ENTRY, name=name, rivals={"newcomer": NEWCOMER})
    compiled = run_market(scenario, 4, log=True)
    assert differing(compiled, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 4, threads=2, log=True)) == []
    assert_lawful(compiled)


def strike(market):
    """A shock of one's own: from month 3.5 to month 6 nothing is delivered well, and then the price falls."""
    yield market.at(3.5)
    market.strain("strike", "focal", delivery_quality=0.2, service_quality=0.6)
    yield market.at(6.0)
    market.strain("strike", "focal")
    market.set("focal", price=25.0)


@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_a_shock_of_ones_own(engine):
    scenario = small()
    run = rs.simulate(scenario, seed=1, engine=engine, processes=[strike])
    run.check()
    assert run.digest() == rs.simulate(scenario, seed=1, processes=[strike]).digest()
    bad = run.totals[(run.totals.firm == "focal") & run.totals.period.isin([5, 6])].mean_satisfaction
    usual = rs.simulate(scenario, seed=1).totals
    assert (
        bad.to_numpy() < usual[(usual.firm == "focal") & usual.period.isin([5, 6])].mean_satisfaction.to_numpy()
    ).all()


@pytest.mark.parametrize("when", [2.0, float("nan"), float("inf")])
@pytest.mark.parametrize("engine", ["compiled", "reference"])
def test_time_does_not_run_backwards(engine, when):
    def past(market):
        yield market.at(5.0)
        yield market.at(5.0)
        yield market.at(when)

    with pytest.raises(ValueError, match=r"at: when = .*, must be a finite time that is not over: it is month 5"):
        rs.simulate(small(), engine=engine, processes=[past])


def test_a_process_that_does_not_wait_is_refused_by_name():
    def at_once(market):
        market.set("focal", price=1.0)

    with pytest.raises(TypeError, match="processes: at_once gave NoneType, must be a generator function"):
        rs.simulate(small(), processes=[at_once])


@pytest.mark.parametrize(
    ("shock", "message"),
    [
        ({"kind": "flood", "start": 1.0}, "shocks.s0.kind = \"flood\", must be one of quality-crisis"),
        ({"kind": "recession"}, "shocks.s0.start is missing"),
        (CRISIS | {"depth": 3}, "shocks.s0.depth = 3, must lie in 0..1"),
        (SLUMP | {"depth": 0.5}, "shocks.s0.depth = 0.5, must not be set: a shock of kind recession has duration, worth_factor"),
        (OUTAGE | {"firm": "focla"}, "shocks.s0.firm = \"focla\", must be one of the firms"),
        ({"kind": "entrant", "start": 3.0}, "shocks.s0.firm is missing"),
        ({"kind": "entrant", "start": 3.0, "firm": "focal"}, "shocks.s0.firm = \"focal\", must be one of the rivals"),
        ({"kind": "entrant", "start": 3.0, "firm": "network"}, "segments.convenience.initial.network = 0.36, must be 0"),
        (SLUMP | {"duration": 0}, "shocks.s0.duration = 0, must lie in 0.01..1200"),
    ],
)  # fmt: skip
def test_refusals(shock, message):
    with pytest.raises(rs.ScenarioError) as refusal:
        small(shock)
    assert message in str(refusal.value)


def test_a_price_war_needs_rivals_and_strains_need_sense():
    from helpers import bare_scenario

    with pytest.raises(rs.ScenarioError, match="must have rivals"):
        bare_scenario(shocks={"war": WAR})

    def wrong(market):
        yield market.at(1.0)
        market.strain("x", "focal", prize=2.0)

    with pytest.raises(ValueError, match=r"focal\.prize: a firm has no such figure"):
        run_market(small(), processes=[wrong])

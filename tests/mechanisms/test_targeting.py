"""R21: what a firm knows, the models that it fits to that, and whom its programmes take first."""

import numpy as np
import pytest
from helpers import assert_lawful, bare_scenario, customers_of, differing, events_of, run_market

import retsim as rs
from retsim.crm.buying import BgNbd, estimated
from retsim.crm.leaving import Leaving
from retsim.scenario import load
from retsim.state import MICRO, Flag, Kind, Status

KINDS = ("random", "past-value", "predicted-value", "churn-risk", "value-at-risk", "worst", "tenure")


def aimed(kind, name="retail", *, customers=250, horizon=14.0, monthly=150, **more):
    strategy = {"retention_share": 1.0, "mix": {"price": 0.4, "contact": 0.6}, "targeting": kind} | more
    scenario = load(name).with_(customers=customers, horizon=horizon, strategies={"aimed": strategy}, strategy="aimed")
    return scenario.with_(**{"budget.monthly": monthly, "firm.discount_tenure": 0.0})


def during(scenario, when, look, engine="compiled", seed=1):
    """What `look` sees in a market at a moment, just after the tick at it."""
    seen = []

    def watch(market):
        yield market.at(when)
        yield market.at(when)
        seen.append(look(market))

    run_market(scenario, seed, engine=engine, processes=[watch])
    return seen[0]


def test_the_database_holds_what_the_firm_billed_and_when():
    """Under a contract with bills in advance everything can be counted by hand."""
    scenario = bare_scenario(setting="contractual", customers=5, horizon=9.0, **{"behaviour.first_bill": 0.0})
    scenario = scenario.with_(
        strategies={"s": {"targeting": "past-value"}}, strategy="s", **{"firm.contract_term": 24.0}
    )
    seen = during(scenario, 5.0, lambda m: m.database.customers(0, 12.0))
    assert seen.number.tolist() == [0, 1, 2, 3, 4]
    assert (seen.frequency == 5).all()
    assert (seen.revenue == 500.0).all()
    assert (seen.repeats == 4).all()
    assert (seen.recency == 0.5).all()
    assert (seen.tenure == 5.0).all()
    assert (seen.contract_left == 19.0).all()
    with pytest.raises(ValueError, match="read-only"):
        seen.revenue[0] = 1.0


@pytest.mark.parametrize("name", ["retail", "telecom"])
def test_the_database_never_knows_more_than_the_log_shows(name):
    """Bills of customers who did not come straight from a rival are those in the log; of the others never more."""
    scenario = aimed("past-value", name)
    look = {}

    def watch(market):
        yield market.at(12.0)
        yield market.at(12.0)
        look["seen"] = market.database.customers(0, 12.0)
        look["joined"] = customers_of(market)["joined_at"][look["seen"].number].copy()

    market = run_market(scenario, 3, log=True, processes=[watch])
    log, joins = events_of(market, Kind.OCCASION), events_of(market, Kind.JOIN)
    log = log[(log["firm"] == 0) & (log["time"] < 12.0)]
    straight = set(joins["customer"][joins["outcome"] >= 0])
    seen, exact = look["seen"], 0
    for i, joined, billed, frequency in zip(seen.number, look["joined"], seen.revenue, seen.frequency, strict=True):
        mine = log[(log["customer"] == i) & (log["time"] >= joined)]
        assert frequency <= mine.size
        if i not in straight:
            assert frequency == mine.size
            assert billed == pytest.approx(mine["amount"].sum() / MICRO, abs=1e-6)
            exact += 1
    assert exact > 20


def test_the_buying_model_finds_the_law_behind_its_data():
    """The same as `retsim.calibrate` finds in the same history, which is tested against published estimates."""
    rng = np.random.default_rng(5)
    n = 1000
    rate, p, age = rng.gamma(0.8, 0.5, n), rng.beta(0.9, 3.0, n), rng.uniform(6.0, 30.0, n)
    x, t_x = np.zeros(n), np.zeros(n)
    for i in range(n):
        t = rng.exponential(1.0 / rate[i])
        while t < age[i]:
            x[i], t_x[i] = x[i] + 1.0, t
            t = np.inf if rng.random() < p[i] else t + rng.exponential(1.0 / rate[i])
    found, truth = estimated(x, t_x, age), BgNbd(0.8, 2.0, 0.9, 3.0)
    likelihood = [law.log_likelihood(x, t_x, age).sum() for law in (found, truth)]
    assert likelihood[0] >= likelihood[1] - 0.1
    assert found.r / found.alpha == pytest.approx(0.4, rel=0.1)
    assert found.a / (found.a + found.b) == pytest.approx(0.9 / 3.9, rel=0.15)
    assert estimated(np.zeros(50), np.zeros(50), np.ones(50)) is None


def test_the_model_of_leaving_is_a_logistic_regression():
    """With one two-valued feature the fitted chances are the shares, but for the ridge."""
    model = Leaving()
    cases = np.repeat([[0.0], [1.0]], 5000, axis=0)
    left = np.concatenate([np.arange(5000) < 500, np.arange(5000) < 2000])
    model.learn(cases, left)
    assert model.probability(np.array([[0.0], [1.0]])) == pytest.approx([0.1, 0.4], abs=1e-3)
    with pytest.raises(ValueError, match="must have seen leavers"):
        Leaving().probability(cases)


def test_programmes_take_the_highest_scores_first_and_as_many_as_before():
    def enrolled(market):
        seen = market.database.customers(0, market.firms[0].figures["silence"])
        flags, status = (market.population.customers[name][seen.number] for name in ("flags", "status"))
        taken = (flags & Flag.CONTACT) != 0
        return seen.revenue, taken, status == Status.ACTIVE, market.firms[0].enrolled["contact"]

    revenue, taken, active, n = during(aimed("past-value", monthly=50), 8.0, enrolled)
    assert 5 < n < active.sum()
    best = np.argsort(-revenue, kind="stable")[:n]
    assert taken[best][active[best]].all()
    assert taken.sum() <= n
    revenue, taken, active, _ = during(aimed("worst", monthly=50), 8.0, enrolled)
    assert revenue[taken].mean() < revenue[active].mean()


def test_reach_is_a_ceiling_on_the_share_of_customers():
    def share(market):
        known = market.database.known(0, market.firms[0].figures["silence"]).size
        return market.firms[0].enrolled["contact"], known

    (few, known), (all_, _) = (during(aimed("past-value", monthly=9000, reach=r), 6.0, share) for r in (0.2, 1.0))
    assert 0 < few <= 0.2 * known + 1
    assert all_ > 3 * few


def test_random_is_another_order_after_each_refit_and_everyone_one_order_for_good():
    def first(kind, when):
        return during(
            aimed(kind, "telecom", refit_every=2.0, monthly=60),
            when,
            lambda m: set(np.flatnonzero(customers_of(m)["flags"] & Flag.CONTACT)),
        )

    changed = len(first("random", 4.0) ^ first("random", 6.0))
    assert changed > 2 * len(first("everyone", 4.0) ^ first("everyone", 6.0))


def test_with_money_for_all_the_order_does_not_matter():
    plenty = [run_market(aimed(kind, monthly=9000, horizon=8.0), 2) for kind in ("everyone", "past-value", "random")]
    for market in plenty[1:]:
        assert differing(plenty[0], market) == []


@pytest.mark.parametrize("name", ["retail", "telecom"])
@pytest.mark.parametrize("kind", KINDS)
def test_engines_and_threads_agree(name, kind):
    scenario = aimed(kind, name, refit_every=2.0, monthly=120)
    compiled = run_market(scenario, 6)
    assert differing(compiled, run_market(scenario, 6, engine="reference")) == []
    assert differing(compiled, run_market(scenario, 6, threads=2)) == []
    assert_lawful(compiled)
    assert differing(compiled, run_market(aimed("everyone", name, monthly=120), 6)) != []


def vanishing(kind):
    """A shop whose customers vanish silently after a purchase, and a firm that gives nobody up for three years."""
    scenario = aimed(kind, customers=800, horizon=36.0, monthly=120, mix={"contact": 1.0}, refit_every=6.0)
    changes = {
        "firm.contact_relevance": 0.8, "behaviour.contact_gain": 0.2, "behaviour.attachment_value": 30.0, "firm.silence": 36.0,
    }  # fmt: skip
    for name, firm in scenario.firms().items():
        # Poorer service than in the packaged scenario, so that attachment is worth buying.
        place = "firm" if name == scenario.focal else f"rivals.{name}"
        for figure in ("product_quality", "service_quality", "delivery_quality", "reputation"):
            changes[f"{place}.{figure}"] = getattr(firm, figure) - 0.06
    for s in scenario.segments:
        traits = f"segments.{s}.traits"
        changes |= {f"{traits}.vanish_rate": 0.0, f"{traits}.vanish_probability": {"dist": "beta", "a": 0.6, "b": 4.0}}
        changes |= {f"{traits}.purchase_rate": {"dist": "gamma", "mean": 1.0, "cv": 1.2}}
    return scenario.with_(**changes)


def test_future_value_beats_past_value_and_churn_risk_can_be_the_worst():
    """Pattern 12. Who has bought much may be gone, and who is most likely gone costs most and gives nothing."""
    kinds = ("everyone", "past-value", "predicted-value", "churn-risk")
    profit = {
        kind: np.array([rs.simulate(vanishing(kind), seed=seed).measures()["discounted_profit"] for seed in range(10)])
        for kind in kinds
    }

    def clearly(better, worse, errors):
        gain = profit[better] - profit[worse]
        return gain.mean() > errors * gain.std(ddof=1) / np.sqrt(gain.size)

    assert clearly("predicted-value", "past-value", 2.0)
    assert clearly("past-value", "everyone", 2.0)
    assert clearly("past-value", "churn-risk", 2.0)
    assert min(kinds, key=lambda kind: profit[kind].mean()) == "churn-risk"


def test_policy_by_status_maps_to_levers():
    kinds = {"reward_loyal": 1, "court_wavering": 1, "charge_leaver": 7.0}
    scenario = aimed("everyone", "telecom", **kinds)
    policy = scenario.plan_of("focal").strategy
    assert [policy.targeting_of(p) for p in ("price", "contact", "win_back")] == ["tenure", "churn-risk", "everyone"]

    def look(market):
        seen = market.database.customers(0, 12.0)
        loyal = (customers_of(market)["flags"][seen.number] & Flag.DISCOUNT) != 0
        return seen.tenure, loyal, market.world.offers["fee_per_month"][0]

    tenure, loyal, fee = during(scenario, 8.0, look)
    assert fee == 15.0 + 7.0
    assert tenure[loyal].min() >= np.sort(tenure)[-loyal.sum() - 1]
    assert 3 < loyal.sum() < 0.9 * loyal.size


def test_charging_the_leaver_more_never_raises_early_exits():
    exits = []
    for charge in (0.0, 10.0, 40.0):
        market = run_market(aimed("everyone", "telecom", monthly=0, charge_leaver=charge), 3, log=True)
        left = events_of(market, Kind.LEAVE)
        exits.append(int(((left["firm"] == 0) & (left["amount"] > 0)).sum()))
    assert exits[0] >= exits[1] >= exits[2]
    assert exits[0] > exits[2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targeting": "best"}, 'targeting = "best", must be one of everyone, random, past-value'),
        ({"refit_every": 0}, "refit_every = 0, must lie in 0.05..1200"),
        ({"reach": 20}, "reach = 20, must lie in 0..1"),
        ({"reward_loyal": 0.5}, "reward_loyal = 0.5, must be 0 or 1"),
        ({"charge_leaver": -1}, "charge_leaver = -1, must lie in 0.."),
    ],
)
def test_refusals(changes, message):
    with pytest.raises(rs.ScenarioError) as refusal:
        aimed("everyone").with_(strategies={"aimed": changes})
    assert message in str(refusal.value)

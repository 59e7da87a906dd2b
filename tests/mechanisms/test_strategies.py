"""R21, R23: strategies by name, one that thinks, and one's own."""

import dataclasses

import numpy as np
import pytest
from helpers import assert_lawful, differing, run_market

import retsim as rs
from retsim.market.adaptive import adaptive
from retsim.market.plans import Page
from retsim.scenario import load

NAMES = tuple(rs.strategies())


def small(name="telecom", **overrides):
    return load(name).with_(**({"customers": 250, "horizon": 14.0} | overrides))


REQUIRED = (
    "acquire-only", "retain-1", "retain-2", "retain-3", "40-60", "core-customers", "at-risk", "value-at-risk",
    "reward-past", "win-back", "educate", "adaptive",
)  # fmt: skip


def test_the_strategies_that_the_literature_names_are_there():
    assert set(REQUIRED) <= set(NAMES)


@pytest.mark.parametrize("setting", ["telecom", "retail"])
@pytest.mark.parametrize("name", NAMES)
def test_every_packaged_strategy_runs_in_both_engines(name, setting):
    scenario = small(setting, strategy=name)
    compiled = run_market(scenario, 2, log=True)
    assert differing(compiled, run_market(scenario, 2, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 2, threads=2, log=True)) == []
    assert_lawful(compiled)
    assert compiled.firms[0].spent > 0
    rs.simulate(scenario, seed=2).check()


@pytest.mark.parametrize("setting", ["telecom", "retail"])
def test_packaged_strategies_differ_and_say_what_they_are(setting):
    found = rs.strategies()
    scarce = small(setting, **{"budget.monthly": 150, "horizon": 20.0})
    digests = {rs.simulate(scarce.with_(strategy=name), seed=1).digest() for name in NAMES}
    assert len(digests) == len(NAMES)
    assert all(strategy.title for strategy in found.values())
    assert found["acquire-only"].retention_share == 0.0
    assert found["40-60"].retention_share == 0.6
    with pytest.raises(TypeError):
        found["mine"] = found["40-60"]


def test_a_scenarios_own_strategy_goes_before_the_packaged():
    scenario = small(strategies={"40-60": {"retention_share": 0.1}}, strategy="40-60")
    assert scenario.plan_of("focal").retention_share == 0.1
    with pytest.raises(rs.ScenarioError, match="must be one of"):
        small(strategy="thirty-seventy")
    assert load("telecom").with_(strategy="at-risk").to_toml().count('strategy = "at-risk"') == 1


def view(shares, worths, share=0.5):
    """Quarters of one page each, with constant customers and the given profits."""
    pages = tuple(
        Page(3.0 * k + 3.0, 100, 0, 0, 0.0, profit, past)
        for k, (past, profit) in enumerate(zip(shares, worths, strict=True))
    )
    return rs.View(0.0, 3.0, 1.0, share, 1.0, {}, "everyone", {}, {}, {}, pages, None)


@pytest.mark.parametrize(
    ("shares", "profits", "then"),
    [
        ([], [], None),
        ([0.5], [1.0], 0.7),  # the first step goes up
        ([0.8], [1.0], 0.6),  # or down, where more is above the middle
        ([0.5, 0.7], [1.0, 2.0], 0.9),  # better: go on
        ([0.5, 0.7], [2.0, 1.0], 0.5),  # worse: turn back
        ([0.5, 0.7, 0.5], [2.0, 1.0, 2.0], 0.4),  # turned once: half the step
        ([0.5, 0.7, 0.9], [1.0, 2.0, 3.0], 1.0),  # no further than everything
    ],
)
def test_the_adaptive_strategy_by_hand(shares, profits, then):
    plan = adaptive(view(shares, profits))
    assert (plan and plan.retention_share) == (then if then is None else pytest.approx(then))


def test_the_adaptive_strategy_leaves_a_bad_split():
    """Where winning pays nothing at all it ends far from where it began; the split that it meets is its own."""
    seen = []

    def spy(view):
        seen.append(view.retention_share)
        return adaptive(view)

    scenario = small(horizon=36.0, **{"firm.ad_ceiling": 0.0, "budget.retention_share": 0.3, "budget.monthly": 3000})
    rs.simulate(scenario, seed=3, strategy=spy)
    assert seen[0] == 0.3
    assert len(set(seen)) >= 4
    assert not (np.flatnonzero(np.diff(seen)) % 3).any()


def cautious(view):
    """Raise the price a little once, and keep more when many were lost in the month before."""
    if not view.pages:
        return rs.Plan(figures={"price": view.figures["price"] * 1.02}, mix={"service": 0.5, "contact": 0.5})
    lost = view.pages[-1].lost / max(view.pages[-1].customers, 1)
    return rs.Plan(retention_share=0.9 if lost > 0.01 else 0.3, targeting="churn-risk")


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_a_strategy_of_ones_own_is_the_same_in_both_engines(name):
    runs = [
        rs.simulate(small(name), seed=4, engine=engine, threads=threads, strategy=cautious)
        for engine, threads in (("compiled", 1), ("reference", 1), ("compiled", 2))
    ]
    assert len({run.digest() for run in runs}) == 1
    assert runs[0].digest() != rs.simulate(small(name), seed=4).digest()
    runs[0].check()


def test_a_strategy_that_says_nothing_changes_nothing():
    silent, none = rs.simulate(small(), seed=5, strategy=lambda view: None), rs.simulate(small(), seed=5)
    # Whoever plans counts complaints; nothing else is kept that was not before.
    assert silent.more.size > 0 == none.more.size
    for there, here in ((silent.records, none.records), (silent.relations, none.relations)):
        assert all((there[name] == here[name]).all() for name in here.dtype.names)
    assert all((a == b).all() for a, b in zip(silent.books.counts, none.books.counts, strict=True))
    assert all((a.values == b.values).all() for a, b in zip(silent.books.ledger, none.books.ledger, strict=True))


def test_worker_processes_make_the_same_runs():
    arms = {"own": small(), "plain": small()}
    studies = [
        rs.compare(arms, replications=4, seed=1, workers=workers, strategy={"own": cautious}) for workers in (1, 2)
    ]
    digests = [[o.digest for o in study.arms["own"].in_order()] for study in studies]
    assert digests[0] == digests[1]
    assert studies[1].failed.empty
    plain = [o.digest for o in studies[0].arms["plain"].in_order()]
    assert plain == [rs.simulate(small(), seed=1, replication=r).digest() for r in range(4)]


def test_what_workers_cannot_import_runs_here_or_is_refused():
    local = lambda view: None  # noqa: E731
    study = rs.compare({"own": small(horizon=2.0)}, replications=2, strategy=local)
    assert len(study.arms["own"]) == 2
    with pytest.raises(TypeError, match="workers elsewhere cannot import it"):
        rs.compare({"own": small()}, replications=4, workers=2, strategy=local)


def test_a_view_shows_what_a_firm_can_know_and_cannot_be_changed():
    views = []
    rs.simulate(small("retail"), seed=6, strategy=lambda view: views.append(view))
    last = views[-1]
    assert [v.now for v in views] == [float(k) for k in range(14)]
    assert len(last.pages) == 13
    assert last.customers.revenue.sum() > 0.0
    assert set(last.customers._fields) == {
        "number", "tenure", "observed", "recency", "frequency", "repeats", "revenue", "complaints", "recent_complaints",
        "contract_left", "answer", "answer_age",
    }  # fmt: skip
    assert last.prices == {"focal": 40.0, "marketplace": 38.0, "specialist": 46.0}
    with pytest.raises(dataclasses.FrozenInstanceError):
        last.now = 3.0
    with pytest.raises(TypeError):
        last.figures["price"] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        last.customers.revenue[0] = 1.0


def test_the_pages_are_the_books():
    scenario, views = small("telecom"), []
    run = rs.simulate(scenario, seed=6, strategy=lambda view: views.append(view))
    totals = run.totals[run.totals.firm == "focal"]
    pages = views[-1].pages
    assert [page.revenue for page in pages] == pytest.approx(totals.revenue[:13].tolist())
    assert [page.won for page in pages] == totals.joined[:13].tolist()
    assert [page.lost for page in pages] == totals.lost[:13].tolist()
    # Money that a tick spends at its very beginning belongs to the page of that tick and to the period it opens.
    assert sum(page.profit for page in pages) == pytest.approx(totals.profit[:13].sum(), rel=0.2)


@pytest.mark.parametrize(
    ("plan", "error", "message"),
    [
        ({"price": 3.0}, TypeError, "must return a retsim.Plan or None"),
        (rs.Plan(retention_share=40), ValueError, "retention_share = 40, must be a number in 0..1"),
        (rs.Plan(spend=1.5), ValueError, "spend = 1.5, must be at most 1"),
        (rs.Plan(mix={"service": 0.5}), ValueError, "sum to 1, not 0.5"),
        (rs.Plan(mix={"servise": 1.0}), ValueError, "mix.servise is unknown"),
        (rs.Plan(targeting="best"), ValueError, "targeting = 'best', must be one of everyone"),
        (rs.Plan(figures={"price": -1.0}), ValueError, "focal.price = -1.0, must lie in"),
    ],
)
def test_plans_that_make_no_sense_are_refused(plan, error, message):
    with pytest.raises(error, match=message):
        rs.simulate(small(), strategy=lambda view: plan)


def test_arguments_that_are_no_strategy_are_refused():
    with pytest.raises(TypeError, match=r"with_\(strategy='at-risk'\)"):
        rs.simulate(small(), strategy="at-risk")
    with pytest.raises(ValueError, match=r"strategy\['b'\] must name one of the scenarios a"):
        rs.compare({"a": small()}, replications=1, strategy={"b": cautious})


@pytest.mark.parametrize(
    ("figures", "message"),
    [
        ({"prize": 5.0}, "focal.prize: a firm has no such figure"),
        ({"price": "25"}, "focal.price = '25', must be a number"),
        ({"price": True}, "focal.price = True, must be a number"),
        ({"price": float("nan")}, "focal.price = nan, must lie in 0"),
        ({"price": float("inf")}, "focal.price = inf, must lie in 0"),
        ({"club": 0.5}, "focal.club = 0.5, must be 0 or 1"),
        ({"contract_term": 1e-6}, "focal.contract_term = 1e-06, must be 0 (no contract) or at least 0.01 months"),
        ({"desk_staff": 1.5}, "focal.desk_staff = 1.5, must be a whole number of servers"),
        ({"desk_staff": 1.0}, "focal.desk_staff = 1.0, must be 0: no firm of the scenario has a desk"),
        ({"core_staff": 1.0}, "focal.core_staff = 1.0, must be 0 where desk_staff is 0"),
        ({"points_rate": 0.7, "cash_back": 0.6}, "focal.points_rate + cash_back = 0.7 + 0.6, must be at most 1"),
    ],
)
def test_figures_are_refused_alike_from_a_plan_and_from_a_process(figures, message):
    """One that renews contracts without end, or pays back more than is paid, would hang or break the books."""

    def change(market):
        yield market.at(1.5)
        market.set("focal", **figures)

    for how in ({"strategy": lambda view: rs.Plan(figures=figures)}, {"processes": [change]}):
        with pytest.raises((TypeError, ValueError)) as refusal:
            rs.simulate(small(horizon=3.0, **{"firm.points_rate": 0.01}), **how)
        assert message in str(refusal.value)

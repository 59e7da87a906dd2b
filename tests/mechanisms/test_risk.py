"""Bad debts and returns: exact postings, chances that fall with knowledge, customer value that follows."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    account_totals,
    assert_lawful,
    assert_share,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    run_market,
)

import retsim as rs
from retsim.rules.risk import p_loss
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Count

RISKY = {"firm.bad_debt": 0.1, "firm.return_rate": 0.2}


def billed(n=500, **overrides):
    """Twelve bills of 100 each, with goods that cost 40."""
    return bare_scenario(customers=n, **CONTRACTUAL, **{"firm.unit_cost": 40.0, "firm.restock": 0.25} | overrides)


@pytest.mark.parametrize(
    ("given", "expected"), [((0.1, 0.0, 0.8), 0.1), ((0.1, 1.0, 0.8), 0.02), ((0.2, 0.5, 0.5), 0.15)]
)
def test_chance_at_hand_picked_numbers(given, expected):
    assert p_loss(*given) == pytest.approx(expected, rel=1e-14)


def test_all_come_back_or_nobody_pays():
    back = account_totals(run_market(billed(10, **{"firm.return_rate": 1.0, "firm.bad_debt": 1.0}), 1))
    bills = 120 * MICRO
    assert back["revenue"] == -100 * bills
    assert back["returns"] == 100 * bills
    assert back["goods"] == 30 * bills  # a quarter of 40 is saved
    assert back["bad_debt"] == 0
    assert back["cash"] == -30 * bills
    debt = account_totals(run_market(billed(10, **{"firm.bad_debt": 1.0}), 1))
    assert debt["bad_debt"] == 100 * bills
    assert debt["goods"] == 40 * bills
    assert debt["cash"] == -40 * bills


def test_shares_counters_and_customer_value():
    market = run_market(billed(4000, **RISKY), 2)
    counts, totals = counts_of(market).sum(axis=(0, 1, 2)), account_totals(market)
    n = 4000 * 12
    assert_share(int(counts[Count.RETURNED]), n, 0.2, precision=0.02)
    assert_share(int(counts[Count.UNPAID]), n, 0.8 * 0.1, precision=0.02)
    assert totals["returns"] == counts[Count.RETURNED] * 100 * MICRO
    assert totals["bad_debt"] == counts[Count.UNPAID] * 100 * MICRO
    assert customers_of(market)["value"].sum() == totals["cash"]
    assert_lawful(market)


def test_returned_money_is_no_revenue():
    run = rs.simulate(billed(200, **RISKY), seed=3)
    run.check()
    found, periods = run.measures(), run.totals
    assert periods["returns"].sum() > 1000
    assert found["revenue"] == pytest.approx((periods["revenue"] - periods["returns"]).sum())
    assert found["profit"] == pytest.approx(
        (periods["revenue"] - periods["returns"] - periods["bad_debts"] - periods["goods"]).sum()
    )
    assert periods["unpaid"].sum() * 100.0 == periods["bad_debts"].sum()


@pytest.mark.parametrize(
    ("figure", "values"),
    [
        ("knowledge_gain", (0.0, 0.05, 0.5)),
        ("knowledge_caution", (0.0, 0.5, 1.0)),
        ("shared_knowledge", (0.0, 0.5, 1.0)),
    ],
)
def test_who_is_known_better_never_costs_more(figure, values):
    """Debts alone, then returns alone: customer by customer."""
    for risk in ({"firm.bad_debt": 0.4}, {"firm.return_rate": 0.4}):
        known = risk | {"firm.knowledge_gain": 0.2}
        value = [customers_of(run_market(billed(**known | {f"firm.{figure}": v}), 4))["value"] for v in values]
        assert (np.diff(value, axis=0) >= 0).all()
        assert (np.diff(value, axis=0).sum(axis=1) > 0).all()


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree(name):
    scenario = load(name).with_(customers=300, horizon=12.0, **RISKY, **{"firm.knowledge_gain": 0.05})
    market = run_market(scenario, 5, log=True)
    assert differing(market, run_market(scenario, 5, engine="reference", log=True)) == []
    assert differing(market, run_market(scenario, 5, threads=2, log=True)) == []
    counts = counts_of(market)[:, 0].sum(axis=(0, 1))
    assert min(counts[Count.UNPAID], counts[Count.RETURNED]) > 20
    assert_lawful(market)


def test_off_nothing_changes():
    usual = load("retail").with_(customers=200, horizon=12.0)
    idle = usual.with_(**{"firm.restock": 0.9, "firm.knowledge_caution": 0.1})
    assert differing(run_market(usual, 6, log=True), run_market(idle, 6, log=True)) == []


def test_risk_moves_no_other_luck():
    """The same bills at the same moments, whether they are paid or not."""
    safe, risky = (run_market(load("retail").with_(customers=200, horizon=12.0, **r), 7) for r in ({}, RISKY))
    for field in ("occasions", "revenue", "satisfaction", "firm"):
        assert (customers_of(safe)[field] == customers_of(risky)[field]).all(), field


def test_refused():
    with pytest.raises(ScenarioError, match=r"bad_debt = 5, must lie in 0\.\.1 .*did you mean 0\.05"):
        bare_scenario(**{"firm.bad_debt": 5})

"""Measures against other ways to the same number: by hand, from the ledger frame, from closed forms."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest

import retsim as rs
from retsim.results.measures import MEASURES, _profits
from retsim.theory.clv import RENEWALS_ONLY, retention_clv


def profits(*money, period=1.0, rate=0.0):
    run = SimpleNamespace(scenario=SimpleNamespace(period=period, discount_rate=rate))
    micro = (np.array(money) * 1e6).astype(np.int64)
    return _profits(run, micro, micro)


class TestProfit:
    def test_by_hand(self):
        found = profits(-100, -50, 80, 200)
        assert found["profit"] == 130.0
        assert found["cash_trough"] == -150.0
        assert found["break_even_month"] == 4.0
        assert profits(-100, -50, 80, 200, period=3.0)["break_even_month"] == 12.0

    def test_a_later_loss_moves_break_even_behind_it(self):
        assert profits(-10, 30, -40, 30)["break_even_month"] == 4.0

    def test_never_and_always_in_the_black(self):
        assert math.isnan(profits(5, -10, 3)["break_even_month"])
        assert profits(5, 0, -5)["break_even_month"] == 0.0
        assert profits(5, 0, -5)["cash_trough"] == 0.0

    def test_discounting_counts_a_period_in_its_middle(self):
        found = profits(0, 0, 121, period=12.0, rate=0.1)
        assert found["discounted_profit"] == pytest.approx(121 / 1.1**2.5)


class TestAgainstTheLedgerFrame:
    def test_all_money(self, run):
        ledger, found = run.ledger[run.ledger["firm"] == "focal"], run.measures()
        cash = ledger[ledger["account"] == "cash"].groupby("period")["amount"].sum()
        d = run.scenario.discount_rate
        assert found["profit"] == pytest.approx(cash.sum())
        assert found["discounted_profit"] == pytest.approx((cash / (1 + d) ** ((cash.index - 0.5) / 12)).sum())
        assert found["cash_trough"] == pytest.approx(min(cash.cumsum().min(), 0.0))
        won = ledger[(ledger["cohort"] > 0) & ledger["account"].isin(["cash", "advertising", "welcome"])]
        age = (won["period"] - won["cohort"]) / 12
        joined = run.totals[run.totals["firm"] == "focal"]["joined"].sum()
        assert found["clv"] == pytest.approx((won["amount"] / (1 + d) ** age).sum() / joined)
        spent = ledger[ledger["account"].isin(["advertising", "welcome"])]["amount"].sum()
        assert found["acquisition_cost_per_customer"] == pytest.approx(spent / found["acquired"])

    def test_parts_of_the_clv_make_the_whole(self, run):
        for by in ("cohort", "channel", "segment"):
            parts = run.clv(by)
            whole = (parts["clv"] * parts["customers"]).sum() / parts["customers"].sum()
            assert whole == pytest.approx(run.clv())
        assert run.clv("cohort")["months"].iloc[0] == 23.5

    def test_leavers(self, run):
        chose = run.departures[(run.departures["firm"] == "focal") & (run.departures["outcome"] != "vanished")]
        assert run.measures()["satisfied_share_of_leavers"] == chose["satisfied"].sum() / chose["count"].sum()

    def test_every_firm_has_measures(self, run):
        shares = [run.measures(firm)["market_share"] for firm in run.firms]
        assert sum(shares) == pytest.approx(1.0)
        assert run.measures("focal") == pytest.approx(run.measures(), rel=0.0, abs=0.0, nan_ok=True)
        assert list(run.measures()) == list(MEASURES)

    def test_equity_is_the_retention_formula_on_the_last_year(self, run):
        last = run.totals[(run.totals["firm"] == "focal") & (run.totals["period"] > 12)]
        margin = (last["profit"] + last["advertising"] + last["welcome"]).sum()
        margin /= (last["active_at_start"] + last["active"]).sum() / 2
        r = last["retained"].sum() / last["active_at_start"].sum()
        d = (1 + run.scenario.discount_rate) ** (1 / 12) - 1
        one = retention_clv(margin, r, discount_rate=d, convention=RENEWALS_ONLY)
        assert run.measures()["customer_equity"] == pytest.approx(last["active"].iloc[-1] * one)


def alone(**overrides):
    """One firm whose 400 customers come at `start` and do nothing but pay 10 a month, 4 of which is margin."""
    quiet = {"attention": 0.0, "vanish_rate": 0.0, "start": 0.5}
    scenario = rs.Scenario(
        name="alone",
        setting="contractual",
        horizon=24,
        customers=400,
        discount_rate=0.1,
        firm={"price": 10.0, "unit_cost": 6.0, "cost_to_serve": 0.0, "failure_rate": 0.0},
        behaviour={"first_bill": 0.25, "spend_growth": 0.0},
        segments={"all": {"share": 1.0, "initial": {"focal": 1.0}, "traits": quiet}},
    )
    return scenario.with_(**overrides)


class TestLimits:
    def test_clv_of_those_who_never_leave(self):
        run = rs.simulate(alone())
        run.check()
        # Joined at 0.5, billed at 0.75, 1.75, ..., 23.75: one bill in each of the 24 periods.
        expected = sum(4.0 * 1.1 ** (-k / 12) for k in range(24))
        assert run.clv() == pytest.approx(expected)
        found = run.measures()
        assert (found["customers"], found["lost"], found["acquired"]) == (400.0, 0.0, 0.0)
        assert found["retention_rate"] == 1.0
        assert math.isnan(found["satisfied_share_of_leavers"])
        assert math.isnan(found["acquisition_cost_per_customer"])
        assert (run.survival()["survival"] == 1.0).all()

    def test_constant_churn_is_geometric_retention_and_exponential_survival(self):
        rate = 0.05
        run = rs.simulate(alone(customers=20_000, **{"segments.all.traits.vanish_rate": rate}), seed=5)
        found = run.measures()
        # 4.4 standard errors of the pooled share kept, at about 240,000 customer-months.
        assert found["retention_rate"] == pytest.approx(math.exp(-rate), abs=0.002)
        curve = run.survival()
        assert np.allclose(curve["survival"], np.exp(-rate * curve["age"]), atol=0.015)
        inside = (curve["low"] <= curve["survival"]) & (curve["survival"] <= curve["high"])
        assert inside.all()

    def test_nobody_at_all(self):
        run = rs.simulate(alone(customers=0))
        run.check()
        found = run.measures()
        assert (found["customers"], found["customer_equity"], found["profit"]) == (0.0, 0.0, 0.0)
        assert math.isnan(found["retention_rate"])
        assert math.isnan(found["clv"])
        assert len(run.customers) == len(run.ledger) == 0
        assert run.survival()["survival"].tolist() == [1.0]

    def test_one_customer_and_one_period(self):
        run = rs.simulate(alone(customers=1, horizon=1))
        run.check()
        assert run.measures()["profit"] == 4.0
        assert run.cohorts(share=False).loc[1, 0] == 1


def test_unknown_names_are_refused(small_run):
    run = small_run("telecom", "retention-led")
    with pytest.raises(ValueError, match=r"firm = 'nobody', must be one of focal, network, discounter"):
        run.measures("nobody")
    with pytest.raises(ValueError, match=r"segment = 'x', must be one of convenience, bargain"):
        run.survival(segment="x")
    with pytest.raises(ValueError, match="clv: by = 'age'"):
        run.clv("age")

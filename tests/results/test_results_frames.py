"""Frames: what they hold agrees with a replay of the event log, which was written by other code."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import retsim as rs
from retsim.state import Channel, Kind

KEYS = ["period", "firm", "segment"]


class Replay:
    """Who belonged to whom, rebuilt from joins and departures alone: one row a spell."""

    def __init__(self, run):
        events = run._log.events()
        segment = run.records["segment"]
        spells, now = [], {}
        for e in events[np.isin(events["kind"], (Kind.JOIN, Kind.LEAVE))]:
            i = int(e["customer"])
            if e["kind"] == Kind.JOIN:
                at_start = e["trigger"] == Channel.INITIAL and e["time"] == 0.0
                cohort = 0 if at_start else int(e["time"] // run.scenario.period) + 1
                now[i] = len(spells)
                spells.append([int(e["firm"]), int(segment[i]), cohort, int(e["trigger"]), e["time"], np.inf])
            else:
                spells[now.pop(i)][-1] = e["time"]
        columns = ["firm", "segment", "cohort", "channel", "begin", "end"]
        self.spells = pd.DataFrame(spells, columns=columns)

    def there(self, when):
        """Spells that last at a period's end: what happens at that very instant belongs to the next period."""
        s = self.spells
        return s[(s["begin"] < when) & (s["end"] >= when)]


@pytest.fixture(scope="module")
def replay(run):
    return Replay(run)


class TestAgainstTheLog:
    def test_stocks_and_flows(self, run, replay):
        s, n_segments = replay.spells, len(run.segments)
        frame = run.periods.set_index(KEYS)
        assert len(s) > 100
        for period in range(1, 25):
            ends = replay.there(float(period)).groupby(["firm", "segment"]).size()
            left = s[(s["end"] >= period - 1) & (s["end"] < period)].groupby(["firm", "segment"]).size()
            came = s[s["cohort"] == period].groupby(["firm", "segment"]).size()
            for j, firm in enumerate(run.firms):
                for k in range(n_segments):
                    row = frame.loc[(period, firm, run.segments[k])]
                    assert row["active"] == ends.get((j, k), 0)
                    assert row["lost"] == left.get((j, k), 0)
                    assert row["joined"] == came.get((j, k), 0)

    def test_retention_rate_is_the_share_that_stayed_without_a_break(self, run, replay):
        frame = run.totals.set_index(["period", "firm"])
        shown = 0
        for period in range(2, 25):
            start = replay.there(period - 1.0)
            for j, firm in enumerate(run.firms):
                mine = start[start["firm"] == j]
                row = frame.loc[(period, firm)]
                assert row["active_at_start"] == len(mine)
                if len(mine):
                    assert row["retention_rate"] == (mine["end"] >= period).sum() / len(mine)
                    shown += row["retention_rate"] < 1.0
        assert shown > 5

    def test_cohorts(self, run, replay):
        matrix = run.cohorts(share=False)
        s = replay.spells[replay.spells["firm"] == 0]
        for cohort in (0, 1, 2, 13, 24):
            mine = s[s["cohort"] == cohort]
            assert matrix.loc[cohort, 0] == len(mine)
            for age in range(1, 24 - max(cohort - 1, 0) + 1):
                assert matrix.loc[cohort, age] == (mine["end"] >= max(cohort - 1, 0) + age).sum()
        assert matrix.loc[13].isna().sum() == 12
        by_part = sum(run.cohorts(segment=s, channel=c, share=False).fillna(0) for s in run.segments
                      for c in run.channels)  # fmt: skip
        pd.testing.assert_frame_equal(by_part, matrix.fillna(0))

    def test_revenue_and_occasions(self, run):
        events = run.events[run.events["event"] == "occasion"]
        period = (events["time"] // 1.0).astype(int) + 1
        bills = events.groupby([period, "firm"], observed=False)["amount"].agg(["sum", "size"])
        frame = run.totals.set_index(["period", "firm"])
        for place, row in bills.iterrows():
            assert frame.loc[place, "revenue"] == pytest.approx(row["sum"], rel=1e-12, abs=1e-6)
            assert frame.loc[place, "occasions"] == row["size"]
        assert frame["occasions"].sum() == len(events) > 1000

    def test_departures_with_their_forces(self, run):
        events = run.events[run.events["event"] == "leave"]
        frame = run.departures
        assert frame["count"].sum() == len(events) > 20
        chosen = events[events["other"] != "vanished"]
        for name, weight in (("surplus", "surplus"), ("opportunity", "opportunity"), ("sunk", "sunk_force")):
            total = (frame[name] * frame["count"]).sum()
            assert total == pytest.approx(chosen[weight].sum(), abs=1e-6 * len(chosen))
        for outcome, n in frame.groupby("outcome", observed=True)["count"].sum().items():
            assert n == (events["other"] == outcome).sum()

    def test_flows(self, run):
        flows, events = run.flows(), run.events
        joins = events[(events["event"] == "join") & ~((events["channel"] == "initial") & (events["time"] == 0))]
        for origin in run.firms:
            for end in run.firms:
                n = ((joins["other"] == origin) & (joins["firm"] == end)).sum()
                assert flows.loc[origin, end] == n
        assert flows.loc["outside", list(run.firms)].sum() == joins["other"].isna().sum()


class TestPeriods:
    def test_one_row_a_place(self, run):
        frame = run.periods
        assert len(frame) == 24 * len(run.firms) * len(run.segments)
        assert not frame.duplicated(KEYS).any()

    def test_profit_is_income_less_cost(self, run):
        f = run.periods
        costs = ["discounts", "goods", "serving", "complaint_handling", "compensation", "welcome", "advertising",
                 "programme_service", "programme_contact"]  # fmt: skip
        assert np.allclose(f["profit"], f["revenue"] + f["fees"] - f[costs].sum(axis=1), rtol=0, atol=1e-6)
        assert (f[costs].to_numpy() >= 0).all()
        last = f[f["period"] == 24].set_index(["firm", "segment"])["cumulative_profit"]
        total = f.groupby(["firm", "segment"], observed=True)["profit"].sum()
        assert np.allclose(last, total[last.index], atol=1e-6)

    def test_totals_add_up_segments(self, run):
        parts = run.periods.groupby(["period", "firm"], observed=True)[["active", "lost", "revenue", "profit"]].sum()
        whole = run.totals.set_index(["period", "firm"])[["active", "lost", "revenue", "profit"]]
        assert np.allclose(parts, whole.loc[parts.index], atol=1e-5)
        shares = run.totals.groupby("period")["market_share"].sum()
        assert np.allclose(shares, 1.0)

    def test_nobody_is_missing_from_the_market(self, run):
        market = run.market.groupby("period")[["prospects", "lapsed", "gone", "active"]].sum().sum(axis=1)
        expected = (run.customers["status"] == "expected").sum()
        assert market.iloc[-1] + expected == len(run.customers)
        assert market.is_monotonic_increasing
        active = run.totals.groupby("period")["active"].sum()
        assert (run.market.groupby("period")["active"].sum() == active).all()


class TestCustomers:
    def test_they_are_those_of_the_last_period(self, run):
        found = run.customers.groupby(["firm", "segment"], observed=False).size()
        last = run.periods[run.periods["period"] == 24].set_index(["firm", "segment"])["active"]
        assert (found[last.index] == last).all()
        active = run.customers[run.customers["status"] == "active"]
        assert np.allclose(active["tenure"] + active["joined_at"], 24.0)
        assert run.customers["firm"].notna().sum() == len(active)

    def test_revenue_is_that_of_the_ledger(self, run):
        booked = -run.ledger.loc[run.ledger["account"] == "revenue", "amount_micro"].sum()
        assert run.records["revenue"].sum() == booked > 0
        assert run.customers["revenue"].sum() == pytest.approx(booked / 1e6)

    def test_attachment_has_faded_to_the_horizon(self, small_run):
        run = small_run("telecom", "retention-led")
        rows = run.customers[run.customers["attachment"] > 0.01]
        i = int(rows.index[0])
        raw, b = run.records[i], run.scenario.behaviour_of(rows.loc[i, "segment"])
        assert b.attachment_decay > 0.0
        assert 24.0 - raw["decayed_at"] > 0.0
        by_hand = raw["attachment"] * np.exp(-b.attachment_decay * (24.0 - raw["decayed_at"]))
        assert rows.loc[i, "attachment"] == by_hand < raw["attachment"]


class TestLedger:
    def test_every_place_balances(self, run):
        keys = ["period", "firm", "segment", "cohort", "channel"]
        assert (run.ledger.groupby(keys, observed=True)["amount_micro"].sum() == 0).all()
        assert (run.ledger["cohort"] <= run.ledger["period"] + 1).all()
        assert (run.ledger["amount"] * 1e6).round().astype("int64").equals(run.ledger["amount_micro"])


class TestEvents:
    def test_without_a_log_there_are_none(self, small_run):
        with pytest.raises(ValueError, match=r"kept no log.*log=True"):
            _ = small_run("retail", "retention-led").events

    def test_names_are_readable(self, run):
        events = run.events
        assert events["time"].is_monotonic_increasing
        assert {"join", "leave", "occasion", "stay"} <= set(events["event"])
        assert set(events.loc[events["event"] == "stay", "other"]) <= set(run.firms)
        contact = events[events["event"] == "contact"]
        assert contact["good"].notna().all()
        assert events.loc[events["event"] == "occasion", "good"].isna().all()


class TestPeriodsOfOtherLengths:
    def test_quarters_add_up_months(self):
        months = rs.load("retail").with_(customers=200, horizon=12)
        a, b = rs.simulate(months, seed=2), rs.simulate(months.with_(period=3), seed=2)
        a.check()
        b.check()
        quarters = b.totals.set_index(["period", "firm"])
        summed = a.totals.assign(period=(a.totals["period"] + 2) // 3)
        flows = summed.groupby(["period", "firm"], observed=True)[["joined", "lost", "revenue"]].sum()
        assert len(quarters) == 4 * 3
        assert np.allclose(flows, quarters.loc[flows.index, ["joined", "lost", "revenue"]])
        assert a.measures()["churn_rate"] == pytest.approx(b.measures()["churn_rate"], rel=0.1)

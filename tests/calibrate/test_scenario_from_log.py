"""Scenarios made of a log: their customers buy, spend and vanish by the fitted laws, and are kept only where a choice is."""

import dataclasses

import numpy as np
import pytest
from helpers import assert_close, events_of, run_market
from scipy import stats

import retsim as rs
from retsim.calibrate import (
    Assumptions,
    FitError,
    GammaGamma,
    fit_bgnbd,
    fit_gammagamma,
    scenario_from,
    simulated_purchases,
    summarise,
    summary_from_arrays,
    tracked,
    tracking,
)
from retsim.calibrate.economy import economy_of
from retsim.calibrate.simulated import COHORT, PROSPECTS, cohort_alone
from retsim.calibrate.units import per_unit
from retsim.state import MICRO, Kind
from retsim.theory import bgnbd

WEEK = per_unit("week", "month")
WEEKS = 39


@pytest.fixture(scope="module")
def gammagamma(cdnow_summary):
    return fit_gammagamma(cdnow_summary)


@pytest.fixture(scope="module")
def cdnow_scenario(cdnow_summary, cdnow_bgnbd, gammagamma):
    return scenario_from(cdnow_summary, cdnow_bgnbd, gammagamma, name="cdnow")


def avoiding(scenario, share):
    return scenario.with_(**{"behaviour.avoidable_attrition": share})


def histories(market):
    """Summary in weeks of all who came, from the event log; moments as they are, not cut to days."""
    bought = events_of(market, Kind.OCCASION)
    order = np.lexsort((bought["time"], bought["customer"]))
    who, when, amount = (bought[name][order] for name in ("customer", "time", "amount"))
    is_first = np.append(True, who[1:] != who[:-1])
    x = np.diff(np.append(np.flatnonzero(is_first), who.size)) - 1
    first, last = when[is_first], when[np.append(is_first[1:], True)]
    row = np.cumsum(is_first) - 1
    spent = np.bincount(row[~is_first], amount[~is_first] / MICRO, minlength=x.size)
    mean = np.divide(spent, x, out=np.full(x.size, np.nan), where=x > 0)
    horizon = market.scenario.horizon
    return summary_from_arrays(x, (last - first) / WEEK, (horizon - first) / WEEK, repeat_spend=mean)


def refitted(scenario, n, seed):
    alone = cohort_alone(avoiding(scenario, 0.0), n, n_periods=WEEKS, unit="week")
    seen = histories(run_market(alone, seed, log=True))
    assert seen.n == n
    return seen, fit_bgnbd(seen), fit_gammagamma(seen)


def agrees(fit, law, precision):
    """Every estimate lies within four standard errors of the law, and the errors are small enough to tell."""
    assert fit.converged
    for name, true in law._asdict().items():
        assert_close(getattr(fit.params, name), true, getattr(fit.se, name), precision=precision)


class TestLaws:
    def test_refitted_customers_give_the_laws_back(self, cdnow_scenario, cdnow_bgnbd, gammagamma):
        seen, buying, spending = refitted(cdnow_scenario, 20_000, seed=41)
        agrees(buying, cdnow_bgnbd.params, 0.15)
        agrees(spending, gammagamma.params, 0.15)
        # How many bought how often, against the exact distribution over everyone's own length of time.
        law = bgnbd.BgNbd(**cdnow_bgnbd.params._asdict())
        p = np.array([bgnbd.purchase_count_probability(k, seen.T, law).mean() for k in range(7)])
        due = seen.n * np.append(p, 1.0 - p.sum())
        assert due.min() > 100
        assert ((seen.counts() - due) ** 2 / due).sum() <= stats.chi2.isf(1e-4, df=7)

    @pytest.mark.verify
    def test_a_great_many_refitted(self, cdnow_scenario, cdnow_bgnbd, gammagamma):
        _, buying, spending = refitted(cdnow_scenario, 200_000, seed=42)
        agrees(buying, cdnow_bgnbd.params, 0.05)
        agrees(spending, gammagamma.params, 0.05)

    def test_they_come_when_the_observed_came(self, cdnow_scenario, cdnow_summary):
        n = 20_000
        market = run_market(cohort_alone(cdnow_scenario, n, n_periods=13, unit="week"), 43, log=True)
        days = np.sort(events_of(market, Kind.JOIN)["time"]) / per_unit("day", "month")
        assert days.size == n
        assert np.abs(days - days.round()).max() < 1e-3
        first = cdnow_summary.first.astype(int)
        observed = np.bincount(first - first.min() + 1) / cdnow_summary.n
        found = np.bincount(days.round().astype(int), minlength=observed.size)
        assert not found[observed == 0].any()
        due = n * observed[observed > 0]
        off = (found[observed > 0] - due) ** 2 / due
        assert off.sum() <= stats.chi2.isf(1e-4, df=off.size - 1)

    def test_time_is_told_in_months_whatever_the_unit_of_the_fit(self, cdnow, cdnow_scenario):
        summary = summarise(cdnow, cutoff="1997-09-30", unit="day")
        other = scenario_from(summary, fit_bgnbd(summary), fit_gammagamma(summary), name="cdnow")
        for segment in (COHORT, PROSPECTS):
            here, there = (s.segments[segment].traits for s in (cdnow_scenario, other))
            assert here.purchase_rate.rate == pytest.approx(there.purchase_rate.rate, rel=1e-3)
            assert here.purchase_rate.mean() == pytest.approx(0.2426 / 4.4135 * 365.25 / 12 / 7, rel=1e-3)
            assert here.vanish_probability.mean() == pytest.approx(0.7929 / (0.7929 + 2.4258), rel=1e-3)
        assert other.budget.monthly == pytest.approx(cdnow_scenario.budget.monthly, rel=1e-3)
        alone = cohort_alone(other, summary.n, n_periods=546, unit="day")
        assert alone.n_periods == 546
        assert alone.period == pytest.approx(12 / 365.25)


class TestTracking:
    def test_simulated_customers_follow_the_fitted_law(self, cdnow_scenario, cdnow_summary, cdnow_bgnbd):
        found = tracked(avoiding(cdnow_scenario, 0.0), cdnow_summary, cdnow_bgnbd, replications=60, seed=44)
        frame = found.tracking.frame
        assert found.simulated.shape == (60, 78)
        assert frame["simulated"].to_numpy() == pytest.approx(found.simulated.mean(axis=0))
        for periods in (slice(0, 13), slice(0, 39), slice(39, 78)):
            totals = found.simulated[:, periods].sum(axis=1)
            error = totals.std(ddof=1) / np.sqrt(totals.size)
            assert_close(totals.mean(), frame["expected"][periods].sum(), error, precision=0.01)
        # The band is as wide as the luck of 2357 customers, and CDNOW as a whole lies inside it.
        last = frame.iloc[-1]
        assert last["cumulative_simulated_low"] < last["cumulative_actual"] < last["cumulative_simulated_high"]
        assert last["cumulative_actual"] == 2457 + 1882

    def test_the_first_purchase_is_no_repeat(self, cdnow_scenario, cdnow_summary):
        alone = cohort_alone(cdnow_scenario, cdnow_summary.n, n_periods=20, unit="week")
        run = rs.simulate(alone, seed=5, replication=3)
        repeats = simulated_purchases(alone, seed=5, replication=3)
        assert repeats.sum() == run.customers["occasions"].sum() - cdnow_summary.n
        # Nor is it one where they are there from the start.
        together = alone.with_(**{f"segments.{COHORT}.traits.start": 0.0})
        at_once = rs.simulate(together, seed=5, replication=3)
        again = simulated_purchases(together, seed=5, replication=3)
        assert again.sum() == at_once.customers["occasions"].sum() - cdnow_summary.n
        assert again[0] > repeats[0]

    def test_without_a_programme_choice_changes_next_to_nothing(self, cdnow_scenario, cdnow_summary):
        bought, stayed, moments = [], 0, 0
        for share in (0.0, 1.0):
            alone = cohort_alone(avoiding(cdnow_scenario, share), 10_000, n_periods=78, unit="week")
            run = rs.simulate(alone, seed=45)
            bought.append(simulated_purchases(alone, seed=45).cumsum())
            if share:
                chosen = run.decisions[run.decisions["trigger"] == "moment"]
                moments = chosen["count"].sum()
                stayed = chosen.loc[chosen["outcome"] == "stay", "count"].sum()
        assert moments > 2000
        assert 0.005 < stayed / moments < 0.02
        # With the same luck nobody buys less for having a choice.
        assert (bought[1] >= bought[0]).all()
        assert bought[1][-1] <= 1.02 * bought[0][-1]


USUAL = "business as usual"


@pytest.fixture(scope="module")
def runs(cdnow_scenario):
    """A run of each strategy, and without a budget, where nothing and where much is avoidable."""
    arms = {name: cdnow_scenario.with_(strategy=name) for name in ("acquisition-led", "retention-led")}
    arms[USUAL] = cdnow_scenario.with_(**{"budget.monthly": 0.0})
    return {
        (name, share): rs.simulate(avoiding(scenario, share), seed=46)
        for name, scenario in arms.items()
        for share in (0.0, 0.75)
    }


class TestStrategies:
    def test_where_nothing_is_avoidable_no_programme_keeps_anyone(self, runs):
        bought = [
            run.customers.loc[run.customers["segment"] == COHORT, "occasions"].to_numpy()
            for (_, share), run in runs.items()
            if share == 0.0
        ]
        assert all((one == bought[0]).all() for one in bought)

    def test_where_departures_are_avoidable_contact_keeps_some(self, runs):
        kept = {}
        for strategy in (USUAL, "acquisition-led", "retention-led"):
            decisions = runs[strategy, 0.75].decisions
            chosen = decisions[decisions["trigger"] == "moment"]
            kept[strategy] = chosen.loc[chosen["outcome"] == "stay", "count"].sum() / chosen["count"].sum()
        assert kept[USUAL] < 0.03
        assert kept[USUAL] + 0.05 < kept["acquisition-led"] < kept["retention-led"] - 0.05

    def test_all_may_spend_the_same(self, runs):
        budgets = {name: run.spending[0].budgeted for (name, _), run in runs.items()}
        assert budgets["acquisition-led"] == budgets["retention-led"] > 0
        assert budgets[USUAL] == 0
        for run in runs.values():
            run.check()

    def test_usual_service_leaves_satisfaction_where_it_was(self, runs):
        satisfaction = runs[USUAL, 0.0].totals["mean_satisfaction"]
        assert satisfaction.between(0.69, 0.71).all()

    def test_a_newcomer_costs_what_was_assumed(self, cdnow_scenario, cdnow_summary, cdnow_bgnbd, gammagamma):
        price = gammagamma.params.mean_spend()
        economy = economy_of(cdnow_bgnbd.params, "week", price=price, n=cdnow_summary.n, assumed=Assumptions())
        only = {"horizon": 1.0, "strategies.acquisition-led.retention_share": 0.0}
        first_month = avoiding(cdnow_scenario, 0.0).with_(**only)
        won = [rs.simulate(first_month, seed=47, replication=r).measures()["acquired"] for r in range(60)]
        due = economy.monthly / (0.8 * economy.value)
        # Who declines may be met again within the month, which wins one or two in a hundred more.
        assert_close(np.mean(won), 1.015 * due, np.std(won, ddof=1) / np.sqrt(len(won)), precision=0.035)
        # Value of a newcomer: discounted margin of the first purchase and of what the law foresees.
        repeats = cdnow_bgnbd.params.expected_purchases([52.18, 104.36, 156.54])
        margin = 0.27 * price
        assert margin * (1 + repeats[2] / 1.1**3) < economy.value < margin * (1 + repeats[2])


class TestScenario:
    def test_it_can_be_written_and_read(self, cdnow_scenario, tmp_path):
        again = rs.load(cdnow_scenario.save(tmp_path / "cdnow.toml"))
        assert again == cdnow_scenario
        assert again.digest() == cdnow_scenario.digest()

    def test_every_value_has_its_ground(self, cdnow_scenario):
        rows = [row for row in rs.evidence(cdnow_scenario) if row.set_by == "file"]
        assert len(rows) > 60
        assert {row.key for row in rows if row.source == "not given"} == set()
        laws = [row for row in rows if row.source.startswith("fitted: ")]
        assert {row.key.split(".")[-1] for row in laws} == {
            "price", "purchase_rate", "vanish_probability", "spend", "spend_noise",
        }  # fmt: skip
        told = next(row.source for row in laws if row.key.endswith("purchase_rate"))
        assert "on CDNOW_sample.txt.gz, weeks: r = 0.24259 (se 0.013), alpha = 4.4136" in told
        assert "THE ANSWER DEPENDS ON" in cdnow_scenario.evidence["behaviour.avoidable_attrition"]
        assert "avoidable_attrition" in cdnow_scenario.description

    def test_amounts_have_the_fitted_mean(self, cdnow_scenario, gammagamma):
        for segment in cdnow_scenario.segments.values():
            mean = cdnow_scenario.firm.price * segment.traits.spend.mean()
            assert mean == pytest.approx(gammagamma.params.mean_spend(), rel=1e-12)
            assert segment.spend_noise.mean() == pytest.approx(1.0)

    def test_assumptions_are_followed(self, cdnow_summary, cdnow_bgnbd, gammagamma):
        assumed = Assumptions(
            avoidable_attrition=0.1, pool=0.5, gross_margin=0.4, horizon=24, currency="USD", discount_rate=0.05
        )
        scenario = scenario_from(cdnow_summary, cdnow_bgnbd, gammagamma, name="x", assumptions=assumed)
        assert scenario.behaviour.avoidable_attrition == 0.1
        assert scenario.customers == 2357 + round(0.5 * 2357)
        assert scenario.customers * scenario.segments[COHORT].share == pytest.approx(2357)
        assert scenario.firm.unit_cost == pytest.approx(0.6 * scenario.firm.price, rel=1e-3)
        assert (scenario.horizon, scenario.currency, scenario.discount_rate) == (24, "USD", 0.05)

    @pytest.mark.parametrize(
        ("assumed", "words"),
        [
            ({"avoidable_attrition": 50}, "avoidable_attrition = 50, must lie in 0..1"),
            ({"pool": 0}, "pool = 0, must lie in 0.01..1000"),
            ({"gross_margin": float("nan")}, "gross_margin = nan, must lie in 0.06..1"),
            ({"horizon": True}, "horizon = True, must lie in 1..1200"),
            ({"discount_rate": "a lot"}, "discount_rate = 'a lot', must lie in 0..1"),
        ],
    )
    def test_impossible_assumptions(self, assumed, words):
        with pytest.raises(ValueError, match=words.replace("(", r"\(")):
            Assumptions(**assumed)

    def test_what_no_scenario_can_rest_on(self, cdnow_summary, cdnow_bgnbd, gammagamma):
        unsure = dataclasses.replace(cdnow_bgnbd, converged=False, message="the data do not pin down a")
        with pytest.raises(FitError, match=r"BG/NBD did not converge \(the data do not pin down a\)"):
            scenario_from(cdnow_summary, unsure, gammagamma, name="x")
        wild = dataclasses.replace(gammagamma, params=GammaGamma(6.0, 0.9, 15.0))
        with pytest.raises(FitError, match=r"q = 0\.9, must be above 1"):
            scenario_from(cdnow_summary, cdnow_bgnbd, wild, name="x")
        counted = summary_from_arrays([0, 1, 2], [0.0, 1.0, 2.0], [3.0, 3.0, 3.0])
        with pytest.raises(ValueError, match="does not know its log"):
            scenario_from(counted, cdnow_bgnbd, gammagamma, name="x")
        cheap = Assumptions(acquisition_cost=0.05)
        with pytest.raises(ValueError, match=r"acquisition_cost = 0\.05, must be higher"):
            scenario_from(cdnow_summary, cdnow_bgnbd, gammagamma, name="x", assumptions=cheap)

    def test_tracking_names_its_periods(self, cdnow_scenario, cdnow_summary, cdnow_bgnbd):
        found = tracked(cdnow_scenario, cdnow_summary, cdnow_bgnbd, replications=2)
        plain = tracking(cdnow_summary, cdnow_bgnbd.params)
        assert list(found.tracking.frame.columns[:6]) == list(plain.frame.columns)
        assert list(found.tracking.errors["prediction"]) == ["expected", "simulated"]

"""Histories of customers, cohorts and the hold-out."""

import datetime
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from retsim.calibrate import (
    expected_cumulative,
    purchases_by_frequency,
    summarise,
    summary_from_arrays,
    tracking,
    transactions_from_frame,
)
from retsim.calibrate.cohort import actual_purchases
from retsim.calibrate.units import per_unit


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["customer", "date", "amount"])
    return transactions_from_frame(frame.assign(date=pd.to_datetime(frame["date"])))


SMALL = log_of(
    [
        ("a", "2021-01-01", 10.0), ("a", "2021-01-08", 20.0), ("a", "2021-01-15", 40.0),
        ("a", "2021-01-16", 9.0),
        ("b", "2021-01-03", 5.0),
        ("c", "2021-01-15", 7.0), ("c", "2021-01-29", 8.0),
        ("d", "2021-01-16", 1.0),
    ]
)  # fmt: skip


def test_a_summary_by_hand():
    found = summarise(SMALL, cutoff="2021-01-15")
    assert found.customer.tolist() == ["a", "b", "c"]
    assert found.frequency.tolist() == [2, 0, 0]
    assert found.recency.tolist() == [2.0, 0.0, 0.0]
    assert found.T.tolist() == pytest.approx([2.0, 12 / 7, 0.0])
    assert found.repeat_spend[0] == 30.0
    assert np.isnan(found.repeat_spend[1:]).all()
    assert found.counts(3).tolist() == [2, 0, 1, 0]
    assert (found.n, found.n_repeaters) == (3, 1)


def test_the_cutoff_is_the_last_day_unless_given():
    found = summarise(SMALL)
    assert found.cutoff == datetime.date(2021, 1, 29)
    assert found.n == 4
    assert summarise(SMALL, cutoff=datetime.date(2021, 1, 15)).n == 3


def test_units_of_time():
    in_days, in_months = (summarise(SMALL, cutoff="2021-01-15", unit=unit) for unit in ("day", "month"))
    assert in_days.T.tolist() == [14.0, 12.0, 0.0]
    assert in_months.T.tolist() == pytest.approx([14 * 12 / 365.25, 12 * 12 / 365.25, 0.0])
    assert per_unit("month", "week") == pytest.approx(365.25 / 84)
    assert per_unit("year", "month") == pytest.approx(12.0)


def test_every_summary_of_a_random_log_is_that_of_a_loop(rng):
    n = 400
    rows = [
        (
            f"c{rng.integers(40)}",
            f"2021-{rng.integers(1, 13):02d}-{rng.integers(1, 29):02d}",
            float(rng.integers(1, 50)),
        )
        for _ in range(n)
    ]
    found = summarise(log_of(rows), cutoff="2021-09-10", unit="day").frame().set_index("customer")
    cutoff = datetime.date(2021, 9, 10)
    told = {}
    for customer, day, amount in rows:
        day = datetime.date.fromisoformat(day)
        if day <= cutoff:
            told.setdefault(customer, {}).setdefault(day, []).append(amount)
    assert set(found.index) == set(told)
    for customer, days in told.items():
        first, last = min(days), max(days)
        repeats = [sum(days[day]) for day in days if day > first]
        row = found.loc[customer]
        assert (row["frequency"], row["recency"], row["T"]) == (
            len(repeats), (last - first).days, (cutoff - first).days,
        )  # fmt: skip
        if repeats:
            assert row["repeat_spend"] == pytest.approx(sum(repeats) / len(repeats))


@pytest.mark.parametrize(
    ("arrays", "why"),
    [
        (([1], [2.0], [1.0]), "recency must lie in 0..T"),
        (([1], [0.0], [1.0]), "0 exactly when frequency is 0"),
        (([0], [1.0], [1.0]), "0 exactly when frequency is 0"),
        (([-1], [0.0], [1.0]), "frequency must be >= 0"),
        (([0], [0.0], [np.inf]), "T must be finite"),
        (([0.5], [0.2], [1.0]), "whole numbers"),
        (([0, 0], [0.0], [1.0]), "must be equal"),
    ],
)
def test_impossible_customers(arrays, why):
    with pytest.raises(ValueError, match=why):
        summary_from_arrays(*arrays)


def test_cutoffs_and_units_that_are_refused():
    with pytest.raises(ValueError, match="nobody had bought by then; the log begins 2021-01-01"):
        summarise(SMALL, cutoff="2020-12-31")
    with pytest.raises(ValueError, match="yyyy-mm-dd"):
        summarise(SMALL, cutoff="15/01/2021")
    with pytest.raises(ValueError, match="day, week, month, year"):
        summarise(SMALL, unit="fortnight")


class Steady:
    """One repeat purchase a unit of time, for ever."""

    def expected_purchases(self, t):
        return np.asarray(t, dtype=float)

    def conditional_purchases(self, t, x, t_x, T):
        return np.full(len(x), float(t))


def test_a_cohort_that_comes_on_different_days():
    # Day 0 has had 6/7 of a week when week 1 ends; day 7 has come, but not in week 1.
    found = expected_cumulative(Steady(), [0, 0, 7, 20], 3)
    assert found == pytest.approx([2 * 6 / 7, 2 * 13 / 7 + 6 / 7, 2 * 20 / 7 + 13 / 7])
    with pytest.raises(ValueError, match="at least 1"):
        expected_cumulative(Steady(), [0], 0)


def test_days_fall_into_the_period_they_end_in():
    assert actual_purchases([0, 6, 7, 13, 14, 40], 3).tolist() == [2, 2, 1]
    # A month has 30.4375 days: day 30 ends after 31 of them, in the second month.
    assert actual_purchases([29, 30, 59, 60], 2, unit="month").tolist() == [1, 2]


def test_tracking_by_hand():
    found = tracking(summarise(SMALL, cutoff="2021-01-15"), Steady())
    # 29 days are four whole weeks. d came after the cutoff; a's last purchase and c's repeat are hold-out.
    assert found.frame["week"].tolist() == [1, 2, 3, 4]
    assert found.frame["actual"].tolist() == [0, 1, 2, 0]
    assert found.frame["cumulative_actual"].tolist() == [0, 1, 3, 3]
    assert found.frame["cumulative_expected"][0] == pytest.approx(6 / 7 + 4 / 7)
    assert found.frame["expected"].cumsum().tolist() == pytest.approx(found.frame["cumulative_expected"].tolist())
    # The cutoff falls into week 3.
    assert found.frame["holdout"].tolist() == [False, False, False, True]


def test_tracking_of_cdnow(cdnow_summary, cdnow_bgnbd, cdnow_paretonbd):
    found = tracking(cdnow_summary, cdnow_paretonbd.params)
    frame = found.frame
    assert frame.columns.tolist() == [
        "week", "actual", "expected", "cumulative_actual", "cumulative_expected", "holdout",
    ]  # fmt: skip
    assert len(frame) == 78
    assert frame.groupby("holdout")["actual"].sum().tolist() == [2457, 1882]
    assert frame["cumulative_actual"].iloc[-1] == 4339
    # Fader, Hardie & Lee (2005), p. 282: at week 78 the models are 2 % and 4 % too low.
    short = [
        1.0 - tracking(cdnow_summary, fit.params).frame["cumulative_expected"].iloc[-1] / 4339
        for fit in (cdnow_paretonbd, cdnow_bgnbd)
    ]
    assert np.round(short, 2).tolist() == [0.02, 0.04]
    # The cumulative expectation at week 39 is that of each customer's own T.
    at_cutoff = cdnow_paretonbd.params.expected_purchases(cdnow_summary.T).sum()
    assert frame["cumulative_expected"][38] == pytest.approx(at_cutoff, rel=1e-12)
    errors = found.errors.set_index("prediction").loc["expected"]
    ratio = frame["expected"][39:] / frame["actual"][39:]
    assert errors["mape"] == pytest.approx(np.abs(ratio - 1.0).mean())
    assert errors["error_total"] == pytest.approx(frame["expected"][39:].sum() / 1882 - 1.0)
    assert (errors["n_periods"], errors["actual"]) == (39, 1882)


def test_tracking_beside_a_simulation(cdnow_summary, cdnow_bgnbd, rng):
    cumulative = tracking(cdnow_summary, cdnow_bgnbd.params).frame["cumulative_expected"]
    simulated = rng.poisson(np.diff(cumulative, prepend=0.0), (200, 78))
    found = tracking(cdnow_summary, cumulative, simulated=simulated)
    frame = found.frame
    assert frame["simulated"].to_numpy() == pytest.approx(simulated.mean(axis=0))
    total = simulated.sum(axis=1)
    last = frame.iloc[-1]
    assert last["cumulative_simulated"] == pytest.approx(total.mean())
    assert (last["cumulative_simulated_low"], last["cumulative_simulated_high"]) == pytest.approx(
        tuple(np.quantile(total, [0.025, 0.975]))
    )
    assert found.errors["prediction"].tolist() == ["expected", "simulated"]
    assert found.n_replications == 200
    assert tracking(cdnow_summary, cumulative).n_replications == 0
    assert found.errors["predicted"][1] == pytest.approx(simulated[:, 39:].sum(axis=1).mean())
    with pytest.raises(ValueError, match=r"\(replications, 78\)"):
        tracking(cdnow_summary, cumulative, simulated=simulated.T)
    with pytest.raises(ValueError, match=r"\(78,\), cumulative by week"):
        tracking(cdnow_summary, cumulative[:50])


def test_tracking_needs_a_log_and_leaves_errors_empty_without_a_holdout():
    with pytest.raises(ValueError, match="does not know its log"):
        tracking(summary_from_arrays([0], [0.0], [1.0]), Steady())
    assert tracking(summarise(SMALL), Steady()).errors.empty
    with pytest.raises(ValueError, match="shorter than one year"):
        tracking(summarise(SMALL, unit="year"), Steady())


def test_holdout_purchases_by_frequency(cdnow_summary, cdnow_bgnbd):
    table = purchases_by_frequency(cdnow_summary, cdnow_bgnbd.params)
    assert table["n_customers"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert (table["n_customers"] * table["actual"]).sum() == pytest.approx(1882)
    foreseen = cdnow_bgnbd.params.conditional_purchases(
        39.0, cdnow_summary.frequency, cdnow_summary.recency, cdnow_summary.T
    )
    assert (table["n_customers"] * table["expected"]).sum() == pytest.approx(foreseen.sum())
    assert table["expected"].is_monotonic_increasing
    assert np.corrcoef(table["actual"], table["expected"])[0, 1] > 0.99


def test_names_load_when_used():
    program = (
        "import sys, retsim.calibrate as c\n"
        "assert not {'pandas', 'scipy', 'numpy'} & set(sys.modules), 'loaded too early'\n"
        "for name in c.__all__: getattr(c, name)\n"
        "assert set(c.__all__) <= set(dir(c))\n"
        "try: c.nonsense\n"
        "except AttributeError as fault: print(fault)"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "no attribute 'nonsense'" in answer.stdout

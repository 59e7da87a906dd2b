"""The published numbers on the CDNOW sample."""

import numpy as np
import pytest

from retsim.calibrate import BgNbd, ParetoNbd, fit_bgnbd, fit_gammagamma, spend_correlation, summarise


def test_every_row_of_the_file_is_kept(cdnow):
    report = cdnow.report
    assert (report.n_rows, report.n_kept, report.n_returns, report.n_refused) == (6919, 6919, 0, 0)
    assert report.read_as["layout"] == "cdnow"
    assert cdnow.n_customers == 2357
    assert len(cdnow.days) == 2357 + 2457 + 1882
    # Summed from the text of the file with awk, not by this package.
    assert cdnow.days["amount"].sum() == pytest.approx(244_091.94, abs=0.005)


def test_calibration_counts(cdnow_summary):
    assert cdnow_summary.n == 2357
    assert cdnow_summary.counts(7).tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert cdnow_summary.frequency.sum() == 2457
    assert cdnow_summary.n_repeaters == 946
    assert cdnow_summary.T.max() == pytest.approx(272 / 7)


def test_first_customer_by_hand(cdnow_summary):
    # Master id 00004: 1 and 18 January, 2 August 1997 in the calibration period.
    row = cdnow_summary.frame().iloc[0]
    assert row["customer"] == "00004"
    assert row["frequency"] == 2
    assert row["recency"] == pytest.approx(213 / 7)
    assert row["T"] == pytest.approx(272 / 7)
    assert row["repeat_spend"] == pytest.approx((29.73 + 14.96) / 2)


def test_bgnbd_estimates(cdnow_bgnbd):
    # Fader, Hardie & Lee (2005), table 2, and the oracles' four digits.
    assert np.round(cdnow_bgnbd.params, 3).tolist() == [0.243, 4.414, 0.793, 2.426]
    assert cdnow_bgnbd.params == pytest.approx((0.2426, 4.4135, 0.7929, 2.4258), abs=1.5e-4)
    assert cdnow_bgnbd.log_likelihood == pytest.approx(-9582.43, abs=0.005)
    assert cdnow_bgnbd.converged
    assert cdnow_bgnbd.n == 2357


def test_paretonbd_estimates(cdnow_paretonbd):
    # Same table: .553, 10.578, .606, 11.669; the ridge in beta leaves its third digit open.
    r, alpha, s, beta = cdnow_paretonbd.params
    assert (r, alpha, s) == pytest.approx((0.5533, 10.578, 0.6062), abs=5e-4)
    assert beta == pytest.approx(11.668, abs=2e-3)
    assert cdnow_paretonbd.log_likelihood == pytest.approx(-9594.97, abs=0.01)
    assert cdnow_paretonbd.converged


def test_gammagamma_estimates(cdnow_summary):
    fit = fit_gammagamma(cdnow_summary)
    assert fit.n == 946
    assert np.round(fit.params, 2).tolist() == [6.25, 3.74, 15.44]
    assert fit.converged
    assert cdnow_summary.repeat_spend[cdnow_summary.frequency > 0].mean() == pytest.approx(35.08, abs=0.005)
    assert spend_correlation(cdnow_summary) == pytest.approx(0.1139, abs=5e-5)


def test_published_expectations():
    # Walkthrough of the R package BTYD, customer 1516 (x = 26, t_x = 30.86, T = 31).
    pareto = ParetoNbd(0.55327, 10.57767, 0.60623, 11.66859)
    assert pareto.expected_purchases(52.0) == pytest.approx(1.473434, abs=2e-5)
    assert pareto.conditional_purchases(52.0, 26, 30.86, 31.0) == pytest.approx(25.456, abs=2e-3)
    assert pareto.p_alive(26, 30.86, 31.0) == pytest.approx(0.9979, abs=1e-4)
    # Fader, Hardie & Lee's spreadsheet note: x = 2, t_x = 30.43, T = 38.86, the next 39 weeks.
    law = BgNbd(0.243, 4.414, 0.793, 2.426)
    assert law.conditional_purchases(39.0, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)


def test_unit_of_time_changes_nothing_but_the_unit(cdnow, cdnow_bgnbd):
    by_month = fit_bgnbd(summarise(cdnow, cutoff="1997-09-30", unit="month"))
    in_weeks = by_month.params.rescaled(365.25 / 12 / 7)
    assert in_weeks == pytest.approx(cdnow_bgnbd.params, rel=1e-4)
    # A density of 2457 purchase times: the likelihood changes by the Jacobian.
    jacobian = 2457 * np.log(365.25 / 12 / 7)
    assert by_month.log_likelihood - jacobian == pytest.approx(cdnow_bgnbd.log_likelihood, abs=1e-4)

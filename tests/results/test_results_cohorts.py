"""Life tables and survival curves against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from retsim.results.cohorts import LifeTable, cohort_frame, life_table, survival_frame, survivors
from retsim.results.intervals import check_confidence, mean_interval

# Three periods. 10 were there at the start; 8 joined in period 1, 4 in period 2, 2 in period 3.
LIVES = np.array([[10, 9, 9, 6], [8, 6, 3, 3], [4, 4, 2, -1], [2, 1, -1, -1]])


class TestLifeTable:
    def test_of_those_who_joined(self):
        table = life_table(LIVES, period=2.0)
        assert table.ages.tolist() == [0.0, 1.0, 3.0, 5.0]
        assert table.at_risk.tolist() == [8 + 4 + 2, 6 + 4, 3]
        assert table.lost.tolist() == [2 + 0 + 1, 3 + 2, 0]

    def test_of_those_there_at_the_start(self):
        table = life_table(LIVES, period=2.0, initial=True)
        assert table.ages.tolist() == [0.0, 2.0, 4.0, 6.0]
        assert table.at_risk.tolist() == [10, 9, 9]
        assert table.lost.tolist() == [1, 0, 3]


class TestSurvival:
    def test_is_the_product_of_shares_kept(self):
        curve = survival_frame(life_table(LIVES, period=1.0))
        assert curve["survival"].tolist() == pytest.approx([1.0, 11 / 14, 11 / 14 * 0.5, 11 / 14 * 0.5])
        assert curve["at_risk"].tolist() == [14, 14, 10, 3]
        assert curve["lost"].tolist() == [0, 3, 5, 0]

    def test_interval_is_greenwoods_on_the_log_log_scale(self):
        curve = survival_frame(LifeTable(np.array([0.0, 1.0]), np.array([20]), np.array([5])), 0.95)
        # S = 0.75, variance of ln S = 5 / (20 * 15), ln S = -0.28768: half-width 1.95996 * 0.12910 / 0.28768.
        half = 1.959964 * np.sqrt(5 / 300) / -np.log(0.75)
        assert curve["low"].iloc[1] == pytest.approx(0.75 ** np.exp(half), rel=1e-6)
        assert curve["high"].iloc[1] == pytest.approx(0.75 ** np.exp(-half), rel=1e-6)
        assert curve["low"].iloc[1] == pytest.approx(0.500, abs=0.001)
        assert curve["high"].iloc[1] == pytest.approx(0.887, abs=0.001)

    def test_it_ends_where_nobody_is_left_to_watch(self):
        curve = survival_frame(LifeTable(np.arange(4.0), np.array([5, 0, 0]), np.array([5, 0, 0])))
        assert curve["survival"].tolist() == [1.0, 0.0]
        assert curve["high"].tolist() == [1.0, 0.0]

    def test_beyond_the_last_watched_it_is_not_known(self):
        left = survivors(LifeTable(np.arange(4.0), np.array([5, 2, 0]), np.array([3, 1, 0])))
        assert left[:3].tolist() == pytest.approx([1.0, 0.4, 0.2])
        assert np.isnan(left[3])
        assert survivors(LifeTable(np.zeros(1), np.zeros(0, int), np.zeros(0, int))).tolist() == [1.0]

    def test_of_a_run_it_never_rises(self, run):
        for channel in (None, "initial", "organic"):
            curve = run.survival(channel=channel)
            assert (np.diff(curve["survival"]) <= 0).all()
            assert (curve["low"] <= curve["survival"]).all()
            assert (curve["survival"] <= curve["high"]).all()


def test_cohort_matrix_is_empty_beyond_the_horizon():
    shares = cohort_frame(LIVES, share=True)
    assert shares.loc[1].tolist() == [1.0, 0.75, 0.375, 0.375]
    assert shares.loc[2].isna().tolist() == [False, False, False, True]


class TestMeanInterval:
    def test_by_hand(self):
        # Mean 2.5, s = 1.290994, t(3) = 3.182446, half-width 3.182446 * 1.290994 / 2.
        found = mean_interval([1, 2, 3, 4])
        assert (found.mean, found.n) == (2.5, 4)
        assert found.low == pytest.approx(2.5 - 2.054261, abs=1e-6)
        assert found.high == pytest.approx(2.5 + 2.054261, abs=1e-6)

    def test_confidence_widens_it(self):
        # t(3) = 5.840909 at 99 %.
        assert mean_interval([1, 2, 3, 4], 0.99).high == pytest.approx(2.5 + 5.840909 * 1.290994 / 2, abs=1e-5)

    def test_one_value_has_no_interval(self):
        found = mean_interval([7.0])
        assert (found.mean, found.n) == (7.0, 1)
        assert np.isnan([found.low, found.high]).all()

    def test_what_does_not_exist_is_left_out_and_counted(self):
        found = mean_interval([1.0, np.nan, 3.0])
        assert (found.mean, found.n) == (2.0, 2)
        assert np.isnan(mean_interval([np.nan]).mean)
        assert mean_interval([]).n == 0

    @pytest.mark.parametrize("level", [0.0, 1.0, 95, -1, float("nan")])
    def test_a_level_that_is_none(self, level):
        with pytest.raises(ValueError, match="must lie strictly between 0 and 1"):
            check_confidence(level)
        with pytest.raises(ValueError, match=r"did you mean 0\.95"):
            check_confidence(95)

"""Warm-up by MSER against its definition, and on a series whose bias is known."""

from __future__ import annotations

import numpy as np
import pytest
from helpers import CONTRACTUAL, bare_scenario

import retsim as rs
from retsim.results.warmup import mser

PHI, START, N = 0.9, 20.0, 1000


def autoregressive(seed, start):
    """AR(1) around 0 with unit innovations, begun at `start`: E x_t = start * PHI^t, sd 1 / sqrt(1 - PHI^2) = 2.29."""
    luck = np.random.default_rng(seed).normal(size=N)
    x, out = start, np.empty(N)
    for t in range(N):
        out[t] = x = PHI * x + luck[t]
    return out


def test_by_hand():
    # Batches of 1: leaving out the first 9 of (9, 0, 2, 0, 2, ...) leaves errors of 1 each.
    x = [9.0, *[0.0, 2.0] * 6]
    found = mser(x, batch=1)
    assert found.cut == 1
    assert found.settled
    z = np.array(x)
    assert found.errors[0] == pytest.approx(z.var() / 13)
    assert found.errors[1] == pytest.approx(1.0 / 12)
    assert np.isnan(found.errors[7:]).all()


def test_batches_are_means_and_an_incomplete_one_is_left_out():
    x = np.repeat(mser_like := np.array([9.0, *[0.0, 2.0] * 6]), 5)
    assert mser(np.append(x, [1e9] * 4)).cut == 5
    assert mser(x).errors[:5] == pytest.approx(mser(mser_like, batch=1).errors[:5])


def test_the_bias_of_a_known_start_goes():
    # Untruncated, the mean is off by START * PHI / (1 - PHI) / N = 0.18 on average, with a spread of 0.316.
    biased = [autoregressive(seed, START) for seed in range(300)]
    cuts = [mser(x) for x in biased]
    assert all(one.settled for one in cuts)
    # After 45 steps 0.9 % of the start is left; the sd of the series is 2.29.
    assert 10 <= np.median([one.cut for one in cuts]) <= 45
    whole = np.array([x.mean() for x in biased])
    cut = np.array([x[one.cut :].mean() for x, one in zip(biased, cuts, strict=True)])
    still = np.array([autoregressive(seed, 0.0).mean() for seed in range(300)])
    assert whole.mean() - still.mean() == pytest.approx(0.18, abs=1e-3)
    assert abs(cut.mean() - still.mean()) < 0.045
    assert (cut**2).mean() < 0.9 * (whole**2).mean()
    # What the cut itself costs: less of the series is left.
    assert (cut**2).mean() < 1.2 * (still**2).mean()


def test_what_never_settles_is_said():
    assert not mser(np.arange(100.0)).settled


@pytest.mark.parametrize(
    ("series", "batch", "message"),
    [
        (range(40), 5, "8 batches of 5; .* batch=4"),
        ([1.0, np.nan] * 50, 5, "none of them missing"),
        (range(99), 0, "batch"),
    ],
)
def test_refusals(series, batch, message):
    with pytest.raises(ValueError, match=message):
        mser(series, batch)


@pytest.fixture(scope="module")
def settling():
    """Half the customers leave in a wave, so the retention rate rises and settles at that of the others."""
    fickle = {"share": 0.5, "initial": {"focal": 1.0}, "traits": {"attention": 0.0, "vanish_probability": 0.25}}
    scenario = bare_scenario(customers=400, horizon=100.0, **CONTRACTUAL | {"behaviour.attrition_from": 0.0}).with_(
        segments={"all": {"share": 0.5, "traits": {"vanish_probability": 0.01}}, "fickle": fickle}
    )
    other = scenario.with_(**{"segments.all.traits.vanish_probability": 0.02})
    return rs.compare({"a": scenario, "b": other}, replications=10, workers=1)


def test_steady_retention_is_that_of_those_who_stay(settling):
    found = rs.steady_state(settling, "retention_rate")
    assert found.settled
    assert 10 <= found.warmup <= 45
    table = found.table.set_index("scenario")
    # After the wave all are loyal: 99 % a month stay, and 98 %; over everything it looks like less.
    assert table.loc["a", "mean"] == pytest.approx(0.99, abs=2e-3)
    assert table.loc["b", "mean"] == pytest.approx(0.98, abs=3e-3)
    assert (table["whole"] < table["low"]).all()
    assert table.loc["b", "difference_high"] < -0.005
    assert np.isnan(table.loc["a", "difference"])


@pytest.mark.parametrize("series", ["cash", "cumulative_profit", "nonsense"])
def test_sums_have_no_steady_state(settling, series):
    with pytest.raises(ValueError, match="must be one of active, joined"):
        rs.steady_state(settling, series)

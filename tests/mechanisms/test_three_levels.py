"""Pattern 7 whole, where rivals copy what they can: level 1 fades, level 3 lasts and draws; level 2 holds a small gap only.

That level 2 holds against a small price gap and breaks at a large one is in `test_structural` and `test_patterns_of_care`.
"""

from functools import cache

import numpy as np
import pytest
from helpers import counts_of, differing, run_market

import retsim as rs
from retsim.results.intervals import mean_interval
from retsim.state import Channel, Count

REPLICATIONS = 6


@cache
def paths(strategy, *, copied=True, without=None, draw=8.0):
    """Customers of the focal firm month by month, and those it took from rivals: one row a replication."""
    scenario = rs.load("three-levels").with_(
        customers=500, horizon=48.0, strategy=strategy, **{"firm.structural_draw": draw},
        **{f"rivals.{r}.imitation_spread": 0.0 for r in ("suite", "startup")},
    )  # fmt: skip
    scenario = scenario if copied else scenario.without("imitation")
    scenario = scenario.without(without) if without else scenario
    counts = np.array([counts_of(run_market(scenario, 140, r))[:, 0].sum(axis=1) for r in range(REPLICATIONS)])
    return counts[:, :, Count.ACTIVE], counts[:, :, Count.JOINED + Channel.SWITCHING].sum(axis=1)


def gained(strategy, bond, *, copied=True):
    """Customers after four years more than for the same money without what the bond gives."""
    return (paths(strategy, copied=copied)[0] - paths(strategy, copied=False, without=bond)[0])[:, -1]


def surely_positive(differences):
    return mean_interval(np.asarray(differences, float), 0.95).low > 0.0


def test_level_1_fades_once_it_is_copied_and_level_3_lasts_as_long_as_it_is_not():
    """Coupons are copied after six months, and a quarter at least of what they gain in four years goes with that."""
    alone, copied = gained("retain-1", "discount", copied=False), gained("retain-1", "discount")
    assert surely_positive(alone)
    assert surely_positive(alone - copied)
    assert copied.mean() < 0.75 * alone.mean()
    untied, tied = gained("retain-3", "structural", copied=False), gained("retain-3", "structural")
    assert surely_positive(untied)
    # Nobody has copied it yet: not a customer's difference.
    assert (tied == untied).all()


def test_level_3_draws_customers_of_rivals():
    """The system's name alone, in four years."""
    drawn = paths("retain-3")[1] - paths("retain-3", draw=0.0)[1]
    assert surely_positive(drawn)


@pytest.mark.parametrize("strategy", ["retain-1", "retain-3"])
def test_engines_agree(strategy):
    scenario = rs.load("three-levels").with_(customers=200, horizon=12.0, strategy=strategy)
    scenario = scenario.with_(**{f"rivals.{r}.imitation_delay_3": 3.0 for r in ("suite", "startup")})
    compiled = run_market(scenario, 3, log=True)
    assert differing(compiled, run_market(scenario, 3, engine="reference", log=True)) == []
    rs.simulate(scenario, seed=3).check()

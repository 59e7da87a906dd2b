"""The staff loop: morale, service quality and turnover, and how the loop amplifies both ways (R18)."""

import itertools
from math import exp

import numpy as np
import pytest
from helpers import account_totals, assert_lawful, bare_scenario, counts_of, differing, run_market

import retsim as rs
from retsim.rules import staff
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Count

LOOP = {"firm.morale_speed": 0.4, "firm.morale_gain": 2.5, "firm.morale_effect": 0.8}

CASES = [
    (staff.morale_target, (0.7, 0.1, 0.0), 0.8),
    (staff.morale_target, (0.7, 0.1, 0.3), 0.5),
    (staff.morale_target, (0.7, 0.9, 0.0), 1.0),
    (staff.morale_target, (0.7, -0.5, 0.5), 0.0),
    (staff.strain_of, (0.0, 0.5, 0.25), 0.0),
    (staff.strain_of, (0.25, 0.5, 0.25), 0.5 * (1 - exp(-1))),
    (staff.morale_after, (0.5, 0.9, np.log(2), 1.0), 0.7),
    (staff.morale_after, (0.5, 0.9, 0.4, 0.0), 0.5),
    (staff.served, (0.8, 0.1, 0.5), 0.84),
    (staff.served, (0.8, -0.2, 0.5), 0.72),
    (staff.served, (0.8, 0.3, 9.0), 1.0),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "arguments", "due"), CASES)
def test_rules_by_hand(rule, arguments, due):
    assert rule(*arguments) == pytest.approx(due, abs=1e-12)
    assert rule.py_func(*arguments) == pytest.approx(due, abs=1e-12)


def feeling(**overrides):
    """Customers who only feel: nobody leaves, satisfaction moves towards quality."""
    return bare_scenario(customers=200, horizon=24.0, **{"behaviour.learning_rate": 0.2, **overrides})


def morale(run):
    return run.totals["morale"].to_numpy()


def satisfaction(run):
    return run.totals["mean_satisfaction"].to_numpy()


def test_the_first_tick_by_hand():
    """All are satisfied to .75 and stay so: morale goes from .7 to .7 + 2.5 (.75 - .7), 1 - exp(-.4) of the way a month."""
    still = {"behaviour.learning_rate": 0.0, "segments.all.traits.initial_satisfaction": 0.75}
    run = rs.simulate(feeling(**LOOP, **still, **{"firm.turnover_cost": 4.0}))
    due = 0.825 - 0.125 * np.exp(-0.4 * np.arange(24))
    # A period shows morale as it was at the tick at its beginning.
    assert np.allclose(morale(run), due, rtol=0, atol=1e-8)
    assert run.totals["staff_turnover"].to_numpy() == pytest.approx(4.0 * 200 * (1 - due), rel=1e-7)
    run.check()


@pytest.mark.parametrize(("shift", "sign"), [(0.1, 1), (-0.1, -1)])
def test_the_loop_amplifies_both_ways(shift, sign):
    """Pattern 13: the same luck; what starts better becomes better still with the loop, what starts worse worse."""
    qualities = {f"firm.{kind}_quality": 0.7 + shift for kind in ("service", "product", "delivery")}
    alone, looped = (rs.simulate(feeling(**qualities, **extra), seed=3) for extra in ({}, LOOP))
    assert (sign * (satisfaction(looped) - satisfaction(alone)) >= 0).all()
    assert sign * (satisfaction(looped) - satisfaction(alone))[-1] > 0.02
    assert (np.diff(sign * morale(looped)) >= -1e-12).all()
    assert sign * (morale(looped)[-1] - 0.7) > 0.2


def test_the_loop_moves_customers_and_profit_both_ways():
    """The packaged scenario under three offers: with the loop they lie further apart than without."""
    base = load("staff-loop").with_(customers=600, horizon=36.0)
    gaps = []
    for speed in (0.0, base.firm.morale_speed):
        found = []
        for quality in (0.62, 0.82):
            changed = {"firm.service_quality": quality, "firm.product_quality": quality, "firm.morale_speed": speed}
            found.append([rs.simulate(base.with_(**changed), seed=1, replication=r).totals for r in range(4)])
        mine = [[t[t["firm"] == "focal"].iloc[-1] for t in runs] for runs in found]
        gaps.append(
            [
                np.mean([better[c] - worse[c] for worse, better in zip(*mine, strict=True)])
                for c in ("active", "cumulative_profit")
            ]
        )
    assert all(with_loop > 1.1 * without > 0 for without, with_loop in zip(*gaps, strict=True))


def test_the_packaged_loop_is_a_virtuous_and_a_vicious_circle():
    """Pattern 13 in a whole market: the loop adds customers and profit to a good offer and takes both from a bad one."""
    base = load("staff-loop").with_(customers=500, horizon=36.0)
    for quality, sign in ((0.84, 1), (0.6, -1)):
        offer = {"firm.service_quality": quality, "firm.product_quality": quality, "firm.turnover_cost": 0.0}
        gaps = []
        for replication in range(6):
            loop, none = (
                rs.simulate(base.with_(**offer, **{"firm.morale_speed": speed}), seed=2, replication=replication)
                for speed in (base.firm.morale_speed, 0.0)
            )
            gaps.append([loop.measures()[m] - none.measures()[m] for m in ("retention_rate", "profit")])
        mean, error = np.mean(gaps, axis=0), np.std(gaps, axis=0, ddof=1) / np.sqrt(6)
        # Two sided 99 % of Student's t with 5 degrees of freedom.
        assert (sign * mean > 4.04 * error).all(), (quality, mean, error)


@pytest.mark.parametrize("lever", ["firm.service_quality", "firm.product_quality"])
def test_better_quality_never_lowers_morale(lever):
    runs = [morale(rs.simulate(feeling(**LOOP, **{lever: value}), seed=5)) for value in (0.5, 0.65, 0.8, 0.95)]
    for worse, better in itertools.pairwise(runs):
        assert (better >= worse).all()
        assert better[-1] > worse[-1]


def test_overload_wears_staff_down():
    """The same complaints at desks of one, two and eight servers: the fuller the desk, the lower morale."""
    failing = {
        "firm.failure_rate": 0.5,
        "firm.severity": 0.3,
        "firm.accessibility": 1.0,
        "segments.all.traits.voice": 1.0,
    }
    desk = {"firm.desk_rate": 40.0, "behaviour.learning_rate": 0.0}
    runs = [morale(rs.simulate(feeling(**LOOP, **failing, **desk, **{"firm.desk_staff": n}))) for n in (1.0, 2.0, 8.0)]
    for fuller, freer in itertools.pairwise(runs):
        assert (freer >= fuller).all()
    assert runs[0][-1] < runs[1][-1] < runs[2][-1] < 0.7 + 1e-9


def test_turnover_costs_less_where_morale_is_higher():
    costs = []
    for quality in (0.4, 0.7, 1.0):
        scenario = feeling(**LOOP, **{"firm.turnover_cost": 3.0, "firm.product_quality": quality})
        costs.append(account_totals(run_market(scenario))["staff_turnover"] / MICRO)
    assert costs[0] > costs[1] > costs[2] > 0


def test_engines_and_threads_agree():
    scenario = load("staff-loop").with_(customers=300, horizon=15.0, **{"firm.failure_rate": 0.2})
    compiled = run_market(scenario, 8, log=True)
    assert differing(compiled, run_market(scenario, 8, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 8, threads=2, log=True)) == []
    assert_lawful(compiled)
    shown = np.array(compiled.books.gauges)[:, 0, 0]
    assert np.unique(shown).size > 10
    assert counts_of(compiled)[:, 0, :, Count.ANSWERED].sum() > 20


def test_without_the_loop_its_figures_change_nothing():
    scenario = load("telecom").with_(customers=200, horizon=8.0)
    figures = {"firm.morale": 0.1, "firm.morale_gain": 5.0, "firm.turnover_cost": 100.0, "firm.morale_effect": 3.0}
    run = rs.simulate(scenario.with_(**figures))
    assert run.digest() == rs.simulate(scenario).digest()
    assert run.totals["morale"].isna().all()


@pytest.mark.parametrize(
    ("key", "value"), [("firm.morale", 1.2), ("firm.morale_speed", -0.1), ("firm.overload_scale", 0.0)]
)
def test_bad_input_is_refused(key, value):
    with pytest.raises(ScenarioError) as caught:
        load("telecom").with_(**{key: value})
    assert caught.value.problems[0].key == key

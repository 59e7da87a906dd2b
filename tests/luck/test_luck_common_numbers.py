"""The same customers meet the same luck under every change that does not concern them."""

import os
import subprocess
import sys
from hashlib import sha256

import numpy as np
import pytest
from helpers import bits, counts_of, customers_of, events_of, rival, run_market

from retsim.scenario import load
from retsim.state import Kind

NAMES = ("telecom", "retail", "saas")
UNREACHABLE = rival(awareness=0.0, price=1.0, reputation=1.0)


def small(name, **overrides):
    return load(name).with_(customers=300, horizon=24.0, **overrides)


def without_budgets(name):
    """A market in which nobody's treatment depends on anybody else."""
    scenario = load(name)
    budgets = {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals} | {"budget.monthly": 0.0}
    return scenario.with_(customers=300, horizon=24.0, **budgets, **{"entry.per_satisfied": 0.0, "entry.walk_in": 0.0})


def lives(market, n_firms):
    """What happened to everyone, with the outside named the same however many firms there are."""
    events = events_of(market).copy()
    outside = events["outcome"] >= n_firms
    left = np.isin(events["kind"], (Kind.LEAVE, Kind.STAY)) & outside
    events["outcome"][left] += 100 - len(market.firms)
    return events


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", NAMES)
def test_one_more_customer_changes_nobody(name, engine):
    scenario = without_budgets(name)
    some, more = (run_market(scenario.with_(customers=n), 121, engine=engine, log=True) for n in (300, 301))
    old, new = events_of(some), events_of(more)
    # Newcomers have the places after those who were there at the start.
    new = new[new["customer"] != 300]
    new["customer"][new["customer"] > 300] -= 1
    order = np.lexsort((new["customer"], new["time"]))
    assert old.tobytes() == new[order].tobytes()
    assert np.delete(customers_of(more), 300).tobytes() == customers_of(some).tobytes()
    assert customers_of(some).size > 300 or not scenario.entry.per_month


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("name", NAMES)
def test_one_more_rival_that_nobody_can_meet_changes_nobody(name, engine):
    """Even with budgets, newcomers and all: a firm that is known to none and looks for none."""
    scenario = small(name)
    n_firms = 1 + len(scenario.rivals)
    few = run_market(scenario, 122, engine=engine, log=True)
    more = run_market(scenario.with_(rivals={"unheard": UNREACHABLE}), 122, engine=engine, log=True)
    assert lives(few, n_firms).tobytes() == lives(more, n_firms).tobytes()
    assert customers_of(few).tobytes() == customers_of(more).tobytes()
    assert (counts_of(few) == counts_of(more)[:, :n_firms]).all()
    assert not counts_of(more)[:, n_firms:].any()


ALIKE = {
    "price": 30.0, "service_quality": 0.7, "product_quality": 0.7, "delivery_quality": 0.7, "failure_rate": 0.2, "severity": 0.4,
    "reputation": 0.7, "awareness": 1.0, "organic": 0.02, "poaching": 0.1, "recovery_quality": 0.0, "discount_tenure": 0.0,
}  # fmt: skip


def alike_firms(scenario):
    """Firms of one quality; satisfaction is the last experience and growth is off, so that luck alone decides on both.

    Rivals spend nothing on service, which would change their failures.
    """
    simple = {"behaviour.learning_rate": 1.0, "behaviour.loss_aversion": 1.0, "behaviour.spend_growth": 0.0}
    simple |= {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals}
    firms = ("firm", *(f"rivals.{r}" for r in scenario.rivals))
    return simple | {f"{firm}.{figure}": value for firm in firms for figure, value in ALIKE.items()}


def experiences(market, n_customers=10**9):
    """Size of each customer's n-th bill and what was perceived at it, where only luck and their own traits count."""
    bought = events_of(market, Kind.OCCASION)
    bought = bought[bought["customer"] < n_customers]
    order = np.lexsort((bought["time"], bought["customer"]))
    bought = bought[order]
    start = np.flatnonzero(np.r_[True, np.diff(bought["customer"]) != 0])
    nth = np.arange(bought.size) - np.repeat(start, np.diff(np.r_[start, bought.size]))
    return {
        (int(c), int(n)): (s, a)
        for c, n, s, a in zip(bought["customer"], nth, bought["satisfaction"], bought["amount"], strict=True)
    }


@pytest.mark.parametrize("name", NAMES)
def test_one_more_rival_that_wins_customers_moves_no_other_draw(name):
    """All firms alike: with whom the n-th occasion is spent differs, what luck brings at it does not."""
    scenario = without_budgets(name)
    simple = alike_firms(scenario)
    few = run_market(scenario.with_(**simple), 123, log=True)
    more = run_market(scenario.with_(**simple, rivals={"new": ALIKE}), 123, log=True)
    mine, theirs = experiences(few), experiences(more)
    both = mine.keys() & theirs.keys()
    assert all(mine[key] == theirs[key] for key in both)
    assert len(both) > 0.8 * len(mine)
    won = (events_of(more, Kind.JOIN)["firm"] == 1 + len(scenario.rivals)).sum()
    assert won > 30
    assert (few.population.traits[: few.population.n] == more.population.traits[: few.population.n]).all()


@pytest.mark.parametrize("name", NAMES)
def test_another_strategy_moves_no_draw_that_does_not_concern_it(name):
    """Advertising against coupons and contact, firms alike: who is whose differs, what the n-th occasion brings does not."""
    scenario = small(name).with_(**alike_firms(small(name)))
    mixes = {
        "win": {"retention_share": 0.0},
        "care": {"retention_share": 1.0, "mix": {"service": 0.0, "price": 0.5, "contact": 0.5}},
    }
    win, keep = (run_market(scenario.with_(strategies=mixes, strategy=s), 124, log=True) for s in mixes)
    mine, theirs = experiences(win, 300), experiences(keep, 300)
    both = mine.keys() & theirs.keys()
    # Satisfaction is S + (x - S), whose last bit still knows the firm that S came from; the bill is exact.
    assert all(mine[key][1] == theirs[key][1] for key in both)
    assert max(abs(mine[key][0] - theirs[key][0]) for key in both) < 1e-15
    assert sum(mine[key] != theirs[key] for key in both) < 0.001 * len(both)
    assert len(both) > 0.8 * len(mine)
    assert customers_of(win)[:300]["firm"].tolist() != customers_of(keep)[:300]["firm"].tolist()
    assert events_of(keep, Kind.CONTACT).size > 100
    assert (win.population.traits[:300] == keep.population.traits[:300]).all()


def test_contact_alone_shifts_no_purchase():
    """The same free purchases at the same moments with and without contact, where nobody thinks of leaving.

    What is felt may differ: the attached speak up more.
    """
    quiet = {
        "segments.regulars.traits.attention": 0.0,
        "segments.occasional.traits.attention": 0.0,
        "behaviour.alert_attention": 0.0,
    }
    rivals = {f"rivals.{r}.poaching": 0.0 for r in load("retail").rivals}
    mix = {
        "strategies": {"care": {"retention_share": 1.0, "mix": {"service": 0.0, "price": 0.0, "contact": 1.0}}},
        "strategy": "care",
    }
    scenario = small("retail", **quiet, **rivals, **mix)
    cared, alone = (run_market(scenario.with_(**{"budget.monthly": m}), 125, log=True) for m in (2000.0, 0.0))
    first = [events_of(m, Kind.OCCASION) for m in (cared, alone)]
    # Those who were customers of any firm at the start: who comes later depends on advertising and on others.
    start = events_of(alone, Kind.JOIN)
    initial = start["customer"][start["time"] == 0]
    mine, theirs = (b[np.isin(b["customer"], initial)] for b in first)
    assert mine.size == theirs.size > 500
    assert all((mine[f] == theirs[f]).all() for f in ("time", "customer", "firm"))
    touched = events_of(cared, Kind.CONTACT)["customer"]
    assert np.isin(mine["customer"][mine["firm"] == 0], touched).mean() > 0.3


def test_the_order_of_replications_changes_nothing():
    scenario = small("telecom")
    forward = {r: bits(run_market(scenario, 9, r)) for r in range(4)}
    backward = {r: bits(run_market(scenario, 9, r)) for r in reversed(range(4))}
    assert forward == backward
    assert len({f["customers"] for f in forward.values()}) == 4


@pytest.mark.parametrize("name", NAMES)
def test_pairs_are_sharper_than_independent_runs(name):
    """The variance of a difference between two prices, 1 % apart: at least ten times less than with other seeds."""
    cheap = small(name)
    dear = cheap.with_(**{"firm.price": cheap.firm.price * 1.01})

    def revenue(scenario, seed):
        return customers_of(run_market(scenario, seed))["value"].sum() / 1e6

    mine = np.array([[revenue(s, seed) for s in (cheap, dear)] for seed in range(14)])
    paired = (mine[:, 1] - mine[:, 0]).var(ddof=1)
    independent = mine[:, 0].var(ddof=1) + mine[:, 1].var(ddof=1)
    assert independent / paired > 10
    assert np.corrcoef(mine.T)[0, 1] > 0.9


def test_a_null_change_differs_by_exactly_nothing():
    scenario = small("retail").with_(customers=60, horizon=6.0)
    same = scenario.with_(**{"firm.price": scenario.firm.price})
    for replication in range(20):
        assert bits(run_market(scenario, 1, replication)) == bits(run_market(same, 1, replication))


PROGRAM = """
import hashlib, sys
from helpers import bits, run_market
from retsim.scenario import load
for name in ("telecom", "retail", "saas"):
    run = bits(run_market(load(name).with_(customers=200, horizon=12.0), 5))
    print(hashlib.sha256(b"".join(run.values())).hexdigest())
"""


@pytest.mark.parametrize("hash_seed", ["0", "123456"])
def test_the_hash_seed_changes_nothing(hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    here = [bits(run_market(load(name).with_(customers=200, horizon=12.0), 5)) for name in NAMES]
    assert done.stdout.split() == [sha256(b"".join(run.values())).hexdigest() for run in here]

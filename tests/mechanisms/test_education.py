"""R2: a share of failures are misunderstandings, and care before purchase removes up to that share."""

import numpy as np
import pytest
from helpers import account_totals, assert_lawful, bare_scenario, differing, ledger_of, run_market

from retsim.rules.care import failing
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Account, Count


def taught(monthly, n=400, **overrides):
    """Half of all occasions fail, and the whole budget is education."""
    teach = {
        "strategies": {"teach": {"retention_share": 1.0, "mix": {"education": 1.0}}},
        "strategy": "teach",
        "budget.monthly": monthly,
        "customers": n,
        "firm.failure_rate": 0.5,
        "firm.severity": 0.4,
    }
    return bare_scenario(**teach | overrides)


@pytest.mark.parametrize(
    ("given", "expected"), [((0.5, 0.8, 1.0), 0.1), ((0.5, 0.8, 0.0), 0.5), ((0.2, 0.5, 0.5), 0.15)]
)
def test_failures_left_at_hand_picked_numbers(given, expected):
    assert failing(*given) == pytest.approx(expected, rel=1e-14)


def test_money_to_failures():
    """2 a customer and month, efficiency 1/2: taught 1 - exp(-1); nothing that is left of failures gets milder."""
    market = run_market(taught(800.0), 1)
    offer = market.world.offers[0]
    assert offer["failure_rate"] == pytest.approx(0.5 * (1.0 - 0.8 * 0.6321205588285577), rel=1e-12)
    assert offer["severity"] == 0.4
    assert account_totals(market)["programme_education"] == 12 * 800 * MICRO == market.firms[0].spent
    assert (ledger_of(market)[..., Account.PROGRAMME_EDUCATION].sum(axis=(1, 2, 3, 4)) == 800 * MICRO).all()
    assert_lawful(market)


def failures(scenario):
    market = run_market(scenario, 2)
    return np.array(market.books.counts)[..., Count.FAILURES].sum(), market.population.customers["satisfaction"].copy()


@pytest.mark.parametrize(
    "steps",
    [
        [taught(0.0), taught(200.0), taught(800.0), taught(1e6)],
        [taught(800.0, **{"firm.misunderstanding_share": share}) for share in (0.0, 0.3, 0.6, 1.0)],
    ],
    ids=["money", "share"],
)
def test_more_education_means_never_more_failures(steps):
    """Without noise, satisfaction is the history of failures: nobody ever has more of them."""
    runs = [failures(s.with_(**{"behaviour.learning_rate": 0.1})) for s in steps]
    assert (np.diff([n for n, _ in runs]) < 0).all()
    assert (np.diff([s for _, s in runs], axis=0) >= 0).all()


def test_what_is_no_misunderstanding_remains():
    """With any money, a fifth of the failures stays; and doubling money helps less than it did at first."""
    n = [failures(taught(money))[0] for money in (0.0, 400.0, 800.0, 1e8)]
    assert n[3] / n[0] == pytest.approx(0.2, abs=0.03)
    assert n[0] - n[1] > n[1] - n[2] > 0


def test_no_share_for_it_is_the_old_mix():
    mix = {"service": 0.5, "price": 0.2, "contact": 0.3}
    usual = load("telecom").with_(customers=200, horizon=12.0)
    old, new = (
        run_market(usual.with_(strategies={"s": {"retention_share": 0.7, "mix": m}}, strategy="s"), 3, log=True)
        for m in (mix, mix | {"education": 0.0})
    )
    assert differing(old, new) == []
    assert old.firms[0].funds["education"] == 0


@pytest.mark.parametrize("name", ["telecom", "retail"])
def test_engines_and_threads_agree(name):
    mix = {"service": 0.2, "price": 0.1, "contact": 0.3, "education": 0.4}
    scenario = load(name).with_(
        customers=300, horizon=12.0, strategies={"s": {"retention_share": 0.7, "mix": mix}}, strategy="s"
    )
    market = run_market(scenario, 4, log=True)
    assert differing(market, run_market(scenario, 4, engine="reference", log=True)) == []
    assert differing(market, run_market(scenario, 4, threads=2, log=True)) == []
    assert_lawful(market)


def test_refused():
    with pytest.raises(ScenarioError, match=r"must have shares that sum to 1, not 1\.2"):
        bare_scenario(strategies={"s": {"mix": {"contact": 0.7, "education": 0.5}}})
    with pytest.raises(ScenarioError, match=r"misunderstanding_share = 80, must lie in 0\.\.1"):
        bare_scenario(**{"firm.misunderstanding_share": 80})

"""What tests of ties share: a market in which bills come monthly and everyone thinks at each, and who left when."""

import numpy as np
from helpers import CONTRACTUAL, bare_scenario, differing, events_of, first_leaving, ledger_of, rival, run_market

from retsim.scenario import load
from retsim.state import Account, Kind

MONTHLY = CONTRACTUAL | {"behaviour.billing_period": 1.0, "segments.all.traits.initial_satisfaction": 0.75}


def thinkers(**overrides):
    """Customers billed 100 a month who weigh their firm at every bill, and stay."""
    thinking = {"segments.all.traits.attention": 1.0, "behaviour.outside_value": -1e9, "customers": 10, "horizon": 6.0}
    return bare_scenario(**MONTHLY | thinking | overrides)


def by_period(market, account, firm=0):
    """Postings to an account, in money, period by period."""
    return ledger_of(market)[:, :, firm, :, :, Account[account]].sum(axis=(1, 2, 3)) / 1e6


def stays(market, customer=0):
    """What a customer weighed at each decision to stay, in order of time."""
    events = events_of(market, Kind.STAY)
    return events[events["customer"] == customer]


def unpaid_market(name, **overrides):
    """A packaged market without budgets and without natural attrition: every departure is a decision of its own."""
    scenario = load(name)
    budgets = {f"rivals.{r}.budget.monthly": 0.0 for r in scenario.rivals} | {"budget.monthly": 0.0}
    lasting = {f"segments.{s}.traits.vanish_rate": 0.0 for s in scenario.segments}
    return scenario.with_(**{"customers": 500, "horizon": 30.0} | budgets | lasting | overrides)


def assert_nobody_leaves_earlier(weak, strong, seed, *, moved=0.15, of=0):
    """Customers of a firm stay at least as long under the stronger tie, and a share of the leavers longer."""
    runs = [run_market(scenario, seed, log=True) for scenario in (weak, strong)]
    loose, tight = (first_leaving(market) for market in runs)
    first = events_of(runs[0], Kind.JOIN)
    mine = first["customer"][(first["time"] == 0.0) & (first["firm"] == of)]
    assert (tight.at[mine] >= loose.at[mine]).all()
    left = np.isfinite(loose.at[mine])
    assert left.sum() > 30
    assert (tight.at[mine] > loose.at[mine])[left].mean() >= moved


def assert_engines_agree(scenario, *kinds):
    """Both engines and two threads give the same bits; every account named is moved."""
    compiled = run_market(scenario, 7, 2, log=True)
    assert differing(compiled, run_market(scenario, 7, 2, engine="reference", log=True)) == []
    assert differing(compiled, run_market(scenario, 7, 2, threads=2, log=True)) == []
    for account in kinds:
        assert np.abs(ledger_of(compiled)[..., Account[account]]).sum() > 0, account


__all__ = [
    "MONTHLY", "assert_engines_agree", "assert_nobody_leaves_earlier", "by_period", "rival", "stays", "thinkers",
    "unpaid_market",
]  # fmt: skip

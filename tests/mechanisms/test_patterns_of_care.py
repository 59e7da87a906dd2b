"""What the packaged scenarios show of contact, care and knowledge: effects with intervals, over paired replications."""

from functools import cache

import numpy as np
import pytest

import retsim as rs
from retsim.results.intervals import mean_interval
from retsim.state import Count

REPLICATIONS = 8


@cache
def _outcomes(scenario):
    runs = [rs.simulate(scenario, seed=20, replication=r) for r in range(REPLICATIONS)]
    runs[0].check()
    counts = np.array([run.closed.counts[:, 0].sum(axis=(0, 1)) for run in runs])
    measured = [run.measures() for run in runs]
    kept = {name: np.array([m[name] for m in measured]) for name in ("profit", "customers", "mean_attachment")}
    return kept | {which.name.lower(): counts[:, which] for which in (Count.WOKEN, Count.FAILURES, Count.ANNOYED)}


def outcomes(name, **overrides):
    return _outcomes(rs.load(name).with_(**{"customers": 1000, "horizon": 48.0} | overrides))


def surely_positive(differences):
    """The interval of the mean of paired differences lies above 0."""
    return mean_interval(np.asarray(differences, float), 0.95).low > 0.0


def test_a_campaign_wakes_sleepers_and_loses_money():
    """More than it costs: a fifth of the profit; doing nothing would have been better, and repair better still."""
    campaign, idle = outcomes("sleepers"), outcomes("sleepers", **{"budget.monthly": 0.0})
    repair = outcomes("sleepers", strategy="repair")
    assert campaign["woken"].min() > 300
    assert surely_positive(idle["profit"] - campaign["profit"])
    assert (idle["profit"] - campaign["profit"]).mean() > 0.2 * idle["profit"].mean()
    assert surely_positive(idle["customers"] - campaign["customers"])
    assert surely_positive(repair["profit"] - idle["profit"])


def test_the_same_campaign_pays_where_it_wakes_nobody():
    """Both signs: without waking, attachment keeps more than contact costs."""
    awake = {"behaviour.wake_probability": 0.0}
    campaign, idle = outcomes("sleepers", **awake), outcomes("sleepers", **awake, **{"budget.monthly": 0.0})
    assert surely_positive(campaign["profit"] - idle["profit"])
    assert surely_positive(campaign["mean_attachment"] - idle["mean_attachment"])


def test_pattern_10_over_contacting_harms():
    """For the same money: some contact is better than none, and much worse than some."""
    none, some, much = (
        outcomes("sleepers", **{"behaviour.wake_probability": 0.0, "firm.contact_rate": rate})
        for rate in (0.0, 0.5, 4.0)
    )
    assert surely_positive(some["profit"] - none["profit"])
    assert surely_positive(some["profit"] - much["profit"])
    assert surely_positive(none["profit"] - much["profit"])
    assert much["annoyed"].mean() > 50 * some["annoyed"].mean()


def test_over_contacting_harms_only_where_it_annoys():
    calm = {"behaviour.wake_probability": 0.0, "behaviour.annoyance": 0.0}
    some, much = (outcomes("sleepers", **calm, **{"firm.contact_rate": rate}) for rate in (0.5, 4.0))
    assert surely_positive(much["profit"] - some["profit"])


def test_care_is_worth_more_where_relations_count():
    """Personal care against coupons, and against advertising, in two cultures with the same firms, prices and budget."""
    for instead in ("retention-led", "acquisition-led"):
        gains = []
        for culture in ("culture-relational", "culture-transactional"):
            social, other = (outcomes(culture, strategy=s) for s in ("social", instead))
            gains.append(social["profit"] - other["profit"])
        assert surely_positive(gains[0] - gains[1]), instead


def test_bonds_hold_against_a_small_price_gap_and_break_at_a_large_one():
    """R10: care keeps half as many again of those whom a price 10 % higher would lose; at 2.5 times the price all go."""

    def left(price, monthly):
        quiet = {"firm.ad_ceiling": 0.0, "firm.price": price, "budget.monthly": monthly}
        return outcomes("culture-relational", **quiet)["customers"]

    assert surely_positive(left(33.0, 1100.0) - 1.5 * left(33.0, 0.0))
    assert left(75.0, 1100.0).mean() < 0.05 * left(30.0, 1100.0).mean()


@pytest.mark.parametrize("culture", ["culture-relational", "culture-transactional"])
def test_affinity_and_shared_values_attach(culture):
    kinds = ("place", "interest", "kin", "profession", "belief")
    strangers = {f"firm.affinity_{kind}": 0.0 for kind in kinds}
    with_affinity, without = outcomes(culture), outcomes(culture, **strangers)
    assert surely_positive(with_affinity["mean_attachment"] - without["mean_attachment"])


def test_education_leaves_fewer_failures_for_the_same_money():
    teach, coupons = (outcomes("mail-order", strategy=s) for s in ("educate", "retention-led"))
    assert surely_positive(coupons["failures"] - teach["failures"])


def test_knowing_customers_pays():
    known, unknown = outcomes("mail-order"), outcomes("mail-order", **{"firm.knowledge_gain": 0.0})
    assert surely_positive(known["profit"] - unknown["profit"])
    assert (known["profit"] - unknown["profit"]).mean() > 0.05 * abs(unknown["profit"]).mean()

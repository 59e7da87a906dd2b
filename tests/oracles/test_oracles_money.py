"""What money buys: the curves of Blattberg & Deighton for winning and for keeping, hazards that add up."""

import itertools
import math

import pytest
from helpers import CONTRACTUAL, account_totals, assert_share, bare_scenario, counts_of, pools_of, rival, run_market

from retsim.state import Channel, Count, Pool

N = 400_000
ACQUISITION_SPEED = math.log(2) / 5  # 5 buys half of the ceiling of .40
RETENTION_SPEED = math.log(7 / 3) / 8  # 8 buys .40 of the ceiling of .70
SPEND = {"published": (5.0, 0.2), "optimum": (10.078, None), "little": (2.0, None), "much": (60.0, None)}


def prospects(spend, **overrides):
    """Prospects who join whenever the firm meets them, and a month's budget of so much for each."""
    return bare_scenario(customers=N, horizon=1.0, **{"budget.monthly": spend * N}).with_(
        **{
            "segments.all.initial": {"focal": 0.0},
            "firm.ad_ceiling": 0.4,
            "firm.ad_efficiency": ACQUISITION_SPEED,
        }
        | overrides
    )


@pytest.mark.parametrize(("spend", "published"), SPEND.values(), ids=list(SPEND))
def test_acquisition_curve(spend, published):
    exact = 0.4 * (1 - math.exp(-ACQUISITION_SPEED * spend))
    assert published is None or exact == pytest.approx(published, abs=1e-12)
    market = run_market(prospects(spend), 41)
    counts = counts_of(market)[0, 0, 0]
    assert_share(counts[Count.ACTIVE], N, exact)
    assert counts[Count.JOINED + Channel.ADVERTISING] == counts[Count.ACTIVE]
    assert account_totals(market)["advertising"] == market.firms[0].spent == round(spend * N * 1e6)


def test_hazards_of_advertising_and_word_add_up():
    """Chances do not: 1 - (1 - chance of an ad) exp(-organic hazard); channels divide as the hazards do."""
    market = run_market(prospects(5.0, **{"firm.organic": 0.3}), 42)
    counts = counts_of(market)[0, 0, 0]
    ad, organic = -math.log(1 - 0.2), 0.3
    assert_share(counts[Count.ACTIVE], N, 1 - 0.8 * math.exp(-0.3))
    assert_share(counts[Count.JOINED + Channel.ADVERTISING], int(counts[Count.ACTIVE]), ad / (ad + organic))


def test_two_firms_compete_for_the_same_prospects():
    """Each is met at its own hazard; who comes first wins, in proportion to the hazards."""
    rivals = {
        "other": rival(ad_ceiling=0.4, ad_efficiency=ACQUISITION_SPEED, awareness=0.0)
        | {"budget": {"monthly": 10.0 * N}}
    }
    market = run_market(prospects(5.0, rivals=rivals, **{"firm.awareness": 0.0}), 43)
    mine, theirs = counts_of(market)[0, :, 0, Count.ACTIVE]
    ours, other = -math.log(1 - 0.2), -math.log(1 - 0.3)
    assert_share(mine + theirs, N, 1 - math.exp(-ours - other))
    assert_share(mine, mine + theirs, ours / (ours + other))


def test_advertising_spreads_over_those_who_are_left():
    """A constant budget reaches ever fewer prospects with ever more money each, month by month."""
    market = run_market(prospects(2.0).with_(horizon=6.0), 44)
    left = [N, *pools_of(market)[:, 0, Pool.PROSPECT]]
    for before, after in itertools.pairwise(left):
        chance = 0.4 * (1 - math.exp(-ACQUISITION_SPEED * 2.0 * N / before))
        assert_share(before - after, int(before), chance)


@pytest.mark.parametrize("poaching", [0.6, 1.0])
def test_poaching_reaches_a_share_of_rivals_customers(poaching):
    """Everyone is the rival's customer; an offer that reaches one wins one, as the rival's price is absurd."""
    scenario = prospects(5.0 * poaching, rivals={"other": rival(price=190.0)}).with_(
        **{"segments.all.initial": {"focal": 0.0, "other": 1.0}, "firm.poaching": poaching}
    )
    market = run_market(scenario, 45)
    assert_share(counts_of(market)[0, 0, 0, Count.ACTIVE], N, 1 - 0.8**poaching)


def kept(spend, **overrides):
    """Customers whose every occasion fails and who leave after a failure, and a month's budget for service."""
    return bare_scenario(customers=N, horizon=1.0, **CONTRACTUAL, **{"budget.monthly": spend * N}).with_(
        **{
            "strategies": {"serve": {"retention_share": 1.0, "mix": {"service": 1.0, "price": 0.0, "contact": 0.0}}},
            "strategy": "serve",
            "firm.failure_rate": 1.0,
            "firm.severity": 1.0,
            "firm.service_ceiling": 0.7,
            "firm.service_efficiency": RETENTION_SPEED,
            "firm.product_quality": 1.0,
            "firm.service_quality": 1.0,
            "firm.delivery_quality": 1.0,
            "behaviour.learning_rate": 1.0,
            "behaviour.first_bill": 0.5,
            "segments.all.traits.initial_satisfaction": 1.0,
            "segments.all.traits.attention": 1.0,
            # Even the mildest failure costs more than what the customer gains.
            "segments.all.traits.willingness_to_pay": 101.0,
        }
        | overrides
    )  # fmt: skip


@pytest.mark.parametrize("spend", [8.0, 15.933, 2.5, 100.0])
def test_retention_curve(spend):
    exact = 0.7 * (1 - math.exp(-RETENTION_SPEED * spend))
    assert spend != 8.0 or exact == pytest.approx(0.4, abs=1e-12)
    market = run_market(kept(spend), 46)
    assert_share(counts_of(market)[0, 0, 0, Count.ACTIVE], N, exact)
    assert account_totals(market)["programme_service"] == market.firms[0].spent == round(spend * N * 1e6)


def test_retention_curve_of_a_base_that_shrinks():
    """The same money for fewer customers keeps a larger share of them, month by month."""
    market = run_market(kept(8.0).with_(horizon=3.0), 47)
    left = [N, *counts_of(market)[:, 0, 0, Count.ACTIVE]]
    for before, after in itertools.pairwise(left):
        rate = 0.7 * (1 - math.exp(-RETENTION_SPEED * 8.0 * N / before))
        assert_share(after, int(before), rate)


def test_contact_reaches_as_many_as_the_money_cares_for():
    """Level 2: at 2 a month each, 3,000 a month care for 1,500 customers, who are contacted at the rate promised."""
    scenario = bare_scenario(customers=4000, horizon=40.0, **{"budget.monthly": 3000.0}).with_(
        **{
            "strategies": {"care": {"retention_share": 1.0, "mix": {"service": 0.0, "price": 0.0, "contact": 1.0}}},
            "strategy": "care",
            "firm.contact_rate": 1.5,
        }
    )
    market = run_market(scenario, 48)
    contacts = counts_of(market)[:, 0, 0, Count.CONTACTS].sum()
    expected = 1500 * 40 * 1.5
    assert abs(contacts - expected) <= 4 * math.sqrt(expected)
    assert account_totals(market)["programme_contact"] == 3000 * 40 * 1_000_000

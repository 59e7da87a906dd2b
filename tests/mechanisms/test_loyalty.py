"""Five drivers of loyalty, and loyalty in three senses by hand-picked numbers."""

import math

import numpy as np
import pytest
from helpers import CONTRACTUAL, bare_scenario, customers_of, differing, first_leaving, rival, run_market

import retsim as rs
from retsim.rules.wallet import share_of_wallet
from retsim.scenario import ScenarioError, load
from retsim.state import MICRO, Force

STANCES = {"segments.all.traits.stance": {"dist": "uniform", "low": 0.0, "high": 1.0}}
BOND = {"behaviour.attachment_gain": 0.05, "behaviour.initial_expectation": 0.5, "customers": 300}


def loyal(**overrides):
    """Loyalty to the focal firm of a market that lived a year, as one row."""
    run = rs.simulate(bare_scenario(**{"customers": 40, "horizon": 12.0} | CONTRACTUAL | overrides), seed=1)
    run.check()
    frame = run.loyalty
    row = frame[frame["firm"] == "focal"].iloc[0].to_dict()
    found = run.measures()
    assert all(found[name] == pytest.approx(row[name], nan_ok=True) for name in row if name not in ("firm", "segment"))
    return row


def test_behaviour_by_hand():
    """A bill a month from the first moment on; customers of two years' standing at the start."""
    assert loyal(horizon=1.0)["repeat_rate"] == 0.0
    assert loyal(horizon=2.0)["repeat_rate"] == 1.0
    row = loyal(**{"segments.all.traits.tenure": 24.0, "behaviour.spend_growth": 1.0, "behaviour.growth_scale": 12.0})
    assert row["mean_tenure"] == pytest.approx(36.0)
    assert row["share_of_wallet"] == pytest.approx((2.0 - math.exp(-3.0)) / 2.0)
    assert loyal()["share_of_wallet"] == 1.0
    assert row["customers"] == 40


def test_share_of_wallet_rule():
    class Growing:
        growth_ceiling, spend_growth, satisfaction_growth = 2.5, 1.0, 0.5

    assert share_of_wallet.py_func(1.125, Growing) == 0.5
    Growing.growth_ceiling = 1.5
    assert share_of_wallet.py_func(1.5, Growing) == 1.0


def test_emotion_by_hand():
    row = loyal(**{"segments.all.traits.initial_attachment": 0.4, "behaviour.attachment_decay": 0.1})
    assert row["mean_attachment"] == pytest.approx(0.4 * math.exp(-1.2), rel=1e-12)


@pytest.mark.parametrize(("satisfaction", "recommends"), [(0.84, 0.0), (0.85, 1.0)])
def test_recommendation_by_hand(satisfaction, recommends):
    """From `delighted_mark` on, which is 0.85."""
    still = {"segments.all.traits.initial_satisfaction": satisfaction, "behaviour.learning_rate": 0.0}
    assert loyal(**still)["would_recommend"] == recommends
    assert loyal(**still, **{"behaviour.delighted_mark": 0.95})["would_recommend"] == 0.0


@pytest.mark.parametrize(
    ("reputation", "price", "extra", "stays"),
    [
        (0.65, 100.0, {}, 1.0),  # 200 x 0.7 - 100 = 40 a month here, 30 there
        (0.65, 1.0, {}, 1.0),  # cheaper there: they may go, but not for the offer
        (0.75, 100.0, {}, 0.0),
        (0.75, 500.0, {}, 0.0),  # held by the price alone
        (0.75, 500.0, {"welcome_bonus": 90.0}, 0.0),
        (0.65, 100.0, {"welcome_bonus": 90.0}, 1.0),  # a bonus is price
        (0.65, 100.0, {"added_value": 11.0}, 0.0),
        (0.9, 100.0, {"awareness": 0.0}, 1.0),  # of whom nobody knows
    ],
)
def test_thought_by_hand(reputation, price, extra, stays):
    others = {"other": rival(reputation=reputation, price=price, **extra)}
    assert loyal(rivals=others, **{"behaviour.outside_value": -1e6})["would_stay"] == stays


def test_thought_weighs_what_holds():
    better = {"rivals": {"other": rival(reputation=0.75)}, "behaviour.outside_value": -1e6}
    assert loyal(**better, **{"behaviour.breach_risk": 9.0})["would_stay"] == 0.0
    assert loyal(**better, **{"behaviour.breach_risk": 11.0})["would_stay"] == 1.0
    assert loyal(**better, **{"firm.added_value": 11.0})["would_stay"] == 1.0
    assert loyal(**{"behaviour.outside_value": 41.0})["would_stay"] == 0.0
    assert loyal(**{"behaviour.outside_value": 39.0})["would_stay"] == 1.0


def test_a_firm_without_customers_has_no_loyalty():
    scenario = bare_scenario(customers=5, horizon=2.0, rivals={"other": rival(awareness=0.0)})
    row = rs.simulate(scenario).loyalty.iloc[1]
    assert row["customers"] == 0
    assert all(math.isnan(row[name]) for name in ("repeat_rate", "mean_tenure", "mean_attachment", "would_stay"))


def test_measuring_changes_nothing():
    run = rs.simulate(load("telecom").with_(customers=100, horizon=6.0), seed=2)
    before = run.digest(), run.world.customers.tobytes(), run.world.offers.tobytes()
    assert set(run.loyalty.columns) > {"repeat_rate", "mean_attachment", "would_stay"}
    assert (run.digest(), run.world.customers.tobytes(), run.world.offers.tobytes()) == before


def attached(**overrides):
    market = run_market(bare_scenario(**BOND | STANCES | overrides), 3)
    return customers_of(market)["attachment"], market.population.traits[:300, 0]


def test_shared_values_attach_and_opposed_ones_detach():
    """Fit above a half gains, below it loses, and the closer the stances the more."""
    none, stance = attached(**{"firm.stance": 0.8})
    some, _ = attached(**{"firm.stance": 0.8, "behaviour.identification": 0.6})
    near, far = np.abs(stance - 0.8) < 0.5, np.abs(stance - 0.8) > 0.5
    assert (some[near] >= none[near]).all()
    assert (some[far] <= none[far]).all()
    assert some[near].mean() > none[near].mean() + 0.05
    assert some[far].mean() < none[far].mean() - 0.02


def test_by_hand_twelve_good_occasions():
    """Each bill closes 5 % x (1 + 0.6 (2 x 0.9 - 1)) of the gap."""
    given = {"behaviour.identification": 0.6, "firm.stance": 0.6, "segments.all.traits.stance": 0.7} | CONTRACTUAL
    market = run_market(bare_scenario(**BOND | given), 3)
    assert customers_of(market)["attachment"] == pytest.approx(1.0 - (1.0 - 0.05 * 1.48) ** 12, rel=1e-12)


@pytest.mark.parametrize("stance", [0.0, 0.5])
def test_a_closer_stance_never_attaches_less(stance):
    steps = [
        customers_of(
            run_market(
                bare_scenario(
                    **BOND
                    | {"behaviour.identification": 1.0, "firm.stance": stance + d, "segments.all.traits.stance": stance}
                ),
                4,
            )
        )["attachment"]
        for d in (0.5, 0.25, 0.0)
    ]
    assert (np.diff(steps, axis=0) > 0).all()


def test_added_value_is_money_a_month():
    """It adds to the surplus of every decision, to the micro-unit, over the months that count (one here)."""
    thinks = {"segments.all.traits.attention": 1.0, "customers": 20, "behaviour.outside_value": -1e6}
    plain, rich = (run_market(bare_scenario(**thinks, **{"firm.added_value": v}), 5) for v in (0.0, 7.0))
    sums = [np.zeros(2), np.zeros(2)]
    for total, market in zip(sums, (plain, rich), strict=True):
        for sparse in market.books.decisions:
            page = np.zeros(market.books.shapes["decisions"], np.int64).ravel()
            page[sparse.cells] = sparse.values
            total += page.reshape(market.books.shapes["decisions"])[..., [Force.COUNT, Force.SURPLUS]].sum(
                axis=(0, 1, 2, 3)
            )
    assert sums[0][0] == sums[1][0] > 100
    assert sums[1][1] - sums[0][1] == pytest.approx(7 * MICRO * sums[0][0], abs=sums[0][0])


@pytest.mark.parametrize("firm", ["firm", "rivals.better"])
def test_added_value_pulls_towards_its_firm(firm):
    thinks = {
        "rivals": {"better": rival(reputation=0.7)},
        "segments.all.traits.attention": 0.5,
        "behaviour.choice_noise": 10.0,
    }
    scenario = bare_scenario(customers=400, **thinks, **{"behaviour.outside_value": -1e6})
    none, some = (
        first_leaving(run_market(scenario.with_(**{f"{firm}.added_value": v}), 6, log=True)).at for v in (0.0, 15.0)
    )
    assert ((some >= none) if firm == "firm" else (some <= none)).all()
    assert (some != none).sum() > 100


def test_off_nothing_changes():
    usual = load("telecom").with_(customers=200, horizon=12.0)
    idle = usual.with_(**{"firm.stance": 1.0})
    assert differing(run_market(usual, 8, log=True), run_market(idle, 8, log=True)) == []


def test_refused():
    for key, value in (("firm.stance", 1.5), ("behaviour.identification", -1), ("firm.added_value", -3.0)):
        with pytest.raises(ScenarioError, match=f"{key} = .*must lie in 0"):
            bare_scenario(**{key: value})

"""Choices: multinomial logit with switching costs, preference against inertia, and opportunity cost as arithmetic."""

import numpy as np
import pytest
from helpers import CONTRACTUAL, assert_share, bare_scenario, counts_of, decisions_of, events_of, rival, run_market

from retsim.state import Count, Force, Kind, Trigger
from retsim.theory import logit

BASE_PRICE = 10.0


def rivals_at(prices, **overrides):
    """Firms that differ by price alone; one decision a month, noise 1, nobody lives without."""
    others = {f"rival{n}": rival(price=price) for n, price in enumerate(prices[1:])}
    return bare_scenario(customers=20_000, horizon=41.0, rivals=others, **CONTRACTUAL).with_(
        **{
            "firm.price": prices[0],
            "behaviour.first_bill": 1.0,
            "behaviour.choice_noise": 1.0,
            "behaviour.outside_value": -1e6,
            "segments.all.traits.attention": 1.0,
            "segments.all.traits.willingness_to_pay": 0.0,
        }
        | overrides
    )


def transitions(market):
    """Decisions by present firm and outcome, summed over periods."""
    return decisions_of(market)[:, :, 0, Trigger.ATTENTION, :, Force.COUNT].sum(axis=0)[:, : len(market.firms)]


@pytest.mark.parametrize(
    ("gap", "inertia", "published"),
    [(0.5, 1.0, (0.8176, 0.3775, 0.6742)), (0.0, 2.0, None), (-1.0, 0.5, None), (0.7, 0.0, None)],
)
@pytest.mark.parametrize("force", ["breach_risk", "power_imbalance"])
def test_two_brands_with_inertia(gap, inertia, published, force):
    """Whether the cost of changing is a transaction cost or a barrier: P(1|1) = s(v + g), P(1|2) = s(v - g)."""
    law = logit.two_brand_inertia(gap, inertia)
    exact = 1 / (1 + np.exp(-gap - inertia)), 1 / (1 + np.exp(-gap + inertia))
    share = exact[1] / (1 - exact[0] + exact[1])
    if published:
        assert (*exact, share) == pytest.approx(published, abs=5e-5)
        assert [law.transition[0][0], law.transition[1][0]] == pytest.approx(exact, abs=1e-12)
    scenario = rivals_at([BASE_PRICE, BASE_PRICE + gap], **{f"behaviour.{force}": inertia})
    market = run_market(scenario, 71)
    moved = transitions(market)
    assert_share(moved[0, 0], moved[0].sum(), exact[0])
    assert_share(moved[1, 0], moved[1].sum(), exact[1])
    if published:
        assert_share(counts_of(market)[-1, 0, 0, Count.ACTIVE], 20_000, share)


def test_five_firms_and_a_switching_cost():
    """The whole transition matrix; five firms and the outside need two groups of tastes."""
    prices = [10.0, 10.4, 9.8, 10.5, 10.1]
    n = 34_000
    market = run_market(rivals_at(prices, customers=n, **{"behaviour.breach_risk": 0.8}), 72)
    exact = logit.switching_matrix([-p for p in prices], 0.8)
    moved = transitions(market)
    for here in range(5):
        for there in range(5):
            error = np.sqrt(exact[here, there] * (1 - exact[here, there]) / moved[here].sum())
            assert abs(moved[here, there] / moved[here].sum() - exact[here, there]) <= 4 * error
        assert_share(moved[here, here], moved[here].sum(), exact[here, here])
    # Each of 40 decisions is made by as many as the stationary law says, once the start is forgotten.
    shares = counts_of(market)[20:, :, 0, Count.ACTIVE].mean(axis=0) / n
    assert shares == pytest.approx(logit.stationary_shares(exact), rel=0.02)


@pytest.mark.parametrize("noise", [1.5, 4.0])
def test_leaving_the_category(noise):
    """P(outside) = 1 / (1 + exp((surplus - outside) / noise)), with flows counted over the planning horizon."""
    scenario = rivals_at([BASE_PRICE]).with_(
        horizon=2.0, customers=200_000,
        **{
            "behaviour.choice_noise": noise,
            "behaviour.planning_horizon": 3.0,
            "behaviour.outside_value": -0.5,
            "behaviour.decision_cost": 0.25,
            "segments.all.traits.willingness_to_pay": BASE_PRICE / 0.7,
            "segments.all.traits.initial_satisfaction": 0.7,
        },
    )  # fmt: skip
    left = counts_of(run_market(scenario, 73))[-1, 0, 0, Count.LOST_TO_OUTSIDE]
    p = 1 / (1 + np.exp((0.0 - (3.0 * -0.5 - 0.25)) / noise))
    assert_share(left, 200_000, p)


def choices(inertia, spread):
    """Firm chosen at each decision, one row a customer; without `spread` all value the firms alike."""
    others = {"rival0": rival(price=BASE_PRICE, reputation=0.7)}
    scenario = bare_scenario(customers=8000, horizon=41.0, rivals=others, **CONTRACTUAL).with_(
        **{
            "firm.price": 14.0,
            "behaviour.first_bill": 1.0,
            "behaviour.choice_noise": 1.0,
            "behaviour.outside_value": -1e6,
            "behaviour.breach_risk": inertia,
            "segments.all.traits.attention": 1.0,
            "segments.all.traits.initial_satisfaction": 0.9,
            # 0.9 w - 14 against 0.7 w - 10: the demanding like the one, the thrifty the other.
            "segments.all.traits.willingness_to_pay": {"dist": "values", "values": [10.0, 30.0]} if spread else 20.0,
        }
    )
    market = run_market(scenario, 74, log=True)
    memory = market.population.relations["memory"][:8000]
    assert set(np.unique(memory)) <= {np.float32(-1.0), np.float32(0.9), np.float32(0.7)}
    thought = events_of(market, Kind.STAY, Kind.LEAVE)
    order = np.lexsort((thought["time"], thought["customer"]))
    return thought["outcome"][order].reshape(8000, -1)


def repeat_rates(chosen):
    """Each customer's share of decisions that repeat the one before, as lived and with the order shuffled."""
    shuffled = np.random.default_rng(75).permuted(chosen, axis=1)
    return tuple((c[:, 1:] == c[:, :-1]).mean(axis=1) for c in (chosen, shuffled))


def test_stable_preference_looks_like_loyalty_and_permutation_tells():
    """Differing tastes without inertia: permuting purchases leaves the repeat rate; with inertia it falls."""
    lived, shuffled = repeat_rates(choices(0.0, spread=True))
    difference = lived - shuffled
    assert abs(difference.mean()) <= 4 * difference.std() / np.sqrt(difference.size)
    assert lived.mean() > 0.7, "tastes do not differ enough to look like loyalty"
    lived, shuffled = repeat_rates(choices(2.0, spread=False))
    difference = lived - shuffled
    assert difference.mean() > 0.1


@pytest.mark.parametrize(("price", "own", "stays"), [(50.0, 450.0, True), (350.0, 150.0, False)])
def test_opportunity_cost_is_arithmetic(price, own, stays):
    """450 - 180 = 270: stay. 150 - 180 = -30: go. Both numbers stand in the log of each decision."""
    scenario = bare_scenario(
        customers=50, horizon=3.0, rivals={"other": rival(price=320.0, reputation=1.0)}, **CONTRACTUAL
    )
    scenario = scenario.with_(**{
        "firm.price": price,
        "segments.all.traits.attention": 1.0,
        "segments.all.traits.willingness_to_pay": 500.0,
        "segments.all.traits.initial_satisfaction": 1.0,
        "behaviour.first_bill": 1.0,
    })  # fmt: skip
    thought = events_of(run_market(scenario, 76, log=True), Kind.STAY, Kind.LEAVE)
    first = thought[thought["time"] == 1.0]
    assert first.size == 50
    assert (first["surplus"] == own).all()
    assert (first["opportunity"] == 180.0).all()
    assert (first["kind"] == (Kind.STAY if stays else Kind.LEAVE)).all()
    assert own - 180.0 == (270.0 if stays else -30.0)


def test_share_of_leavers_who_were_satisfied():
    """85 % satisfied of whom 10 % leave, 30 % of the rest: 65.4 % of the leavers were satisfied."""
    n = 300_000
    worth = (np.log(9) - np.log(7 / 3)) / 0.6
    scenario = bare_scenario(customers=n, horizon=2.0, **CONTRACTUAL).with_(
        **{
            "behaviour.first_bill": 1.0,
            "behaviour.choice_noise": 1.0,
            "behaviour.outside_value": -5.0,
            "behaviour.satisfied_mark": 0.7,
            "firm.price": 0.9 * worth + 5.0 - np.log(9),
            "segments.all.traits.attention": 1.0,
            "segments.all.traits.willingness_to_pay": worth,
            "segments.all.traits.initial_satisfaction": {
                "dist": "values",
                "values": [0.9, 0.3],
                "weights": [0.85, 0.15],
            },
        }
    )
    left = decisions_of(run_market(scenario, 77))[:, 0, 0, Trigger.ATTENTION, 1].sum(axis=0)
    assert_share(left[Force.COUNT], n, 0.85 * 0.10 + 0.15 * 0.30)
    exact = 0.85 * 0.10 / (0.85 * 0.10 + 0.15 * 0.30)
    assert exact == pytest.approx(0.654, abs=5e-4)
    assert_share(left[Force.SATISFIED], int(left[Force.COUNT]), exact)

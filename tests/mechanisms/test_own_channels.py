"""Channels of the user's own: money beyond the budget, and a strategy that divides what wins."""

import pytest

import retsim as rs
from retsim.market.charging import OWN_COSTS
from retsim.state import Account


def market(**overrides):
    return rs.load("saas").with_(**{"customers": 200, "horizon": 12.0} | overrides)


def paying(account, amount=1234.5, firm="focal"):
    def process(market):
        yield market.at(3.25)
        market.charge(firm, amount, account)

    return process


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("account", OWN_COSTS)
def test_a_charge_costs_what_it_says_and_changes_nothing_else(account, engine):
    without, with_it = (rs.simulate(market(), seed=2, engine=engine, processes=p) for p in ((), (paying(account),)))
    with_it.check()
    assert with_it.measures()["profit"] - without.measures()["profit"] == pytest.approx(-1234.5, abs=1e-6)
    booked = (with_it.closed.totals - without.closed.totals).sum(axis=(1, 2))
    assert booked[:, Account[account.upper()]].tolist() == [0] * 3 + [1_234_500_000] + [0] * 8
    assert with_it.measures()["customers"] == without.measures()["customers"]
    beyond = with_it.measures()["budget_spent"] - without.measures()["budget_spent"]
    assert beyond == pytest.approx(1234.5 if account in ("advertising", "promotion") else 0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("process", "message"),
    [
        (paying("champagne"), "charge: account = 'champagne', must be one of advertising, promotion"),
        (paying("revenue"), "charge: account = 'revenue', must be one of"),
        (paying("staff", -1.0), "charge: amount = -1.0, must be a number in 0"),
        (paying("staff", float("nan")), "charge: amount = nan"),
        (paying("staff", "much"), "charge: amount = 'much'"),
        (paying("staff", firm="nobody"), "firm 'nobody': not in this market"),
    ],
)
def test_a_wrong_charge_is_refused(process, message):
    with pytest.raises(ValueError, match=r"charge|firm") as refusal:
        rs.simulate(market(), processes=[process])
    assert message in str(refusal.value)


def test_prospects_are_those_who_are_nobodys_customers():
    seen = []

    def look(market):
        yield market.at(11.9999999)
        seen.append(market.prospects())

    run = rs.simulate(market(**{"firm.win_back_limit": 24.0}), seed=2, processes=[look])
    assert seen == [run.customers["status"].isin(["prospect", "lapsed"]).sum()]
    assert (run.customers["status"] == "prospect").any()
    assert (run.customers["status"] == "lapsed").any()


def test_a_strategy_divides_what_wins():
    """All for promotion from the first tick on is what the scenario's own division gives."""
    seen = []

    def promoting(view):
        seen.append(dict(view.winning))
        return rs.Plan(winning={"promotion": 1.0})

    own = market(**{"budget.winning": {"promotion": 1.0}})
    by_plan, by_scenario = rs.simulate(market(), seed=3, strategy=promoting), rs.simulate(own, seed=3)
    assert by_plan.measures() == pytest.approx(by_scenario.measures(), nan_ok=True)
    assert by_plan.digest() == rs.simulate(market(), seed=3, strategy=promoting, engine="reference").digest()
    assert seen[0] == {"advertising": 1.0, "promotion": 0.0, "referral": 0.0, "follow_up": 0.0, "brand": 0.0}
    assert seen[1] == {"advertising": 0.0, "promotion": 1.0, "referral": 0.0, "follow_up": 0.0, "brand": 0.0}
    plain = rs.simulate(market(), seed=3)
    assert counts_joined(by_plan, "promotion") > counts_joined(plain, "promotion") == 0


def counts_joined(run, channel):
    return int(run.totals[f"joined_{channel}"].sum())


@pytest.mark.parametrize(
    ("winning", "message"),
    [
        ({"promotion": 0.5}, "winning must have shares that sum to 1, not 0.5"),
        (
            {"posters": 1.0},
            "winning.posters is unknown, must be one of advertising, promotion, referral, follow_up, brand",
        ),
        ({"promotion": 2.0}, "winning.promotion = 2.0, must be a number in 0..1"),
        ({"referral": 1.0}, "winning.referral = 1.0, must be 0 where nobody recommends"),
        ({"follow_up": 1.0}, "winning.follow_up = 1.0, must be 0 where nobody becomes a lead"),
    ],
)
def test_a_plan_for_channels_that_are_not_there_is_refused(winning, message):
    silent = market(**{"word.rate": 0.0, "firm.lead_funnel": 0.0, "budget.winning": {"advertising": 1.0}})
    with pytest.raises(ValueError, match="winning") as refusal:
        rs.simulate(silent, strategy=lambda view: rs.Plan(winning=winning))
    assert message in str(refusal.value)

"""R19: a club with fee, benefits and cost; copied without benefits it only costs."""

import numpy as np
import pytest
from helpers import assert_share, customers_of, differing, ledger_of, run_market
from ties import (
    assert_engines_agree,
    assert_nobody_leaves_earlier,
    by_period,
    stays,
    thinkers,
    unpaid_market,
)

import retsim as rs
from retsim.rules import club
from retsim.state import MICRO, Account, Flag

CLUB = {"firm.club": 1.0, "firm.club_fee": 2.0, "firm.club_benefit": 5.0, "firm.club_cost": 1.5}


@pytest.mark.parametrize(
    ("rule", "arguments", "due"),
    [
        (club.p_member, (0.0, 20.0), 0.5),
        (club.p_member, (20.0, 20.0), 0.7310585786300049),
        (club.p_member, (-1e9, 20.0), 0.0),
        (club.p_member, (0.01, 0.0), 1.0),
        (club.p_member, (0.0, 0.0), 0.0),
        (club.membership_worth, (6.0, 5.0, 2.0, 4.0), 14.0),
    ],
)
def test_rules_at_numbers_worked_out_by_hand(rule, arguments, due):
    assert rule(*arguments) == pytest.approx(due, rel=1e-12, abs=1e-300)
    assert getattr(rule, "py_func", rule)(*arguments) == pytest.approx(due, rel=1e-12, abs=1e-300)


def test_members_pay_cost_and_gain():
    """Nobody errs, so all ten join: 20 a month come in, 15 go out, and each has 3 a month more to stay for."""
    scenario = thinkers(**CLUB)
    market = run_market(scenario, log=True)
    assert list(by_period(market, "FEES")) == [-20.0] * 6
    assert list(by_period(market, "PROGRAMME_CLUB")) == [15.0] * 6
    assert (customers_of(market)["value"] == 612 * MICRO).all()
    seen, plain = stays(market), stays(run_market(thinkers(), log=True))
    np.testing.assert_allclose(seen["surplus"] - plain["surplus"], 3.0, rtol=1e-9)
    run = rs.simulate(scenario)
    run.check()
    assert list(run.totals["programme_club"]) == [15.0] * 6


def test_who_joins_follows_the_logit_and_grows_with_the_benefit():
    """Horizon 6, decision 2, noise 20, price of time 1: worth 6 (b - 2) - 2."""
    mood = {"behaviour.choice_noise": 20.0, "behaviour.planning_horizon": 6.0, "behaviour.decision_cost": 2.0}
    inside = []
    for benefit, due in ((2.0, 1 / (1 + np.exp(0.1))), (7.0, 1 / (1 + np.exp(-1.4)))):
        market = run_market(
            thinkers(**CLUB | mood | {"firm.club_benefit": benefit, "customers": 60_000, "horizon": 1.0}), 6
        )
        member = (customers_of(market)["flags"] & Flag.CLUB) != 0
        assert_share(int(member.sum()), member.size, due)
        inside.append(member)
    assert (inside[1] >= inside[0]).all()


def test_members_leave_the_club_when_its_fee_is_too_high():
    def dearer(market):
        yield market.at(2.5)
        market.set("focal", club_fee=9.0)

    market = run_market(thinkers(**CLUB), processes=[dearer])
    assert list(by_period(market, "FEES")) == [-20.0, -20.0, -20.0, 0.0, 0.0, 0.0]
    assert not (customers_of(market)["flags"] & Flag.CLUB).any()


def test_a_closed_club_has_no_members():
    def closed(market):
        yield market.at(2.5)
        market.set("focal", club=0.0)

    assert list(by_period(run_market(thinkers(**CLUB), processes=[closed]), "FEES"))[3:] == [0.0, 0.0, 0.0]


def test_membership_feeds_attachment():
    """0.1 a month closes 1 - exp(-0.1) of the gap at each of six ticks; nothing else moves attachment here."""
    run = rs.simulate(thinkers(**CLUB | {"firm.club_attachment": 0.1}))
    np.testing.assert_allclose(run.customers["attachment"], 1 - np.exp(-0.6), rtol=1e-12)


@pytest.mark.parametrize("figure", ["club_benefit", "club_attachment"])
def test_what_members_have_holds(figure):
    members = {"firm.club": 1.0, "firm.club_benefit": 0.0}
    high = {"club_benefit": 30.0, "club_attachment": 3.0}[figure]
    weak, strong = (unpaid_market("telecom", **members | {f"firm.{figure}": x}) for x in (0.0, high))
    assert_nobody_leaves_earlier(weak, strong, 51, moved=0.1)


def test_copied_without_benefits_it_only_costs():
    """Every customer, bill and decision is the same as without a club; what is spent on it is all that it changes."""
    scenario = rs.load("empty-club").with_(customers=300, horizon=18.0)
    copied, without = (run_market(scenario.with_(**{"rivals.network.club": c}), 9) for c in (1.0, 0.0))
    assert set(differing(copied, without)) == {"customers", "ledger"}
    for field in customers_of(copied).dtype.names:
        if field != "flags":
            assert (customers_of(copied)[field] == customers_of(without)[field]).all(), field
    cost = ledger_of(copied)[:, :, 1, :, :, Account.PROGRAMME_CLUB].sum()
    lost = (ledger_of(without) - ledger_of(copied))[:, :, 1, :, :, Account.CASH].sum()
    assert cost == lost > 0


def test_the_club_with_benefits_keeps_more_than_the_empty_one():
    scenario = rs.load("empty-club").with_(customers=600, horizon=36.0)
    full, empty = (
        np.array([rs.simulate(s, seed=2, replication=r).measures()["retention_rate"] for r in range(6)])
        for s in (scenario, scenario.with_(**{"firm.club_benefit": 0.0, "firm.club_attachment": 0.0}))
    )
    gain = full - empty
    assert gain.mean() > 3 * gain.std(ddof=1) / np.sqrt(6) > 0


def test_engines_agree():
    assert_engines_agree(rs.load("empty-club").with_(customers=300, horizon=15.0), "PROGRAMME_CLUB", "FEES")


def test_without_a_club_its_figures_change_nothing():
    odd = {"firm.club_fee": 3.0, "firm.club_benefit": 9.0, "firm.club_cost": 3.0, "firm.club_attachment": 1.0}
    scenario = rs.load("telecom").with_(customers=200, horizon=9.0)
    assert differing(*(run_market(s, 3, log=True) for s in (scenario, scenario.with_(**odd)))) == []


def test_what_cannot_be_is_refused():
    with pytest.raises(rs.ScenarioError, match="club"):
        thinkers(**{"firm.club": 0.5})
    with pytest.raises(rs.ScenarioError, match=r"firm\.club_fee"):
        thinkers(**{"firm.club_fee": -1.0})

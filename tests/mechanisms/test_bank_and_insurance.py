"""The packaged bank and insurer: their industry's churn, satisfied leavers (pattern 2), cross-selling (pattern 10)."""

import pytest

import retsim as rs
from retsim.scenario import load

CHURN = {"bank": (0.03, 0.12), "insurance": (0.12, 0.22)}
"""Share of customers lost a year. Bank: 3 % switched in 2014 (UK Competition and Markets Authority 2015), and accounts closed by
death, moving and doubles, assumed. Insurance: 81 % of US households kept their motor insurer at renewal in 2018 (LexisNexis Risk
Solutions 2019), trade figures 84 %."""
NAMES = tuple(CHURN)


def study_of(name, replications=6, **arms):
    scenario = load(name)
    return rs.compare(
        {key: scenario.with_(**changes) for key, changes in arms.items()}, replications=replications, seed=31
    )


def mean(study, metric):
    summary = study.summary()
    return summary[summary["metric"] == metric].set_index("scenario")


@pytest.fixture(scope="module", params=NAMES)
def strategies(request):
    arms = {name: {"strategy": name} for name in load(request.param).strategies}
    return request.param, study_of(request.param, 8, **arms)


def test_yearly_churn_is_the_industry_s(strategies):
    name, study = strategies
    low, high = CHURN[name]
    kept = mean(study, "retention_rate")
    assert len(kept) == 4
    assert ((1 - kept["mean"] ** 12).between(low, high)).all()


def test_most_leavers_were_satisfied(strategies):
    """Pattern 2: 60 to 85 % of those who chose to leave had a satisfaction above the mark of 0.7."""
    _, study = strategies
    share = mean(study, "satisfied_share_of_leavers")
    assert ((share["low"] > 0.6) & (share["high"] < 0.85)).all(), share


def test_the_firm_lives_and_its_market_is_shared(strategies):
    _, study = strategies
    assert (mean(study, "profit")["low"] > 0).all()
    assert mean(study, "market_share")["mean"].between(0.2, 0.5).all()
    spent, revenue = mean(study, "budget_spent")["mean"], mean(study, "revenue")["mean"]
    assert (spent / revenue).between(0.04, 0.12).all()


@pytest.mark.parametrize("name", NAMES)
def test_10_cross_selling_without_need_harms(name):
    """Pattern 10: nobody needs anything more, and the louder the offers, the less is left."""
    still = {"behaviour.life_event_rate": 0.0, "products": {key: {"cycle": 0.0} for key in load(name).products}}
    still |= {f"segments.{s}.behaviour.life_event_rate": 0.0 for s in load(name).segments}
    study = study_of(
        name,
        silent=still | {"firm.offer_rate": 0.0},
        quiet=still | {"firm.offer_rate": 0.05},
        loud=still | {"firm.offer_rate": 0.3},
    )
    for metric in ("discounted_profit", "retention_rate", "satisfied_share_of_leavers"):
        found = study.differences(metric).set_index("scenario")
        assert found["high"]["loud"] < 0, metric
        assert found["mean"]["loud"] < found["mean"]["quiet"] < 0, metric


@pytest.mark.parametrize("name", NAMES)
def test_10_offers_that_meet_a_need_pay(name):
    study = study_of(name, 10, blind={"firm.detection": 0.0}, seeing={"firm.detection": 0.6})
    for metric in ("discounted_profit", "retention_rate"):
        assert study.differences(metric)["low"].iloc[0] > 0, metric

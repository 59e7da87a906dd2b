"""Directions of what a firm does and offers, each under the same luck: costs, whom money reaches, whom an offer wins and keeps.

Customer by customer where nothing is shared, and then without exception; each relation must show that it moves at least
three cases in ten.
"""

import numpy as np
import pytest
from helpers import CONTRACTUAL, bare_scenario, customers_of, events_of, first_leaving, rival, run_market
from test_relations_customers import RELATIONS
from test_relations_pathwise import decided

import retsim as rs
from retsim.scenario import load
from retsim.state import Flag, Kind, Status

FELT = ["satisfaction", "expectation", "attachment", "sunk", "firm", "status", "revenue", "joined_at", "flags"]
PRODUCTS = {"products": {"device": {"price": 20.0, "unit_cost": 5.0}}, "firm.offer_rate": 0.5}
COSTS = {
    "unit_cost": (8.0, 11.0, {}),
    "cost_to_serve": (3.0, 4.0, {}),
    "complaint_cost": (5.0, 25.0, {"firm.failure_rate": 0.3, "behaviour.voice_attachment": 0.5}),
    "compensation": (0.0, 9.0, {"firm.failure_rate": 0.3, "firm.accessibility": 1.0}),
    "staff_cost": (100.0, 900.0, {"firm.desk_staff": 1.0}),
    "turnover_cost": (0.0, 2.0, {"firm.morale_speed": 0.3}),
    "club_cost": (0.0, 2.0, {"firm.club": 1.0, "firm.club_benefit": 5.0}),
    "offer_cost": (1.0, 4.0, PRODUCTS),
}


@pytest.mark.parametrize("figure", COSTS)
def test_a_dearer_firm_earns_less_and_nothing_else_changes(figure):
    low, high, on = COSTS[figure]
    scenario = load("telecom").with_(**{"customers": 250, "horizon": 12.0} | on)
    cheap, dear = (rs.simulate(scenario.with_(**{f"firm.{figure}": cost}), seed=131) for cost in (low, high))
    assert (cheap.records[FELT] == dear.records[FELT]).all()
    lost = [run.totals[run.totals.firm == "focal"].profit.to_numpy() for run in (cheap, dear)]
    assert (lost[0] >= lost[1]).all()
    assert (lost[0] > lost[1]).mean() >= 0.3


def reached(scenario, flag, **options):
    """Numbers of those whom a programme reaches, or holds, after the run."""
    market = run_market(scenario, 132, **options)
    people = customers_of(market)
    return set(np.flatnonzero((people["firm"] == 0) & (people["flags"] & flag != 0)).tolist())


def plenty(purpose, name="telecom", **overrides):
    money = {"budget.monthly": 1e6, "budget.retention_share": 1.0, "budget.mix": {purpose: 1.0}}
    return load(name).with_(**{"customers": 400, "horizon": 1.0} | money | overrides)


REACH = {
    # what: programme, flag, (few, many), more
    "contact_cost": ("contact", Flag.CONTACT, (9.0, 3.0), {"budget.monthly": 400.0}),
    "core_cost": ("core", Flag.CORE, (9.0, 3.0), {"budget.monthly": 400.0}),
    "discount": ("price", Flag.DISCOUNT, (0.4, 0.1), {"budget.monthly": 400.0, "firm.discount_tenure": 0.0}),
    "discount_tenure": ("price", Flag.DISCOUNT, (36.0, 6.0), {}),
    "structural_setup": ("structural", Flag.STRUCTURAL, (30.0, 5.0), {"budget.monthly": 400.0}),
    "structural_upkeep": ("structural", Flag.STRUCTURAL, (30.0, 5.0), {"budget.monthly": 900.0}),
    "structural_launch": ("structural", Flag.STRUCTURAL, (700.0, 100.0), {"budget.monthly": 1200.0}),
    "execution": ("contact", Flag.CONTACT, (0.3, 0.9), {}),
    "status_threshold": ("service", Flag.STATUS, (500.0, 40.0), {"horizon": 9.0, "budget.monthly": 0.0}),
    "club_fee": ("service", Flag.CLUB, (6.0, 1.0), {"firm.club": 1.0, "firm.club_benefit": 4.0, "budget.monthly": 0.0}),
}


@pytest.mark.parametrize("figure", REACH)
def test_what_is_cheaper_or_asks_for_less_reaches_the_same_customers_and_more(figure):
    purpose, flag, figures, more = REACH[figure]
    captive = {"behaviour.outside_value": -1e6, "behaviour.search_cost": 1e6}
    few, many = (reached(plenty(purpose, **captive | more | {f"firm.{figure}": x}), flag) for x in figures)
    assert few <= many
    assert len(many - few) >= 0.3 * len(many) > 9


def test_a_wider_reach_takes_the_same_customers_and_more():
    strategy = {"retention_share": 1.0, "mix": {"contact": 1.0}, "targeting": "past-value"}
    few, many = (
        reached(plenty("contact", strategies={"s": strategy | {"reach": r}}, strategy="s"), Flag.CONTACT)
        for r in (0.2, 0.6)
    )
    assert few < many
    assert len(many - few) >= 0.3 * len(many)


@pytest.mark.parametrize(
    ("figure", "few", "many"),
    [("win_back_wait", 6.0, 1.0), ("win_back_limit", 3.0, 24.0), ("win_back_cost", 40.0, 10.0), ("silence", 3.0, 12.0)],
)
def test_who_is_asked_back_at_narrower_terms_is_asked_at_wider_ones_too(figure, few, many):
    """Nobody comes back, so that asking changes nobody; for silence it is who counts as a customer yet."""
    scenario = plenty(
        "win_back", "retail", horizon=12.0, **{"behaviour.outside_value": 1e6, "firm.win_back_bonus": 0.0}
    )
    if figure == "win_back_cost":
        scenario = scenario.with_(**{"budget.monthly": 200.0})
    asked = []
    for value in (few, many):
        market = run_market(scenario.with_(**{f"firm.{figure}": value}), 133)
        if figure == "silence":
            asked.append(set(market.database.known(0, value).tolist()))
        else:
            # Everyone passes the narrow limit at some time: what counts is who is still asked in the last months.
            since = 9.0 if figure == "win_back_limit" else 0.0
            asked.append(
                set(np.flatnonzero(market.database.approaches(np.arange(market.population.n)) >= since).tolist())
            )
    assert asked[0] <= asked[1]
    assert len(asked[1] - asked[0]) >= 0.3 * len(asked[1]) > 9


def prospects(**overrides):
    """One firm, and people who have never bought: who meets it weighs its offer, with a taste of their own."""
    meeting = {"segments.all.initial": {"focal": 0.0}, "firm.organic": 0.1, "customers": 500, "horizon": 10.0}
    weighing = {
        "behaviour.choice_noise": 20.0,
        "firm.price": 140.0,
        "firm.reputation": 0.7,
        "behaviour.outside_value": 0.0,
    }
    return bare_scenario(**meeting | weighing | overrides)


def joined_at(scenario):
    people = customers_of(run_market(scenario, 134))
    return np.where(people["status"] == Status.ACTIVE, people["joined_at"], np.inf)


ADS = {
    "budget.monthly": 500.0,
    "firm.ad_ceiling": 0.2,
    "firm.ad_efficiency": 1.0,
    "firm.organic": 0.0,
    "firm.price": 100.0,
}
PROMOTION = ADS | {
    "budget.winning": {"promotion": 1.0}, "firm.promo_ceiling": 0.2, "firm.promo_efficiency": 1.0, "firm.promo_bonus": 0.0,
}  # fmt: skip
BRAND = {
    "budget.monthly": 2000.0, "budget.winning": {"advertising": 0.0, "brand": 1.0}, "firm.reputation": 0.5,
    "firm.brand_lift": 0.8, "firm.brand_decay": 0.1,
}  # fmt: skip
WINS = {
    "organic": (0.02, 0.2, {}),
    "ad_ceiling": (0.05, 0.5, ADS),
    "ad_efficiency": (0.1, 2.0, ADS),
    "promo_ceiling": (0.05, 0.5, PROMOTION),
    "promo_efficiency": (0.1, 2.0, PROMOTION),
    "promo_bonus": (0.0, 60.0, PROMOTION | {"firm.price": 140.0}),
    "price": (160.0, 110.0, {}),
    "reputation": (0.6, 0.9, {}),
    "brand_lift": (0.0, 0.9, BRAND),
    "brand_efficiency": (0.01, 3.0, BRAND),
    "brand_decay": (5.0, 0.0, BRAND),
    "welcome_bonus": (0.0, 50.0, {}),
    "setup_fee": (50.0, 0.0, {}),
    "added_value": (0.0, 50.0, {}),
    "points_rate": (0.0, 0.3, {}),
    "cash_back": (0.0, 0.3, {}),
}


@pytest.mark.parametrize("figure", WINS)
def test_a_firm_that_is_met_more_often_or_offers_more_wins_nobody_later(figure):
    low, high, on = WINS[figure]
    late, soon = (joined_at(prospects(**on | {f"firm.{figure}": x})) for x in (low, high))
    assert (soon <= late).all()
    won = np.isfinite(soon)
    assert won.sum() > 50
    assert (soon < late)[won].mean() >= 0.3


CAPTIVE = {"behaviour.outside_value": -1e6, "behaviour.choice_noise": 10.0}
FAILING = {"behaviour.expectation_learning": 0.0, "firm.severity": 0.8, "behaviour.voice_attachment": 0.0}
FREE = {"firm.contract_term": 0.0}
BOUND = {"firm.auto_renew": 1.0, "firm.fee_per_month": 0.0, "segments.bargain.traits.attention": 0.4}
BOUND |= {"segments.convenience.traits.attention": 0.4}
KEEPS = {
    "fee_fixed": (0.0, 600.0, BOUND),
    "fee_per_month": (0.0, 60.0, BOUND),
    "added_value": (0.0, 30.0, FREE),
    "failure_rate": (0.5, 0.0, FREE | FAILING),
    "severity": (0.9, 0.1, FREE | FAILING | {"firm.failure_rate": 0.5}),
    "points_rate": (0.0, 0.5, FREE),
    "cash_back": (0.0, 0.5, FREE),
}


def leaving(scenario):
    """Months until each of the focal firm's first customers leaves, infinity for those who never do."""
    market = run_market(scenario, 135, log=True)
    came = events_of(market, Kind.JOIN)
    return first_leaving(market).at[came["customer"][(came["time"] == 0.0) & (came["firm"] == 0)]]


def assert_keeps(weak, strong):
    loose, tight = leaving(weak), leaving(strong)
    assert (tight >= loose).all()
    left = np.isfinite(loose)
    assert left.sum() > 30
    assert (tight > loose)[left].mean() >= 0.3


@pytest.mark.parametrize("figure", KEEPS)
def test_a_firm_that_binds_or_gives_more_loses_nobody_earlier(figure):
    low, high, on = KEEPS[figure]
    weak, strong = (decided("telecom", **CAPTIVE | on | {f"firm.{figure}": x}) for x in (low, high))
    assert_keeps(weak, strong)


RIVALS = {
    "poaching_bonus": (150.0, 0.0),
    "welcome_bonus": (150.0, 0.0),
    "price_matching": (1.0, 0.0),
    "added_value": (25.0, 0.0),
}


@pytest.mark.parametrize("figure", RIVALS)
def test_rivals_who_give_less_take_nobody_earlier(figure):
    scenario = decided("telecom", **CAPTIVE | FREE)
    if figure == "price_matching":
        scenario = scenario.with_(
            **{"firm.price": 12.0, "firm.service_quality": 0.3}
            | {f"rivals.{r}.matching_delay": 0.0 for r in scenario.rivals}
        )
    weak, strong = (scenario.with_(**{f"rivals.{r}.{figure}": x for r in scenario.rivals}) for x in RIVALS[figure])
    assert_keeps(weak, strong)


def test_two_identical_firms_get_equal_shares_and_a_cheaper_one_more():
    """Over 24 replications the mean difference of customers is within its interval of 0; a tenth off the price is not."""
    twin = {"awareness": 1.0, "organic": 0.05, "reputation": 0.75, "price": 100.0}
    start = {"segments.all.initial": {"focal": 0.3, "other": 0.3}, "segments.all.traits.attention": 0.2}
    moving = {"behaviour.choice_noise": 30.0, "customers": 300, "horizon": 8.0, "behaviour.outside_value": -1e6}
    same = {f"firm.{name}": value for name, value in twin.items()}

    def lead(price):
        scenario = bare_scenario(
            **CONTRACTUAL | start | moving | same | {"rivals": {"other": rival(**twin | {"price": price})}}
        )
        runs = [run_market(scenario, seed) for seed in range(24)]
        return np.array([market.active(0) - market.active(1) for market in runs], float)

    def t(x):
        return x.mean() / (x.std(ddof=1) / np.sqrt(x.size))

    assert abs(t(lead(100.0))) < 3.0
    assert t(lead(90.0)) < -6.0


def test_there_are_relations_enough():
    """At least 40 directions on the two sides of the market, each of one figure; the other rooms have more."""
    assert sum(map(len, (RELATIONS, COSTS, REACH, ADS, WINS, KEEPS, RIVALS))) >= 40

"""R13: life events, needs seen or not, further products sold, worn out, lost; what they hold and what offers spoil."""

import numpy as np
import pytest
from helpers import (
    CONTRACTUAL,
    account_totals,
    assert_lawful,
    assert_mean,
    assert_share,
    bare_scenario,
    counts_of,
    customers_of,
    differing,
    events_of,
    first_leaving,
    rival,
    run_market,
)

import retsim as rs
from retsim.rules import needs
from retsim.scenario import ScenarioError, load
from retsim.state import FIRST_PRODUCT, MICRO, Count, Kind, Life, Status, Trigger

EVERY = tuple(kind.name.lower() for kind in Life)
CONTENT = {"segments.all.traits.initial_satisfaction": 1.0, "behaviour.offer_uptake": 1.0, "firm.detection": 1.0}


def opening(**chances):
    """Life events of every kind open the same needs."""
    return {f"life_events.{kind}.opens": chances for kind in EVERY}


def bank(**overrides):
    """One firm that nobody leaves, bills each month, and whatever products are given."""
    return bare_scenario(**CONTRACTUAL | {"behaviour.life_event_rate": 0.1, "firm.rhythm_detection": 0.0} | overrides)


BUSY = {
    "products": {
        "loan": {"price": 20.0, "unit_cost": 12.0, "recurring": 1, "cycle": 12.0, "initial": 0.2, "opens": {"cover": 0.5}},
        "card": {"price": 3.0, "unit_cost": 1.0, "recurring": 1, "initial": 0.4},
        "cover": {"price": 60.0, "unit_cost": 30.0, "cycle": 5.0, "initial": 0.1},
    },
    "life_events": {
        "family": {"opens": {"cover": 0.6}},
        "purchase": {"share": 2.0, "opens": {"loan": 0.7, "card": 0.2}},
        "work": {"opens": {"card": 0.5}},
    },
    "behaviour.life_event_rate": 0.15,
    "firm.rhythm_detection": 0.1,
    "firm.offer_rate": 0.2,
}  # fmt: skip


def busy(name, **overrides):
    """A packaged market with every part of R13 on; goods where there are no bills are paid at once."""
    changes = dict(BUSY)
    if load(name).setting == "non-contractual":
        changes["products"] = {key: item | {"recurring": 0} for key, item in BUSY["products"].items()}
    changes |= {f"rivals.{r}.offer_rate": 0.1 for r in load(name).rivals}
    return load(name).with_(customers=300, horizon=15.0, **changes | overrides)


def mores(market):
    return market.population.more[: market.population.n]


class TestRules:
    def test_hand_picked_numbers(self):
        assert needs.p_detected(0.3, 0.5, 0.0) == pytest.approx(0.3)
        assert needs.p_detected(0.3, 0.5, 1.0) == pytest.approx(0.65)
        assert needs.p_detected(0.3, 0.5, 0.4) == pytest.approx(0.44)
        assert needs.p_taken(0.6, 0.5, 0.5) == pytest.approx(0.45)
        assert needs.p_taken(0.6, 0.0, 0.0) == 0.0
        assert needs.p_taken(0.6, 1.0, 0.0) == pytest.approx(0.6)
        assert needs.annoyed(0.5, 0.03) == pytest.approx(0.47)
        assert needs.annoyed(0.02, 0.03) == 0.0
        assert [needs.number_of(mask) for mask in (0, 1, 0b10110001, 255)] == [0, 1, 4, 8]
        assert needs.products_cost(3, 12.5) == 37.5


class TestMoney:
    def test_a_monthly_product_is_billed_from_the_sale_on(self):
        product = {"account": {"price": 7.5, "unit_cost": 2.5, "recurring": 1}}
        market = run_market(bank(customers=200, products=product, **opening(account=1.0), **CONTENT), 3, log=True)
        sold = {int(e["customer"]): e["time"] for e in events_of(market, Kind.SOLD)}
        bills = events_of(market, Kind.OCCASION)
        later = sum(sold.get(int(e["customer"]), np.inf) < e["time"] for e in bills)
        totals = account_totals(market)
        assert 500 < later < bills.size
        assert totals["products"] == -later * 7_500_000
        assert totals["product_goods"] == later * 2_500_000
        assert totals["offers"] == len(sold) * MICRO
        assert customers_of(market)["revenue"].sum() == -totals["revenue"] - totals["products"] == bills["amount"].sum()
        assert customers_of(market)["value"].sum() == -totals["revenue"] + later * 5_000_000 - len(sold) * MICRO
        assert counts_of(market)[..., Count.SOLD].sum() == len(sold)

    def test_the_bill_covers_its_months(self):
        held = {"account": {"price": 4.0, "recurring": 1, "initial": 1.0}}
        three = {"behaviour.billing_period": 3.0, "behaviour.life_event_rate": 0.0}
        market = run_market(bank(customers=10, products=held, **three), 3)
        assert account_totals(market)["products"] == -10 * 4 * 3 * 4 * MICRO

    def test_a_durable_product_is_bought_again_at_the_end_of_its_cycle(self):
        product = {"car": {"price": 900.0, "unit_cost": 700.0, "cycle": 2.5}}
        market = run_market(bank(customers=100, products=product, **opening(car=1.0), **CONTENT), 4, log=True)
        events = events_of(market, Kind.SOLD)
        assert (events["amount"] == 900 * MICRO).all()
        assert account_totals(market)["products"] == -events.size * 900 * MICRO
        repeated = 0
        for customer in range(100):
            times = events["time"][events["customer"] == customer]
            assert (np.diff(times) == pytest.approx(2.5)) if times.size > 1 else True
            assert times.size == 0 or times.size == 1 + (12.0 - times[0]) // 2.5
            repeated += times.size > 1
        assert repeated > 30

    def test_those_there_at_the_start_have_their_products_somewhere_in_their_cycle(self):
        product = {"car": {"price": 900.0, "cycle": 40.0, "initial": 0.6}}
        quiet = {"behaviour.life_event_rate": 0.0, "firm.detection": 0.0}
        market = run_market(bank(customers=4000, horizon=1.0, products=product, **quiet), 5)
        more = mores(market)
        held = more["products"] == 1
        worn = more["needs"] == 1
        assert_share((held | worn).sum(), 4000, 0.6, precision=0.02)
        assert_mean(market.population.dues[: held.size][held, FIRST_PRODUCT], 20.5, precision=0.02)
        assert_share(worn.sum(), (held | worn).sum(), 1 / 40, precision=0.2)


class TestNeeds:
    def test_life_events_come_at_their_rate_and_by_their_shares(self):
        shares = {f"life_events.{kind}.share": share for kind, share in zip(EVERY, (1, 2, 0, 4, 3, 0), strict=True)}
        product = {"card": {"price": 1.0}}
        market = run_market(
            bank(customers=3000, products=product, **{"behaviour.life_event_rate": 0.2}, **shares), 6, log=True
        )
        events = events_of(market, Kind.LIFE)
        assert_mean(np.bincount(events["customer"], minlength=3000), 0.2 * 12, precision=0.02)
        for kind, share in zip(Life, (0.1, 0.2, 0.0, 0.4, 0.3, 0.0), strict=True):
            if share:
                assert_share((events["outcome"] == kind).sum(), events.size, share, precision=0.05)
            else:
                assert not (events["outcome"] == kind).any()

    def test_sold_are_the_needs_seen_and_taken(self):
        some = {"firm.detection": 0.4, "behaviour.offer_uptake": 0.5, "segments.all.traits.initial_satisfaction": 0.5}
        market = run_market(bank(customers=8000, products={"card": {"price": 1.0}}, **opening(card=1.0), **some), 7)
        total = counts_of(market).sum(axis=(0, 1, 2))
        assert_share(total[Count.OFFERED], total[Count.NEEDS], 0.4, precision=0.05)
        assert_share(total[Count.SOLD], total[Count.NEEDS], 0.4 * 0.5 * 0.5, precision=0.05)
        more = mores(market)
        assert (more["products"] > 0).sum() == total[Count.SOLD]

    def test_what_the_firm_knows_of_a_customer_shows_needs(self):
        """Nothing is seen of strangers; whom the firm knows fully, and a branch that shares half of it, at .8 and .4."""
        known = CONTENT | {"firm.detection": 0.0, "firm.knowledge_gain": 1.0, "firm.knowledge_detection": 0.8}
        for shared in (1.0, 0.5):
            market = run_market(
                bank(customers=6000, products={"card": {"price": 1.0}}, **opening(card=1.0), **known,
                     **{"firm.shared_knowledge": shared}), 7
            )  # fmt: skip
            total = counts_of(market).sum(axis=(0, 1, 2))
            assert_share(total[Count.SOLD], total[Count.NEEDS], 0.8 * shared, precision=0.05)

    def test_a_need_that_nobody_meets_passes(self):
        """Open for three months, then free to open again: never two needs of a customer within that time."""
        blind = {"firm.detection": 0.0, "behaviour.need_lasts": 3.0}
        market = run_market(
            bank(customers=1000, products={"card": {"price": 1.0}}, **opening(card=1.0), **blind), 7, log=True
        )
        opened = counts_of(market)[..., Count.NEEDS].sum()
        counted = 0
        lives = events_of(market, Kind.LIFE)
        for customer in range(1000):
            free = 0.0
            for at in lives["time"][lives["customer"] == customer]:
                if at >= free:
                    counted, free = counted + 1, at + 3.0
        assert opened == counted > 500
        last = mores(market)["needs"] > 0
        assert last.sum() == (market.population.dues[: last.size, FIRST_PRODUCT] < np.inf).sum() > 100

    def test_a_sale_opens_further_needs(self):
        """A home needs furniture, furniture needs insurance."""
        products = {
            "home": {"price": 1000.0, "opens": {"furniture": 1.0}},
            "furniture": {"price": 100.0, "opens": {"insurance": 0.5}},
            "insurance": {"price": 10.0},
        }
        market = run_market(bank(customers=4000, products=products, **opening(home=1.0), **CONTENT), 8)
        held = mores(market)["products"]
        assert set(np.unique(held)) == {0, 0b011, 0b111}
        assert_share((held == 0b111).sum(), (held > 0).sum(), 0.5, precision=0.03)

    def test_an_open_need_is_seen_in_how_they_buy(self):
        late = {"firm.detection": 0.0, "firm.rhythm_detection": 0.3} | {k: CONTENT[k] for k in list(CONTENT)[:2]}
        market = run_market(
            bank(customers=500, products={"card": {"price": 1.0}}, **opening(card=1.0), **late), 9, log=True
        )
        opened, sold = events_of(market, Kind.LIFE), events_of(market, Kind.SOLD)
        first = {int(e["customer"]): e["time"] for e in opened[::-1]}
        assert sold.size > 200
        waits = np.array([e["time"] - first[int(e["customer"])] for e in sold])
        assert (waits > 0).all()
        assert (sold["time"] == np.round(sold["time"])).all()

    def test_products_and_needs_end_with_the_firm(self):
        market = run_market(busy("telecom"), 10, log=True)
        people, more = customers_of(market), mores(market)
        gone = np.isin(people["status"], (Status.LAPSED, Status.GONE, Status.PROSPECT))
        assert gone.sum() > 15
        assert not more["products"][gone].any()
        assert not more["needs"][gone].any()
        assert np.isinf(market.population.dues[: gone.size][gone][:, FIRST_PRODUCT:]).all()
        assert np.isinf(more["life_at"][gone]).all()
        assert (more["products"] & more["needs"] == 0).all()

    def test_who_moves_for_a_need_gets_it_from_the_new_firm(self):
        """The firm sees nothing; a rival that is liked as much is drawn near by the open need."""
        moves = bank(
            customers=400, products={"loan": {"price": 5.0}}, **opening(loan=1.0), rivals={"other": rival(reputation=0.7)},
            **{"firm.detection": 0.0, "behaviour.need_pull": 500.0},
        )  # fmt: skip
        market = run_market(moves, 11, log=True)
        left, sold = events_of(market, Kind.LEAVE), events_of(market, Kind.SOLD)
        assert left.size > 100
        assert (left["trigger"] == Trigger.NEED).all()
        assert (sold["firm"] == 1).all()
        assert {(e["customer"], e["time"]) for e in left} == {(e["customer"], e["time"]) for e in sold}

    def test_life_goes_on_whoever_the_firm_is(self):
        """The same life events at the same moments under another strategy, for all who were always somebody's."""
        logs = []
        for strategy in ("acquisition-led", "retention-led"):
            market = run_market(busy("telecom", strategy=strategy), 12, log=True)
            lives = {}
            for e in events_of(market, Kind.LIFE):
                lives.setdefault(int(e["customer"]), []).append((float(e["time"]), int(e["outcome"])))
            people = customers_of(market)
            joins = events_of(market, Kind.JOIN)
            there = joins["customer"][joins["time"] == 0.0]
            away = events_of(market, Kind.LEAVE)
            away = away["customer"][away["outcome"] >= 3]
            logs.append((lives, set(there.tolist()) - set(away.tolist()), people["firm"][:300]))
        always = logs[0][1] & logs[1][1]
        assert len(always) > 150
        assert all(logs[0][0].get(i, []) == logs[1][0].get(i, []) for i in always)
        assert sum(len(logs[0][0].get(i, [])) for i in always) > 200
        assert (logs[0][2] != logs[1][2]).any()


class TestDirections:
    def test_more_detection_never_sells_less(self):
        """Customer by customer: the same needs, more of them seen."""
        products = {"card": {"price": 1.0}, "loan": {"price": 2.0}, "cover": {"price": 3.0}}
        chances = opening(card=0.4, loan=0.3, cover=0.5)
        few, many = (
            mores(run_market(bank(customers=2000, products=products, **chances, **{"firm.detection": d}), 13))[
                "products"
            ]
            for d in (0.2, 0.7)
        )
        assert (few & ~many == 0).all()
        assert (many != few).mean() > 0.1

    @pytest.mark.parametrize("lever", ["firm.detection", "firm.knowledge_detection"])
    def test_a_timely_offer_keeps_who_would_have_moved_to_a_rival_for_a_need(self, lever):
        """The need is the same, and rivals pull as hard: whom the firm serves in time does not think of them for it."""
        blind = {"firm.detection": 0.0, "firm.knowledge_detection": 0.0, "firm.rhythm_detection": 0.0}
        blind |= {"firm.knowledge_gain": 0.5, "behaviour.need_pull": 120.0}
        gaps = []
        for replication in range(12):
            moved = []
            for seen in (0.0, 0.9):
                run = rs.simulate(busy("telecom", **blind | {lever: seen}), seed=3, replication=replication)
                d = run.departures
                moved.append(d[(d["firm"] == "focal") & (d["trigger"] == "need")]["count"].sum())
            gaps.append(moved[0] - moved[1])
        # Two sided 99 % of Student's t with 11 degrees of freedom.
        assert np.mean(gaps) > 3.11 * np.std(gaps, ddof=1) / np.sqrt(12)

    def test_more_offers_without_need_never_raise_satisfaction(self):
        products = {"card": {"price": 1.0}, "loan": {"price": 1.0}}
        off = {"behaviour.life_event_rate": 0.0}
        runs = [
            run_market(bank(customers=1000, products=products, **off, **{"firm.offer_rate": r}), 14)
            for r in (0.0, 0.5, 1.5)
        ]
        s = [customers_of(market)["satisfaction"] for market in runs]
        assert (s[0] >= s[1]).all()
        assert (s[1] >= s[2]).all()
        assert (s[2] < s[1]).mean() > 0.9
        offers = [account_totals(market)["offers"] / MICRO for market in runs]
        assert offers[0] == 0
        assert_mean(np.round((s[0] - s[1]) / 0.03), 0.5 * 12, precision=0.02)
        assert offers[1] == np.round((s[0] - s[1]) / 0.03).sum()
        assert not account_totals(runs[2])["products"]

    @pytest.mark.parametrize("change", [{"behaviour.product_switching_cost": 150.0}, {"products.card.initial": 0.9}])
    def test_a_product_held_never_makes_anyone_leave_earlier(self, change):
        budgets = {f"rivals.{r}.budget.monthly": 0.0 for r in load("telecom").rivals} | {"budget.monthly": 0.0}
        quiet = {f"segments.{s}.traits.vanish_rate": 0.0 for s in load("telecom").segments}
        quiet |= {"products": {"card": {"price": 1.0, "initial": 0.3}}, "behaviour.life_event_rate": 0.0}
        quiet |= {"behaviour.outside_value": -1e6, "behaviour.product_switching_cost": 60.0}
        scenario = load("telecom").with_(customers=600, horizon=30.0, **budgets | quiet)
        loose, tight = (first_leaving(run_market(s, 15, log=True)) for s in (scenario, scenario.with_(**change)))
        assert (tight.at >= loose.at).all()
        assert (tight.at > loose.at).sum() > 20

    def test_a_stronger_pull_of_needs_makes_more_leave(self):
        """In the mean over replications, with its interval: needs that nobody meets lose customers."""
        calm = busy("telecom", **{"firm.detection": 0.0, "behaviour.need_pull": 0.0})
        study = rs.compare(
            {"calm": calm, "pulled": calm.with_(**{"behaviour.need_pull": 120.0})}, replications=8, seed=1
        )
        lost = study.differences("lost").iloc[0]
        assert lost["low"] > 0
        bought = study.differences("retention_rate").iloc[0]
        assert bought["high"] < 0


class TestEngines:
    @pytest.mark.parametrize("name", ["telecom", "retail"])
    def test_both_engines_and_two_threads_agree_on_every_bit(self, name):
        scenario = busy(name)
        usual = run_market(scenario, 16, 2, log=True)
        for engine, threads in (("reference", 1), ("compiled", 2)):
            other = run_market(scenario, 16, 2, engine=engine, threads=threads, log=True)
            assert differing(usual, other) == []
            assert mores(usual).tobytes() == mores(other).tobytes()
        assert_lawful(usual)
        assert events_of(usual, Kind.LIFE).size > 300
        assert events_of(usual, Kind.SOLD).size > 30
        triggers = events_of(usual, Kind.LEAVE)["trigger"]
        assert (triggers == Trigger.NEED).sum() > 5
        rs.simulate(scenario, seed=16, replication=2).check()

    def test_a_changed_pace_of_offers_takes_effect_in_both_engines(self):
        def louder(market):
            yield market.at(4.5)
            market.set("focal", offer_rate=2.0)
            yield market.at(9.5)
            market.set("focal", offer_rate=0.0)

        products = {"card": {"price": 1.0}}
        scenario = bank(customers=400, products=products, **{"firm.offer_rate": 0.2, "behaviour.life_event_rate": 0.0})
        usual, other = (
            run_market(scenario, 17, engine=e, log=True, processes=[louder]) for e in ("compiled", "reference")
        )
        assert differing(usual, other) == []
        assert mores(usual).tobytes() == mores(other).tobytes()
        by_month = counts_of(usual)[:, 0, 0, Count.OFFERED] / 400
        assert by_month[:5].mean() == pytest.approx(0.2, abs=0.05)
        assert by_month[5:10].mean() == pytest.approx(2.0, abs=0.15)
        assert (by_month[10:] == 0).all()

    def test_without_products_none_of_it_matters(self):
        usual = load("telecom").with_(customers=150, horizon=8.0)
        eager = {
            "behaviour.life_event_rate": 2.0,
            "behaviour.need_pull": 1e4,
            "firm.detection": 1.0,
            "firm.offer_rate": 5.0,
        }
        one, other = run_market(usual, 18, log=True), run_market(usual.with_(**eager), 18, log=True)
        assert differing(one, other) == []
        assert one.population.more.size == 0

    def test_a_product_that_nobody_ever_needs_changes_nobody(self):
        usual = load("telecom").with_(customers=150, horizon=8.0)
        idle = usual.with_(products={"card": {"price": 5.0}}, **{"behaviour.life_event_rate": 0.0})
        # Only there is more kept of each customer.
        assert differing(run_market(usual, 19, log=True), run_market(idle, 19, log=True)) == ["more", "dues"]


GOOD = {"products": {"loan": {"price": 1.0}, "card": {"price": 1.0}}, "setting": "contractual"}


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            (
                {"life_events.family.opens": {"loam": 0.2}},
                "life_events.family.opens.loam = 0.2, must be one of loan, card; did you mean loan?",
            ),
            ({"life_events.famly.opens": {"loan": 0.2}}, "did you mean family?"),
            ({"life_events.family.opens": {"loan": 1.2}}, "must lie in 0..1 (probability)"),
            ({"life_events.family.opens": [0.2, 0.3]}, "must be a table"),
            ({"products.loan.opens": {"loan": 0.5}}, "must not name the product itself"),
            ({"products.loan.opens": {"cart": 0.5}}, "did you mean card?"),
            ({"products.loan.opens": {"card": -0.5}}, "must lie in 0..1 (probability)"),
            ({"products.loan.cycle": -3}, "must lie in 0..1200 (months)"),
            ({"products.loan.cycle": 1e-300}, "must be 0 (it never wears out) or at least 0.01 months"),
            ({"products.loan.recurring": 0.5}, "must be 0 or 1"),
            ({"products.loan.recurring": 1, "setting": "non-contractual"}, "there are no bills to pay it with"),
            ({"products": {f"p{n}": {} for n in range(9)}}, "must have at most 8 entries"),
            ({f"life_events.{kind}.share": 0 for kind in EVERY}, "must have a share above 0 for at least one kind"),
            ({"firm.detection": 30}, "did you mean 0.3?"),
            ({"behaviour.life_event_rate": 24}, "did you mean 2 (a twelfth, if it is yearly)?"),
        ],
    )
    def test_told_with_place_and_rule(self, changes, said):
        with pytest.raises(ScenarioError) as caught:
            bare_scenario(**GOOD | changes)
        assert said in str(caught.value)

    def test_any_number_of_known_products_is_good(self):
        eight = {f"p{n}": {"opens": {f"p{(n + 1) % 8}": 1.0}} for n in range(8)}
        assert len(bare_scenario(products=eight, **opening(p7=0.1)).products) == 8


class TestTables:
    def test_life_is_told_in_words(self):
        run = rs.simulate(busy("telecom"), seed=20, log=True)
        told = run.events[run.events["event"].isin(["life", "sold"])]
        assert set(told["what"][told["event"] == "life"]) <= set(EVERY)
        assert set(told["what"][told["event"] == "sold"]) == {"loan", "card", "cover"}
        assert run.events["what"].isna().sum() == len(run.events) - len(told)
        periods = run.periods
        assert periods["sold"].sum() == (told["event"] == "sold").sum()
        assert periods["products"].sum() == pytest.approx(
            run.ledger.query("account == 'products'")["amount"].sum() * -1
        )
        assert run.customers["products"].between(0, 3).all()
        assert run.measures()["revenue"] == pytest.approx(
            run.totals.query("firm == 'focal'")[["revenue", "products"]].sum().sum()
        )

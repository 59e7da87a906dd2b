"""Profit by year of tenure and what made it: by hand, and exact to the micro-unit in every packaged scenario."""

import numpy as np
import pytest
from helpers import CONTRACTUAL, bare_scenario

import retsim as rs
from retsim.results.closed import profit_of
from retsim.results.reichheld import COMPONENTS, Tenures, components, taken_apart, tenures
from retsim.scenario import packaged
from retsim.state import N_ACCOUNTS, Account


def accounts(**amounts):
    """One year's accounts in whole micro-units; cash makes them balance."""
    row = np.zeros(N_ACCOUNTS, np.int64)
    for name, amount in amounts.items():
        row[Account[name.upper()]] = amount
    row[Account.CASH] = -row.sum()
    return row


class TestByHand:
    def test_each_component(self):
        """Half as many heads in year two, who buy half as much again, at a discount, and cost less to serve."""
        years = np.array(
            [
                accounts(revenue=-1000, goods=400, serving=100, advertising=250, welcome=50),
                accounts(
                    revenue=-750,
                    goods=300,
                    discount=30,
                    serving=20,
                    programme_contact=15,
                    fees=-5,
                    products=-80,
                    product_goods=20,
                ),
            ]
        )
        first, second = (dict(zip(COMPONENTS, row, strict=True)) for row in taken_apart([100, 50], years))
        assert first == dict.fromkeys(COMPONENTS, 0) | {"acquisition": -300, "base": 500}
        assert second == {
            "acquisition": 0,
            "base": 250,  # half of 1000 - 400 - 100
            "growth": 150 + 60,  # 300 - 200 of goods more, at a margin of 600 on 400; and 80 - 20 of further products
            "lower_cost": 30,  # half of 100 would be 50
            "referrals": 0,
            "price_premium": -30,
            "programmes": -15,
            "fees": 5,
        }
        assert sum(second.values()) == profit_of(years)[1]

    def test_a_higher_price_is_a_premium(self):
        years = np.array([accounts(revenue=-1000, goods=400), accounts(revenue=-1100, goods=400)])
        second = dict(zip(COMPONENTS, taken_apart([10, 10], years)[1], strict=True))
        assert second == dict.fromkeys(COMPONENTS, 0) | {"base": 600, "price_premium": 100}

    def test_goods_that_cost_nothing_are_counted_by_revenue(self):
        years = np.array([accounts(revenue=-1000), accounts(revenue=-1500, discount=100)])
        second = dict(zip(COMPONENTS, taken_apart([10, 10], years)[1], strict=True))
        assert second == dict.fromkeys(COMPONENTS, 0) | {"base": 1000, "growth": 500, "price_premium": -100}

    def test_customers_who_were_referred_stand_apart(self):
        own = np.array([[accounts(revenue=-100), accounts(revenue=-100)], [accounts(), accounts()]])
        referred = np.array([[accounts(revenue=-60, goods=20), accounts(revenue=-30)], [accounts(), accounts()]])
        found = components(Tenures(np.array([[4, 4], [0, 0]]), own, referred))
        assert found[0, :, COMPONENTS.index("referrals")].tolist() == [40, 30]
        assert found[0, :, COMPONENTS.index("base")].tolist() == [100, 100]
        assert found.sum() == 270

    def test_nobody_to_compare_with(self):
        years = np.array([accounts(advertising=70), accounts(revenue=-500, serving=20)])
        rows = [dict(zip(COMPONENTS, row, strict=True)) for row in taken_apart([0, 10], years)]
        assert rows[0] == dict.fromkeys(COMPONENTS, 0) | {"acquisition": -70}
        assert rows[1] == dict.fromkeys(COMPONENTS, 0) | {"base": 480}


class TestExact:
    @pytest.mark.parametrize("name", sorted(packaged()))
    def test_components_add_up_to_the_ledger(self, name):
        run = rs.simulate(rs.load(name).with_(customers=300, horizon=30), seed=1)
        for firm in range(len(run.firms)):
            found = tenures(run, firm)
            micro = components(found)
            entries = run.closed.entries
            cash = entries.amount[(entries.firm == firm) & (entries.account == Account.CASH)]
            assert micro.sum() == profit_of(run.closed.totals[:, firm]).sum()
            owed = entries.amount[(entries.firm == firm) & (entries.account == Account.POINTS_LIABILITY)]
            assert micro.sum() == cash.sum() + owed.sum()
            assert (micro.sum(axis=2) == profit_of(found.own + found.referred)).all()
            frame = run.reichheld(firm)
            assert np.allclose(frame[list(COMPONENTS)].sum(axis=1), frame["profit"])
            lived = run.closed.counts[:, firm, :, 0].sum() * 2 + run.closed.active_at_start[0, firm].sum()
            lived -= run.closed.counts[-1, firm, :, 0].sum()
            assert found.heads.sum() == lived

    def test_years_follow_the_cohort(self):
        """One price, one bill a month, nobody leaves: the years differ by nothing but the money spent on winning."""
        scenario = bare_scenario(**CONTRACTUAL, customers=100, horizon=30.0, **{"firm.unit_cost": 40.0})
        frame = rs.simulate(scenario).reichheld()
        assert frame["since"].tolist() == ["start"] * 3
        assert frame["tenure_year"].tolist() == [1, 2, 3]
        assert frame["customer_years"].tolist() == [100.0, 100.0, 50.0]
        assert frame["base"].tolist() == [72_000.0, 72_000.0, 36_000.0]
        assert (frame[[c for c in COMPONENTS if c != "base"]] == 0).all(axis=None)
        assert rs.simulate(scenario).reichheld(per_customer=True)["base"].tolist() == [720.0] * 3

    def test_growth_and_cheaper_service_are_found_again(self):
        """R12 switched on: spend grows and service gets cheaper with tenure, and that is what the parts say."""
        figures = {"firm.unit_cost": 40.0, "firm.cost_to_serve": 10.0, "behaviour.spend_growth": 1.0}
        figures |= {"behaviour.service_saving": 0.8, "behaviour.growth_scale": 24.0, "behaviour.saving_scale": 24.0}
        scenario = bare_scenario(**CONTRACTUAL, customers=50, horizon=36.0, **figures)
        frame = rs.simulate(scenario).reichheld()
        assert frame["growth"].is_monotonic_increasing
        assert frame["lower_cost"].is_monotonic_increasing
        assert (frame[["growth", "lower_cost"]].to_numpy()[1:] > 0).all()
        # Each of 600 bills a year is rounded to whole micro-units, cost of goods times 2.5 as well.
        assert np.allclose(frame["price_premium"], 0.0, atol=600 * 1.75e-6)
        bills = np.arange(36.0).reshape(3, 12)
        size = 2.0 - np.exp(-bills / 24.0)
        assert frame["growth"].to_numpy() == pytest.approx(50 * 60 * (size.sum(axis=1) - size[0].sum()), abs=1e-3)


class TestStudy:
    def test_the_mean_of_its_runs(self):
        scenario = rs.load("telecom").with_(customers=150, horizon=24)
        study = rs.compare({"a": scenario, "b": scenario.with_(strategy="acquisition-led")}, replications=3, seed=3)
        table = study.reichheld
        assert table["scenario"].unique().tolist() == ["a", "b"]
        profit = table.groupby("scenario", observed=True)["profit"].sum()
        mean = study.runs.groupby("scenario", observed=True)["profit"].mean()
        assert profit.to_numpy() == pytest.approx(mean.to_numpy())
        assert (
            study.part(["b"]).reichheld["profit"].to_numpy() == table["profit"][table["scenario"] == "b"].to_numpy()
        ).all()

    def test_without_runs_it_is_empty(self):
        from retsim.experiments.arm import Arm
        from retsim.experiments.study import Study

        empty = Study({"a": Arm("a", rs.load("retail"))}, seed=0, replications=1)
        assert list(empty.reichheld.columns)[:3] == ["scenario", "since", "tenure_year"]
        assert empty.reichheld.empty

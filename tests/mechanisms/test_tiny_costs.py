"""R19, R21: a programme paid by the customer and month costs at least a micro-unit a tick, however short the tick."""

import pytest
from helpers import CONTRACTUAL, account_totals, assert_lawful, bare_scenario, differing, run_market

from retsim.market.firms import Firm
from retsim.state import MICRO


def kept(programme, **overrides):
    """Ten customers for a month of four ticks; everything that the firm has goes into the programme."""
    only = {"retention_share": 1.0, "mix": {programme: 1.0}}
    month = {"customers": 10, "horizon": 1.0, "period": 1.0, "tick": 0.25, "budget.monthly": 8.0}
    return bare_scenario(**CONTRACTUAL | month | {"strategies": {"only": only}, "strategy": "only"} | overrides)


@pytest.mark.parametrize(
    ("cost", "months", "due"),
    [(1e-6, 0.25, 1), (1e-6, 1.0, 1), (2e-6, 0.5, 1), (6e-6, 0.25, 2), (2.0, 0.25, MICRO // 2), (4.0, 1.0, 4 * MICRO)],
)
def test_cost_of_a_tick_by_hand(cost, months, due):
    """6 micro-units a month are 1.5 in a quarter of it, rounded to 2; a quarter of one rounds to 0 and costs 1."""
    firm = Firm(kept("community", **{"firm.community_cost": cost}), "focal", 0)
    assert firm.cost_of_tick("community_cost", months) == due


@pytest.mark.parametrize("programme", ["community", "contact", "core"])
def test_nobody_is_kept_for_nothing(programme):
    """Ten customers for four ticks at the least that can be booked: 40 micro-units, in both engines."""
    scenario = kept(programme, **{f"firm.{programme}_cost": 1e-6})
    market = run_market(scenario)
    assert_lawful(market)
    assert account_totals(market)[f"programme_{programme}"] == 40
    assert differing(market, run_market(scenario, engine="reference"), events=False) == []

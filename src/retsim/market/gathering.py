"""A community of customers (R17, R19): a programme whose members meet each other, identify with the firm and speak of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retsim.lifecycle.gathering import enrol_community

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["RANKS", "gather"]

RANKS = 257
"""Index of this programme's ranks among the draws for enrolment; the others have their flags, win-back has 256."""


def gather(market: Market, firm: Firm, months: float) -> None:
    """Keep as many in the community as the fund can pay for through the tick.

    Raises
    ------
    ValueError
        Nothing was kept of customers until now that a community needs.
    """
    if not firm.funds["community"] and not firm.enrolled["community"]:
        return
    f = firm.figures
    cost = firm.cost_of_tick("community_cost", months)
    affordable = 0 if firm.outages else firm.funds["community"] // cost
    if not affordable and not firm.enrolled["community"]:
        return
    if not market.population.nature.more:
        raise ValueError(f"{firm.name}: a community must be part of the scenario from the start")
    chosen = (firm.index, RANKS, market.now, market.now - f["silence"])
    order = market.targeting.order(firm, "community", chosen, affordable)
    terms = (market.now, months, cost, f["execution"])
    n = enrol_community(market.world.ref, market.population.n, chosen, order, terms)
    firm.enrolled["community"] = n
    firm.spend("community", n * cost)

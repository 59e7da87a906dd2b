"""Core customers (R21): a service tier of their own, for as many as its fund keeps, those who matter most first.

They are served better (`core_service`), and where the firm has a desk for them (`core_staff`) their complaints wait for
nobody else's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from retsim.lifecycle.enrolling import enrol_core
from retsim.state import Flag

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["serve_core"]


def serve_core(market: Market, firm: Firm, months: float) -> None:
    """Take into the tier, and keep in it, as many as the fund pays for through the tick; others drop out of it."""
    if not firm.funds["core"] and not firm.enrolled["core"]:
        return
    f = firm.figures
    cost = firm.cost_of_tick("core_cost", months)
    affordable = 0 if firm.outages else firm.funds["core"] // cost
    if affordable or firm.enrolled["core"]:
        chosen = (firm.index, int(Flag.CORE), market.now, market.now - f["silence"])
        order = market.targeting.order(firm, "core", chosen, affordable)
        n = enrol_core(market.world.ref, market.population.n, chosen, order, (f["execution"], cost))
        firm.enrolled["core"] = n
        firm.spend("core", n * cost)

"""Staff: what the desk's servers cost, how the staff feel, and what it costs when they leave (R16, R18)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from retsim.market.charging import charge
from retsim.market.surveying import surveyed_satisfaction
from retsim.rules.staff import morale_after, morale_target, strain_of
from retsim.state import MICRO, Account, Count

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

_FINE = 2.0**-32


def feel(market: Market, firm: Firm) -> None:
    """Move morale towards what the customers' satisfaction and the work ahead make of it, since the last tick. R18."""
    f = firm.figures
    if f["morale_speed"] <= 0.0:
        return
    counts = market.world.counts[firm.index]
    active = int(counts[:, Count.ACTIVE].sum())
    lift = 0.0
    if active:
        satisfaction = int(counts[:, Count.SATISFACTION].sum()) * _FINE / active
        lift = f["morale_gain"] * (satisfaction - f["ordinary_satisfaction"])
    strain = strain_of(market.desks.overload(firm.index), f["overload_stress"], f["overload_scale"])
    target = morale_target(f["morale"], lift, strain)
    firm.morale = morale_after(firm.morale, target, f["morale_speed"], market.now - firm.morale_at)
    firm.morale_at = market.now


def pay_staff(market: Market, firm: Firm, months: float) -> None:
    """The desk's servers, busy or not, and those who have to be replaced. R16, R18."""
    f = firm.figures
    servers = round((f["desk_staff"] + f["core_staff"]) * f["staff_cost"] * months * MICRO)
    charge(market.world, firm.index, Account.STAFF, servers)
    if f["morale_speed"] > 0.0 and f["turnover_cost"] > 0.0:
        active = int(market.world.base[:, firm.index].sum())
        lost = round(active * f["turnover_cost"] * (1.0 - firm.morale) * months * MICRO)
        charge(market.world, firm.index, Account.STAFF_TURNOVER, lost)


def gauges_of(market: Market) -> list[tuple[float, float, float]]:
    """Of each firm: morale (NaN without a staff loop), reputation, and satisfaction as surveys tell it."""
    reputation = market.world.offers["reputation"].tolist()
    return [
        (
            firm.morale if firm.figures["morale_speed"] > 0.0 else math.nan,
            reputation[firm.index],
            surveyed_satisfaction(market, firm),
        )
        for firm in market.firms
    ]

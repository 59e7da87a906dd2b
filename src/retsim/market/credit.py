"""Interest on what a firm spends beyond its budget (R23); without credit a scenario that would is refused."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from retsim.state import Account, Channel, Count

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["charge_interest"]


def charge_interest(market: Market, firm: Firm, months: float) -> None:
    """Book the interest of so many months on the debt: it is paid at once and so bears none itself.

    It belongs to no customer: it is booked to the segment with the most customers, as of those from the start.
    """
    if not firm.debt:
        return
    rate = math.expm1(math.log1p(firm.terms.credit_rate) * months / 12.0)
    interest = round(firm.debt * rate)
    if interest:
        world = market.world
        segment = int(world.counts[firm.index, :, Count.ACTIVE].argmax())
        row = world.book[0, firm.index, segment, Channel.INITIAL]
        row[Account.CREDIT] += interest
        row[Account.CASH] -= interest

"""Following up leads (R15): the firm's database says which are worth the money, and is more or less right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.lifecycle.leading import open_leads
from retsim.state import MICRO, Account, Count

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["follow_up"]


def follow_up(market: Market, firm: Firm, months: float) -> None:
    """Get back to the leads that the firm believes in, the most promising first, as far as the fund goes.

    Each follow-up comes at a moment of the tick that is the lead's own luck.
    """
    f = firm.figures
    cost = math.floor(f["follow_up_cost"] * MICRO + 0.5)
    affordable = firm.funds["follow_up"] // cost
    if not affordable or firm.outages or not f["lead_funnel"]:
        return
    n = market.population.n
    ids, numbers = np.empty(n, np.int64), np.empty((2, n))
    chosen = (firm.index, market.now - f["lead_lasts"], f["qualification"], f["qualification_mark"])
    found = open_leads(market.world.ref, n, chosen, ids, numbers)
    first = np.argsort(-numbers[0, :found], kind="stable")[:affordable]
    if not first.size:
        return
    whom, share = ids[first], numbers[1, first]
    now = market.now
    market.population.more["lead_at"][whom] = np.minimum(now + share * months, np.nextafter(now + months, now))
    firm.spend("follow_up", cost * whom.size)
    _book(market, firm, whom, cost)
    firm.clocks_moved += 1


def _book(market: Market, firm: Firm, whom: np.ndarray, cost: int) -> None:
    """The cost stands with the channel that reached the lead."""
    world = market.world
    segment, channel = market.population.customers["segment"][whom], market.population.more["lead_channel"][whom]
    book = world.book[int(world.clock[0]["period"]) + 1, firm.index]
    np.add.at(book[..., Account.FOLLOW_UP], (segment, channel), cost)
    np.subtract.at(book[..., Account.CASH], (segment, channel), cost)
    np.add.at(world.counts[firm.index, :, Count.FOLLOWED], segment, 1)

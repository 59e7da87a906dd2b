"""Building a brand at a tick: money that makes people believe more of a firm than is told of it (R17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retsim.market.programmes import book_by_segment
from retsim.rules.brand import goodwill_after
from retsim.state import MICRO, Account, Channel, Count, Pool

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["build_brand"]


def build_brand(market: Market, firm: Firm, months: float) -> None:
    """Spend what the fund holds on everybody in the market, whosever customers they are; without money goodwill fades."""
    fund = firm.funds["brand"]
    if not fund and not firm.goodwill:
        return
    world, f = market.world, firm.figures
    people = world.counts[:, :, Count.ACTIVE].sum(axis=0) + world.pools[:, Pool.PROSPECT] + world.pools[:, Pool.LAPSED]
    heads = int(people.sum())
    spend = fund if heads else 0
    if spend:
        firm.spend("brand", spend)
        book_by_segment(world, firm.index, spend, people, (Channel.ADVERTISING, Account.BRAND))
    per_head = spend / MICRO / months / heads if heads else 0.0
    firm.goodwill = goodwill_after(firm.goodwill, per_head, (f["brand_efficiency"], f["brand_decay"], months))

"""Ways to win customers beside advertising: promotion, and rewards for who brings a newcomer (R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.market.programmes import book_by_segment
from retsim.rules.acquisition import hazard_of, saturating
from retsim.state import MICRO, Account, Channel, Pool

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market


def promote(market: Market, firm: Firm, months: float) -> None:
    """Prize draws and lists: reach prospects, as far as the fund goes, with a bonus for joining. R15."""
    world, f = market.world, firm.figures
    if not firm.funds["promotion"]:
        firm.promoted = [0.0] * world.n_segments
        return
    nobody = world.pools[:, Pool.PROSPECT] + world.pools[:, Pool.LAPSED]
    heads = int(nobody.sum())
    spend = firm.funds["promotion"] if heads else 0
    if spend:
        firm.spend("promotion", spend)
        book_by_segment(world, firm.index, spend, nobody, (Channel.PROMOTION, Account.PROMOTION))
    per_head = spend / MICRO / months / heads if heads else 0.0
    firm.promoted = [
        hazard_of(saturating(per_head, f["promo_ceiling"], f["promo_efficiency"] * b["promotion_response"]), 1.0)
        for b in world.segments
    ]


def reserve_rewards(market: Market, firm: Firm) -> float:
    """Give back what was reserved at the tick before and not paid; returns how much more is told for the reward. R15."""
    used = market.books.rewards(firm.index) - firm.rewards_before
    firm.rewards_before += used
    firm.spend("referral", used - firm.rewards_reserved)
    firm.rewards_reserved = 0
    # Whose customer has brought whom stands in the database.
    firm.reward = 0 if firm.outages else int(firm.figures["referral_reward"] * MICRO + 0.5)
    affordable = firm.funds["referral"] // firm.reward if firm.reward else 0
    return firm.figures["referral_lift"] * firm.figures["referral_reward"] if affordable else 0.0


def rewarded_ranks_cut(firm: Firm, ranks: npt.NDArray[np.float64]) -> float:
    """Rank below which a word is rewarded, so that the fund can pay for all of them; what that takes is reserved."""
    affordable = firm.funds["referral"] // firm.reward if firm.reward else 0
    n = min(ranks.size, affordable)
    firm.rewards_reserved = n * firm.reward
    firm.spend("referral", firm.rewards_reserved)
    return 2.0 if n == ranks.size else float(np.partition(ranks, n)[n])

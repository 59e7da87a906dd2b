"""Win-back (R15, R21): lapsed customers are asked to come back, with a bonus for those who do.

Who has left is known under a contract. Without one nobody gives notice: the firm asks those of whom it has seen nothing
for a while, and pays for the answer of nobody where they are gone, or never left.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.population import streams_of
from retsim.state import MICRO, Account, Channel, Status
from retsim.streams import Draw, lanes_of

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["win_back"]

QUEUE = 256
"""Index of this programme's ranks among the draws for enrolment; the others have their flags."""


def win_back(market: Market, firm: Firm, months: float) -> None:
    """Settle the bonuses of the tick before, and approach as many as the fund pays for, bonus included."""
    if not firm.mix["win_back"] and not firm.funds["win_back"] and not firm.promised:
        return
    used = market.books.won_back(firm.index) - firm.approaches - firm.bonuses_before
    firm.bonuses_before += used
    firm.spend("win_back", used - firm.promised)
    firm.promised = 0
    cost, bonus = (math.floor(firm.figures[name] * MICRO + 0.5) for name in ("win_back_cost", "win_back_bonus"))
    n = firm.funds["win_back"] // (cost + bonus)
    chosen = _first(market, firm, n) if n and not firm.outages else np.zeros(0, np.int64)
    if chosen.size:
        firm.promised = bonus * chosen.size
        firm.approaches += cost * chosen.size
        firm.spend("win_back", (cost + bonus) * chosen.size)
        _book(market, firm, chosen, cost)
        _approach(market, firm, chosen, months)
        firm.clocks_moved += 1


def _first(market: Market, firm: Firm, n: int) -> np.ndarray:
    """The first n of those who may be approached, in the order of the strategy."""
    ids = market.database.lapsed(firm.index, (firm.figures["win_back_wait"], firm.figures["win_back_limit"]))
    ids = firm.tags.allowed("win_back", ids)
    if ids.size <= n:
        return ids
    ranks = lanes_of(market.key, Draw.ENROLMENT, streams_of(ids, market.population.initial), QUEUE, 0)[0]
    scores = market.targeting.scores(firm, "win_back")
    return np.sort(ids[np.lexsort((ranks, -scores[ids] if scores.size else ranks))[:n]])


def _book(market: Market, firm: Firm, chosen: np.ndarray, cost: int) -> None:
    world = market.world
    cohort = int(world.clock[0]["period"]) + 1
    for segment, n in enumerate(np.bincount(world.customers["segment"][chosen], minlength=world.n_segments)):
        row = world.book[cohort, firm.index, segment, Channel.WIN_BACK]
        row[Account.WIN_BACK] += cost * int(n)
        row[Account.CASH] -= cost * int(n)


def _approach(market: Market, firm: Firm, chosen: np.ndarray, months: float) -> None:
    """Fix when in the tick each is reached whom the approach reaches at all (R23); only the lapsed can answer."""
    customers, now = market.population.customers, market.now
    market.database.note_approach(chosen, now)
    lapsed = chosen[customers["status"][chosen] == Status.LAPSED]
    if firm.figures["execution"] < 1.0:
        streams = streams_of(lapsed, market.population.initial)
        lapsed = lapsed[lanes_of(market.key, Draw.ENROLMENT, streams, QUEUE, 0)[1] < firm.figures["execution"]]
    tick = int(market.world.clock[0]["tick"])
    u = lanes_of(market.key, Draw.WIN_BACK, streams_of(lapsed, market.population.initial), tick, 0)[0]
    customers["contact_at"][lapsed] = np.minimum(now + u * months, np.nextafter(now + months, now))

"""Spending a budget at a tick: advertising, service, discount and contact (R15, R19, R23).

Each spends what its fund holds and not a micro-unit more; what cannot be used stays in the fund. Programmes that reach
only a part take customers in the order of a score (`targeting`) or of a rank drawn once, so a larger budget reaches the
same customers and more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.lifecycle.enrolling import enrol_contact, enrol_discount, queue_of, ranks_of
from retsim.rules.acquisition import hazard_of, saturating
from retsim.state import MICRO, Account, Channel, Count, Flag, Pool
from retsim.world import World

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market


def split(total: int, weights: np.ndarray) -> np.ndarray:
    """Split an integer in proportion to integer weights, exactly, by largest remainder."""
    whole, most = int(weights.sum()), int(weights.max())
    # Beyond 64 bits Python's own integers take over: slower, and as exact.
    parts = total * (weights if total * most < 2**62 else weights.astype(object))
    shares = (parts // whole).astype(np.int64)
    remainders = (parts % whole).astype(np.int64)
    shares[np.argsort(-remainders, kind="stable")[: total - int(shares.sum())]] += 1
    return shares


def book_by_segment(world: World, firm: int, spend: int, people: np.ndarray, where: tuple[Channel, Account]) -> None:
    """Book money spent on people, by segment in proportion to how many there are; `where` is (channel, account)."""
    channel, account = where
    for s, amount in enumerate(split(spend, people)):
        row = world.book[world.clock[0]["period"] + 1, firm, s, channel]
        row[account] += amount
        row[Account.CASH] -= amount


def advertise(market: Market, firm: Firm, months: float) -> None:
    """Reach prospects, and with `poaching` rivals' customers, as far as the fund goes. R15."""
    world, now, f = market.world, market.now, firm.figures
    # Without money hazards are what they were before, until a figure or a promotion moves them.
    unpaid = None if firm.funds["acquisition"] else (firm.figured, *firm.promoted)
    if unpaid is not None and unpaid == firm.unpaid:
        return
    firm.unpaid = unpaid
    nobody = world.pools[:, Pool.PROSPECT] + world.pools[:, Pool.LAPSED]
    active = world.counts[:, :, Count.ACTIVE].sum(axis=0)
    elsewhere = active - world.counts[firm.index, :, Count.ACTIVE]
    heads = float(nobody.sum()) + f["poaching"] * float(elsewhere.sum())
    spend = firm.funds["acquisition"] if heads > 0.0 else 0
    if spend:
        firm.spend("acquisition", spend)
        weights = nobody + elsewhere if f["poaching"] > 0.0 else nobody
        book_by_segment(world, firm.index, spend, weights, (Channel.ADVERTISING, Account.ADVERTISING))
    per_head = spend / MICRO / months / heads if heads > 0.0 else 0.0
    for s, b in enumerate(world.segments):
        chance = saturating(per_head, f["ad_ceiling"], f["ad_efficiency"] * b["advertising_response"])
        ads = hazard_of(chance, 1.0)
        organic = f["organic"] * b["organic_response"]
        prospects, promo = world.reach[0, s, firm.index], firm.promoted[s]
        _set_rate(prospects, ads + organic + promo, now)
        _set_rate(world.reach[1, s, firm.index], f["poaching"] * ads, now)
        prospects["ad_share"] = ads / (ads + organic + promo) if ads > 0.0 else 0.0
        prospects["promo_share"] = promo / (ads + organic + promo) if promo > 0.0 else 0.0


def _set_rate(reach: np.void, rate: float, now: float) -> None:
    """Change a hazard; the clock is rebased only when the rate really changes."""
    if reach["rate"] != rate:
        reach["reached"] += reach["rate"] * (now - reach["since"])
        reach["since"] = now
        reach["rate"] = rate


def serve(market: Market, firm: Firm, months: float) -> None:
    """Fewer and milder failures, with diminishing returns in the spend per customer. R19, R23."""
    if not firm.funds["service"] and not firm.prevented:
        return
    f = firm.figures
    per_head = spread(market, firm, ("service", Account.PROGRAMME_SERVICE), months)
    firm.prevented = saturating(per_head, f["service_ceiling"], f["service_efficiency"])


def spread(market: Market, firm: Firm, purpose: tuple[str, int], months: float) -> float:
    """Spend a fund on all customers alike: what arrives, in money a customer and month. `purpose` is (fund, account)."""
    fund, account = purpose
    if not firm.funds[fund]:
        return 0.0
    base = market.world.base[:, firm.index]
    active = int(base.sum())
    spend = firm.funds[fund] if active else 0
    if not spend:
        return 0.0
    firm.spend(fund, spend)
    cells = np.flatnonzero(base)
    amounts = split(spend, base.ravel()[cells])
    book = market.world.book[:, firm.index]
    cohort, segment, channel = np.unravel_index(cells, base.shape)
    book[cohort, segment, channel, account] += amounts
    book[cohort, segment, channel, Account.CASH] -= amounts
    return spend / MICRO / months / active * firm.figures["execution"]


def reward(market: Market, firm: Firm) -> None:
    """Level 1: one coupon a tick for the tenured, reserved at its full value before it is promised. R19."""
    world, f = market.world, firm.figures
    if not firm.funds["price"] and not firm.reserved and not firm.enrolled["price"]:
        return
    used = market.books.discounts(firm.index) - firm.coupons_before
    firm.coupons_before += used
    firm.spend("price", used - firm.reserved)
    firm.reserved = 0
    coupon = int(firm.coupon * MICRO + 0.5)
    affordable = firm.funds["price"] // coupon if coupon and not firm.outages else 0
    if affordable or firm.enrolled["price"]:
        until = market.now - f["discount_tenure"]
        chosen = (firm.index, int(Flag.DISCOUNT), until, market.now - f["silence"])
        order = market.targeting.order(firm, "price", chosen, affordable)
        terms = (f["execution"], coupon)
        firm.enrolled["price"] = enrol_discount(world.ref, market.population.n, chosen, order, terms)
        firm.reserved = firm.enrolled["price"] * coupon
        firm.spend("price", firm.reserved)


def care(market: Market, firm: Firm, months: float, rate_before: float) -> None:
    """Level 2: personal contact for as many as the fund can care for through the tick. R11, R19."""
    world, f = market.world, firm.figures
    if not firm.funds["contact"] and not firm.enrolled["contact"]:
        return
    cost = firm.cost_of_tick("contact_cost", months)
    affordable = 0 if firm.outages else firm.funds["contact"] // cost
    if affordable or firm.enrolled["contact"]:
        chosen = (firm.index, int(Flag.CONTACT), market.now, market.now - f["silence"])
        order = market.targeting.order(firm, "contact", chosen, affordable)
        terms = (market.now, rate_before, firm.cared.contact_rate, cost, f["execution"])
        n = enrol_contact(world.ref, market.population.n, chosen, order, terms)
        firm.enrolled["contact"] = n
        firm.clocks_moved += 1
        firm.spend("contact", n * cost)


def rank_cut(world: World, n: int, chosen: tuple[int, int, float, float], affordable: int) -> float:
    """Rank below which the eligible are taken, so that at most `affordable` of customers 0..n-1 are.

    `chosen` is (firm, flag of the programme, joined at the latest, last sign of life at the earliest).
    """
    ranks = np.empty(n)
    found = ranks_of(world.ref, n, chosen, ranks)
    if found <= affordable:
        return 2.0
    return float(np.partition(ranks[:found], affordable)[affordable])


def score_cut(
    world: World, scores: np.ndarray, chosen: tuple[int, int, float, float], affordable: int, *, reach: float = 1.0
) -> tuple[float, float]:
    """(score, rank) before which the eligible are taken: the highest scores first, ties by rank.

    At most `affordable` are, and at most the share `reach` of the eligible; who has no score (NaN) is not.
    """
    ids, ranks = np.empty(scores.size, np.int64), np.empty(scores.size)
    found = queue_of(world.ref, scores.size, chosen, ids, ranks)
    most = min(affordable, math.floor(reach * found))
    mine, ranks = scores[ids[:found]], ranks[:found]
    scored = ~np.isnan(mine)
    mine, ranks = mine[scored], ranks[scored]
    if mine.size <= most:
        return -math.inf, 2.0
    # The one at place `most` of the order by score and rank, without putting all in order.
    score = np.partition(mine, mine.size - 1 - most)[mine.size - 1 - most]
    better, equal = int((mine > score).sum()), np.flatnonzero(mine == score)
    return float(score), float(np.partition(ranks[equal], most - better)[most - better])

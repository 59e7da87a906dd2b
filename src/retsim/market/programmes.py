"""Spending a budget at a tick: advertising, service, discount and contact (R15, R19, R23).

Each spends what its fund holds and not a micro-unit more; what cannot be used stays in the fund. Programmes that reach
only a part take customers in the order of a rank drawn once, so a larger budget reaches the same customers and more.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from retsim.jit import kernel, rule
from retsim.lifecycle.moving import stop_contact
from retsim.lifecycle.posting import pay_out
from retsim.lifecycle.preparing import luck_of
from retsim.rules.acquisition import hazard_of, saturating
from retsim.state import MICRO, Account, Channel, Count, Flag, Pool, Status
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import World, book_row, customer, segment

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market


def split(total: int, weights: np.ndarray) -> np.ndarray:
    """Split an integer in proportion to integer weights, exactly, by largest remainder."""
    whole = sum(int(w) for w in weights)
    shares = np.array([total * int(w) // whole for w in weights], np.int64)
    remainders = np.array([total * int(w) % whole for w in weights])
    shares[np.argsort(-remainders, kind="stable")[: total - int(shares.sum())]] += 1
    return shares


def advertise(market: Market, firm: Firm, months: float) -> None:
    """Reach prospects, and with `poaching` rivals' customers, as far as the fund goes. R15."""
    world, now, f = market.world, market.now, firm.figures
    nobody = world.pools[:, Pool.PROSPECT] + world.pools[:, Pool.LAPSED]
    active = world.counts[:, :, Count.ACTIVE].sum(axis=0)
    elsewhere = active - world.counts[firm.index, :, Count.ACTIVE]
    heads = float(nobody.sum()) + f["poaching"] * float(elsewhere.sum())
    spend = firm.funds["acquisition"] if heads > 0.0 else 0
    if spend:
        firm.spend("acquisition", spend)
        weights = nobody + elsewhere if f["poaching"] > 0.0 else nobody
        for s, amount in enumerate(split(spend, weights)):
            row = world.book[world.clock[0]["period"] + 1, firm.index, s, Channel.ADVERTISING]
            row[Account.ADVERTISING] += amount
            row[Account.CASH] -= amount
    per_head = spend / MICRO / months / heads if heads > 0.0 else 0.0
    for s, b in enumerate(world.segments):
        chance = saturating(per_head, f["ad_ceiling"], f["ad_efficiency"] * b["advertising_response"])
        ads = hazard_of(chance, 1.0)
        organic = f["organic"] * b["organic_response"]
        _set_rate(world.reach[0, s, firm.index], ads + organic, now)
        _set_rate(world.reach[1, s, firm.index], f["poaching"] * ads, now)
        world.reach[0, s, firm.index]["ad_share"] = ads / (ads + organic) if ads > 0.0 else 0.0


def _set_rate(reach: np.void, rate: float, now: float) -> None:
    """Change a hazard; the clock is rebased only when the rate really changes."""
    if reach["rate"] != rate:
        reach["reached"] += reach["rate"] * (now - reach["since"])
        reach["since"] = now
        reach["rate"] = rate


def serve(market: Market, firm: Firm, months: float) -> None:
    """Fewer and milder failures, with diminishing returns in the spend per customer. R19, R23."""
    world, f = market.world, firm.figures
    base = world.base[:, firm.index]
    active = int(base.sum())
    spend = firm.funds["service"] if active else 0
    firm.prevented = 0.0
    if spend:
        firm.spend("service", spend)
        cells = np.flatnonzero(base)
        amounts = split(spend, base.ravel()[cells])
        book = world.book[:, firm.index]
        cohort, segment, channel = np.unravel_index(cells, base.shape)
        book[cohort, segment, channel, Account.PROGRAMME_SERVICE] += amounts
        book[cohort, segment, channel, Account.CASH] -= amounts
        per_head = spend / MICRO / months / active
        firm.prevented = saturating(per_head, f["service_ceiling"], f["service_efficiency"])


def reward(market: Market, firm: Firm) -> None:
    """Level 1: one coupon a tick for the tenured, reserved at its full value before it is promised. R19."""
    world, f = market.world, firm.figures
    used = market.books.discounts(firm.index) - firm.coupons_before
    firm.coupons_before += used
    firm.spend("price", used - firm.reserved)
    firm.reserved = 0
    coupon = int(firm.coupon * MICRO + 0.5)
    affordable = firm.funds["price"] // coupon if coupon else 0
    if affordable or firm.enrolled["price"]:
        until = market.now - f["discount_tenure"]
        chosen = (firm.index, int(Flag.DISCOUNT), until, market.now - f["silence"])
        cut = rank_cut(world, market.population.n, chosen, affordable)
        firm.enrolled["price"] = enrol_discount(world.ref, market.population.n, chosen, cut)
        firm.reserved = firm.enrolled["price"] * coupon
        firm.spend("price", firm.reserved)


def care(market: Market, firm: Firm, months: float, rate_before: float) -> None:
    """Level 2: personal contact for as many as the fund can care for through the tick. R11, R19."""
    world, f = market.world, firm.figures
    cost = math.floor(f["contact_cost"] * months * MICRO + 0.5)
    affordable = firm.funds["contact"] // cost
    if affordable or firm.enrolled["contact"]:
        chosen = (firm.index, int(Flag.CONTACT), market.now, market.now - f["silence"])
        cut = rank_cut(world, market.population.n, chosen, affordable)
        n = enrol_contact(world.ref, market.population.n, chosen, cut, (market.now, rate_before, firm.contact_rate, cost))
        firm.enrolled["contact"] = n
        firm.clocks_moved += 1
        firm.spend("contact", n * cost)


@rule
def _eligible(world, i, chosen):
    """Whether the firm takes customer i for its own and would reach them.

    Without a contract nobody gives notice: who has left or vanished looks like a quiet customer, and costs like one,
    until `silence` is over.
    """
    c = customer(world, i)
    if c.firm != chosen[0] or c.joined_at > chosen[2]:
        return False
    if c.status == Status.ACTIVE:
        return True
    gone = c.status == Status.GONE or c.status == Status.LAPSED
    return gone and segment(world, c.segment).contractual == 0.0 and c.decayed_at > chosen[3]


@rule
def _rank(world, i, flag):
    return luck_of(world, i, Draw.ENROLMENT, flag, 0)[0]


def rank_cut(world: World, n: int, chosen: tuple[int, int, float, float], affordable: int) -> float:
    """Rank below which the eligible are taken, so that at most `affordable` of customers 0..n-1 are.

    `chosen` is (firm, flag of the programme, joined at the latest, last sign of life at the earliest).
    """
    ranks = np.empty(n)
    found = _ranks(world.ref, n, chosen, ranks)
    if found <= affordable:
        return 2.0
    return float(np.partition(ranks[:found], affordable)[affordable])


@kernel
def _ranks(ref, n, chosen, ranks):
    world = ref[0]
    found = 0
    for i in range(n):
        if _eligible(world, i, chosen):
            ranks[found] = _rank(world, i, chosen[1])
            found += 1
    return found


@kernel
def enrol_discount(ref, n, chosen, cut):
    """Enrol the eligible whose rank is below the cut, and nobody else; returns how many."""
    world = ref[0]
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm == chosen[0]:
            wanted = _eligible(world, i, chosen) and _rank(world, i, chosen[1]) < cut
            enrolled += wanted
            if wanted and c.status == Status.ACTIVE:
                c.flags |= Flag.DISCOUNT
            else:
                c.flags &= np.uint8(255 - Flag.DISCOUNT)
    return enrolled


@kernel
def enrol_contact(ref, n, chosen, cut, terms):
    """The same for contact: starts and stops the clocks and books the cost.

    `terms` is (now, rate of the tick before, rate, cost); a clock is rebased only where its rate changed.
    """
    world = ref[0]
    now, before, rate, cost = terms
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != chosen[0]:
            continue
        was = (c.flags & Flag.CONTACT) != 0
        wanted = _eligible(world, i, chosen) and _rank(world, i, chosen[1]) < cut
        if was and (not wanted or rate != before):
            stop_contact(c, now, before)
        if wanted:
            pay_out(book_row(world, c), Account.PROGRAMME_CONTACT, cost)
            enrolled += 1
            if c.status == Status.ACTIVE and (not was or rate != before):
                if c.contact_left < 0.0:
                    c.contact_left = exponential(luck_of(world, i, Draw.CONTACT, 0, 0)[0])
                c.flags |= Flag.CONTACT
                c.contact_at = now + c.contact_left / rate if rate > 0.0 else math.inf
    return enrolled

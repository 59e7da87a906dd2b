"""R13: how a need is met - seen or not, offered for, sold, billed; and what an offer that nobody needs spoils.

Owns the needs that are open and the products held by one customer, as bits of two masks.
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.knowing import known_of
from retsim.lifecycle.mood import one_of
from retsim.lifecycle.posting import count_satisfaction, earn, micro, note, pay_out, post
from retsim.lifecycle.preparing import discount_at, luck_of
from retsim.rules import needs
from retsim.state import FIRST_PRODUCT, Account, Count, Due, Kind
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import (
    Me,
    add,
    book_row,
    clock,
    count_row,
    customer,
    due_at,
    more,
    offer,
    opened_by_product,
    product,
    segment,
    set_due,
)  # fmt: skip


@rule
def has(mask, p):
    """Whether product p is in a mask."""
    return (np.int64(mask) >> p) & 1 != 0


@rule
def set_first_due(world, i):
    """Note the first of all dates where `next_event` looks."""
    first = math.inf
    for place in range(world.n_dues):
        first = min(first, due_at(world, i, place))
    more(world, i).life_at = first


@rule
def next_luck(world, i):
    """Four uniforms of the customer's next offer: which product, seen, taken, wait for the next."""
    m = more(world, i)
    m.offers += 1
    return luck_of(world, i, Draw.OFFER, m.offers, 0)


@rule
def close(world, i, p):
    """The need is there no more."""
    m = more(world, i)
    m.needs = np.uint8(np.int64(m.needs) & (255 - (np.int64(1) << p)))


@step
def meet(me, when, opened, luck):
    """The firm sees needs that have just opened, or does not; what it sells may open more.

    `luck` is (seen, taken). Returns the needs that stay open.
    """
    world, i, _, _, its = me
    m = more(world, i)
    p_seen = needs.p_detected(its.detection, its.knowledge_detection, known_of(world, i, its))
    u_seen, u_taken = luck
    unmet = np.int64(0)
    while opened != 0:
        m.needs = np.uint8(np.int64(m.needs) | opened)
        add(count_row(world, me.c), Count.NEEDS, needs.number_of(opened))
        sold = np.int64(0)
        for p in range(world.n_products):
            if has(opened, p):
                bit = np.int64(1) << p
                set_due(world, i, FIRST_PRODUCT + p, when + me.b.need_lasts)
                if u_seen < p_seen and _offer(me, when, p, u_taken):
                    sold |= bit
                else:
                    unmet |= bit
        opened = _opened_by(me, sold)
        if opened != 0:
            _, u_seen, u_taken, _ = next_luck(world, i)
    return unmet


@step
def _opened_by(me, sold):
    """Needs that these sales open: a home needs furniture, furniture needs insurance."""
    world, i, _, _, _ = me
    m = more(world, i)
    opened = np.int64(0)
    four = (0.0, 0.0, 0.0, 0.0)
    for q in range(world.n_products):
        if not has(sold, q):
            continue
        m.offers += 1
        for p in range(world.n_products):
            if p % 4 == 0:
                four = luck_of(world, i, Draw.OFFER, m.offers, 1 + p // 4)
            u = one_of(four, p % 4)
            if u < opened_by_product(world, p, q) and not has(m.needs | m.products, p):
                opened |= np.int64(1) << p
    return opened


@step
def _offer(me, when, p, u_taken):
    """Offer what is needed; returns whether it was sold."""
    _, _, c, b, _ = me
    _pay_for_offer(me, when)
    taken = u_taken < needs.p_taken(b.offer_uptake, c.satisfaction, c.attachment)
    if taken:
        _sell(me, when, p)
    return taken


@rule
def _pay_for_offer(me, when):
    world, _, c, _, its = me
    cost = micro(its.offer_cost)
    add(count_row(world, c), Count.OFFERED, 1)
    pay_out(book_row(world, c), Account.OFFERS, cost)
    earn(c, discount_at(clock(world).discount, when), -cost)


@step
def _sell(me, when, p):
    """The customer has the product: paid at once, or from the next bill on."""
    world, i, c, _, _ = me
    m, its = more(world, i), product(world, p)
    close(world, i, p)
    m.products = np.uint8(np.int64(m.products) | (np.int64(1) << p))
    set_due(world, i, FIRST_PRODUCT + p, when + its.cycle if its.cycle > 0.0 else math.inf)
    amount = np.int64(0)
    if its.recurring == 0.0:
        amount = micro(its.price)
        _book(me, amount, micro(its.unit_cost), discount_at(clock(world).discount, when))
    add(count_row(world, c), Count.SOLD, 1)
    note(world, i, when, Kind.SOLD, (p, -1, amount))


@rule
def _book(me, amount, goods, discount):
    world, _, c, _, _ = me
    row = book_row(world, c)
    post(row, Account.CASH, Account.PRODUCTS, amount)
    pay_out(row, Account.PRODUCT_GOODS, goods)
    earn(c, discount, amount - goods)
    c.revenue += amount


@step
def offer_blindly(me, when):
    """Offer one of the products not held, whatever is needed: where it is, it may sell; where not, it annoys."""
    world, i, c, b, its = me
    m = more(world, i)
    u_which, _, u_taken, wait = next_luck(world, i)
    set_due(world, i, Due.BLIND, when + exponential(wait) / its.offer_rate if its.offer_rate > 0.0 else math.inf)
    lacking = world.n_products - needs.number_of(np.int64(m.products))
    if lacking == 0:
        return np.int64(0)
    left = np.int64(u_which * lacking)
    p = np.int64(0)
    while left > 0 or has(m.products, p):
        left -= not has(m.products, p)
        p += 1
    if not has(m.needs, p):
        _pay_for_offer(me, when)
        row = count_row(world, c)
        count_satisfaction(row, c, b.satisfied_mark, -1)
        c.satisfaction = needs.annoyed(c.satisfaction, b.offer_annoyance)
        count_satisfaction(row, c, b.satisfied_mark, 1)
        return np.int64(0)
    return _sold_late(me, when, np.int64(1) << p, u_taken)


@rule
def _sold_late(me, when, mask, u_taken):
    """Offer products whose need has been open for some time; returns the further needs that stay open."""
    world, i, _, _, _ = me
    sold = np.int64(0)
    for p in range(world.n_products):
        if has(mask, p) and _offer(me, when, p, u_taken):
            sold |= np.int64(1) << p
    opened = _opened_by(me, sold)
    if opened == 0:
        return np.int64(0)
    _, u_seen, u_later, _ = next_luck(world, i)
    return meet(me, when, opened, (u_seen, u_later))


@step
def noticed(world, i, when):
    """A need that is open shows in how they buy; returns whether what was then sold opened one that stays unmet."""
    m = more(world, i)
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    if m.needs == 0 or me.its.rhythm_detection == 0.0:
        return False
    _, u_seen, u_taken, _ = next_luck(world, i)
    if u_seen >= me.its.rhythm_detection:
        return False
    unmet = _sold_late(me, when, np.int64(m.needs), u_taken)
    set_first_due(world, i)
    return (unmet & np.int64(m.needs)) != 0


@step
def bill_products(world, i, discount):
    """Bill what is paid month by month for the months of a bill; returns the amount (micro)."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    held = np.int64(more(world, i).products)
    amount, goods = np.int64(0), np.int64(0)
    for p in range(world.n_products):
        its = product(world, p)
        if has(held, p) and its.recurring != 0.0:
            amount += micro(its.price * me.b.billing_period)
            goods += micro(its.unit_cost * me.b.billing_period)
    if amount != 0 or goods != 0:
        _book(me, amount, goods, discount)
    return amount


@step
def moved_for(world, i, when, wanted):
    """Whoever moved because of what they needed gets it from the new firm."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    for p in range(world.n_products):
        if has(wanted, p):
            _sell(me, when, p)
    set_first_due(world, i)

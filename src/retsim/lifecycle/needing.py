"""R13: life events open needs, the firm sees them or does not, offers, sells; what was sold wears out.

Owns the needs and products of one customer, as bits of two masks, and the ten dates of `due_at`: when each product
held is worn out or an open need for it passes (places 0 to 7), the next life event (8), the next offer made blindly (9). `MORE.life_at` is the
first of them. Life goes on whoever the firm is and whether there is one, so the dates and kinds of life events are the
same under every strategy; needs and products belong to a time with a firm and end with it (assumed).
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule, step
from retsim.lifecycle.deciding import one_of
from retsim.lifecycle.posting import count_satisfaction, earn, micro, note, pay_out, post
from retsim.lifecycle.preparing import discount_at, luck_of
from retsim.rules import needs
from retsim.state import N_DUE, Account, Count, Due, Kind, Status
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
    kind_share,
    more,
    offer,
    opened_by_kind,
    opened_by_product,
    product,
    segment,
    set_due,
)  # fmt: skip


@rule
def _has(mask, p):
    return (np.int64(mask) >> p) & 1 != 0


@rule
def _set_first_due(world, i):
    """Note the first of all dates where `next_event` looks."""
    first = math.inf
    for place in range(N_DUE):
        first = min(first, due_at(world, i, place))
    more(world, i).life_at = first


@rule
def _next_luck(world, i):
    """Four uniforms of the customer's next offer: which product, seen, taken, wait for the next."""
    m = more(world, i)
    m.offers += 1
    return luck_of(world, i, Draw.OFFER, m.offers, 0)


@step
def begin(world, i, when):
    """The clock of life events of someone who comes into the market."""
    rate = segment(world, customer(world, i).segment).life_event_rate
    if rate > 0.0:
        set_due(world, i, Due.LIFE, when + exponential(luck_of(world, i, Draw.LIFE, 0, 0)[0]) / rate)


@step
def start(world, i, when):
    """A time with a firm begins: life events that nobody saw are passed over, blind offers begin."""
    c, m = customer(world, i), more(world, i)
    rate = segment(world, c.segment).life_event_rate
    at = due_at(world, i, Due.LIFE)
    while at <= when:
        m.lives += 1
        at += exponential(luck_of(world, i, Draw.LIFE, m.lives, 0)[0]) / rate
    set_due(world, i, Due.LIFE, at)
    _start_offers(world, i, when, offer(world, c.firm).offer_rate)
    _set_first_due(world, i)


@rule
def _start_offers(world, i, when, rate):
    at = math.inf
    if rate > 0.0:
        at = when + exponential(_next_luck(world, i)[3]) / rate
    set_due(world, i, Due.BLIND, at)


@step
def end(world, i):
    """A time with a firm ends: its products go back, and what is still needed is met elsewhere."""
    m = more(world, i)
    m.needs = np.uint8(0)
    m.products = np.uint8(0)
    m.life_at = math.inf
    for p in range(world.n_products):
        set_due(world, i, p, math.inf)
    set_due(world, i, Due.BLIND, math.inf)


@step
def endow(world, i, when):
    """Products of those who are customers at the start, each somewhere in its life."""
    m = more(world, i)
    held = np.int64(0)
    four = (0.0, 0.0, 0.0, 0.0)
    for p in range(world.n_products):
        its = product(world, p)
        if p % 4 == 0:
            four = luck_of(world, i, Draw.NEED, 0, p // 4)
        u = one_of(four, p % 4)
        if u < its.initial:
            held |= np.int64(1) << p
            if its.cycle > 0.0:
                set_due(world, i, p, when + its.cycle * u / its.initial)
    m.products = np.uint8(held)
    _set_first_due(world, i)


@step
def happen(world, i, when):
    """What is due now happens; returns the needs that are open and unmet because of it, as a mask."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    unmet = np.int64(0)
    if due_at(world, i, Due.LIFE) <= when:
        unmet |= _life_event(me, when)
    for p in range(world.n_products):
        if due_at(world, i, p) <= when:
            set_due(world, i, p, math.inf)
            if _has(more(world, i).products, p):
                unmet |= _worn_out(me, when, p)
            else:
                _close(world, i, p)
    if due_at(world, i, Due.BLIND) <= when:
        unmet |= _offer_blindly(me, when)
    _set_first_due(world, i)
    return unmet & np.int64(more(world, i).needs)


@step
def _life_event(me, when):
    """A life event of some kind, and the needs that it opens."""
    world, i, _, b, _ = me
    m = more(world, i)
    m.lives += 1
    wait, u_kind, u_seen, u_taken = luck_of(world, i, Draw.LIFE, m.lives, 0)
    set_due(world, i, Due.LIFE, when + exponential(wait) / b.life_event_rate)
    kind = np.int64(0)
    while u_kind >= kind_share(world, kind):
        kind += 1
    note(world, i, when, Kind.LIFE, (kind, -1, 0))
    opened = np.int64(0)
    four = (0.0, 0.0, 0.0, 0.0)
    for p in range(world.n_products):
        if p % 4 == 0:
            four = luck_of(world, i, Draw.NEED, m.lives, p // 4)
        u = one_of(four, p % 4)
        if u < opened_by_kind(world, p, kind) and not _has(m.needs | m.products, p):
            opened |= np.int64(1) << p
    return _meet(me, when, opened, (u_seen, u_taken))


@rule
def _close(world, i, p):
    """The need is there no more."""
    m = more(world, i)
    m.needs = np.uint8(np.int64(m.needs) & (255 - (np.int64(1) << p)))


@step
def _worn_out(me, when, p):
    """A product has served its time: the need for it opens again."""
    world, i, _, _, _ = me
    m = more(world, i)
    bit = np.int64(1) << p
    m.products = np.uint8(np.int64(m.products) & (255 - bit))
    _, u_seen, u_taken, _ = _next_luck(world, i)
    return _meet(me, when, bit, (u_seen, u_taken))


@step
def _meet(me, when, opened, luck):
    """The firm sees needs that have just opened, or does not; what it sells may open more.

    `luck` is (seen, taken). Returns the needs that stay open.
    """
    world, i, _, _, its = me
    m = more(world, i)
    p_seen = needs.p_detected(its.detection, its.knowledge_detection, m.knowledge)
    u_seen, u_taken = luck
    unmet = np.int64(0)
    while opened != 0:
        m.needs = np.uint8(np.int64(m.needs) | opened)
        add(count_row(world, me.c), Count.NEEDS, needs.number_of(opened))
        sold = np.int64(0)
        for p in range(world.n_products):
            if _has(opened, p):
                bit = np.int64(1) << p
                set_due(world, i, p, when + me.b.need_lasts)
                if u_seen < p_seen and _offer(me, when, p, u_taken):
                    sold |= bit
                else:
                    unmet |= bit
        opened = _opened_by(me, sold)
        if opened != 0:
            _, u_seen, u_taken, _ = _next_luck(world, i)
    return unmet


@step
def _opened_by(me, sold):
    """Needs that these sales open: a home needs furniture, furniture needs insurance."""
    world, i, _, _, _ = me
    m = more(world, i)
    opened = np.int64(0)
    four = (0.0, 0.0, 0.0, 0.0)
    for q in range(world.n_products):
        if not _has(sold, q):
            continue
        m.offers += 1
        for p in range(world.n_products):
            if p % 4 == 0:
                four = luck_of(world, i, Draw.OFFER, m.offers, 1 + p // 4)
            u = one_of(four, p % 4)
            if u < opened_by_product(world, p, q) and not _has(m.needs | m.products, p):
                opened |= np.int64(1) << p
    return opened


@rule
def _pay_for_offer(me, when):
    world, _, c, _, its = me
    cost = micro(its.offer_cost)
    add(count_row(world, c), Count.OFFERED, 1)
    pay_out(book_row(world, c), Account.OFFERS, cost)
    earn(c, discount_at(clock(world).discount, when), -cost)


@step
def _offer(me, when, p, u_taken):
    """Offer what is needed; returns whether it was sold."""
    _, _, c, b, _ = me
    _pay_for_offer(me, when)
    taken = u_taken < needs.p_taken(b.offer_uptake, c.satisfaction, c.attachment)
    if taken:
        _sell(me, when, p)
    return taken


@step
def _sell(me, when, p):
    """The customer has the product: paid at once, or from the next bill on."""
    world, i, c, _, _ = me
    m, its = more(world, i), product(world, p)
    _close(world, i, p)
    m.products = np.uint8(np.int64(m.products) | (np.int64(1) << p))
    set_due(world, i, p, when + its.cycle if its.cycle > 0.0 else math.inf)
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
def _offer_blindly(me, when):
    """Offer one of the products not held, whatever is needed: where it is, it may sell; where not, it annoys."""
    world, i, c, b, its = me
    m = more(world, i)
    u_which, _, u_taken, wait = _next_luck(world, i)
    set_due(world, i, Due.BLIND, when + exponential(wait) / its.offer_rate if its.offer_rate > 0.0 else math.inf)
    lacking = world.n_products - needs.number_of(np.int64(m.products))
    if lacking == 0:
        return np.int64(0)
    left = np.int64(u_which * lacking)
    p = np.int64(0)
    while left > 0 or _has(m.products, p):
        left -= not _has(m.products, p)
        p += 1
    if not _has(m.needs, p):
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
        if _has(mask, p) and _offer(me, when, p, u_taken):
            sold |= np.int64(1) << p
    opened = _opened_by(me, sold)
    if opened == 0:
        return np.int64(0)
    _, u_seen, u_later, _ = _next_luck(world, i)
    return _meet(me, when, opened, (u_seen, u_later))


@step
def noticed(world, i, when):
    """A need that is open shows in how they buy; returns whether what was then sold opened one that stays unmet."""
    m = more(world, i)
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    if m.needs == 0 or me.its.rhythm_detection == 0.0:
        return False
    _, u_seen, u_taken, _ = _next_luck(world, i)
    if u_seen >= me.its.rhythm_detection:
        return False
    unmet = _sold_late(me, when, np.int64(m.needs), u_taken)
    _set_first_due(world, i)
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
        if _has(held, p) and its.recurring != 0.0:
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
        if _has(wanted, p):
            _sell(me, when, p)
    _set_first_due(world, i)


@kernel
def pace_offers(ref, n, chosen):
    """Carry what is left of the waits for blind offers to a new rate; `chosen` is (firm, now, rate before, rate)."""
    world = ref[0]
    firm, now, before, rate = chosen
    for i in range(n):
        c = customer(world, i)
        if c.firm == firm and c.status == Status.ACTIVE:
            if before > 0.0 and rate > 0.0:
                set_due(world, i, Due.BLIND, now + (due_at(world, i, Due.BLIND) - now) * before / rate)
            else:
                _start_offers(world, i, now, rate)
            _set_first_due(world, i)

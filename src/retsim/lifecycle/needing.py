"""R13: what life brings - events that open needs, products that wear out, offers that come unasked.

Owns the dates of a customer: the next life event, the next offer made blindly (`Due`), and when each product held is worn
out or an open need for it passes; `MORE.life_at` is the first of them. Life goes on
whoever the firm is and whether there is one, so the dates and kinds of life events are the same under every strategy;
needs and products belong to a time with a firm and end with it (assumed).
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule, step
from retsim.lifecycle.mood import one_of
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of
from retsim.lifecycle.selling import close, has, meet, next_luck, offer_blindly, set_first_due
from retsim.state import FIRST_PRODUCT, Due, Kind, Status
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import (
    Me,
    customer,
    due_at,
    kind_share,
    more,
    offer,
    opened_by_kind,
    product,
    segment,
    set_due,
)  # fmt: skip


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
    set_first_due(world, i)


@rule
def _start_offers(world, i, when, rate):
    at = math.inf
    if rate > 0.0:
        at = when + exponential(next_luck(world, i)[3]) / rate
    set_due(world, i, Due.BLIND, at)


@step
def end(world, i):
    """A time with a firm ends: its products go back, and what is still needed is met elsewhere."""
    m = more(world, i)
    m.needs = np.uint8(0)
    m.products = np.uint8(0)
    m.life_at = math.inf
    for p in range(world.n_products):
        set_due(world, i, FIRST_PRODUCT + p, math.inf)
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
                set_due(world, i, FIRST_PRODUCT + p, when + its.cycle * u / its.initial)
    m.products = np.uint8(held)
    set_first_due(world, i)


@step
def happen(world, i, when):
    """What is due now happens; returns the needs that are open and unmet because of it, as a mask."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    unmet = np.int64(0)
    if due_at(world, i, Due.LIFE) <= when:
        unmet |= _life_event(me, when)
    for p in range(world.n_products):
        if due_at(world, i, FIRST_PRODUCT + p) <= when:
            set_due(world, i, FIRST_PRODUCT + p, math.inf)
            if has(more(world, i).products, p):
                unmet |= _worn_out(me, when, p)
            else:
                close(world, i, p)
    if due_at(world, i, Due.BLIND) <= when:
        unmet |= offer_blindly(me, when)
    set_first_due(world, i)
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
        if u < opened_by_kind(world, p, kind) and not has(m.needs | m.products, p):
            opened |= np.int64(1) << p
    return meet(me, when, opened, (u_seen, u_taken))


@step
def _worn_out(me, when, p):
    """A product has served its time: the need for it opens again."""
    world, i, _, _, _ = me
    m = more(world, i)
    bit = np.int64(1) << p
    m.products = np.uint8(np.int64(m.products) & (255 - bit))
    _, u_seen, u_taken, _ = next_luck(world, i)
    return meet(me, when, bit, (u_seen, u_taken))


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
            set_first_due(world, i)

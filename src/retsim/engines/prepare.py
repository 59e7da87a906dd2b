"""Occasions prepared many at a time: the same functions as `lifecycle.preparing`, in loops without branches.

LLVM turns these loops into vector instructions, four or eight customers at once. Every operation is one that IEEE 754
rounds exactly and elementwise, so the numbers are those of one customer alone, to the last bit. All customers of a
batch are of one firm and one segment.
"""

from __future__ import annotations

import numpy as np

from retsim.engines import room as r
from retsim.engines.room import cell
from retsim.jit import rule, step
from retsim.lifecycle.preparing import Prepared, discount_at, stream_of
from retsim.numerics import unit
from retsim.rules.bonds import kept
from retsim.rules.growth import risen
from retsim.streams import Draw, philox
from retsim.variates import CENTRE, exponential, gumbel, normal_centre, normal_tail
from retsim.world import clock, customer


@rule
def prepare_batch(world, n, firm, b, room):
    """Prepare the first n customers in the batch; n is a multiple of `LANES`."""
    numbers, words = room.numbers, room.words
    run = clock(world)
    key = run.seed, run.replication
    rates = b.attachment_decay, b.sunk_depreciation, b.procedural_scale, run.discount
    _gather(world, n, numbers, words)
    _draw_occasions(n, key, numbers, words)
    _draw_tastes(n, key, np.uint64((firm + 1) // 4), numbers, words)
    _variates(n, numbers, words)
    _tastes(n, world.n_firms, numbers)
    _clockwork(n, rates, numbers)


@step
def _gather(world, n, numbers, words):
    run = clock(world)
    for k in range(n):
        i = words[cell(r.WHO, k)]
        c = customer(world, i)
        when = numbers[cell(r.WHEN, k)]
        words[cell(r.STREAM, k)] = stream_of(run, i)
        words[cell(r.NTH, k)] = c.occasions
        numbers[cell(r.ATTACHMENT_KEPT, k)] = when - c.decayed_at
        numbers[cell(r.TENURE, k)] = when - c.joined_at
        numbers[cell(r.SATISFACTION, k)] = c.satisfaction
        numbers[cell(r.EXPECTATION, k)] = c.expectation
        numbers[cell(r.ATTACHMENT, k)] = c.attachment
        numbers[cell(r.SUNK, k)] = c.sunk
        numbers[cell(r.PRICE_SEEN, k)] = c.price_seen


@step
def _draw_occasions(n, key, numbers, words):
    for k in range(n):
        counter = np.uint64(words[cell(r.NTH, k)]), np.uint64(0), np.uint64(words[cell(r.STREAM, k)])
        w = philox((*counter, np.uint64(Draw.OCCASION)), key)
        numbers[cell(r.WAIT, k)], numbers[cell(r.SCATTER, k)] = unit(w[0]), unit(w[1])
        numbers[cell(r.U_ATTENTION, k)], numbers[cell(r.U_FAILURE, k)] = unit(w[2]), unit(w[3])


@step
def _draw_tastes(n, key, group, numbers, words):
    for k in range(n):
        counter = np.uint64(words[cell(r.NTH, k)]), group, np.uint64(words[cell(r.STREAM, k)])
        w = philox((*counter, np.uint64(Draw.CHOICE)), key)
        numbers[cell(r.TASTE_0, k)], numbers[cell(r.TASTE_1, k)] = unit(w[0]), unit(w[1])
        numbers[cell(r.TASTE_2, k)], numbers[cell(r.TASTE_3, k)] = unit(w[2]), unit(w[3])


@step
def draw_departures(n, key, numbers, words):
    """Luck of natural attrition and of the basket, for those of whom either depends on it."""
    for k in range(n):
        counter = np.uint64(words[cell(r.NTH, k)]), np.uint64(0), np.uint64(words[cell(r.STREAM, k)])
        w = philox((*counter, np.uint64(Draw.DEPARTURE)), key)
        numbers[cell(r.U_VANISH, k)], numbers[cell(r.U_AVOIDABLE, k)] = unit(w[0]), unit(w[1])
        numbers[cell(r.U_SPEND, k)] = unit(w[2])


@step
def _variates(n, numbers, words):
    """Waits and scatter; the tails of the scatter, a seventh of all, are listed and done apart."""
    for k in range(n):
        numbers[cell(r.WAIT, k)] = exponential(numbers[cell(r.WAIT, k)])
    far = 0
    for k in range(n):
        u = numbers[cell(r.SCATTER, k)]
        words[cell(r.THINKER, far)] = k
        numbers[cell(r.U_SPEND, far)] = u
        far += abs(u - 0.5) > CENTRE
    for k in range(n):
        numbers[cell(r.SCATTER, k)] = normal_centre(numbers[cell(r.SCATTER, k)])
    whole = (far + 3) // 4 * 4
    for j in range(far, whole):
        numbers[cell(r.U_SPEND, j)] = 0.01
    for j in range(whole):
        numbers[cell(r.U_SPEND, j)] = normal_tail(numbers[cell(r.U_SPEND, j)])
    for j in range(far):
        numbers[cell(r.SCATTER, words[cell(r.THINKER, j)])] = numbers[cell(r.U_SPEND, j)]


@step
def _tastes(n, n_firms, numbers):
    """Tastes for the outside and for as many firms as there are, at most three: the others are not looked at."""
    for k in range(n):
        numbers[cell(r.TASTE_0, k)] = gumbel(numbers[cell(r.TASTE_0, k)])
    for k in range(n):
        numbers[cell(r.TASTE_1, k)] = gumbel(numbers[cell(r.TASTE_1, k)])
    if n_firms > 1:
        for k in range(n):
            numbers[cell(r.TASTE_2, k)] = gumbel(numbers[cell(r.TASTE_2, k)])
    if n_firms > 2:
        for k in range(n):
            numbers[cell(r.TASTE_3, k)] = gumbel(numbers[cell(r.TASTE_3, k)])


@step
def _clockwork(n, rates, numbers):
    """Discounts and fadings; what does not fade keeps its share of 1, as `kept` says of a rate of 0."""
    for k in range(n):
        numbers[cell(r.DISCOUNT, k)] = discount_at(rates[3], numbers[cell(r.WHEN, k)])
    if rates[1] != 0.0:
        for k in range(n):
            numbers[cell(r.SUNK_KEPT, k)] = kept(rates[1], numbers[cell(r.ATTACHMENT_KEPT, k)])
    else:
        for k in range(n):
            numbers[cell(r.SUNK_KEPT, k)] = 1.0
    if rates[0] != 0.0:
        for k in range(n):
            numbers[cell(r.ATTACHMENT_KEPT, k)] = kept(rates[0], numbers[cell(r.ATTACHMENT_KEPT, k)])
    else:
        for k in range(n):
            numbers[cell(r.ATTACHMENT_KEPT, k)] = 1.0
    for k in range(n):
        numbers[cell(r.GROWN, k)] = risen(numbers[cell(r.TENURE, k)], rates[2])


@rule
def prepared(numbers, k):
    """The k-th customer's `Prepared`."""
    return Prepared(
        numbers[cell(r.WAIT, k)],
        numbers[cell(r.SCATTER, k)],
        numbers[cell(r.U_ATTENTION, k)],
        numbers[cell(r.U_FAILURE, k)],
        numbers[cell(r.TASTE_0, k)],
        numbers[cell(r.TASTE_1, k)],
        numbers[cell(r.TASTE_2, k)],
        numbers[cell(r.TASTE_3, k)],
        numbers[cell(r.DISCOUNT, k)],
        numbers[cell(r.ATTACHMENT_KEPT, k)],
        numbers[cell(r.SUNK_KEPT, k)],
        numbers[cell(r.GROWN, k)],
    )

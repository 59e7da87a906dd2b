"""What an occasion needs and its outcome cannot change: luck, and how far everything has faded or grown by now.

All of it is known before the occasion is lived through, so the compiled engine prepares many customers at once, in
loops without branches; the reference engine prepares one. Both call the same functions.
"""

from __future__ import annotations

from typing import NamedTuple

from retsim.jit import rule
from retsim.numerics import exp
from retsim.rules.bonds import kept
from retsim.rules.growth import risen
from retsim.streams import NEWCOMERS_FROM, Draw, draws
from retsim.variates import exponential, gumbel, normal
from retsim.world import clock


class Prepared(NamedTuple):
    """Luck and clockwork of one occasion."""

    wait: float  # Exp(1) to the next occasion
    scatter: float  # standard normal, of the experience
    u_attention: float
    u_failure: float
    taste_0: float  # Gumbel of the four alternatives around the present firm
    taste_1: float
    taste_2: float
    taste_3: float
    discount: float  # factor to time 0
    attachment_kept: float
    sunk_kept: float
    grown: float  # share of the procedural switching cost


@rule
def stream_of(run, i):
    """Number of customer i in the streams.

    Newcomers count from 2**31, so that one more customer at the start changes nobody's luck.
    """
    return i if i < run.initial else i - run.initial + NEWCOMERS_FROM


@rule
def luck_of(world, i, purpose, index, sub):
    """Four uniforms of customer i."""
    run = clock(world)
    return draws((run.seed, run.replication), purpose, stream_of(run, i), index, sub)


@rule
def discount_at(rate, when):
    """Discount factor to time 0 at a continuous monthly rate."""
    return exp(-rate * when)


@rule
def prepare(me, when):
    """Everything that `occasion` needs for a customer at `when`."""
    world, i, c, b, _ = me
    u = luck_of(world, i, Draw.OCCASION, c.occasions, 0)
    t = luck_of(world, i, Draw.CHOICE, c.occasions, (c.firm + 1) // 4)
    months = when - c.decayed_at
    return Prepared(
        exponential(u[0]),
        normal(u[1]),
        u[2],
        u[3],
        gumbel(t[0]),
        gumbel(t[1]),
        gumbel(t[2]),
        gumbel(t[3]),
        discount_at(clock(world).discount, when),
        kept(b.attachment_decay, months),
        kept(b.sunk_depreciation, months),
        risen(when - c.joined_at, b.procedural_scale),
    )

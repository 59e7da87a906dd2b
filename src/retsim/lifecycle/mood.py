"""What a customer brings to a decision: luck and tastes, and what is known of them already."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle.preparing import luck_of
from retsim.rules.growth import risen
from retsim.variates import gumbel


class Mood(NamedTuple):
    """What a customer brings to a decision: where its luck stands in the streams, and what is known of it already."""

    draw: int
    nth: int
    sub: int
    tastes: tuple[float, float, float, float]  # Gumbel of the four alternatives around the present firm
    grown: float  # share of the procedural switching cost


@rule
def one_of(four, n):
    """The n-th of four numbers, without a branch."""
    low = four[0] if n == 0 else four[1]
    high = four[2] if n == 2 else four[3]
    return low if n < 2 else high


@rule
def tastes_of(world, i, place, group):
    """Tastes for four alternatives, the outside and the firms counted on from it: the `group`-th four, at a place."""
    u = luck_of(world, i, place[0], place[1], place[2] * 1024 + group)
    return gumbel(u[0]), gumbel(u[1]), gumbel(u[2]), gumbel(u[3])


@step
def mood_of(me, when, place):
    """The mood of a decision outside an occasion; `place` is (draw, index, sub)."""
    world, i, c, b, _ = me
    tastes = tastes_of(world, i, place, (np.int64(c.firm) + 1) // 4)
    grown = risen(when - c.joined_at, b.procedural_scale)
    return Mood(place[0], place[1], place[2], tastes, grown)


@rule
def place_of(draw, index, sub):
    """Place of a choice in the streams."""
    return np.int64(draw), np.int64(index), np.int64(sub)

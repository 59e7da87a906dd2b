"""R14 and R19, level 1: points, what they are thought to cost, and what they turn out to cost.

Points are counted in micro-units of the money that they are worth at the till. Everything is a whole number, so that the
firm's liability is the sum of what stands against its customers' points, exactly.
"""

from __future__ import annotations

import numpy as np

from retsim.jit import rule


@rule
def share_of(amount, share):
    """A share of an amount, cut to whole micro-units: points earned, cash back, an advantage in price."""
    return np.int64(amount * share)


@rule
def provision_for(points, assumed_breakage):
    """What points are thought to cost when they are issued: points less the share expected to lapse.

    Formula: points - floor(assumed_breakage x points). Fair value less breakage, IFRS 15 B44-B47. R14.
    """
    return points - share_of(points, assumed_breakage)


@rule
def redeemed(points, threshold, due):
    """Points used up at a bill: all that are held, up to what is due, where they reach the threshold; else none. R14."""
    return min(points, due) if points >= threshold else np.int64(0)


@rule
def released(provision, points, used):
    """Part of the provision that stands against the points used: provision x used / points; all of it with the last."""
    if used == points:
        return provision
    return min(np.int64(provision * (used / points)), provision)


@rule
def lapsed(since, expiry, when):
    """Whether points have lapsed: `expiry` months without a purchase; 0: never. R14."""
    return expiry > 0.0 and when >= since + expiry

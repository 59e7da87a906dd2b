"""R15, R19, R23: what money does - reach of prospects, and failures prevented; both with diminishing returns."""

from __future__ import annotations

import math

from retsim.jit import open_rule


@open_rule
def saturating(spend, ceiling, efficiency):
    """Response to spend per head: ceiling (1 - exp(-efficiency spend)). Blattberg & Deighton (1996)."""
    return ceiling * (1.0 - math.exp(-efficiency * spend))


@open_rule
def hazard_of(chance, months):
    """Hazard per month that gives `chance` within so many months: -ln(1 - chance) / months. R15."""
    return -math.log1p(-chance) / months

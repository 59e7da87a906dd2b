"""R19: who joins a firm's club."""

from __future__ import annotations

from retsim.jit import rule
from retsim.numerics import exp


@rule
def p_member(worth, noise):
    """Probability of being a member where membership is worth so much: logit, 1 / (1 + exp(-worth / noise)).

    Without noise whoever gains joins. McFadden (1974) applied to joining; assumed.
    """
    if noise <= 0.0:
        return 1.0 if worth > 0.0 else 0.0
    return 1.0 / (1.0 + exp(-worth / noise))


@rule
def membership_worth(months, benefit, fee, effort):
    """Worth of membership over the months that count: months x (benefit - fee) - effort of deciding. Assumed."""
    return months * (benefit - fee) - effort

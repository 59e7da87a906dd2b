"""R7 and R9: when a customer thinks, and what is then chosen."""

from __future__ import annotations

import math

from retsim.jit import rule


@rule
def p_reconsider(attention, alert_attention, alert):
    """Probability of thinking at an ordinary occasion; when alert at least `alert_attention`. R7."""
    return max(attention, alert_attention) if alert else attention


@rule
def price_rise_noticed(price, price_seen, tolerance):
    """Whether today's price is a rise worth a thought. R7."""
    return price > price_seen * (1.0 + tolerance)


@rule
def beats(challenger, patience, best, best_patience, noise):
    """Whether a challenger is preferred to the best so far.

    The choice is the greatest of value + noise x Gumbel (McFadden 1974). With Gumbel = -ln(E), E ~ Exp(1), that is the
    smallest E exp(-value / noise): a race, in which one exponential and one logarithm an alternative decide. Raising a
    value can only move the choice towards it. Without noise the greater value wins, and a draw goes to the earlier.
    """
    if noise == 0.0:
        return challenger > best
    return patience < best_patience * math.exp((challenger - best) / noise)

"""R7 and R9: when a customer thinks, and what is then chosen."""

from __future__ import annotations

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
def appeal(value, noise, taste):
    """What an alternative is worth at this moment: value + noise x taste, taste ~ Gumbel.

    The greatest appeal is chosen: a logit choice (McFadden 1974). Raising a value can only move the choice towards it.
    """
    return value + noise * taste

"""R4 and R5: attachment and sunk stock, and how both fade."""

from __future__ import annotations

from retsim.jit import rule
from retsim.numerics import exp


@rule
def kept(rate, months):
    """Share of a stock that is left: exp(-rate months). Payment depreciation, Gourville & Soman (1998)."""
    return exp(-rate * months)


@rule
def closer(attachment, gain, social_sensitivity):
    """Attachment after a good occasion or a relevant contact.

    Formula: A + min(1, gain x social)(1 - A): contact breeds comfort (Bowlby 1969), scaled by culture; never above 1.
    R4, R10.
    """
    return attachment + min(gain * social_sensitivity, 1.0) * (1.0 - attachment)


@rule
def cut(attachment, share):
    """Attachment after a failure that was not made good: A (1 - share). R4, assumed."""
    return attachment * (1.0 - share)

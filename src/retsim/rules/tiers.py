"""R19, level 1: tiers of status, by what was billed since joining."""

from __future__ import annotations

from retsim.jit import rule


@rule
def reached(billed, first, second, third):
    """The highest tier whose threshold is above 0 and below what was billed: 1, 2 or 3; 0: none.

    Kind: Dreze & Nunes 2009, Journal of Consumer Research 35; form assumed.
    """
    tier = 0
    if 0 < first < billed:
        tier = 1
    if 0 < second < billed:
        tier = 2
    if 0 < third < billed:
        tier = 3
    return tier


@rule
def of(tier, first, second, third):
    """What a tier has, in place of what those below it have. Assumed."""
    if tier >= 3:
        return third
    return second if tier == 2 else first

"""R17: how fast words reach a customer, and what they make of a firm's reputation."""

from __future__ import annotations

import math

from retsim.jit import open_rule, rule


@rule
def praise_rate(rate, praised, warned, warnings):
    """Hazard a month of hearing a firm recommended: rate x (praised - warnings x warned), never below 0.

    `praised` and `warned` are shares of those who could speak (of all, or of as many as one has neighbours on average).
    With warned = 0 and everybody content it is the imitation of Bass (1969): rate x share of adopters. That what is said
    against a firm offsets what is said for it, and weighs more (Arndt 1967), is assumed in this form.
    """
    return rate * max(praised - warnings * warned, 0.0)


@rule
def matched(hazard, matching, surplus):
    """Hazard of being told of a firm by someone who knows both: x (1 - matching) where it is not worth its price to them.

    Better matching: Kornish & Li (2010); Schmitt, Skiera & Van den Bulte (2011). The form is assumed.
    """
    return hazard * (1.0 - matching) if surplus < 0.0 else hazard


@rule
def warning_rate(rate, warned, warnings):
    """Hazard a month of being warned of one's own firm: rate x warnings x warned. Assumed form."""
    return rate * warnings * warned


@open_rule
def reputation_after(reputation, told, words, learning):
    """Reputation after so many words a head: R + (1 - exp(-learning x words))(told - R). Assumed form.

    `told` is the mean satisfaction of those who speak, warnings weighted.
    """
    return reputation + (1.0 - math.exp(-learning * words)) * (told - reputation)

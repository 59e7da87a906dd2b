"""R11: what a firm learns of a customer, and what a contact does: mean something, tire, annoy, wake."""

from __future__ import annotations

from retsim.jit import rule
from retsim.rules.bonds import kept


@rule
def learned(knowledge, gain):
    """What the firm knows after one more interaction: D + gain (1 - D), towards 1. R11, assumed form."""
    return knowledge + gain * (1.0 - knowledge)


@rule
def learned_before(gain, interactions):
    """What the firm knows after so many interactions, from nothing: 1 - (1 - gain)^n; n is cut at 1200. R11."""
    unknown = 1.0
    for _ in range(min(interactions, 1200)):
        unknown *= 1.0 - gain
    return 1.0 - unknown


@rule
def p_relevant(relevance, known, weight):
    """Probability that a contact means something: r + (1 - r) weight D. R11, assumed form.

    `known` is what of D reaches the branch that gets in touch.
    """
    return relevance + (1.0 - relevance) * weight * known


@rule
def tired(fatigue, recovery, months):
    """Fatigue with one more contact: F exp(-recovery months) + 1, in contacts not yet recovered from. R11."""
    return fatigue * kept(recovery, months) + 1.0


@rule
def annoyed(satisfaction, annoyance):
    """Satisfaction after one contact too many: S - annoyance, never below 0. R11, assumed."""
    return max(satisfaction - annoyance, 0.0)


@rule
def warmer(gain, kinds, weight):
    """What a contact gives to a customer who shares so many kinds of affinity: gain (1 + weight kinds).

    Similarity breeds liking (Byrne 1971; McPherson, Smith-Lovin & Cook 2001); the linear form is assumed. R4, R19.
    """
    return gain * (1.0 + weight * kinds)

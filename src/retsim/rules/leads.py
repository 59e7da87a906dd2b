"""R15: how prospects pass the stages of a lead funnel: reached, interested, deciding, won.

The stages are those of the acquisition framework of D'Haen & Van den Poel (2013); that one number, the intent, decides at
each of them is assumed.
"""

from __future__ import annotations

from retsim.jit import rule


@rule
def p_interested(intent, appeal):
    """Probability that whom the firm reached shows interest: appeal + (1 - appeal) intent. Assumed form.

    `appeal` is what draws those, too, who never mean to buy, such as a prize.
    """
    return appeal + (1.0 - appeal) * intent


@rule
def in_earnest(u, intent, support):
    """Whether a lead gets as far as a decision: u < intent x support; one uniform a lead.

    `support` is 1 for who is followed up and `lead_unaided` for who is not, so that a follow-up never loses a lead.
    Assumed form.
    """
    return u < intent * support


@rule
def believed(intent, u, quality):
    """What the firm's database makes of a lead: quality x intent + (1 - quality) u.

    Quality 1 ranks leads by their intent, 0 by lot. Assumed form.
    """
    return quality * intent + (1.0 - quality) * u

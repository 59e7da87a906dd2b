"""R13: when a firm sees a need, when its offer is taken, what an offer that nobody needs does, what products hold."""

from __future__ import annotations

from retsim.jit import rule


@rule
def p_detected(detection, by_knowledge, knowledge):
    """Probability that a firm sees a need in time to offer.

    Formula: 1 - (1 - detection)(1 - by_knowledge x D), D what the firm knows of the customer, 0 to 1: whoever is known
    is seen more often, and `detection` is what is seen of a stranger. R13; the form is assumed.
    """
    return 1.0 - (1.0 - detection) * (1.0 - by_knowledge * knowledge)


@rule
def p_taken(uptake, satisfaction, attachment):
    """Probability that an offer that meets a need is taken.

    Formula: uptake x (1 - (1 - S)(1 - A)): rises with satisfaction and with attachment, and nobody who has neither
    buys more from this firm (Verhoef 2003: affective commitment and past ties raise share of customer). R13; the form
    is assumed.
    """
    return uptake * (1.0 - (1.0 - satisfaction) * (1.0 - attachment))


@rule
def annoyed(satisfaction, annoyance):
    """Satisfaction after an offer that meets no need: max(0, S - annoyance). R13; assumed."""
    return max(satisfaction - annoyance, 0.0)


@rule
def number_of(mask):
    """How many of the eight bits of a mask are set."""
    n = 0
    for bit in range(8):
        n += (mask >> bit) & 1
    return n


@rule
def products_cost(n, each):
    """Switching cost of the further products held: n x product_switching_cost. R8, R13.

    Burnham, Frels & Mahajan (2003): breadth of use.
    """
    return n * each

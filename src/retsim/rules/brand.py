"""R17: a brand is a belief that money builds and time wears away."""

from __future__ import annotations

import math

from retsim.jit import open_rule


@open_rule
def goodwill_after(goodwill, spend, terms):
    """Goodwill of a brand, 0 to 1, after some months; `spend` in money a person and month, `terms` (efficiency, decay, months).

    Formula: dG/dt = r (1 - G) - decay G with r = efficiency x spend, solved: G* + (G - G*) exp(-(r + decay) months),
    G* = r / (r + decay). Vidale & Wolfe 1957, Operations Research 5; it is the same whatever the tick.
    """
    efficiency, decay, months = terms
    built = efficiency * spend
    speed = built + decay
    if speed == 0.0:
        return goodwill
    end = built / speed
    return end + (goodwill - end) * math.exp(-speed * months)


@open_rule
def believed(reputation, goodwill, lift):
    """Quality that those believe who were never there: R + lift x G x (1 - R). Form assumed.

    A brand closes a part of the gap to full belief, and only of what nobody has found out for themselves.
    """
    return reputation + lift * goodwill * (1.0 - reputation)

"""How loyal customers are at a moment: bond, share of wallet, and who would stay without luck.

Owns the choice of R9 without its noise; writes nothing down, and leaves to the caller which prices stand in the offers.
"""

from __future__ import annotations

from retsim.jit import kernel, rule
from retsim.lifecycle.fading import fade
from retsim.lifecycle.holding import hold
from retsim.lifecycle.pulling import knows, pull
from retsim.rules.growth import risen, spend_multiple
from retsim.rules.wallet import share_of_wallet
from retsim.state import TRAIT, Status
from retsim.world import Me, customer, offer, segment, trait


@rule
def _would_stay(me, when):
    world, i, c, b, _ = me
    holding, months, usage, worth = hold(me, when, risen(when - c.joined_at, b.procedural_scale))
    best = months * b.outside_value - trait(me, TRAIT.price_of_time) * b.decision_cost
    for k in range(world.n_firms):
        if k != c.firm and knows(world, i, k):
            gain, effort = pull(me, k, months, (usage, worth))
            best = max(best, gain - effort)
    given_up = holding.sunk + holding.switching + holding.termination
    return holding.surplus + holding.attachment >= best - given_up


@kernel
def loyalty_of(ref, n, firm, when, out):
    """Attachment, share of wallet, and 1 for who would stay, of each of customers 0..n-1 who is the firm's.

    `out` is float64 (3, n). Lets bonds fade to `when`: to be called on a copy of the customers.
    """
    world = ref[0]
    for i in range(n):
        c = customer(world, i)
        if c.status == Status.ACTIVE and c.firm == firm:
            b = segment(world, c.segment)
            fade(c, b, when)
            out[0, i] = c.attachment
            out[1, i] = share_of_wallet(spend_multiple(when - c.joined_at, c.satisfaction, b), b)
            out[2, i] = _would_stay(Me(world, i, c, b, offer(world, firm)), when)

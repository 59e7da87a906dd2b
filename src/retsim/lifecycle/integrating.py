"""Whom the structural programme takes (R19, level 3), and the lapse of points (R14): what a tick does to ties.

Those who are in stay in as far as the money goes, in the order of their ranks; then others follow in the same order. Only
those who are truly there are taken: whether a system is used its owner sees.
"""

from __future__ import annotations

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.posting import pay_out
from retsim.lifecycle.preparing import luck_of
from retsim.lifecycle.tying import integration_at, lapse
from retsim.rules.rewards import lapsed
from retsim.state import Account, Flag, Status
from retsim.streams import Draw
from retsim.world import Me, book_row, customer, more, offer, segment


@rule
def _rank(world, i):
    return luck_of(world, i, Draw.ENROLMENT, Flag.STRUCTURAL, 0)[0]


@kernel
def structural_ranks(ref, n, firm, ranks):
    """Write the ranks of the firm's customers in the system into `ranks[0]`, of the others into `ranks[1]`.

    Returns how many of each there are.
    """
    world = ref[0]
    inside, outside = 0, 0
    for i in range(n):
        c = customer(world, i)
        if c.firm == firm and c.status == Status.ACTIVE:
            if c.flags & Flag.STRUCTURAL:
                ranks[0, inside] = _rank(world, i)
                inside += 1
            else:
                ranks[1, outside] = _rank(world, i)
                outside += 1
    return inside, outside


@kernel
def enrol_structural(ref, n, chosen, cuts, costs):
    """Keep those inside below the first cut, take those outside below the second, and book what each costs.

    `chosen` is (firm, now), `costs` (of keeping, of taking and keeping) in micro-units. Returns how many were kept and
    how many taken.
    """
    world = ref[0]
    firm, now = chosen
    stay, join = 0, 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != firm or c.status != Status.ACTIVE:
            continue
        inside = (c.flags & Flag.STRUCTURAL) != 0
        wanted = _rank(world, i) < (cuts[0] if inside else cuts[1])
        if inside != wanted:
            m = more(world, i)
            m.integration = integration_at(Me(world, i, c, segment(world, c.segment), offer(world, firm)), now)
            m.integrated_at = now
        if wanted:
            pay_out(book_row(world, c), Account.PROGRAMME_STRUCTURAL, costs[0] if inside else costs[1])
            c.flags |= Flag.STRUCTURAL
            stay += inside
            join += not inside
        else:
            c.flags &= np.uint8(255 - Flag.STRUCTURAL)
    return stay, join


@kernel
def lapse_points(ref, n, firm, now):
    """Release what stands against points of the firm that have lapsed by now; of those who vanished, too."""
    world = ref[0]
    expiry = offer(world, firm).points_expiry
    for i in range(n):
        m = more(world, i)
        if customer(world, i).firm == firm and m.points > 0 and lapsed(m.points_at, expiry, now):
            lapse(world, i)

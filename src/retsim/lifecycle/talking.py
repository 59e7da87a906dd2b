"""Word of mouth at a tick: who says what, who is told, and when in the tick the word comes (R17).

Who speaks and how much is counted in whole numbers, so that no order matters; when a word comes follows from the
hearer's own luck of the tick.
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.preparing import luck_of
from retsim.rules.word import praise_rate, warning_rate
from retsim.state import TRAIT, Status
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import Me, customer, more, offer, relation, segment, trait

WEIGHT = 1024
"""Units in which the `talk` of a customer is counted."""
CONTENT = 2**16
"""Units of satisfaction in the sums over speakers."""
_MOST_HEARD = 255 << 24


@rule
def praise_of(firm):
    """How a recommendation of a firm is written in `word_firm`; a warning is one more."""
    return 2 * np.int64(firm)


@rule
def heard_once_more(bond):
    """Count a recommendation of the firm (see `deciding.times_heard`)."""
    if bond.meetings < _MOST_HEARD:
        bond.meetings += np.uint32(1 << 24)


@kernel
def speak(ref, n, leavers_since, said, totals):
    """Write what customers 0..n-1 say into `said`; returns how many people the market holds.

    said : int64 (n, 4)
        Firm praised, own firm blamed, firm left and blamed (-1: none), and how much this customer talks.
    totals : int64 (n_firms, 4)
        Weight of praise and of blame, and satisfaction of those who praise and of those who blame, by weight.
    leavers_since : float
        Who left before speaks of it no more.
    """
    world = ref[0]
    heads = 0
    for i in range(n):
        c = customer(world, i)
        said[i, 0] = said[i, 1] = said[i, 2] = -1
        if c.status == Status.EXPECTED or c.status == Status.GONE:
            continue
        heads += 1
        b = segment(world, c.segment)
        me = Me(world, i, c, b, offer(world, max(np.int64(c.firm), 0)))
        weight = np.int64(trait(me, TRAIT.talk) * WEIGHT + 0.5)
        said[i, 3] = weight
        own = np.int64(c.firm) if c.status == Status.ACTIVE else np.int64(-1)
        if own >= 0 and c.satisfaction >= b.delighted_mark:
            said[i, 0] = own
            _add_up(totals, (own, 0), weight, c.satisfaction)
        elif own >= 0 and c.satisfaction < b.disappointed_mark:
            said[i, 1] = own
            _add_up(totals, (own, 1), weight, c.satisfaction)
        m = more(world, i)
        left = np.int64(m.left_firm)
        if m.left_at >= leavers_since and left != own:
            memory = relation(world, i, left).memory
            if memory < b.satisfied_mark:
                said[i, 2] = left
                _add_up(totals, (left, 1), weight, memory)
    return heads


@rule
def _add_up(totals, place, weight, satisfaction):
    firm, way = place
    totals[firm, way] += weight
    totals[firm, 2 + way] += weight * np.int64(satisfaction * CONTENT)


@kernel
def pass_on(ties, said, heard):
    """Add what neighbours say to `heard`: int64 (n, n_firms, 2), weight of praise and of blame."""
    n = said.shape[0]
    for e in range(ties.shape[1]):
        a, b = ties[0, e], ties[1, e]
        if a != b and a < n and b < n:
            _tell(said, a, b, heard)
            _tell(said, b, a, heard)


@rule
def _tell(said, speaker, hearer, heard):
    for what in range(3):
        firm = said[speaker, what]
        if firm >= 0:
            heard[hearer, firm, 0 if what == 0 else 1] += said[speaker, 3]


@kernel
def hear(ref, n, terms, sources):
    """Set when in the tick a word reaches each customer, and which: the first that would; returns how many hear one.

    `terms` is (now, months, tick, rate, share to rivals, weight of warnings, speakers that count as everybody);
    `sources` is (said, totals, heard), the last of no length where everybody speaks to everybody.
    """
    world = ref[0]
    now, months, tick, rate, to_rivals, warnings, everybody = terms
    said, totals, heard = sources
    n_hear = 0
    for i in range(n):
        c, m = customer(world, i), more(world, i)
        m.word_at = math.inf
        if c.status == Status.EXPECTED or c.status == Status.GONE:
            continue
        own = np.int64(c.firm) if c.status == Status.ACTIVE else np.int64(-1)
        response = rate * segment(world, c.segment).word_response
        for k in range(world.n_firms):
            if heard.shape[0] > 0:
                praise, blame = heard[i, k, 0], heard[i, k, 1]
            else:
                praise, blame = totals[k, 0], totals[k, 1]
                if said[i, 1] == k or said[i, 2] == k:
                    blame -= said[i, 3]
            praised, warned = praise / everybody, blame / everybody
            if k == own:
                hazard = warning_rate(response, warned, warnings)
            else:
                hazard = praise_rate(response * (to_rivals if own >= 0 else 1.0), praised, warned, warnings)
            if hazard > 0.0:
                at = now + exponential(luck_of(world, i, Draw.WORD, tick, k)[0]) / hazard
                if at < min(m.word_at, now + months):
                    m.word_at = at
                    m.word_firm = praise_of(k) + (1 if k == own else 0)
        n_hear += m.word_at < math.inf
    return n_hear

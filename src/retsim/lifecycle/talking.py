"""Word of mouth at a tick: who says what, who is told, and when in the tick the word comes (R17).

Who speaks and how much is counted in whole numbers, so that no order matters; when a word comes follows from the
hearer's own luck of the tick.
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.preparing import luck_of
from retsim.rules.word import matched, praise_rate, warning_rate
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
    """How a recommendation of a firm is written in `word_firm`."""
    return 4 * np.int64(firm)


@rule
def warning_of(firm):
    """How a warning of one's own firm is written there."""
    return 4 * np.int64(firm) + 1


@rule
def rewarded_praise_of(firm):
    """How a recommendation is written there for which the firm pays a reward if it wins a customer."""
    return 4 * np.int64(firm) + 2


@rule
def heard_once_more(bond):
    """Count a recommendation of the firm (see `deciding.times_heard`)."""
    if bond.meetings < _MOST_HEARD:
        bond.meetings += np.uint32(1 << 24)


@kernel
def speak(ref, n, leavers_since, said, totals):
    """Write what customers 0..n-1 say into `said`; returns how many people the market holds.

    said : int32 (n, 4)
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
        talk = trait(me, TRAIT.talk)
        if more(world, i).community != 0:
            talk *= me.its.community_talk
        weight = np.int64(talk * WEIGHT + 0.5)
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
def pass_on(partners, firm, said, heard):
    """Write what neighbours say of a firm into `heard`: int64 (n, 2), weight of praise and of blame."""
    n = said.shape[0]
    heard[:] = 0
    for a in range(n):
        for k in range(partners.shape[1]):
            b = np.int64(partners[a, k])
            if a != b and b < n:
                _tell(said, firm, (a, b), heard)
                _tell(said, firm, (b, a), heard)


@rule
def _tell(said, firm, ends, heard):
    speaker, hearer = ends
    for what in range(3):
        if said[speaker, what] == firm:
            heard[hearer, 0 if what == 0 else 1] += said[speaker, 3]


@kernel
def hear(ref, n, firms, terms, sources):
    """Set when in the tick a word reaches each customer, and which: the first that would.

    `firms` is (first, last + 1): what is said of these is heard now; of the first firm of all first. `terms` is (now,
    months, tick, rate, share to rivals, weight of warnings, matching, speakers that count as everybody);
    `sources` is (said, totals, heard, lifts), `heard` what neighbours say of the one firm, of no length where everybody
    speaks to everybody, and `lifts` how much more each firm's customers recommend it for a reward.
    """
    world = ref[0]
    now, months, tick, rate, to_rivals, warnings, matching, everybody = terms
    said, totals, heard, lifts = sources
    first, beyond = firms
    for i in range(n):
        c, m = customer(world, i), more(world, i)
        if first == 0:
            m.word_at = math.inf
        if c.status == Status.EXPECTED or c.status == Status.GONE:
            continue
        own = np.int64(c.firm) if c.status == Status.ACTIVE else np.int64(-1)
        b = segment(world, c.segment)
        response = rate * b.word_response
        for k in range(first, beyond):
            if heard.shape[0] > 0:
                praise, blame = heard[i, 0], heard[i, 1]
            else:
                praise, blame = totals[k, 0], totals[k, 1]
                if said[i, 1] == k or said[i, 2] == k:
                    blame -= said[i, 3]
            praised, warned = praise / everybody, blame / everybody
            if k == own:
                hazard = warning_rate(response, warned, warnings)
            else:
                hazard = praise_rate(response * (to_rivals if own >= 0 else 1.0), praised, warned, warnings)
                its = offer(world, k)
                worth = trait(Me(world, i, c, b, its), TRAIT.willingness_to_pay) * b.worth
                hazard = matched(hazard, matching, worth * its.reputation - its.net_price) * (1.0 + lifts[k])
            if hazard > 0.0:
                u_wait, u_rewarded, _, _ = luck_of(world, i, Draw.WORD, tick, k)
                at = now + exponential(u_wait) / hazard
                if at < min(m.word_at, now + months):
                    m.word_at = at
                    if k == own:
                        m.word_firm = warning_of(k)
                    elif u_rewarded * (1.0 + lifts[k]) < lifts[k]:
                        m.word_firm = rewarded_praise_of(k)
                    else:
                        m.word_firm = praise_of(k)


@kernel
def rewarded(ref, n, terms, ranks):
    """Write the ranks of those who will hear a rewarded word of a firm; returns how many there are.

    `terms` is (firm, tick, cut): a word whose rank is not below the cut becomes one without a reward.
    """
    world = ref[0]
    firm, tick, cut = terms
    found = 0
    for i in range(n):
        m = more(world, i)
        if m.word_at < math.inf and m.word_firm == rewarded_praise_of(firm):
            ranks[found] = luck_of(world, i, Draw.WORD, tick, firm)[2]
            if ranks[found] >= cut:
                m.word_firm = praise_of(firm)
            found += 1
    return found

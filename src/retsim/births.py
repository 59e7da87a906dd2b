"""Rows of customers begin: what nobody has yet, who is known already, and the date and door of a newcomer.

Owns what a row holds before its customer does anything; refuses to own traits (`retsim.population` draws them).
"""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule
from retsim.state import Channel
from retsim.streams import Draw, draws
from retsim.variates import exponential


@kernel
def begin(columns, ids, born, awareness, key):
    """Write rows that nobody has used: waits for everything, and which firms are known already.

    Parameters
    ----------
    columns : tuple
        CUSTOMER records (n,), RELATION records (n, n_firms), MORE records (n or 0,), all still zero.
    ids : int64 (n,)
        Numbers in the streams.
    born : tuple
        Segment, int64 (n,), satisfaction and expectation, float64 (n,).
    awareness : float64 (n_firms,)
    key : tuple of uint64
        (seed, replication).
    """
    customers, relations, more = columns
    segments, satisfaction, expectation = born
    for k in range(ids.size):
        c = customers[k]
        c["segment"], c["satisfaction"], c["expectation"] = segments[k], satisfaction[k], expectation[k]
        # Bound for no firm, and come of themselves, until something else is known: status is EXPECTED, which is 0.
        c["firm"], c["channel"], c["coupon_tick"] = -1, np.uint8(Channel.ORGANIC), -1
        c["vanish_at"], c["contact_at"], c["contract_end"] = math.inf, math.inf, math.inf
        c["contact_left"] = -1.0
        _introduce(relations, k, ids[k], awareness, key)
    for k in range(more.size):
        m = more[k]
        m["complained_at"], m["answer_at"], m["word_at"] = math.inf, math.inf, math.inf
        m["life_at"], m["lead_at"], m["left_at"] = math.inf, math.inf, -math.inf
        m["lead_firm"] = -1


@rule
def _introduce(relations, k, i, awareness, key):
    """First waits for meetings, and which firms are known already."""
    for group in range((awareness.size + 3) // 4):
        known = draws(key, Draw.AWARENESS, i, 0, group)
        for lane in range(min(4, awareness.size - 4 * group)):
            firm = 4 * group + lane
            bond = relations[k, firm]
            bond["memory"] = -1.0
            bond["meet_at"] = exponential(draws(key, Draw.MEETING, i, 0, firm)[0])
            bond["meetings"] = known[lane] < awareness[firm]


@kernel
def admit(columns, thresholds, luck, course, entry):
    """Give newcomers the date on which they enter, and a firm to those who walk straight into one.

    Parameters
    ----------
    columns : tuple
        CUSTOMER records (n,) and RELATION records (n, n_firms) of rows that have begun.
    thresholds : float64 (n,)
        Accumulated rate of entry at which each comes.
    luck : tuple of float64 (n,)
        Uniforms: walks in, which firm.
    course : tuple of float64
        Now, the rate of entry accumulated by now, that rate from now on, and the last moment to come.
    entry : tuple
        Share of newcomers who walk straight into a firm; shares of the firms into which they walk, cumulated,
        float64 (n_segments, n_firms).
    """
    customers, relations = columns
    u_walks, u_firm = luck
    now, accumulated, rate, last = course
    walk_in, doors = entry
    for k in range(thresholds.size):
        c = customers[k]
        c["occasion_at"] = min(now + (thresholds[k] - accumulated) / rate, last)
        if u_walks[k] < walk_in:
            firm = _door(doors, np.int64(c["segment"]), u_firm[k])
            c["firm"] = firm
            if firm >= 0:
                relations[k, firm]["meetings"] = 1


@rule
def _door(doors, segment, u):
    """The first firm whose cumulated share lies above u; -1 beyond the last."""
    n_firms = doors.shape[1]
    for firm in range(n_firms):
        if u < doors[segment, firm]:
            return firm
    return -1

"""What happens next to a customer, and when: `next_event`."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.state import Kind, Status
from retsim.world import customer, more, reach, relation


@rule
def next_event(world, i):
    """When something next happens to customer i, what, and with which firm.

    Returns
    -------
    tuple of (float, int, int)
        Time in months (inf: never), `Kind`, firm met (-1: none). At one instant the order is that of `Kind`.
    """
    c = customer(world, i)
    when, kind, met = math.inf, np.int64(Kind.NONE), np.int64(-1)
    if c.status == Status.ACTIVE:
        when, kind = c.contract_end, np.int64(Kind.TERM)
        if c.vanish_at < when:
            when, kind = c.vanish_at, np.int64(Kind.VANISH)
        if c.occasion_at < when:
            when, kind = c.occasion_at, np.int64(Kind.OCCASION)
        if c.contact_at < when:
            when, kind = c.contact_at, np.int64(Kind.CONTACT)
        if world.n_firms > 1:
            when, kind, met = _meeting_before(world, i, 1, (when, kind))
    elif c.status == Status.EXPECTED:
        when, kind = c.occasion_at, np.int64(Kind.ENTER)
    elif c.status != Status.GONE:
        when, kind, met = _meeting_before(world, i, 0, (when, kind))
        if c.contact_at < when:
            when, kind, met = c.contact_at, np.int64(Kind.CONTACT), np.int64(-1)
    if world.has_more != 0:
        return _further_before(world, i, (when, kind, met))
    return when, kind, met


@rule
def occasion_is_next(c, when):
    """Whether nothing else happens first to a customer of a firm whose next occasion comes at `when`.

    What `next_event` says where no other firm reaches them and no further mechanism is on.
    """
    return (when < c.contract_end) & (when < c.vanish_at) & (when <= c.contact_at)


@rule
def _further_before(world, i, earliest):
    """The first event of the further mechanisms, where it comes before `earliest`."""
    when, kind, met = earliest
    m = more(world, i)
    status = customer(world, i).status
    if status == Status.ACTIVE:
        if m.answer_at < when:
            when, kind, met = m.answer_at, np.int64(Kind.ANSWER), np.int64(-1)
        if m.life_at < when:
            when, kind, met = m.life_at, np.int64(Kind.LIFE), np.int64(-1)
    if status != Status.EXPECTED and status != Status.GONE and m.word_at < when:
        when, kind, met = m.word_at, np.int64(Kind.WORD), np.int64(m.word_firm)
    if (status == Status.PROSPECT or status == Status.LAPSED) and m.lead_at < when:
        when, kind, met = m.lead_at, np.int64(Kind.LEAD), np.int64(m.lead_firm)
    return when, kind, met


@step
def _meeting_before(world, i, standing, earliest):
    """The first meeting with a firm that is not the customer's own, where it comes before `earliest`."""
    c = customer(world, i)
    when, kind = earliest
    met = np.int64(-1)
    for k in range(world.n_firms):
        r = reach(world, standing, c.segment, k)
        if r.rate > 0.0 and not (standing == 1 and k == c.firm):
            at = max(r.since + (relation(world, i, k).meet_at - r.reached) / r.rate, r.since)
            if at < when:
                when, kind, met = at, np.int64(Kind.MEETING), np.int64(k)
    return when, kind, met

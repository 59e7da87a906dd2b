"""Let an event of a customer's life happen, whichever it is; and those that are over in a few lines."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle import needing
from retsim.lifecycle.answering import answer
from retsim.lifecycle.contacting import receive, wakes
from retsim.lifecycle.entering import enter
from retsim.lifecycle.fading import fade
from retsim.lifecycle.leading import followed_up
from retsim.lifecycle.leaving import vanish
from retsim.lifecycle.meeting import hear_word, meeting
from retsim.lifecycle.mood import mood_of, place_of
from retsim.lifecycle.occurring import occasion
from retsim.lifecycle.posting import note
from retsim.lifecycle.preparing import luck_of, prepare
from retsim.lifecycle.thinking import think
from retsim.lifecycle.winning_back import approach
from retsim.state import Count, Kind, Status, Trigger
from retsim.streams import Draw
from retsim.variates import exponential
from retsim.world import Me, add, count_row, customer, more, offer, segment


@rule
def advance(world, i, when, kind, met):
    """Let the next event of customer i happen."""
    if kind == Kind.OCCASION:
        c = customer(world, i)
        me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
        occasion(me, when, prepare(me, when))
    else:
        advance_other(world, i, when, kind, met)


@step
def advance_other(world, i, when, kind, met):
    """Let an event happen that is not an occasion."""
    if kind == Kind.CONTACT and customer(world, i).status != Status.ACTIVE:
        approach(world, i, when)
    elif kind == Kind.CONTACT:
        contact(world, i, when)
    elif kind == Kind.MEETING:
        meeting(world, i, when, met)
    elif kind == Kind.TERM:
        term(world, i, when)
    elif kind == Kind.VANISH:
        fade(customer(world, i), segment(world, customer(world, i).segment), when)
        vanish(world, i, when, np.int64(Trigger.NATURAL))
    elif kind == Kind.ENTER:
        enter(world, i, when)
    elif kind == Kind.LIFE:
        life(world, i, when)
    elif kind == Kind.ANSWER:
        answer(world, i, when)
    elif kind == Kind.WORD:
        hear_word(world, i, when, met)
    elif kind == Kind.LEAD:
        followed_up(world, i, when)


@step
def contact(world, i, when):
    """The firm gets in touch; a dissatisfied customer may wake from it (R7, R11)."""
    c = customer(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    me = Me(world, i, c, b, its)
    fade(c, b, when)
    c.contacts += 1
    wait, u_relevant, _, _ = luck_of(world, i, Draw.CONTACT, c.contacts, 0)
    heard = receive(me, when, u_relevant)
    c.contact_at = when + exponential(wait) / its.contact_rate
    add(count_row(world, c), Count.CONTACTS, 1)
    note(world, i, when, Kind.CONTACT, (heard, -1, 0))
    if wakes(me):
        think(me, when, np.int64(Trigger.CONTACT), mood_of(me, when, place_of(Draw.CHOICE_WOKEN, c.contacts, 0)))


@step
def term(world, i, when):
    """The contract ends: a new term or none follows, and the customer surely reconsiders (R7)."""
    c = customer(world, i)
    b, its = segment(world, c.segment), offer(world, c.firm)
    me = Me(world, i, c, b, its)
    fade(c, b, when)
    ended = np.int64(math.floor((when - c.joined_at) * 1024.0))
    c.contract_end = math.inf
    firm, spell = c.firm, c.spells
    place = place_of(Draw.CHOICE_TERM, ended, spell)
    think(me, when, np.int64(Trigger.TERM), mood_of(me, when, place))
    if c.status == Status.ACTIVE and c.firm == firm and c.spells == spell and its.auto_renew != 0.0:
        c.contract_end = when + its.contract_term


@step
def life(world, i, when):
    """A life event, a product worn out or an offer; a need that stays open makes the customer think (R13, R7)."""
    c = customer(world, i)
    me = Me(world, i, c, segment(world, c.segment), offer(world, c.firm))
    fade(c, me.b, when)
    m = more(world, i)
    lived = np.int64(m.lives)
    if needing.happen(world, i, when) != 0:
        # Tastes at a life event are its own; those at a product worn out are told apart by the offers so far.
        sub = 0 if m.lives != lived else 1 + np.int64(m.offers)
        think(me, when, np.int64(Trigger.NEED), mood_of(me, when, place_of(Draw.CHOICE_NEED, m.lives, sub)))

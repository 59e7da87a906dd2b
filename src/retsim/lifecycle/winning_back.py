"""A lapsed customer is asked to come back (R15, R21): the last firm's offer with its bonus, against all the others."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import step
from retsim.lifecycle.choosing import choose_firm
from retsim.lifecycle.fading import fade
from retsim.lifecycle.joining import join
from retsim.lifecycle.mood import place_of
from retsim.lifecycle.posting import note
from retsim.state import Channel, Kind
from retsim.streams import Draw
from retsim.world import Me, clock, customer, offer, segment


@step
def approach(world, i, when):
    """The firm that customer i last left asks them back, with a bonus.

    They weigh every firm they know against "not now", as at any meeting, with their memory of each; who is only
    reminded of the category may join another firm.
    """
    c = customer(world, i)
    firm = np.int64(c.firm)
    its = offer(world, firm)
    me = Me(world, i, c, segment(world, c.segment), its)
    c.contact_at = math.inf
    fade(c, me.b, when)
    place = place_of(Draw.CHOICE_BACK, clock(world).tick, firm)
    chosen = choose_firm(me, place, its.win_back_bonus)
    if chosen < 0:
        note(world, i, when, Kind.DECLINE, (firm, -1, 0))
    else:
        join(world, i, when, chosen, np.int64(Channel.WIN_BACK if chosen == firm else Channel.ORGANIC))

"""A firm's community of customers at a tick (R19): who is a member, what that costs, and what members do with each other."""

from __future__ import annotations

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.enrolling import delivered, eligible, taken
from retsim.lifecycle.fading import fade
from retsim.lifecycle.knowing import gain_of, learn
from retsim.lifecycle.posting import pay_out
from retsim.rules.bonds import closer, kept
from retsim.state import TRAIT, Account, Count, Status
from retsim.world import Me, add, book_row, count_row, customer, more, offer, segment, trait


@kernel
def enrol_community(ref, n, chosen, order, terms):
    """Take the eligible before the cut into the community, and nobody else; returns for how many is paid.

    `order` is (cut, scores by customer, or none), `terms` (now, months, cost, execution).
    """
    world = ref[0]
    cut, scores = order
    now, months, cost, execution = terms
    enrolled = 0
    for i in range(n):
        c = customer(world, i)
        if c.firm != chosen[0]:
            continue
        wanted = eligible(world, i, chosen) and taken(world, i, chosen[1], cut, scores)
        member = wanted and c.status == Status.ACTIVE and delivered(world, i, chosen[1], execution)
        more(world, i).community = np.uint8(member)
        if wanted:
            pay_out(book_row(world, c), Account.PROGRAMME_COMMUNITY, cost)
            enrolled += 1
        if member:
            _interact(Me(world, i, c, segment(world, c.segment), offer(world, chosen[0])), now, months)
    return enrolled


@rule
def _interact(me, now, months):
    """A tick among members: attachment grows (R4), by shared values more or less, and the firm learns (R11)."""
    world, i, c, b, its = me
    add(count_row(world, c), Count.MEMBERS, 1)
    learn(world, i, its)
    if its.community_attachment > 0.0:
        fade(c, b, now)
        gain = gain_of(me, 1.0 - kept(its.community_attachment, months))
        c.attachment = closer(c.attachment, gain, trait(me, TRAIT.social_sensitivity))

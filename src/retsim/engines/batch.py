"""A batch of occasions: ordinary ones in columns, the others one by one."""

from __future__ import annotations

import numpy as np

from retsim.engines import room as r
from retsim.engines.ordinary import feel, set_next, spend, traits_in_columns, write_down
from retsim.engines.prepare import draw_departures, prepare_batch, prepared
from retsim.engines.room import ask_for_next, cell, whole
from retsim.engines.terms import habits_of, terms_of
from retsim.engines.thinking import think_together
from retsim.jit import rule, step
from retsim.lifecycle import Fate, Lived, paid, thought, undergone
from retsim.rules.experience import weighted
from retsim.state import TRAIT
from retsim.world import clock, common_trait, offer, reach, segment, trait_column


@rule
def live_through(world, line, n, room):
    """The occasions of a batch: ordinary ones in columns, the others one by one."""
    firm, s = np.int64(line // world.n_segments), np.int64(line % world.n_segments)
    b, its = segment(world, s), offer(world, firm)
    prepare_batch(world, whole(n), firm, b, room)
    if _only_extraordinary(world, its):
        for k in range(n):
            room.words[cell(r.SPECIAL, k)], room.words[cell(r.QUIET, k)] = k, 0
        _one_by_one(world, n, room)
        return
    _together(world, (firm, s), n, (b, its), room)


@rule
def _only_extraordinary(world, its):
    """Whether a mechanism is on at every occasion that ordinary ones do without."""
    further = world.has_more != 0 or world.n_products != 0 or world.log_room >= 0
    return further or its.bad_debt != 0.0 or its.return_rate != 0.0


@rule
def _together(world, where, n, common, room):
    firm, s = where
    b, its = common
    lanes = whole(n)
    habits, terms = habits_of(b), terms_of(its)
    traits_in_columns(world, s, lanes, room)
    if _may_vanish(world, s) or world.spend_width != 0:
        run = clock(world)
        draw_departures(lanes, (run.seed, run.replication), room.numbers, room.words)
    feel(lanes, weighted(its, b), habits, terms.stance, room.numbers)
    spend(world, s, lanes, habits, room.numbers)
    set_next(lanes, habits, room.numbers)
    thinkers, specials = write_down(world, n, where, (habits, terms, _is_unreached(world, firm, s)), room)
    if 2 * thinkers > n and firm < 3:
        think_together(world, (lanes, thinkers), where, (b, its, habits, terms), room)
    else:
        _think_one_by_one(world, thinkers, room)
    _one_by_one(world, specials, room)


@rule
def _is_unreached(world, firm, s):
    """Whether no other firm reaches this firm's customers."""
    reached = 0.0
    for k in range(world.n_firms):
        reached += 0.0 if k == firm else reach(world, 1, s, k).rate
    return reached == 0.0


@rule
def _may_vanish(world, s):
    return trait_column(world, s, TRAIT.vanish_probability) >= 0 or (
        common_trait(world, s, TRAIT.vanish_probability) != 0.0
    )


@step
def _think_one_by_one(world, thinkers, room):
    """Let those listed in `THINKER` decide, each alone."""
    numbers, words = room.numbers, room.words
    for j in range(thinkers):
        k = words[cell(r.THINKER, j)]
        i, when = words[cell(r.WHO, k)], numbers[cell(r.WHEN, k)]
        words[cell(r.QUIET, k)] = 0
        thought(world, i, when, prepared(numbers, k), words[cell(r.TRIGGER, j)])


@step
def _one_by_one(world, n, room):
    """The occasions of the n listed in `SPECIAL`, step by step and not customer by customer.

    Customers do not touch each other, so this gives the same; but the steps of one occasion wait for each other,
    and the processor works at those of several customers meanwhile.
    """
    numbers, words = room.numbers, room.words
    for j in range(n):
        ask_for_next(world, j, room)
        k = words[cell(r.SPECIAL, j)]
        lived = undergone(world, words[cell(r.WHO, k)], numbers[cell(r.WHEN, k)], prepared(numbers, k))
        words[cell(r.FATE, j)], words[cell(r.SPENT, j)] = lived.fate, lived.spent
        numbers[cell(r.U_SPEND, k)] = lived.u_spend
    for j in range(n):
        k = words[cell(r.SPECIAL, j)]
        fate = words[cell(r.FATE, j)]
        trigger = np.int64(-1)
        if fate != Fate.ENDED:
            lived = Lived(fate, words[cell(r.SPENT, j)], numbers[cell(r.U_SPEND, k)])
            trigger = paid(world, words[cell(r.WHO, k)], numbers[cell(r.WHEN, k)], prepared(numbers, k), lived)
        words[cell(r.FATE, j)] = trigger
    for j in range(n):
        k, trigger = words[cell(r.SPECIAL, j)], words[cell(r.FATE, j)]
        if trigger >= 0:
            thought(world, words[cell(r.WHO, k)], numbers[cell(r.WHEN, k)], prepared(numbers, k), trigger)

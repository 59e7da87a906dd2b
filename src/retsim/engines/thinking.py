"""Those of a batch who think it over at an ordinary occasion: what holds them and the way out, in columns (R8, R9).

The rules are those of `lifecycle.deciding`. Rivals are weighed one customer at a time, because each knows others.
"""

from __future__ import annotations

import numpy as np

from retsim.engines import room as r
from retsim.engines.ordinary import trait_in_column
from retsim.engines.room import cell
from retsim.jit import rule, step
from retsim.lifecycle.deciding import Best, among_rivals, given_up_with, stay_or_quit
from retsim.lifecycle.holding import Felt, holding_of, months_left, months_of
from retsim.lifecycle.mood import Mood
from retsim.lifecycle.recording import Weighed, record
from retsim.lifecycle.thinking import go
from retsim.rules import forces
from retsim.rules.forces import Holding
from retsim.state import MICRO, TRAIT, Force, Trigger
from retsim.streams import Draw
from retsim.world import Me, add, customer, decision_row, expect_bonds


@rule
def think_together(world, span, where, common, room):
    """Let those listed in `THINKER` decide, all at once.

    `span` is (size of the batch, how many think), `where` (firm, segment), `common` (segment, offer, habits, terms).
    """
    n, thinkers = span
    b, its, habits, terms = common
    firm, segment = where
    numbers = room.numbers
    _more_columns(world, segment, n, room)
    _copy(n, r.TASTE_0 + firm + 1, r.OWN_TASTE, numbers)
    _weigh(n, habits, terms, numbers)
    _decide_all(world, thinkers, where, (b, its, habits.satisfied_mark), room)


@step
def _more_columns(world, segment, n, room):
    """What deciding needs beside what the occasion needed."""
    numbers, words = room.numbers, room.words
    trait_in_column(world, segment, n, (TRAIT.willingness_to_pay, r.WILLING), room)
    trait_in_column(world, segment, n, (TRAIT.sunk_sensitivity, r.SUNK_SENSITIVITY), room)
    trait_in_column(world, segment, n, (TRAIT.price_of_time, r.TIME), room)
    for k in range(n):
        c = customer(world, words[cell(r.WHO, k)])
        numbers[cell(r.LEFT, k)] = months_left(c.contract_end, numbers[cell(r.WHEN, k)])


@step
def _copy(n, source, target, numbers):
    """Bring a column to a fixed place: only there do loops over it become vector instructions."""
    for k in range(n):
        numbers[cell(target, k)] = numbers[cell(source, k)]


@step
def _weigh(n, b, its, numbers):
    """Forces, appeal of staying and of quitting for each of the batch."""
    for k in range(n):
        left = numbers[cell(r.LEFT, k)]
        months = months_of(left, b)
        occasions = 1.0 / b.billing_period if b.contractual != 0.0 else numbers[cell(r.RATE, k)]
        usage = occasions * numbers[cell(r.SPEND, k)]
        worth = numbers[cell(r.WILLING, k)] * b.worth
        flow = forces.surplus(usage, worth, numbers[cell(r.SATISFACTION, k)], its.net_price) + its.added_value
        felt = Felt(
            numbers[cell(r.ATTACHMENT, k)],
            numbers[cell(r.SUNK, k)],
            numbers[cell(r.SOCIAL, k)],
            numbers[cell(r.SUNK_SENSITIVITY, k)],
        )
        switching = forces.switching_cost(numbers[cell(r.GROWN, k)], b)
        holding = holding_of(felt, flow, (months, left), switching, (b, its))
        effort = numbers[cell(r.TIME, k)] * b.decision_cost
        tastes = numbers[cell(r.OWN_TASTE, k)], numbers[cell(r.TASTE_0, k)]
        staying, quitting, against, opportunity = stay_or_quit(holding, months, 0.0, effort, tastes, b)
        numbers[cell(r.HELD_SURPLUS, k)], numbers[cell(r.HELD_ATTACHMENT, k)] = holding.surplus, holding.attachment
        numbers[cell(r.HELD_SUNK, k)], numbers[cell(r.HELD_SWITCHING, k)] = holding.sunk, holding.switching
        numbers[cell(r.HELD_TERMINATION, k)] = holding.termination
        numbers[cell(r.STAYING, k)], numbers[cell(r.QUITTING, k)] = staying, quitting
        numbers[cell(r.AGAINST, k)], numbers[cell(r.OPPORTUNITY, k)] = against, opportunity
        numbers[cell(r.EFFORT, k)] = effort
        numbers[cell(r.MONTHS, k)], numbers[cell(r.USAGE, k)], numbers[cell(r.WORTH, k)] = months, usage, worth


@step
def _decide_all(world, thinkers, where, common, room):
    """Let those who think choose; `common` is (segment, offer, satisfied mark).

    Who thinks here is calm and no log is kept, so nothing becomes of those who stay: their record is not touched.
    """
    numbers, words = room.numbers, room.words
    for k in range(r.SIZE):
        words[cell(r.STAYS, k)] = 0
    others = 0
    for j in range(thinkers):
        k, trigger = words[cell(r.THINKER, j)], words[cell(r.TRIGGER, j)]
        outcome = _outcome(world, (k, trigger), where, common, room)
        stays = np.int64((outcome == where[0]) & (trigger == Trigger.ATTENTION))
        words[cell(r.STAYS, k)] = stays
        words[cell(r.MOVER, others)], words[cell(r.OUTCOME, others)] = j, outcome
        others += 1 - stays
    for j in range(others):
        expect_bonds(world, words[cell(r.WHO, words[cell(r.THINKER, words[cell(r.MOVER, j)])])])
    _record_staying(world, where, common[2], numbers, words)
    for j in range(others):
        _act(world, words[cell(r.MOVER, j)], words[cell(r.OUTCOME, j)], (where, common), room)


@rule
def _outcome(world, who, where, common, room):
    """What the k-th of the batch chooses, the rivals that they know included; `who` is (k, trigger).

    Effort and opportunity become those of the best way of leaving.
    """
    k, trigger = who
    numbers, words = room.numbers, room.words
    staying, quitting = numbers[cell(r.STAYING, k)], numbers[cell(r.QUITTING, k)]
    outcome = np.int64(world.n_firms) if quitting > staying else where[0]
    if world.n_firms == 1:
        return outcome
    effort = numbers[cell(r.EFFORT, k)]
    best = Best(outcome, max(staying, quitting), numbers[cell(r.AGAINST, k)], numbers[cell(r.OPPORTUNITY, k)], effort)
    given_up = given_up_with(_held(numbers, k))
    plan = numbers[cell(r.MONTHS, k)], numbers[cell(r.USAGE, k)], numbers[cell(r.WORTH, k)], given_up
    mood = mood_at(words[cell(r.NTH, k)], k, numbers)
    i = words[cell(r.WHO, k)]
    best = among_rivals(
        Me(world, i, customer(world, i), common[0], common[1]), trigger, (mood, mood.tastes), best, plan
    )
    numbers[cell(r.EFFORT, k)], numbers[cell(r.OPPORTUNITY, k)] = best.transaction, best.opportunity
    return best.outcome


@rule
def _held(numbers, k):
    """The forces that hold the k-th of the batch."""
    return Holding(
        numbers[cell(r.HELD_SURPLUS, k)],
        numbers[cell(r.HELD_ATTACHMENT, k)],
        numbers[cell(r.HELD_SUNK, k)],
        numbers[cell(r.HELD_SWITCHING, k)],
        numbers[cell(r.HELD_TERMINATION, k)],
    )


@rule
def _act(world, j, outcome, common, room):
    """Record what the j-th of those who think decided, and do it; `common` is (where, (segment, offer, satisfied mark))."""
    where, (b, its, mark) = common
    numbers, words = room.numbers, room.words
    k, trigger = words[cell(r.THINKER, j)], words[cell(r.TRIGGER, j)]
    weighed = Weighed(_held(numbers, k), numbers[cell(r.EFFORT, k)], numbers[cell(r.OPPORTUNITY, k)])
    record(world, where, numbers[cell(r.SATISFACTION, k)] >= mark, (trigger, outcome), weighed)
    if outcome != where[0]:
        words[cell(r.QUIET, k)] = 0
        i = words[cell(r.WHO, k)]
        go(Me(world, i, customer(world, i), b, its), numbers[cell(r.WHEN, k)], trigger, outcome, weighed)


@step
def _record_staying(world, where, mark, numbers, words):
    """Add the decisions of those who paid attention and stay to the sums: `deciding.record`, added up here first."""
    count = satisfied = against_surplus = np.int64(0)
    for k in range(r.SIZE):
        stays = words[cell(r.STAYS, k)]
        count += stays
        satisfied += stays & np.int64(numbers[cell(r.SATISFACTION, k)] >= mark)
        against_surplus += stays & np.int64(numbers[cell(r.OPPORTUNITY, k)] > numbers[cell(r.HELD_SURPLUS, k)])
    row = decision_row(world, where, np.int64(Trigger.ATTENTION), where[0])
    add(row, Force.COUNT, count)
    add(row, Force.SATISFIED, satisfied)
    add(row, Force.AGAINST_SURPLUS, against_surplus)
    add(row, Force.SURPLUS, _summed(r.HELD_SURPLUS, numbers, words))
    add(row, Force.ATTACHMENT, _summed(r.HELD_ATTACHMENT, numbers, words))
    add(row, Force.SUNK, _summed(r.HELD_SUNK, numbers, words))
    add(row, Force.TRANSACTION, _summed(r.EFFORT, numbers, words))
    add(row, Force.SWITCHING, _summed(r.HELD_SWITCHING, numbers, words))
    add(row, Force.TERMINATION, _summed(r.HELD_TERMINATION, numbers, words))
    add(row, Force.OPPORTUNITY, _summed(r.OPPORTUNITY, numbers, words))


@rule
def _summed(column, numbers, words):
    """The sum over those who stay of a column of money, each cut to whole micro-units."""
    total = np.int64(0)
    for k in range(r.SIZE):
        total += np.int64(numbers[cell(column, k)] * MICRO) if words[cell(r.STAYS, k)] != 0 else np.int64(0)
    return total


@rule
def mood_at(nth, k, numbers):
    """The mood of the k-th of the batch at this occasion."""
    tastes = (
        numbers[cell(r.TASTE_0, k)],
        numbers[cell(r.TASTE_1, k)],
        numbers[cell(r.TASTE_2, k)],
        numbers[cell(r.TASTE_3, k)],
    )
    return Mood(np.int64(Draw.CHOICE), nth, np.int64(0), tastes, numbers[cell(r.GROWN, k)])

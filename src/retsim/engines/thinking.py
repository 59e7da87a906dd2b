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
from retsim.state import TRAIT
from retsim.streams import Draw
from retsim.world import Me, customer


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
    for j in range(thinkers):
        _decide(world, j, where, common, room)


@rule
def _decide(world, j, where, common, room):
    """Let the j-th of those who think compare with the rivals they know, and act.

    Who thinks here is calm and no log is kept, so nothing becomes of those who stay: their record is not touched.
    """
    b, its, mark = common
    firm = where[0]
    numbers, words = room.numbers, room.words
    k, trigger = words[cell(r.THINKER, j)], words[cell(r.TRIGGER, j)]
    i = words[cell(r.WHO, k)]
    staying, quitting = numbers[cell(r.STAYING, k)], numbers[cell(r.QUITTING, k)]
    effort = numbers[cell(r.EFFORT, k)]
    holding = Holding(
        numbers[cell(r.HELD_SURPLUS, k)],
        numbers[cell(r.HELD_ATTACHMENT, k)],
        numbers[cell(r.HELD_SUNK, k)],
        numbers[cell(r.HELD_SWITCHING, k)],
        numbers[cell(r.HELD_TERMINATION, k)],
    )
    outcome = np.int64(world.n_firms) if quitting > staying else firm
    best = Best(outcome, max(staying, quitting), numbers[cell(r.AGAINST, k)], numbers[cell(r.OPPORTUNITY, k)], effort)
    me = Me(world, i, customer(world, i), b, its)
    if world.n_firms > 1:
        plan = numbers[cell(r.MONTHS, k)], numbers[cell(r.USAGE, k)], numbers[cell(r.WORTH, k)], given_up_with(holding)
        mood = mood_at(words[cell(r.NTH, k)], k, numbers)
        best = among_rivals(me, trigger, (mood, mood.tastes), best, plan)
    weighed = Weighed(holding, best.transaction, best.opportunity)
    record(world, where, numbers[cell(r.SATISFACTION, k)] >= mark, (trigger, best.outcome), weighed)
    if best.outcome != firm:
        go(me, numbers[cell(r.WHEN, k)], trigger, best.outcome, weighed)


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

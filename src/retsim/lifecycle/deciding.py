"""R8 and R9 put together: weigh staying against every way of leaving, and choose."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from retsim.jit import rule
from retsim.lifecycle.holding import hold
from retsim.lifecycle.mood import one_of, tastes_of
from retsim.lifecycle.pulling import knows, pull
from retsim.lifecycle.recording import Weighed, record
from retsim.rules.choice import appeal
from retsim.state import TRAIT, Trigger
from retsim.world import offer, trait


class Best(NamedTuple):
    """The best way on so far: what it is and its appeal; and the best way of leaving with what speaks for it."""

    outcome: int
    appeal: float
    against: float
    opportunity: float
    transaction: float


@rule
def given_up_with(holding):
    """What every way of leaving gives up once."""
    return holding.sunk + holding.switching + holding.termination


@rule
def stay_or_quit(holding, months, extra, effort, tastes, b):
    """Weigh staying against leaving the category.

    `extra` is an additional pull of the outside, `effort` what making up one's mind costs, `tastes` those for the
    present firm and for the outside. Returns appeal of staying, appeal of quitting, value of quitting, its opportunity.
    """
    staying = appeal(holding.surplus + holding.attachment, b.choice_noise, tastes[0])
    opportunity = months * b.outside_value + extra
    against = opportunity - effort - given_up_with(holding)
    return staying, appeal(against, b.choice_noise, tastes[1]), against, opportunity


@rule
def reconsider(me, when, trigger, mood, extra):
    """Weigh staying against leaving the category and against every known firm.

    Returns the outcome - the present firm (stay), another firm, or n_firms (outside) - and what was weighed. `extra` is
    an additional pull of the outside, in money (natural attrition that is a choice).
    """
    world, i, c, b, _ = me
    holding, months, usage, worth = hold(me, when, mood.grown)
    own = np.int64(c.firm) + 1
    first = mood.tastes if own // 4 == 0 else tastes_of(world, i, (mood.draw, mood.nth, mood.sub), 0)
    effort = trait(me, TRAIT.price_of_time) * b.decision_cost
    staying, quitting, against, opportunity = stay_or_quit(
        holding, months, extra, effort, (one_of(mood.tastes, own % 4), first[0]), b
    )
    outcome = np.int64(world.n_firms) if quitting > staying else np.int64(c.firm)
    best = Best(outcome, max(staying, quitting), against, opportunity, effort)
    best = among_rivals(me, trigger, (mood, first), best, (months, usage, worth, given_up_with(holding)))
    weighed = Weighed(holding, best.transaction, best.opportunity)
    satisfied = c.satisfaction >= b.satisfied_mark
    record(world, (np.int64(c.firm), np.int64(c.segment)), satisfied, (trigger, best.outcome), weighed)
    return best.outcome, weighed


@rule
def among_rivals(me, trigger, moods, best, plan):
    """Weigh every other known firm, too.

    `moods` is (mood, tastes for the outside and the first three firms); `plan` is (months that count, usage, worth, what
    leaving gives up).
    """
    mood, tastes = moods
    world, i, c, b, _ = me
    months, usage, worth, given_up = plan
    outcome, highest, against, opportunity, transaction = best
    own = np.int64(c.firm) + 1
    group = np.int64(0)
    for k in range(world.n_firms):
        if k + 1 == own or not knows(world, i, k):
            continue
        gain, effort = pull(me, k, months, (usage, worth))
        if trigger == Trigger.NEED:
            gain += b.need_pull
        gain += offer(world, k).poaching_bonus
        value = gain - effort - given_up
        if value > against:
            against, opportunity, transaction = value, gain, effort
        if (k + 1) // 4 != group:
            group = (k + 1) // 4
            tastes = mood.tastes if group == own // 4 else tastes_of(world, i, (mood.draw, mood.nth, mood.sub), group)
        now = appeal(value, b.choice_noise, one_of(tastes, (k + 1) % 4))
        if now > highest:
            highest, outcome = now, np.int64(k)
    return Best(outcome, highest, against, opportunity, transaction)

"""Questionnaires (R21): whoever is still there may answer, and says how satisfied they are; nothing else changes."""

from __future__ import annotations

import math

import numpy as np

from retsim.jit import kernel, rule
from retsim.lifecycle.posting import pay_out
from retsim.lifecycle.preparing import luck_of
from retsim.rules.bonds import kept
from retsim.rules.survey import answer, p_replies
from retsim.state import Account, Count, Status
from retsim.streams import Draw
from retsim.variates import normal
from retsim.world import add, book_row, clock, count_row, customer, segment

SURVEYED = 257
"""Index of this programme's ranks among the draws for enrolment; the others have their flags."""


@rule
def _reply(world, i, now):
    """What customer i says of their satisfaction; NaN where no answer comes back."""
    c = customer(world, i)
    b = segment(world, c.segment)
    replies, error, _, _ = luck_of(world, i, Draw.SURVEY, clock(world).tick, 0)
    attachment = c.attachment * kept(b.attachment_decay, now - c.decayed_at)
    if replies < p_replies(c.satisfaction, attachment, b):
        return answer(c.satisfaction, b.survey_noise * normal(error))
    return math.nan


@kernel
def ask(ref, chosen, terms, answers):
    """Send a questionnaire to the customers `chosen` and write their answers, or NaN, into `answers`.

    `terms` is (now, firm, cost in micro-units, execution): what does not arrive is paid all the same. Without a contract
    some may be customers no more: they do not answer.
    """
    world = ref[0]
    now, firm, cost, execution = terms
    for k in range(chosen.size):
        i = chosen[k]
        c = customer(world, i)
        pay_out(book_row(world, c), Account.SURVEY, cost)
        add(count_row(world, c), Count.ASKED, 1)
        answers[k] = math.nan
        arrives = execution >= 1.0 or luck_of(world, i, Draw.ENROLMENT, SURVEYED, 0)[1] < execution
        if arrives and c.status == Status.ACTIVE and c.firm == firm:
            answers[k] = _reply(world, i, now)
            add(count_row(world, c), Count.REPLIED, np.int64(not math.isnan(answers[k])))

"""What weighed how much in a decision, in sums and in the log."""

from __future__ import annotations

from typing import NamedTuple

from retsim.jit import rule, step
from retsim.lifecycle.posting import note
from retsim.rules import forces
from retsim.state import MICRO, Force
from retsim.world import add, decision_row, event


class Weighed(NamedTuple):
    """The forces of one decision; opportunity and transaction are those of the best alternative."""

    holding: forces.Holding
    transaction: float
    opportunity: float


@rule
def record(world, where, satisfied, decision, weighed):
    """Add a decision to the sums; forces are cut to whole micro-units.

    `where` is (firm, segment), `decision` is (trigger, outcome).
    """
    holding = weighed.holding
    row = decision_row(world, where, decision[0], decision[1])
    against_surplus = decision[1] == where[0] and weighed.opportunity > holding.surplus
    add(row, Force.COUNT, 1)
    add(row, Force.SATISFIED, satisfied)
    add(row, Force.SURPLUS, holding.surplus * MICRO)
    add(row, Force.ATTACHMENT, holding.attachment * MICRO)
    add(row, Force.SUNK, holding.sunk * MICRO)
    add(row, Force.TRANSACTION, weighed.transaction * MICRO)
    add(row, Force.SWITCHING, holding.switching * MICRO)
    add(row, Force.TERMINATION, holding.termination * MICRO)
    add(row, Force.OPPORTUNITY, weighed.opportunity * MICRO)
    add(row, Force.AGAINST_SURPLUS, against_surplus)


@rule
def note_decision(world, i, when, kind, decision, weighed):
    """Log a decision with all its forces."""
    if world.log_room >= 0:
        outcome, trigger = decision
        note_forces(world, note(world, i, when, kind, (outcome, trigger, 0)), weighed)


@step
def note_forces(world, row, weighed):
    """Fill in the forces of a logged decision."""
    if row < 0:
        return
    e = event(world, row)
    e.surplus = weighed.holding.surplus
    e.force_attachment = weighed.holding.attachment
    e.force_sunk = weighed.holding.sunk
    e.transaction = weighed.transaction
    e.switching = weighed.holding.switching
    e.termination = weighed.holding.termination
    e.opportunity = weighed.opportunity

"""Thinking it over, and doing what was chosen."""

from __future__ import annotations

import numpy as np

from retsim.jit import rule, step
from retsim.lifecycle import selling
from retsim.lifecycle.deciding import reconsider
from retsim.lifecycle.leaving import leave
from retsim.lifecycle.recording import note_decision, note_forces
from retsim.lifecycle.talking import praise_of, rewarded_praise_of
from retsim.state import Channel, Flag, Kind, Trigger
from retsim.world import more


@step
def think(me, when, trigger, mood):
    """Reconsider and act on it; whoever stays is no longer alert. R7-R9."""
    extra = me.b.attrition_pull if trigger == Trigger.MOMENT else 0.0
    outcome, weighed = reconsider(me, when, trigger, mood, extra)
    act(me, when, trigger, outcome, weighed)


@rule
def act(me, when, trigger, outcome, weighed):
    """Do what was chosen; whoever stays is no longer alert. R9."""
    world, i, c, _, _ = me
    if outcome == c.firm:
        c.flags &= np.uint8(255 - Flag.ALERT)
        note_decision(world, i, when, Kind.STAY, (outcome, trigger), weighed)
    else:
        go(me, when, trigger, outcome, weighed)


@step
def go(me, when, trigger, outcome, weighed):
    """Leave for another firm or for the outside, and say what won the customer. R9, R15."""
    world, i, _, _, _ = me
    channel = np.int64(Channel.ADVERTISING if trigger == Trigger.OFFER else Channel.SWITCHING)
    wanted = np.int64(more(world, i).needs) if trigger == Trigger.NEED else np.int64(0)
    if trigger == Trigger.WORD:
        word = np.int64(more(world, i).word_firm)
        if word == praise_of(outcome):
            channel = np.int64(Channel.WORD)
        elif word == rewarded_praise_of(outcome):
            channel = np.int64(Channel.REFERRAL)
    note_forces(world, leave(world, i, when, outcome, (trigger, channel)), weighed)
    if wanted != 0 and outcome < world.n_firms:
        selling.moved_for(world, i, when, wanted)

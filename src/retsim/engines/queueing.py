"""Who is due, and who waits for an occasion: the loop that runs customers from one sync to the next.

Between two syncs the market is frozen and customers touch only themselves and integer counters, so the order of the
loop, the number of threads and the engine cannot matter.
"""

from __future__ import annotations

import numpy as np

from retsim.engines import room as r
from retsim.engines.batch import live_through
from retsim.engines.room import SIZE, cell, place, whole
from retsim.jit import kernel, rule, step
from retsim.lifecycle import advance, next_event
from retsim.state import Kind
from retsim.world import customer, expect, log_is_full, set_wake, wake_at


@kernel
def run_until(ref, first, last, until, room):
    """Let customers first..last-1 live through every event before `until`.

    Those who wait for an occasion stand in a line with others of their firm and segment, so that occasions are lived
    through many at a time. `room` is what `room.room_for` gives. Returns `last`, or where the log is full the first
    customer who is not done; others from there on may be done or not, and can go on from where they are.
    """
    world = ref[0]
    upcoming, turn, due = first, 0, 0
    while True:
        full = np.int64(-1)
        while full < 0 and not log_is_full(world):
            if turn == due:
                upcoming, due = _look_ahead(world, (upcoming, last), until, room.due)
                turn = 0
                if due == 0:
                    break
            expect(world, room.due[np.uint64(turn + r.AHEAD)])
            full = _queue(world, room.due[np.uint64(turn)], until, room)
            turn += 1
        if log_is_full(world):
            return _first_of(room, room.due[turn] if turn < due else upcoming)
        if full < 0:
            full = _longest(room.lengths)
        if room.lengths[full] == 0:
            return last
        room.turns[0], room.turns[1] = turn, due
        n = _call_up(full, room)
        live_through(world, full, n, room)
        _queue_again(world, full, n, until, room)


@step
def _look_ahead(world, span, until, due):
    """List the next customers to whom something may happen; returns who comes after them, and how many they are."""
    upcoming, last = span
    wakes = world.wake
    n = 0
    while n == 0 and upcoming < last:
        end = min(upcoming + r.LOOK, last)
        # Without a branch: who is due next cannot be guessed.
        for i in range(upcoming, end):
            due[np.uint64(n)] = i
            n += wake_at(wakes, i) < until
        upcoming = end
    for k in range(r.AHEAD):
        due[n + k] = due[0]
        expect(world, due[k])
    return upcoming, n


@rule
def _longest(lengths):
    longest = 0
    for line in range(1, lengths.size):
        if lengths[line] > lengths[longest]:
            longest = line
    return longest


@rule
def _first_of(room, otherwise):
    """The first customer in a line, or an earlier one; the lines are left."""
    first = otherwise
    for line in range(room.lengths.size):
        for k in range(room.lengths[np.uint64(line)]):
            first = min(first, room.who[place(line, k)])
        room.lengths[np.uint64(line)] = 0
    return first


@rule
def _call_up(line, room):
    """Take a batch from the end of a line; returns its size. Filled up with its first to whole lanes."""
    n = min(room.lengths[np.uint64(line)], SIZE)
    start = room.lengths[np.uint64(line)] - n
    room.lengths[np.uint64(line)] = start
    for k in range(n):
        room.words[cell(r.WHO, k)] = room.who[place(line, start + k)]
        room.numbers[cell(r.WHEN, k)] = room.when[place(line, start + k)]
    for k in range(n, whole(n)):
        room.words[cell(r.WHO, k)] = room.words[cell(r.WHO, 0)]
        room.numbers[cell(r.WHEN, k)] = room.numbers[cell(r.WHEN, 0)]
    return n


@rule
def _queue(world, i, until, room):
    """Live through other events up to the next occasion, and queue for that; returns the line that is full, or -1.

    Where the log is full whoever is not done stands in a line, too: it is not lived through before there is room.
    """
    when, kind, met = next_event(world, i)
    line = _line_of(world, i)
    # Whether this is before `until` nobody can guess; so what can be guessed is asked apart, and first.
    if (kind != Kind.OCCASION) | (room.lengths[np.uint64(line)] == 2 * SIZE):
        when, line = _live_alone(world, i, (when, kind, met), until, room.lengths)
    return line if _stand_in(world, i, (line, when), until, room) >= SIZE else np.int64(-1)


@rule
def _queue_again(world, line, n, until, room):
    """Queue those of a batch of a line for what comes next; there is room, where they stood before."""
    for k in range(n):
        i = room.words[cell(r.WHO, k)]
        if room.words[cell(r.QUIET, k)] != 0:
            _stand_in(world, i, (line, room.numbers[cell(r.NEXT, k)]), until, room)
        else:
            _queue(world, i, until, room)


@rule
def _stand_in(world, i, where, until, room):
    """Let customer i stand in a line until an occasion, if it comes before `until`; returns how many stand there."""
    line, when = where
    set_wake(world, i, when)
    # Without a branch: who waits for nothing leaves the line as it is.
    k = room.lengths[np.uint64(line)]
    room.who[place(line, k)], room.when[place(line, k)] = i, when
    k += when < until
    room.lengths[np.uint64(line)] = k
    return k


@step
def _live_alone(world, i, upcoming, until, lengths):
    """Live through events up to an occasion for which there is room in a line; returns when that is, and its line."""
    when, kind, met = upcoming
    line = _line_of(world, i)
    while when < until and (kind != Kind.OCCASION or lengths[np.uint64(line)] == 2 * SIZE):
        if log_is_full(world):
            break
        advance(world, i, when, kind, met)
        when, kind, met = next_event(world, i)
        line = _line_of(world, i)
    return when, line


@rule
def _line_of(world, i):
    """The line of the customer's firm and segment; any where they are nobody's."""
    c = customer(world, i)
    return np.int64(max(c.firm, 0)) * world.n_segments + c.segment

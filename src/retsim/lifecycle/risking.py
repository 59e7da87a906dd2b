"""Bills that bring no money: purchases sent back and debts that are never paid."""

from __future__ import annotations

import numpy as np

from retsim.jit import step
from retsim.lifecycle.knowing import known_of
from retsim.lifecycle.posting import post
from retsim.lifecycle.preparing import luck_of
from retsim.rules.risk import p_loss
from retsim.state import Account, Count
from retsim.streams import Draw
from retsim.world import add, book_row, count_row


@step
def lost_of(me, due, goods):
    """What of a bill is lost, in micro-units; `due` is to be paid, `goods` what was delivered cost.

    Who sends everything back owes nothing, and a part `restock` of the goods' cost is saved; of the others some never
    pay. What the firm knows of the customer lowers both chances.
    """
    world, i, c, _, its = me
    u_pays, u_returns, _, _ = luck_of(world, i, Draw.RISK, c.occasions, 0)
    known = known_of(world, i, its)
    row, counters = book_row(world, c), count_row(world, c)
    if u_returns < p_loss(its.return_rate, known, its.knowledge_caution):
        saved = np.int64(goods * its.restock + 0.5)
        post(row, Account.RETURNS, Account.CASH, due)
        post(row, Account.CASH, Account.GOODS, saved)
        add(counters, Count.RETURNED, 1)
        return due - saved
    if u_pays < p_loss(its.bad_debt, known, its.knowledge_caution):
        post(row, Account.BAD_DEBT, Account.CASH, due)
        add(counters, Count.UNPAID, 1)
        return due
    return np.int64(0)

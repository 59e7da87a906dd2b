"""The strategy that plans its split anew each quarter, from the firm's own books (R21)."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from retsim.market.plans import Page, Plan, View

if TYPE_CHECKING:
    pass

__all__ = ["adaptive"]

QUARTER = 3.0
"""Months between two thoughts of the adaptive strategy."""
STEPS = (0.2, 0.1, 0.05)
"""Its steps in the retention share: the size falls with each time it has turned back; *assumed*."""


def adaptive(view: View) -> Plan | None:
    """Plan the split anew each quarter, from the firm's own books: go on while things get better, else turn back.

    Better is more money a month: profit, and what the change in customers is worth (margin of a customer a month over
    the share lost a month, for at most five years). A hill climb with falling steps; *assumed*.
    """
    ticks = max(round(QUARTER / view.tick), 1)
    if not view.pages or len(view.pages) % ticks:
        return None
    quarters = [view.pages[k : k + ticks] for k in range(0, len(view.pages), ticks)]
    shares = [quarter[-1].retention_share for quarter in quarters]
    moves = [new - old for old, new in pairwise(shares)]
    last = moves[-1] if moves else 0.0
    turned = sum(a * b < 0.0 for a, b in pairwise(moves))
    better = len(quarters) < 2 or _worth(quarters[-1]) >= _worth(quarters[-2])
    direction = math.copysign(1.0, last) if last else math.copysign(1.0, 0.5 - shares[-1])
    direction = direction if better else -direction
    target = shares[-1] + direction * STEPS[min(turned, len(STEPS) - 1)]
    return Plan(retention_share=min(max(target, 0.0), 1.0))


def _worth(quarter: tuple[Page, ...]) -> float:
    """Profit and growth of a quarter, in money."""
    profit = math.fsum(page.profit for page in quarter)
    heads = sum(page.customers for page in quarter)
    if not heads:
        return profit
    lost, won = sum(page.lost for page in quarter), sum(page.won for page in quarter)
    margin = profit / heads
    months = min(heads / max(lost, 1), 60.0)
    return profit + (won - lost) * max(margin, 0.0) * months

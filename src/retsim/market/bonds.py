"""Ties at a tick: the structural programme and its launch, points that lapse, the club (R14, R19).

The structural programme is paid from a fund of the budget and never overdraws it. Points, cash back, status and club are
part of the offer, like a welcome bonus: they cost what customers make of them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.lifecycle.integrating import enrol_structural, lapse_points, structural_ranks
from retsim.lifecycle.membership import run_club
from retsim.market.programmes import split
from retsim.state import MICRO, Account

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retsim.market.firms import Firm
    from retsim.market.market import Market


def require_less_than_paid(firm: Firm, figures: Mapping[str, float]) -> None:
    """Refuse to give back more than is paid.

    Raises
    ------
    ValueError
    """
    points, cash = (figures.get(name, firm.figures[name]) for name in ("points_rate", "cash_back"))
    if points + cash > 1.0:
        raise ValueError(
            f"{firm.name}.points_rate + cash_back = {points:g} + {cash:g}, must be at most 1: no more than is paid"
        )


def integrate(market: Market, firm: Firm, months: float) -> None:
    """Level 3: keep in the system, and take into it, as many as the fund can pay for through the tick. R19."""
    if not firm.funds["structural"] and not firm.enrolled["structural"]:
        return
    if not market.population.nature.more:
        raise ValueError(f"{firm.name}: a structural programme must be part of the scenario from the start")
    if not firm.launched and not _launch(market, firm):
        return
    f, n = firm.figures, market.population.n
    keep = math.floor(f["structural_upkeep"] * months * MICRO + 0.5)
    take = keep + math.floor(f["structural_setup"] * MICRO + 0.5)
    ranks = np.empty((2, n))
    inside, outside = structural_ranks(market.world.ref, n, firm.index, ranks)
    fund = firm.funds["structural"]
    kept = min(fund // keep, inside) if keep else inside
    left = fund - kept * keep
    taken = min(left // take, outside) if take else outside
    cuts = _cut(ranks[0, :inside], kept), _cut(ranks[1, :outside], taken)
    stay, join = enrol_structural(market.world.ref, n, (firm.index, market.now), cuts, (keep, take))
    firm.spend("structural", stay * keep + join * take)
    firm.enrolled["structural"] = stay + join


def _launch(market: Market, firm: Firm) -> bool:
    """Build the system, once, when the fund holds what it costs; booked to the customers whom the firm then has."""
    base = market.world.base[:, firm.index]
    cost = math.floor(firm.figures["structural_launch"] * MICRO + 0.5)
    cells = np.flatnonzero(base)
    if firm.funds["structural"] < cost or not cells.size:
        return False
    firm.spend("structural", cost)
    cohort, segment, channel = np.unravel_index(cells, base.shape)
    book, amounts = market.world.book[:, firm.index], split(cost, base.ravel()[cells])
    book[cohort, segment, channel, Account.PROGRAMME_STRUCTURAL] += amounts
    book[cohort, segment, channel, Account.CASH] -= amounts
    firm.launched = True
    return True


def _cut(ranks: np.ndarray, wanted: int) -> float:
    """Rank below which at most so many are."""
    return 2.0 if ranks.size <= wanted else float(np.partition(ranks, wanted)[wanted])


def lapse(market: Market, firm: Firm) -> None:
    """Points that have lapsed are struck out. R14."""
    firm.issues_points = firm.issues_points or firm.figures["points_rate"] > 0.0
    if firm.issues_points and firm.figures["points_expiry"] > 0.0:
        lapse_points(market.world.ref, market.population.n, firm.index, market.now)


def meet(market: Market, firm: Firm, months: float) -> None:
    """The club: members pay their fee for the tick and cost what they cost. R19."""
    f = firm.figures
    if f["club"] or firm.enrolled["club"]:
        chosen = (firm.index, f["club"] != 0.0, market.now, months)
        money = tuple(math.floor(f[name] * months * MICRO + 0.5) for name in ("club_fee", "club_cost"))
        firm.enrolled["club"] = run_club(market.world.ref, market.population.n, chosen, money)

"""Surveys (R21): a firm asks customers how satisfied they are, and knows the answers of those who answered.

Whoever was never asked, or was asked longest ago, is asked first. Answers stand in the customer database; what they are
there for is the strategy's business (`targeting = "dissatisfied"`, tags, a function of one's own).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from retsim.lifecycle.surveying import SURVEYED, ask
from retsim.population import streams_of
from retsim.state import MICRO
from retsim.streams import Draw, lanes_of

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["survey", "surveyed_satisfaction"]

EARLY = 1e-9
"""Months by which a tick may come too early for the pause to be over: rounding."""


def survey(market: Market, firm: Firm) -> None:
    """Ask as many as the fund pays for, nobody twice within `survey_pause`."""
    cost = math.floor(firm.figures["survey_cost"] * MICRO + 0.5)
    n = firm.funds["survey"] // cost
    if not n or firm.outages:
        return
    chosen = _first(market, firm, n)
    if chosen.size:
        answers = np.empty(chosen.size)
        ask(market.world.ref, chosen, (market.now, firm.index, cost, firm.figures["execution"]), answers)
        firm.spend("survey", cost * chosen.size)
        market.database.note_answers(chosen, answers)


def _first(market: Market, firm: Firm, n: int) -> np.ndarray:
    """The first n of those who may be asked: the longest unasked, then by a rank drawn once."""
    database = market.database
    ids = firm.tags.allowed("survey", database.known(firm.index, firm.figures["silence"]))
    asked = database.asked(ids)
    due = market.now - asked >= firm.figures["survey_pause"] - EARLY
    ids, asked = ids[due], asked[due]
    if ids.size <= n:
        return ids
    ranks = lanes_of(market.key, Draw.ENROLMENT, streams_of(ids, market.population.initial), SURVEYED, 0)[0]
    return np.sort(ids[np.lexsort((ranks, asked))[:n]])


def surveyed_satisfaction(market: Market, firm: Firm) -> float:
    """Satisfaction as the firm sees it: mean of its customers' latest answers; NaN where it has none."""
    if not market.database.surveyed:
        return math.nan
    ids = market.database.known(firm.index, firm.figures["silence"])
    answers = market.database.answers(ids)
    given = answers[~np.isnan(answers)]
    return float(given.mean()) if given.size else math.nan

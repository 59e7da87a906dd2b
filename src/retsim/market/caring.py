"""Level 2 as a care plan: what the money for one customer does, by means and stage (R19).

The contact money of a customer is divided over four means - product and service, communication, sales incentives,
public relations -, each over three stages: before, during and after a purchase. What is left pays for plain contact.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from retsim.crm.care import CELLS, MEANS, STAGES, parts_of
from retsim.rules.care import response, worth

TOLERANCE = 1e-9

__all__ = ["Cared", "cared_by", "require_plan", "stages_of"]


class Cared(NamedTuple):
    """What care is for those who are cared for.

    Attributes
    ----------
    contact_rate : float
        Contacts a month that the money left over pays for.
    relevance : float
        Share of contacts' irrelevance that communication removes.
    experience : float
        Added to the perceived performance of an occasion.
    worth : float
        Money a month.
    bond : float
        Added to what attachment gains, as a share of it.
    """

    contact_rate: float
    relevance: float
    experience: float
    worth: float
    bond: float


def require_plan(firm: str, figures: Mapping[str, float]) -> None:
    """Refuse a plan that divides more than there is, or over no stage.

    Raises
    ------
    ValueError
    """
    means = math.fsum(figures[name] for name in MEANS)
    if means > 1.0 + TOLERANCE:
        raise ValueError(f"{firm}: {', '.join(MEANS)} sum to {means:.12g}, must sum to at most 1")
    for name in MEANS:
        if figures[name] > 0.0 and not any(stages_of(figures, name)):
            raise ValueError(f"{firm}: {parts_of(name)} are all 0, one must be above 0, as {name} has money")


def stages_of(figures: Mapping[str, float], means: str) -> tuple[float, ...]:
    """Shares of the stages of a means, in proportion to their general parts times its own."""
    parts = [figures[stage] * figures[cell] for stage, cell in zip(STAGES, CELLS[means], strict=True)]
    whole = math.fsum(parts)
    return tuple(part / whole if whole else 0.0 for part in parts)


def cared_by(figures: Mapping[str, float]) -> Cared:
    """What a firm's care plan gives to each customer whom its contact money reaches."""
    spend, efficiency = figures["contact_cost"], figures["care_efficiency"]
    product, communication, incentive, relations = (
        response(spend * figures[means], stages_of(figures, means), efficiency) if figures[means] else 0.0
        for means in MEANS
    )
    plain = max(1.0 - math.fsum(figures[means] for means in MEANS), 0.0)
    return Cared(
        contact_rate=figures["contact_rate"] * plain,
        relevance=figures["care_relevance"] * communication,
        experience=figures["care_experience"] * product,
        worth=worth(incentive, efficiency),
        bond=figures["care_bond"] * relations,
    )

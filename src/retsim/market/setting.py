"""From a scenario to the arrays that the rules read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from retsim.market.offering import kinds_of, products_of
from retsim.parameters import Behaviour, Traits, table_of
from retsim.population import Nature
from retsim.state import (
    CLOCK,
    N_ACCOUNTS,
    N_CHANNELS,
    N_COUNTS,
    N_FORCES,
    N_TRIGGERS,
    OFFER,
    REACH,
    SEGMENT,
    TRAIT,
)  # fmt: skip

if TYPE_CHECKING:
    from retsim.scenario import Scenario

BORN_ONLY = ("initial_satisfaction", "initial_attachment", "tenure", "start")
"""Traits that a customer needs at birth and never again: no column is kept for them."""

KEPT_FOR = (
    "points_rate", "cash_back", "status_threshold",
    "knowledge_gain", "affinity_place", "affinity_interest", "affinity_kin", "affinity_profession", "affinity_belief",
)  # fmt: skip
"""Figures of a firm that keep more of a customer (`state.MORE`) where one is above 0."""

__all__ = ["BORN_ONLY", "KEPT_FOR", "arrays_of", "nature_of", "needs_more", "require_kept", "segments_of"]


def segments_of(scenario: Scenario, *, with_traits: bool = False) -> np.ndarray:
    """Behaviour of each segment as records, and its traits where they are wanted."""
    out = np.zeros(len(scenario.segments), SEGMENT)
    for row, name in zip(out, scenario.segments, strict=True):
        behaviour = scenario.behaviour_of(name)
        for field in table_of(Behaviour):
            row[field] = getattr(behaviour, field)
        row["contractual"] = scenario.setting == "contractual"
    nature = nature_of(scenario) if with_traits else None
    if nature is not None:
        out["trait_value"], out["trait_column"] = np.nan_to_num(nature.values), nature.columns
    return out


def nature_of(scenario: Scenario) -> Nature:
    """What births need to know."""
    names = list(table_of(Traits))
    firms = scenario.firms()
    values = np.zeros((len(scenario.segments), len(names)))
    quantiles: dict[tuple[int, int], object] = {}
    for s, segment in enumerate(scenario.segments.values()):
        for name in names:
            law = getattr(segment.traits, name)
            values[s, TRAIT[name]] = law.mean() if law.constant else math.nan
            if not law.constant:
                quantiles[TRAIT[name], s] = law.quantile
    varying = {which for which, _ in quantiles}
    living = [TRAIT[n] for n in names if n not in BORN_ONLY and TRAIT[n] in varying]
    columns = np.full(values.shape, -1, np.int8)
    for column, which in enumerate(living):
        columns[:, which] = column
    return Nature(
        shares=np.array([segment.share for segment in scenario.segments.values()]),
        starts=np.array([[seg.initial.get(f, 0.0) for f in firms] for seg in scenario.segments.values()]),
        quantiles=quantiles,
        values=values,
        columns=columns,
        awareness=np.array([firm.awareness for firm in firms.values()]),
        doors=_doors(scenario),
        walk_in=scenario.entry.walk_in,
        expectation=segments_of(scenario)["initial_expectation"].copy(),
        more=needs_more(scenario),
    )


def _has_ties(scenario: Scenario) -> bool:
    """Whether a firm has points, cash back, status tiers or a structural programme."""
    for name, firm in scenario.firms().items():
        plan = scenario.plan_of(name)
        if plan.monthly * plan.retention_share * plan.mix.structural > 0.0:
            return True
        if any(getattr(firm, figure) > 0.0 for figure in KEPT_FOR):
            return True
    return False


def needs_more(scenario: Scenario) -> bool:
    """Whether a mechanism is on that keeps more of a customer than the core does (`state.MORE`)."""
    return bool(scenario.products) or _has_ties(scenario) or _keeps_knowledge(scenario) or _hears(scenario)


def _keeps_knowledge(scenario: Scenario) -> bool:
    """Whether knowledge, affinity or fatigue of customers matter (R11, R19)."""
    if any(getattr(firm, figure) > 0.0 for firm in scenario.firms().values() for figure in KEPT_FOR):
        return True
    return any(scenario.behaviour_of(name).annoyance > 0.0 for name in scenario.segments)


def require_kept(firm: str, figures: Mapping[str, float]) -> None:
    """Refuse to switch on in mid-run what nothing was kept for from the start.

    Raises
    ------
    ValueError
    """
    for name, value in figures.items():
        if name in KEPT_FOR and value > 0.0:
            rule = "must be above 0 for some firm from the start: nothing was kept of customers until now"
            raise ValueError(f"{firm}.{name} = {value}, {rule}")


def _hears(scenario: Scenario) -> bool:
    """Whether customers wait for answers, or for what others say (R16, R17)."""
    return scenario.word.rate > 0.0 or any(firm.desk_staff > 0.0 for firm in scenario.firms().values())


def _doors(scenario: Scenario) -> np.ndarray:
    """Shares of the firms into which newcomers of each segment walk, cumulated."""
    firms = scenario.firms().values()
    hazards = segments_of(scenario)["organic_response"][:, None] * np.array([firm.organic for firm in firms])
    total = hazards.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.where(total > 0.0, hazards / np.where(total > 0.0, total, 1.0), 1.0 / len(firms))
    return np.cumsum(shares, axis=1)


def arrays_of(scenario: Scenario, seed: int, replication: int) -> dict[str, np.ndarray]:
    """Every array of `World` that does not belong to a customer."""
    n_firms, n_segments = len(scenario.firms()), len(scenario.segments)
    n_cohorts = round(scenario.horizon / scenario.period) + 1
    clock = np.zeros(1, CLOCK)
    clock["discount"] = math.log1p(scenario.discount_rate) / 12.0
    clock["months"] = scenario.tick
    clock["seed"], clock["replication"] = seed, replication
    clock["initial"] = scenario.customers
    spend = [segment.spend_quantiles() for segment in scenario.segments.values()]
    width = max(q.size for q in spend)
    return {
        "clock": clock,
        "segments": segments_of(scenario, with_traits=True),
        "offers": np.zeros(n_firms, OFFER),
        "reach": np.zeros((2, n_segments, n_firms), REACH),
        "spend_quantiles": np.array([q if q.size else np.ones(width) for q in spend]).reshape(n_segments, width),
        "products": products_of(scenario),
        "kinds": kinds_of(scenario),
        "counts": np.zeros((n_firms, n_segments, N_COUNTS), np.int64),
        "pools": np.zeros((n_segments, 3), np.int64),
        "base": np.zeros((n_cohorts, n_firms, n_segments, N_CHANNELS), np.int64),
        "book": np.zeros((n_cohorts, n_firms, n_segments, N_CHANNELS, N_ACCOUNTS), np.int64),
        "decisions": np.zeros((n_firms, n_segments, N_TRIGGERS, n_firms + 2, N_FORCES), np.int64),
    }

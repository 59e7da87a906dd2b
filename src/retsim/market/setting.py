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
    FIRST_PRODUCT,
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
    from retsim.scenario.models import FirmSpec
    from retsim.scenario.scenario import Plan

BORN_ONLY = ("initial_satisfaction", "initial_attachment", "tenure", "start")
"""Traits that a customer needs at birth and never again: no column is kept for them."""

KEPT_FOR = (
    "points_rate", "cash_back", "status_threshold", "gold_threshold", "platinum_threshold", "lead_funnel",
    "knowledge_gain", "affinity_place", "affinity_interest", "affinity_kin", "affinity_profession", "affinity_belief",
)  # fmt: skip
"""Figures of a firm that keep more of a customer (`state.MORE`) where one is above 0."""

_BEHAVIOUR, _TRAITS = tuple(table_of(Behaviour)), tuple(table_of(Traits))

__all__ = [
    "BORN_ONLY", "KEPT_FOR", "absent_at_first", "arrays_of", "bought_on_joining", "nature_of", "needs_more", "require_kept",
    "segments_of",
]  # fmt: skip


def segments_of(scenario: Scenario) -> np.ndarray:
    """Behaviour of each segment as records."""
    out = np.zeros(len(scenario.segments), SEGMENT)
    for row, name in zip(out, scenario.segments, strict=True):
        behaviour = scenario.behaviour_of(name)
        for field in _BEHAVIOUR:
            row[field] = getattr(behaviour, field)
        row["contractual"], row["worth"] = scenario.setting == "contractual", 1.0
    return out


def nature_of(scenario: Scenario, segments: np.ndarray, absent: frozenset[str] = frozenset()) -> Nature:
    """What births need to know; `segments` is of `segments_of`, the firms in `absent` are not in the market yet."""
    firms = scenario.firms()
    values = np.zeros((len(scenario.segments), len(_TRAITS)))
    quantiles = {}
    for s, segment in enumerate(scenario.segments.values()):
        for name in _TRAITS:
            law = getattr(segment.traits, name)
            values[s, TRAIT[name]] = law.mean() if law.constant else math.nan
            if not law.constant:
                quantiles[TRAIT[name], s] = law.quantile
    varying = {which for which, _ in quantiles}
    living = [TRAIT[n] for n in _TRAITS if n not in BORN_ONLY and TRAIT[n] in varying]
    columns = np.full(values.shape, -1, np.int8)
    for column, which in enumerate(living):
        columns[:, which] = column
    return Nature(
        shares=np.array([segment.share for segment in scenario.segments.values()]),
        starts=np.array([[seg.initial.get(f, 0.0) for f in firms] for seg in scenario.segments.values()]),
        quantiles=quantiles,
        values=values,
        columns=columns,
        awareness=np.array([0.0 if name in absent else firm.awareness for name, firm in firms.items()]),
        doors=_doors(firms, absent, segments["organic_response"]),
        walk_in=scenario.entry.walk_in,
        expectation=segments["initial_expectation"].copy(),
        more=needs_more(scenario),
        dues=FIRST_PRODUCT + len(scenario.products) if scenario.products else 0,
    )


def needs_more(scenario: Scenario) -> bool:
    """Whether a mechanism is on that keeps more of a customer than the core does (`state.MORE`)."""
    firms, behaviours = scenario.firms(), map(scenario.behaviour_of, scenario.segments)
    return (
        bool(scenario.products)
        or scenario.word.rate > 0.0
        or any(getattr(firm, figure) > 0.0 for firm in firms.values() for figure in (*KEPT_FOR, "desk_staff"))
        or any(behaviour.annoyance > 0.0 for behaviour in behaviours)
        or any(_keeps(scenario.plan_of(name)) for name in firms)
    )


def _keeps(plan: Plan) -> bool:
    """Whether a firm's plan counts complaints, or pays for structural ties or a community."""
    return plan.monthly * (plan.mix.structural + plan.mix.community) > 0.0 or plan.strategy.needs_complaints()


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


def bought_on_joining(records: np.ndarray) -> np.ndarray:
    """Whether joining is a purchase or brings the first bill, by segment, of which `records` has the behaviour."""
    free, first_bill = records["contractual"] == 0.0, records["first_bill"]
    return np.where(free, records["first_purchase"] != 0.0, first_bill == 0.0)


def absent_at_first(scenario: Scenario) -> frozenset[str]:
    """Firms that enter the market later."""
    return frozenset(str(shock.firm) for shock in scenario.shocks.values() if shock.kind == "entrant")


def _doors(firms: Mapping[str, FirmSpec], absent: frozenset[str], response: np.ndarray) -> np.ndarray:
    """Shares of the firms into which newcomers of each segment walk, cumulated."""
    there = np.array([name not in absent for name in firms])
    hazards = response[:, None] * np.array([firm.organic for firm in firms.values()])
    hazards = np.where(there, hazards, 0.0)
    total = hazards.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.where(total > 0.0, hazards / np.where(total > 0.0, total, 1.0), there / there.sum())
    return np.cumsum(shares, axis=1)


def arrays_of(scenario: Scenario, segments: np.ndarray, nature: Nature, key: tuple[int, int]) -> dict[str, np.ndarray]:
    """Every array of `World` that does not belong to a customer; `segments` is one of them, completed here."""
    segments["trait_value"], segments["trait_column"] = np.nan_to_num(nature.values), nature.columns
    n_firms, n_segments = len(scenario.firms()), len(scenario.segments)
    n_cohorts = round(scenario.horizon / scenario.period) + 1
    clock = np.zeros(1, CLOCK)
    clock["discount"] = math.log1p(scenario.discount_rate) / 12.0
    clock["months"] = scenario.tick
    clock["seed"], clock["replication"] = key
    clock["initial"] = scenario.customers
    spend = [segment.spend_quantiles() for segment in scenario.segments.values()]
    width = max(q.size for q in spend)
    return {
        "clock": clock,
        "segments": segments,
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

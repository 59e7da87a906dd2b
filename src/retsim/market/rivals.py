"""Rivals react (R20): they copy the focal firm's programmes level by level, its schemes, and follow its price.

A poaching offer is no reaction but a figure of the firm, `poaching_bonus`: it stands in the offer itself.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from retsim.crm.care import CELLS, MEANS, STAGES
from retsim.state import MICRO, Count
from retsim.streams import Draw, lanes_of

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market

__all__ = ["LEVELS", "SCHEMES", "Rivals", "delay_of"]


class Level(NamedTuple):
    """What belongs to a level of bond: the purpose of its money, and its terms among a firm's figures."""

    purpose: str
    terms: tuple[str, ...]


class Scheme(NamedTuple):
    """A part of the offer that binds and needs no budget: its level, the figure that switches it on, its other terms."""

    level: int
    key: str
    terms: tuple[str, ...]


_TIERS = ("status", "gold", "platinum")
STATUS_TERMS = tuple(f"{tier}_{term}" for tier in _TIERS for term in ("threshold", "discount", "service", "value"))

LEVELS = {
    1: Level("price", ("discount", "discount_tenure")),
    2: Level(
        "contact",
        (
            "contact_cost",
            "contact_rate",
            "contact_relevance",
            *MEANS,
            *STAGES,
            *(cell for cells in CELLS.values() for cell in cells),
        ),
    ),
    3: Level(
        "structural",
        ("structural_launch", "structural_setup", "structural_upkeep", "structural_value", "structural_draw"),
    ),
}
"""Levels that can be copied (R19)."""

SCHEMES = (
    Scheme(1, "points_rate", ("points_threshold", "points_expiry", "assumed_breakage")),
    Scheme(1, "cash_back", ()),
    Scheme(1, "status_threshold", STATUS_TERMS[1:]),
    Scheme(2, "club", ("club_fee", "club_benefit", "club_cost", "club_attachment")),
)
"""Schemes that can be copied (R14, R19)."""


def delay_of(u: float, mean: float, spread: float) -> float:
    """Delay of a copy: lognormal of this mean and coefficient of variation, by its inverse at u. R20, form assumed."""
    variance = math.log1p(spread * spread)
    return mean * math.exp(math.sqrt(variance) * NormalDist().inv_cdf(u) - variance / 2.0)


class Rivals:
    """The rivals of the focal firm, as they watch it.

    Copying a level means the same terms, and as much money a customer as the focal firm grants, on top of the rival's
    own budget; it ends when the focal firm grants no more. What has to be built first is paid from that money, too. A
    scheme is copied by who has none of the kind, and given up when the focal firm gives it up. The delay runs from the
    focal firm's first money for the level, or from the first tick of the scheme.
    """

    def __init__(self, market: Market) -> None:
        self.market = market
        self.focal = market.firms[0]
        self.others = market.firms[1:]
        self.began: dict[int | str, float] = {}
        self.copied: set[tuple[int, str]] = set()
        self.matched: set[int] = set()
        self.matching = object()
        """Cause of the prices of those who match."""
        self.prices: list[tuple[float, float]] = []

    def react(self, months: float) -> None:
        """At a tick, before budgets are spent."""
        if not self.others:
            return
        self.prices.append((self.market.now, self.focal.figures["price"]))
        self._watch()
        for rival in self.others:
            self._match(rival)
            if rival.present and rival.figures["imitation"]:
                self._copy(rival, months)

    def _match(self, rival: Firm) -> None:
        """Close a share of the gap to the price that the focal firm had when the delay began."""
        if rival.index in self.matched:
            self.matched.discard(rival.index)
            rival.strain(self.matching)
        share = rival.figures["price_matching"]
        if share <= 0.0:
            return
        seen = [price for at, price in self.prices if at <= self.market.now - rival.figures["matching_delay"] + 1e-9]
        own = rival.figures["price"]
        if seen and seen[-1] < own:
            self.matched.add(rival.index)
            rival.strain(self.matching, price=1.0 - share * (own - seen[-1]) / own)

    def _watch(self) -> None:
        for number, level in LEVELS.items():
            if self.granted(level) > 0.0:
                self.began.setdefault(number, self.market.now)
        for scheme in SCHEMES:
            if self.focal.own[scheme.key] > 0.0:
                self.began.setdefault(scheme.key, self.market.now)

    def granted(self, level: Level) -> float:
        """Money a month that the focal firm grants to a level."""
        focal = self.focal
        return focal.spend_share * focal.monthly * focal.retention_share * focal.mix[level.purpose]

    def _copy(self, rival: Firm, months: float) -> None:
        for number, level in LEVELS.items():
            if self.copies(rival, number) and self.granted(level) > 0.0:
                rival.set(**{name: self.focal.own[name] for name in level.terms})
                heads = self._active(self.focal)
                each = self.granted(level) * months / heads if heads else 0.0
                rival.add_funds(level.purpose, round(each * self._active(rival) * MICRO))
        for scheme in SCHEMES:
            self._follow(rival, scheme)

    def _follow(self, rival: Firm, scheme: Scheme) -> None:
        """Copy a scheme, or give up the copy."""
        mine = (rival.index, scheme.key) in self.copied
        there = self.focal.own[scheme.key] > 0.0
        if mine and not there:
            self.copied.discard((rival.index, scheme.key))
            rival.set(**{scheme.key: 0.0})
        elif there and (mine or rival.own[scheme.key] == 0.0) and self._is_time(rival, scheme.key, scheme.level):
            terms = {name: self.focal.own[name] for name in (scheme.key, *scheme.terms)}
            back = rival.own | terms
            if back["points_rate"] + back["cash_back"] <= 1.0:
                self.copied.add((rival.index, scheme.key))
                rival.set(**terms)

    def copies(self, rival: Firm, number: int) -> bool:
        """Whether a rival has copied a level by now."""
        return self._is_time(rival, number, number)

    def _is_time(self, rival: Firm, what: int | str, level: int) -> bool:
        """Whether the delay of a level is over since a level or scheme began."""
        return self.market.now >= self.began.get(what, math.inf) + self.delay(rival, level)

    def delay(self, rival: Firm, number: int) -> float:
        """Months that a rival takes to copy a level: a draw of this rival and level."""
        u = float(lanes_of(self.market.key, Draw.RIVAL, np.array([rival.index]), number, 0)[0, 0])
        return delay_of(u, rival.own[f"imitation_delay_{number}"], rival.own["imitation_spread"])

    def _active(self, firm: Firm) -> int:
        return int(self.market.world.counts[firm.index, :, Count.ACTIVE].sum())

"""Further products as the rules read them, and the pace at which a firm offers them blindly (R13)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.lifecycle.needing import pace_offers
from retsim.state import PRODUCT, Life, Records

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market
    from retsim.scenario import Scenario

__all__ = ["kinds_of", "pace", "products_of"]

_NUMBERS = ("price", "unit_cost", "cycle", "recurring", "initial")


def products_of(scenario: Scenario) -> Records:
    """The further products of a scenario, with the probabilities that something opens a need for them."""
    out = np.zeros(len(scenario.products), PRODUCT)
    for row, (name, product) in zip(out, scenario.products.items(), strict=True):
        for field in _NUMBERS:
            row[field] = getattr(product, field)
        for kind in Life:
            row["by_kind"][kind] = scenario.life_events.of(kind).opens.get(name, 0.0)
        for q, other in enumerate(scenario.products.values()):
            row["by_product"][q] = other.opens.get(name, 0.0)
    return out


def kinds_of(scenario: Scenario) -> np.ndarray:
    """Shares of the kinds of life events, cumulated; the last is out of reach of any uniform."""
    shares = np.array([scenario.life_events.of(kind).share for kind in Life])
    total = shares.sum()
    cumulated: np.ndarray = np.cumsum(shares) / total if total > 0.0 else np.zeros(len(Life))
    # From the last kind that happens on: rounding must not let a kind of share 0 happen.
    cumulated[int(np.flatnonzero(shares > 0.0)[-1]) if total > 0.0 else 0 :] = 2.0
    return cumulated


def pace(market: Market, firm: Firm) -> None:
    """Fix for a tick how often the firm offers blindly; clocks are rebased only where that really changed."""
    # Without its database a firm does not know to whom it could offer what.
    rate = 0.0 if firm.outages else firm.figures["offer_rate"]
    if rate != firm.offer_rate and market.world.products.size:
        chosen = (firm.index, market.now, firm.offer_rate, rate)
        pace_offers(market.world.ref, market.population.n, chosen)
        firm.clocks_moved += 1
    firm.offer_rate = rate

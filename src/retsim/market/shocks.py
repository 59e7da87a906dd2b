"""What comes from outside (R22): a quality crisis, a price war, a new rival, a recession, an outage of a database.

Each is a SimPy process, written with nothing but what a market offers to anyone: `at`, `set`, `strain` and the like.
A shock of your own is a generator function that takes the market and goes into ``simulate(..., processes=[...])``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import simpy

if TYPE_CHECKING:
    from retsim.market.market import Market
    from retsim.scenario.outside import Shock

Life = Generator[simpy.Event, Any, None]

__all__ = ["SHOCKS"]


def _until(market: Market, when: float) -> Life:
    """Wait, or go on at once where the time has come: who is there at the start is there for the first plan."""
    if when > market.now:
        yield market.at(when)


def quality_crisis(market: Market, shock: Shock) -> Life:
    """What a firm gives falls by the share `depth`, for `duration`."""
    crisis, good = object(), 1.0 - shock.depth
    yield from _until(market, shock.start)
    market.strain(crisis, shock.firm or 0, product_quality=good, service_quality=good, delivery_quality=good)
    yield from _until(market, shock.start + shock.duration)
    market.strain(crisis, shock.firm or 0)


def bad_press(market: Market, shock: Shock) -> Life:
    """What is written about a quality crisis takes the share `press` of the reputation, for `press_duration`."""
    press = object()
    yield from _until(market, shock.start)
    market.strain(press, shock.firm or 0, reputation=1.0 - shock.press)
    yield from _until(market, shock.start + shock.press_duration)
    market.strain(press, shock.firm or 0)


def price_war(market: Market, shock: Shock) -> Life:
    """All rivals ask `price_factor` times their price."""
    war = object()
    yield from _until(market, shock.start)
    for rival in market.firms[1:]:
        market.strain(war, rival.name, price=shock.price_factor)
    yield from _until(market, shock.start + shock.duration)
    for rival in market.firms[1:]:
        market.strain(war, rival.name)


def recession(market: Market, shock: Shock) -> Life:
    """Everything is worth `worth_factor` times as much to everyone."""
    slump = object()
    yield from _until(market, shock.start)
    market.revalue(slump, shock.worth_factor)
    yield from _until(market, shock.start + shock.duration)
    market.revalue(slump)


def outage(market: Market, shock: Shock) -> Life:
    """A firm's customer database is down: from the next tick on all stops that needs it.

    It reaches nobody by coupon, contact, win-back, survey or offer of a further product, knows no core customers, pays no
    rewards for referrals, fits no models, uses nothing that it knows of customers and learns nothing. Bills, points,
    status, the club and the system that customers are tied into have records of their own.
    """
    yield from _until(market, shock.start)
    market.firm(shock.firm or 0).outages += 1
    yield from _until(market, shock.start + shock.duration)
    market.firm(shock.firm or 0).outages -= 1


def entrant(market: Market, shock: Shock) -> Life:
    """A rival comes into the market whom nobody could meet before: known to a share `awareness` from now on."""
    yield from _until(market, shock.start)
    market.enter(shock.firm or 0)


SHOCKS: dict[str, tuple[Callable[[Market, Shock], Life], ...]] = {
    "quality-crisis": (quality_crisis, bad_press),
    "price-war": (price_war,),
    "recession": (recession,),
    "outage": (outage,),
    "entrant": (entrant,),
}
"""Processes of each kind of shock that a scenario can schedule."""

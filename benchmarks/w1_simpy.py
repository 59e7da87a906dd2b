"""W1 in SimPy, as its documentation writes models: a process per customer, waiting for its next purchase."""

from collections.abc import Generator
from dataclasses import dataclass, field
from math import exp
from random import Random

import numpy as np
import simpy
import workload as w


@dataclass
class Month:
    """What happened in one month."""

    active: int = 0
    churned: int = 0
    arrivals: int = 0
    purchases: int = 0
    revenue: float = 0.0
    profit: float = 0.0
    satisfied: int = 0


@dataclass
class Market:
    """What the processes share."""

    random: Random
    month: Month = field(default_factory=Month)
    history: list[Month] = field(default_factory=list)
    active: int = 0
    satisfied: int = 0


def customer(env: simpy.Environment, market: Market) -> Generator[simpy.Event, None, None]:
    """Buy at random times until the day one leaves."""
    random = market.random
    born = last = env.now
    satisfaction = min(max(random.gauss(w.INITIAL_MEAN, w.INITIAL_SD), 0.0), 1.0)
    sunk = 0.0
    market.active += 1
    market.satisfied += satisfaction > w.SATISFIED
    while True:
        yield env.timeout(random.expovariate(1.0))
        now = env.now
        quality = min(max(random.gauss(w.QUALITY_MEAN, w.QUALITY_SD), 0.0), 1.0)
        market.satisfied -= satisfaction > w.SATISFIED
        satisfaction += w.GAIN * (quality - satisfaction)
        market.satisfied += satisfaction > w.SATISFIED
        sunk = sunk * exp(-w.SUNK_DECAY * (now - last)) + w.SUNK_STEP
        last = now
        revenue = w.PRICE * (w.REVENUE_BASE + satisfaction)
        month = market.month
        month.purchases += 1
        month.revenue += revenue
        month.profit += w.MARGIN * revenue * exp(-w.DISCOUNT_RATE * now)
        log_odds = (
            w.LEAVE_BASE
            + w.LEAVE_SATISFACTION * (satisfaction - w.SATISFACTION_CENTRE)
            + w.LEAVE_TENURE * (1.0 - exp(-(now - born) / w.TENURE_SCALE))
            + w.LEAVE_SUNK * sunk
        )
        if random.random() < 1.0 / (1.0 + exp(-log_odds)):
            month.churned += 1
            market.active -= 1
            market.satisfied -= satisfaction > w.SATISFIED
            return


def arrivals(env: simpy.Environment, market: Market, rate: float, end: float) -> Generator[simpy.Event, None, None]:
    """Bring new customers at ``rate`` until ``end``, each at the cost of winning them."""
    while (gap := market.random.expovariate(rate)) < end - env.now:
        yield env.timeout(gap)
        market.month.arrivals += 1
        market.month.profit -= w.ACQUISITION_COST * exp(-w.DISCOUNT_RATE * env.now)
        env.process(customer(env, market))


def calendar(env: simpy.Environment, market: Market, n: int, periods: int) -> Generator[simpy.Event, None, None]:
    """Open and close the months; each one's arrival rate follows from how it starts."""
    for _ in range(n):
        env.process(customer(env, market))
    yield env.timeout(0)
    for period in range(periods):
        market.month = Month()
        market.history.append(market.month)
        rate = w.ARRIVAL_BASE * n + w.ARRIVAL_REFERRAL * market.satisfied
        env.process(arrivals(env, market, rate, period + 1))
        yield env.timeout(1)
        market.month.active = market.active
        market.month.satisfied = market.satisfied


def run(n: int, seed: int, periods: int = w.PERIODS) -> dict[str, np.ndarray]:
    """Simulate ``n`` initial customers; the arrays are explained in ``workload``."""
    env = simpy.Environment()
    market = Market(random=Random(seed))
    env.run(until=env.process(calendar(env, market, n, periods)))
    return {name: np.array([getattr(month, name) for month in market.history], float) for name in w.SERIES}

"""W1 in NumPy, vectorised by month: each round makes one purchase of all who still have one due in the month.

Customers are columns of arrays. A departed customer's place has no next purchase (infinity) and is given to a
later arrival, so that nothing is copied to make room.
"""

from typing import NamedTuple

import numpy as np
import workload as w


class Customers(NamedTuple):
    """Columns; a free place has ``due`` infinite and ``satisfaction`` 0."""

    born: np.ndarray
    last: np.ndarray
    due: np.ndarray
    satisfaction: np.ndarray
    sunk: np.ndarray


class Sums(NamedTuple):
    """What one round adds to the month."""

    churned: float = 0
    purchases: float = 0
    revenue: float = 0.0
    profit: float = 0.0


def empty(n: int) -> Customers:
    """Return ``n`` free places."""
    return Customers(np.zeros(n), np.zeros(n), np.full(n, np.inf), np.zeros(n), np.zeros(n))


def settle(rng: np.random.Generator, customers: Customers, places: np.ndarray, born: np.ndarray) -> None:
    """Put customers born at ``born`` into free places."""
    n = born.size
    customers.born[places] = born
    customers.last[places] = born
    customers.due[places] = born + rng.standard_exponential(n)
    customers.satisfaction[places] = np.clip(rng.normal(w.INITIAL_MEAN, w.INITIAL_SD, n), 0.0, 1.0)
    customers.sunk[places] = 0.0


def welcome(rng: np.random.Generator, customers: Customers, born: np.ndarray) -> Customers:
    """Add customers born at ``born``, in free places first, then in new ones."""
    free = np.flatnonzero(np.isinf(customers.due))
    if free.size < born.size:
        n_before = customers.due.size
        more = empty(max(born.size, n_before // 8))
        customers = Customers(*(np.concatenate(pair) for pair in zip(customers, more, strict=True)))
        free = np.concatenate((free, np.arange(n_before, customers.due.size)))
    settle(rng, customers, free[: born.size], born)
    return customers


def buy(rng: np.random.Generator, customers: Customers, who: np.ndarray, end: float) -> tuple[np.ndarray, Sums]:
    """Make one purchase of each of ``who``; return who has another one due before ``end``, and the sums."""
    now = customers.due[who]
    quality = np.clip(rng.normal(w.QUALITY_MEAN, w.QUALITY_SD, who.size), 0.0, 1.0)
    satisfaction = customers.satisfaction[who]
    satisfaction += w.GAIN * (quality - satisfaction)
    sunk = customers.sunk[who]
    sunk *= np.exp(-w.SUNK_DECAY * (now - customers.last[who]))
    sunk += w.SUNK_STEP
    revenue = w.PRICE * (w.REVENUE_BASE + satisfaction)
    # Not np.dot: BLAS would start threads, and their waiting counts as CPU time.
    profit = w.MARGIN * (revenue * np.exp(-w.DISCOUNT_RATE * now)).sum()
    odds = np.exp(
        w.LEAVE_BASE
        + w.LEAVE_SATISFACTION * (satisfaction - w.SATISFACTION_CENTRE)
        + w.LEAVE_TENURE * (1.0 - np.exp((customers.born[who] - now) / w.TENURE_SCALE))
        + w.LEAVE_SUNK * sunk
    )
    leaves = rng.random(who.size) * (1.0 + odds) < odds
    due = np.where(leaves, np.inf, now + rng.standard_exponential(who.size))
    customers.last[who] = now
    customers.satisfaction[who] = np.where(leaves, 0.0, satisfaction)
    customers.sunk[who] = sunk
    customers.due[who] = due
    return who[due < end], Sums(np.count_nonzero(leaves), who.size, revenue.sum(), profit)


def run(n: int, seed: int, periods: int = w.PERIODS) -> dict[str, np.ndarray]:
    """Simulate ``n`` initial customers; the arrays are explained in ``workload``."""
    rng = np.random.Generator(np.random.SFC64(seed))
    customers = empty(n)
    settle(rng, customers, np.arange(n), np.zeros(n))
    active, satisfied = n, np.count_nonzero(customers.satisfaction > w.SATISFIED)
    months = []
    for month in range(periods):
        arrivals = rng.poisson(w.ARRIVAL_BASE * n + w.ARRIVAL_REFERRAL * satisfied)
        born = month + rng.random(arrivals)
        customers = welcome(rng, customers, born)
        rounds = [Sums(profit=-w.ACQUISITION_COST * np.exp(-w.DISCOUNT_RATE * born).sum())]
        who = np.flatnonzero(customers.due < month + 1)
        while who.size:
            who, sums = buy(rng, customers, who, month + 1)
            rounds.append(sums)
        total = Sums(*np.sum(rounds, axis=0))
        active += arrivals - total.churned
        satisfied = np.count_nonzero(customers.satisfaction > w.SATISFIED)
        months.append({"active": active, "arrivals": arrivals, "satisfied": satisfied, **total._asdict()})
    return {name: np.array([month[name] for month in months], float) for name in w.SERIES}

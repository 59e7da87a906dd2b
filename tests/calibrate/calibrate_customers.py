"""Customers of the BG/NBD and the Pareto/NBD, drawn event by event from their stories."""

from typing import NamedTuple

import numpy as np

from retsim.calibrate import BgNbd, ParetoNbd


class Histories(NamedTuple):
    """Histories up to T, whether still there at T, and purchases in the `after` that follows."""

    x: np.ndarray
    t_x: np.ndarray
    T: np.ndarray
    alive: np.ndarray
    later: np.ndarray


def of_bgnbd(rng: np.random.Generator, law: BgNbd, T: np.ndarray, after: float = 0.0) -> Histories:
    """Wait, buy, toss for leaving; again, until all have left or time is up."""
    n = len(T)
    rate, p = rng.gamma(law.r, 1.0 / law.alpha, n), rng.beta(law.a, law.b, n)
    x, later, t_x, now = np.zeros(n, int), np.zeros(n, int), np.zeros(n), np.zeros(n)
    stays, alive = np.ones(n, bool), np.ones(n, bool)
    while stays.any():
        with np.errstate(divide="ignore", over="ignore"):
            now = now + rng.exponential(1.0, n) / rate
        stays &= now <= T + after
        early = stays & (now <= T)
        x[early] += 1
        t_x[early] = now[early]
        later[stays & ~early] += 1
        leaves = rng.random(n) < p
        alive &= ~(early & leaves)
        stays &= ~leaves
    return Histories(x, t_x, T, alive, later)


def of_paretonbd(rng: np.random.Generator, law: ParetoNbd, T: np.ndarray, after: float = 0.0) -> Histories:
    """Draw a lifetime, then a Poisson number of purchases spread evenly over what is seen of it."""
    n = len(T)
    rate = rng.gamma(law.r, 1.0 / law.alpha, n)
    life = rng.exponential(1.0, n) / rng.gamma(law.s, 1.0 / law.beta, n)
    seen = np.minimum(life, T)
    x = rng.poisson(rate * seen)
    t_x = np.where(x > 0, seen * rng.random(n) ** (1.0 / np.maximum(x, 1)), 0.0)
    later = rng.poisson(rate * (np.minimum(life, T + after) - seen))
    return Histories(x, t_x, T, life > T, later)

"""A claim of the marketing texts, made an experiment: what is measured, where, and what would make it true.

Owns the form of a claim and of its verdict; the experiments stand in the rooms beside this one, one claim a room.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.intervals import mean_interval

if TYPE_CHECKING:
    from retsim.claims.lab import Lab

__all__ = ["Claim", "Finding", "Floats", "finding", "ratio_values", "standing", "verdict_of"]

HOLDS, FAILS, OPEN = "holds", "does not hold", "not sure"
Floats = npt.NDArray[np.float64]


class Finding(NamedTuple):
    """What one experiment found.

    Attributes
    ----------
    where : str
        Scenario and condition.
    effect : str
        What was measured, in words.
    mean, low, high : float
        With its 95 % interval over replications.
    unit : str
    verdict : str
        "holds", "does not hold", or "not sure" where the interval reaches over the border.
    n : int
        Replications.
    above, below : float
        Borders: the claim holds where the whole interval lies between them.
    limit : bool
        True where the theory says that the claim must fail: a condition at its edge, shown beside it.
    """

    where: str
    effect: str
    mean: float
    low: float
    high: float
    unit: str
    verdict: str
    n: int
    above: float
    below: float
    limit: bool


class Claim(NamedTuple):
    """One claim.

    Attributes
    ----------
    key : str
        Short name.
    text : str
        As marketing texts say it, made exact.
    source : str
    test : callable
        Takes a `Lab`, returns findings.
    condition : str
        When it can be expected to fail.
    """

    key: str
    text: str
    source: str
    test: Callable[[Lab], Iterable[Finding]]
    condition: str


def finding(
    where: str,
    effect: str,
    values: npt.ArrayLike,
    unit: str,
    *,
    above: float = -math.inf,
    below: float = math.inf,
    limit: bool = False,
) -> Finding:
    """A finding from independent values: it holds where the whole interval lies between `above` and `below`."""
    found = mean_interval(values)
    return Finding(
        where, effect, *found[:3], unit, verdict_of(found[:3], above, below), found.n, above, below, limit
    )  # fmt: skip


def verdict_of(found: tuple[float, float, float], above: float, below: float) -> str:
    """What an interval (mean, low, high) says about lying between two borders."""
    _, low, high = found
    if math.isnan(low) or math.isnan(high):
        return OPEN
    if above < low and high < below:
        return HOLDS
    if high <= above or low >= below:
        return FAILS
    return OPEN


def standing(findings: Sequence[Finding]) -> str:
    """What all findings of a claim say together, limits left aside.

    "holds" and "does not hold" where all agree, "not sure" where none of them is sure; else in how many it holds.
    """
    found = [f.verdict for f in findings if not f.limit]
    if found and len(set(found)) == 1:
        return found[0]
    return f"holds in {found.count(HOLDS)} of {len(found)}"


def ratio_values(after: npt.ArrayLike, before: npt.ArrayLike) -> Floats:
    """Values by replication whose mean is the ratio of two means, less its bias: pseudo-values of the jackknife.

    A mean of ratios would give a replication with a small `before` a great weight. Miller (1974), "The jackknife - a
    review", Biometrika 61, 1-15.
    """
    up, down = np.asarray(after, float), np.asarray(before, float)
    n = up.size
    if n < 2:
        return up / down
    without = (up.sum() - up) / (down.sum() - down)
    return np.asarray(n * (up.sum() / down.sum()) - (n - 1) * without)

"""PRIM, the patient rule induction method: peel the cloud of worlds down to boxes in which most are lost.

What is said of a box is held against luck and chance: the quasi-p-value of each limit, and what becomes of the box when
it is found on half of the worlds and tried on the other half. The peeling is that of `ema_workbench`.

References
----------
Friedman, J. H. and Fisher, N. I. (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9, 123-143.
Bryant, B. P. and Lempert, R. J. (2010), "Thinking inside the box: a participatory, computer-assisted approach to
scenario discovery", Technological Forecasting and Social Change 77(1), 34-49: coverage, density, quasi-p-values and
the resampling test.
"""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.experiments.boxes import Box, Boxes, Facts, Limits, Mask, Rules, inside

if TYPE_CHECKING:
    import pandas as pd

FEWEST_CASES = 10
"""Of lost worlds, and of others, that it takes to say anything."""
_SIGNIFICANT = 0.05
_PEELS = (0.05, 0.1, 0.2)
"""Shares of a box that a step may peel off: where worlds are few, a small one holds too few to show that it is a gain."""
_LEAST_COVERAGE = 0.1
"""Share of the lost worlds that a further box must hold."""

__all__ = ["FEWEST_CASES", "described", "find_boxes", "quasi_p"]


def find_boxes(worlds: pd.DataFrame, lost: Mask, rules: Rules, facts: Facts) -> Boxes:
    """One box after the other, each among the worlds outside the ones before, and the first one found anew on halves."""
    import pandas as pd

    boxes: list[Box] = []
    free = np.ones(len(lost), bool)
    while len(boxes) < rules.boxes and lost[free].sum() >= FEWEST_CASES:
        limits = _found(worlds[free], lost[free], rules, len(lost))
        if limits is None:
            break
        box = described(worlds, (lost, free), limits)
        if boxes and box.coverage < _LEAST_COVERAGE:
            break
        boxes.append(box)
        free &= ~inside(worlds, limits)
    halves = _resampled(worlds, lost, rules) if boxes else []
    resampled = pd.DataFrame(halves, columns=["density", "coverage", *worlds.columns])
    return Boxes((worlds, lost), tuple(boxes), resampled, (rules, facts))


def _found(worlds: pd.DataFrame, lost: Mask, rules: Rules, everything: int) -> Limits | None:
    """The limits of the best box that is dense enough, without those that chance could have made."""
    prim, x, peeled = _prim(), worlds.reset_index(drop=True), list[Limits]()
    least = min(max(rules.least * everything / len(x), 2.0 / len(x)), 0.99)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for peel in _PEELS:
            box = prim.Prim(x, lost.astype(float), threshold=rules.density, peel_alpha=peel, mass_min=least).find_box()
            peeled += [_limits(lims, x) for lims in box.box_lims] if box is not None else []
    dense = [limits for limits in peeled if limits and lost[inside(x, limits)].mean() >= rules.density]
    best = max(dense, key=lambda limits: _balance(lost, inside(x, limits)), default=None)
    return _pruned(x, lost, best) or None if best else None


def _balance(lost: Mask, mask: Mask) -> float:
    """Harmonic mean of coverage and density."""
    return 2.0 * float(lost[mask].sum()) / float(lost.sum() + mask.sum())


def _limits(lims: pd.DataFrame, x: pd.DataFrame) -> Limits:
    out = {}
    for key in x.columns:
        low, high = float(lims[key].iloc[0]), float(lims[key].iloc[1])
        ends = (low if low > x[key].min() else -math.inf, high if high < x[key].max() else math.inf)
        if ends != (-math.inf, math.inf):
            out[str(key)] = ends
    return out


def _pruned(x: pd.DataFrame, lost: Mask, limits: Limits) -> Limits:
    """Limits without the least significant end, again and again, until all are significant."""
    while limits:
        without = [
            _opened(limits, key, end) for key, span in limits.items() for end in (0, 1) if math.isfinite(span[end])
        ]
        p, worst = max(((_chance(x, lost, limits, wider), k) for k, wider in enumerate(without)))
        if p <= _SIGNIFICANT:
            break
        limits = without[worst]
    return limits


def _opened(limits: Limits, key: str, end: int) -> Limits:
    """Limits without one end of a key."""
    low, high = limits[key]
    span = (-math.inf, high) if end == 0 else (low, math.inf)
    rest = limits | {key: span}
    return {k: v for k, v in rest.items() if v != (-math.inf, math.inf)}


def _chance(x: pd.DataFrame, lost: Mask, limits: Limits, wider: Limits) -> float:
    """Binomial probability of at least as many lost worlds in a box, at the share of lost ones in a wider box."""
    from scipy.special import bdtrc

    mask = inside(x, limits)
    n, k = int(mask.sum()), int(lost[mask].sum())
    return 1.0 if k == 0 else float(bdtrc(k - 1, n, lost[inside(x, wider)].mean()))


def quasi_p(x: pd.DataFrame, lost: Mask, limits: Limits, key: str) -> float:
    """What chance alone would make of a key's limits, given the others."""
    return _chance(x, lost, limits, {k: span for k, span in limits.items() if k != key})


def described(worlds: pd.DataFrame, cases: tuple[Mask, Mask], limits: Limits) -> Box:
    """A box with its figures; `cases` is (which worlds are lost, which lie in no box before)."""
    lost, free = cases
    mask = inside(worlds, limits) & free
    n, k = int(mask.sum()), int(lost[mask].sum())
    x, mine = worlds[free], lost[free]
    return Box(limits, {key: quasi_p(x, mine, limits, key) for key in limits}, k / int(lost.sum()), k / n, n, k)


def _resampled(worlds: pd.DataFrame, lost: Mask, rules: Rules) -> list[dict[str, float]]:
    """The first box found on a random half of the worlds, and tried on the other half."""
    # Resampling is no part of a run, so its numbers need not come from `retsim.streams`.
    dice = np.random.Generator(np.random.PCG64(rules.seed))
    rows: list[dict[str, float]] = []
    for _ in range(rules.resamples):
        half = dice.permutation(len(lost)) < len(lost) // 2
        limits = _found(worlds[half], lost[half], rules, int(half.sum())) or {}
        there = inside(worlds[~half], limits) if limits else np.zeros(int((~half).sum()), bool)
        other = lost[~half]
        density = float(other[there].mean()) if there.any() else math.nan
        coverage = float(other[there].sum() / max(other.sum(), 1))
        rows.append({"density": density, "coverage": coverage} | {key: float(key in limits) for key in worlds.columns})
    return rows


def _prim() -> Any:
    try:
        with warnings.catch_warnings():
            # It tells of parallel packages that we have no use for.
            warnings.simplefilter("ignore")
            from ema_workbench.analysis import prim
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f'{error}; discovery needs ema_workbench: pip install "retsim[analysis]"') from None
    return prim

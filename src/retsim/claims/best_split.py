"""Pattern 6: the best split of the budget between winning and keeping, and what moves it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from retsim.claims.claim import Claim, Finding, Floats, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

_SPLITS = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)
EFFECT = "share of the budget for keeping at which profit is greatest"
MOVED = "the same, less that of the market as it is"


def test(lab: Lab) -> Iterator[Finding]:
    """Profit at eight splits; where it is greatest, in the market as it is and in others."""
    full = lab.load("telecom")
    here = _best(lab, full)
    yield finding("telecom: a full market", EFFECT, here, "share", above=0.4)
    yield finding("telecom: a full market", EFFECT + ", neither end", here, "share", above=0.02, below=0.98)
    yield finding("telecom: nobody is a customer yet", EFFECT, _best(lab, _emptied(full)), "share", below=0.4)
    for where, changes in _others(full).items():
        moved = _best(lab, full.with_(**changes)) - here
        yield finding(f"telecom: {where}", MOVED, moved, "share", below=0.0)


def _others(scenario: Scenario) -> dict[str, dict[str, object]]:
    """Markets in which a customer who is kept is worth less, or can be kept less."""
    vanish = {f"segments.{name}.traits.vanish_rate": 0.03 for name in scenario.segments}
    return {
        "half the margin": {"firm.unit_cost": scenario.firm.unit_cost + 9.5},
        "three customers in a hundred vanish a month": vanish,
        "money is discounted by 40 % a year": {"discount_rate": 0.40},
    }


def _best(lab: Lab, scenario: Scenario) -> Floats:
    arms = {f"{share:g}": scenario.with_(**{"budget.retention_share": share}) for share in _SPLITS}
    study = lab.compare(arms)
    profits = np.array([lab.values(study, name, "discounted_profit") for name in study.names])
    return np.array(_SPLITS)[profits.argmax(axis=0)]


def _emptied(scenario: Scenario) -> Scenario:
    """The same market before anyone was a customer."""
    nobody = {name: dict.fromkeys(segment.initial, 0.0) for name, segment in scenario.segments.items()}
    return scenario.with_(**{f"segments.{name}.initial": initial for name, initial in nobody.items()})


CLAIM = Claim(
    "best-split",
    "Keeping deserves most of the money in a full market, winning in an empty one; the best split lies between the ends "
    "and moves towards winning where a customer kept is worth less.",
    "Blattberg & Deighton (1996); model pattern 6",
    test,
    "moves with margin, churn, saturation and discount rate, each to a different degree",
)

"""Pattern 6: the best split of the budget between winning and keeping, and what moves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from retsim.claims.claim import Claim, Finding, Floats, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

_SPLITS = (0.0, 0.25, 0.5, 0.75, 1.0)
EFFECT = "share of the budget for keeping at which profit is greatest"
PROFIT = "discounted_profit"
MOVED = "the same, less that of the market as it is"


def test(lab: Lab) -> Iterator[Finding]:
    """Profit at five splits; where it is greatest in a full and an empty market, between the ends, and what moves it."""
    full, middle = lab.load("telecom"), lab.load("insurance")
    yield finding("telecom: a full market", EFFECT, _best(lab, full), "share", above=0.5)
    yield finding("telecom: nobody is a customer yet", EFFECT, _best(lab, _emptied(full)), "share", below=0.5)
    here = _best(lab, middle)
    yield finding("insurance: a full market, dear to win", EFFECT, here, "share", above=0.1, below=0.9)
    for where, changes in _poorer(middle).items():
        moved = _best(lab, middle.with_(**changes)) - here
        yield finding(f"insurance: {where}", MOVED, moved, "share", below=0.0)


def _poorer(scenario: Scenario) -> dict[str, dict[str, object]]:
    """Markets in which whom one keeps is worth less."""
    firm = scenario.firm
    margin = firm.price - firm.unit_cost - firm.cost_to_serve
    vanish: dict[str, object] = {f"segments.{name}.traits.vanish_rate": 0.03 for name in scenario.segments}
    return {
        "half the margin": {"firm.unit_cost": firm.unit_cost + margin / 2.0},
        "three customers in a hundred vanish a month": vanish,
        "money is discounted by 40 % a year": {"discount_rate": 0.40},
    }


def _best(lab: Lab, scenario: Scenario) -> Floats:
    """By replication: the top of the parabola through the best split and its neighbours, or the end that is best."""
    arms = {f"{share:g}": scenario.with_(**{"budget.retention_share": share}) for share in _SPLITS}
    study = lab.compare(arms)
    return np.array([_top(p) for p in zip(*(lab.values(study, name, PROFIT) for name in study.names), strict=True)])


def _top(profits: Sequence[float]) -> float:
    """Share at which profit is greatest, from profits at equally spaced shares."""
    k, step = int(np.argmax(profits)), _SPLITS[1] - _SPLITS[0]
    if k in (0, len(profits) - 1):
        return _SPLITS[k]
    left, here, right = profits[k - 1 : k + 2]
    bend = left - 2.0 * here + right
    return _SPLITS[k] + (step / 2.0 * (left - right) / bend if bend else 0.0)


def _emptied(scenario: Scenario) -> Scenario:
    """The same market before anyone was a customer."""
    nobody = {name: dict.fromkeys(segment.initial, 0.0) for name, segment in scenario.segments.items()}
    return scenario.with_(**{f"segments.{name}.initial": initial for name, initial in nobody.items()})


CLAIM = Claim(
    "best-split",
    "Keeping deserves most of the money in a full market, winning in an empty one; the best split lies between the ends "
    "where winning is dear, and moves towards winning where a customer kept is worth less.",
    "Blattberg & Deighton (1996); model pattern 6",
    test,
    "of a budget that is fixed the margin moves the split little, as it scales what either brings; saturation moves it most",
)

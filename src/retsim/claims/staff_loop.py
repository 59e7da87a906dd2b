"""Pattern 13: satisfied customers make loyal staff, and these make customers satisfied - or neither."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

STARTS = {"good": 0.9, "bad": 0.6}
DEAF = {"firm.morale_effect": 0.0, "firm.turnover_cost": 0.0}
"""Service does not follow morale, and staff who leave cost nothing."""


def test(lab: Lab) -> Iterator[Finding]:
    """A good and a bad start, each with the loop and without; and where service does not follow morale."""
    scenario = lab.load("staff-loop")
    for start, quality in STARTS.items():
        changes = {"firm.service_quality": quality, "firm.product_quality": quality}
        above, below = (0.0, math.inf) if start == "good" else (-math.inf, 0.0)
        where = f"staff-loop: a {start} start, quality {quality:g}"
        gap = _loop(lab, scenario.with_(**changes))
        yield finding(
            where, "profit with the loop, less without", gap["discounted_profit"], "EUR", above=above, below=below
        )
        yield finding(
            where,
            "customers at the end with the loop, less without",
            gap["customers"],
            "customers",
            above=above,
            below=below,
        )
        where = f"{where}, service does not follow morale"
        gap = _loop(lab, scenario.with_(**changes, **DEAF))
        effect = "profit with the loop, less without"
        yield finding(where, effect, gap["discounted_profit"], "EUR", above=above, below=below, limit=True)


def _loop(lab: Lab, scenario: Scenario) -> dict[str, Floats]:
    study = lab.compare({"alone": scenario.with_(**{"firm.morale_speed": 0.0}), "looped": scenario})
    return {
        metric: (lab.values(study, "looped", metric) - lab.values(study, "alone", metric)) / lab.size
        for metric in ("discounted_profit", "customers")
    }


CLAIM = Claim(
    "staff-loop",
    "The loop of satisfied customers, loyal staff and good service amplifies both ways: a virtuous and a vicious circle.",
    "Heskett, Jones, Loveman, Sasser & Schlesinger (1994); model pattern 13",
    test,
    "fails where service does not follow the staff's morale",
)

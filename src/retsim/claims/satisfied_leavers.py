"""Pattern 2, satisfied and gone: most of those who leave were satisfied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab

__all__ = ["CLAIM"]

BAD = {"firm.service_quality": 0.55, "firm.product_quality": 0.65, "firm.failure_rate": 0.15}
EFFECT = "satisfied among those who left by choice"


def test(lab: Lab) -> Iterator[Finding]:
    """Share of leavers whose last satisfaction was above the mark, in every industry, and where service is bad."""
    arms = {name: lab.load(name) for name in lab.industries()}
    study = lab.compare(arms | {"bad": lab.load("telecom", **BAD)})
    for name in arms:
        share = lab.values(study, name, "satisfied_share_of_leavers")
        yield finding(name, EFFECT, share, "share", above=0.60, below=0.85)
    share = lab.values(study, "bad", "satisfied_share_of_leavers")
    yield finding("telecom: bad service", EFFECT, share, "share", above=0.60, below=0.85, limit=True)


CLAIM = Claim(
    "satisfied-and-gone",
    "Most of those who leave were satisfied: 60 to 85 % of them.",
    "Reichheld (1996): 65 to 85 % of defectors were satisfied; model pattern 2",
    test,
    "fails where service is bad enough that most customers are dissatisfied",
)

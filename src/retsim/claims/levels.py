"""Pattern 7: three levels of bond (Berry & Parasuraman), and what rivals and prices leave of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding, ratio_values

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

COUPONS = {"strategy": "retain-1", "budget.monthly": 2500.0, "firm.discount": 0.25, "firm.discount_tenure": 0.0}
LEFT = "of the customers that it gains, left where rivals copy it"
KEPT = "of the customers that it has at an equal price, kept"


def test(lab: Lab) -> Iterator[Finding]:
    """Coupons and a system with and without rivals who copy; a bond of care against two price gaps."""
    yield from _financial(lab)
    yield from _social(lab)
    yield from _structural(lab)


def _financial(lab: Lab) -> Iterator[Finding]:
    """Level 1 fades: rivals give the same coupons after half a year."""
    coupons = lab.load("retail", **COUPONS)
    gained, left = _remains(lab, coupons, coupons.with_(**{"budget.monthly": 0.0}))
    yield finding("retail, level 1: coupons, not copied", "customers gained at the end", gained, "customers", above=0.0)
    yield finding("retail, level 1: rivals copy after 6 months", "share " + LEFT, left, "share", below=0.5)


def _social(lab: Lab) -> Iterator[Finding]:
    """Level 2 holds a small price gap and breaks at a large one."""
    care = lab.load("culture-relational", **{"firm.ad_ceiling": 0.0})
    arms = {f"{price:g}": care.with_(**{"firm.price": price}) for price in (30.0, 33.0, 60.0)}
    bare = {f"{name}, no care": arm.with_(**{"budget.monthly": 0.0}) for name, arm in arms.items()}
    study = lab.compare(arms | bare)
    n = {name: lab.values(study, name, "customers") for name in study.names}
    where = "culture-relational, level 2: the firm is 10 % dearer than it was"
    yield finding(where, KEPT, ratio_values(n["33"], n["30"]), "share", above=0.5)
    extra = ratio_values(n["33"], n["33, no care"]) - 1.0
    yield finding(where, "customers more than without care", extra, "share", above=0.25)
    where = "culture-relational, level 2: the firm is twice as dear"
    yield finding(where, KEPT, ratio_values(n["60"], n["30"]), "share", above=0.5, limit=True)


def _structural(lab: Lab) -> Iterator[Finding]:
    """Level 3 lasts, as it is slow to copy, and draws customers of rivals."""
    tied, untied = lab.load("structural-bond"), lab.load("structural-bond", strategy="acquisition-led")
    gained, left = _remains(lab, tied, untied)
    yield finding("structural-bond, level 3: not copied", "customers gained at the end", gained, "customers", above=0.0)
    slow = _delay_of(tied, 3)
    if slow is not None:
        where = f"structural-bond, level 3: rivals copy after {slow:g} months"
        yield finding(where, "share " + LEFT, left, "share", above=0.5)
        _, left = _remains(lab, tied, untied, imitation_delay_3=3.0)
        yield finding(
            "structural-bond, level 3: rivals copy after 3 months",
            "share " + LEFT,
            left,
            "share",
            above=0.5,
            limit=True,
        )
    plain = tied.with_(**{"firm.structural_draw": 0.0})
    study = lab.compare({"plain": plain, "drawing": tied})
    drawn = lab.values(study, "drawing", "acquired") - lab.values(study, "plain", "acquired")
    yield finding("structural-bond, level 3: others hear of it", "customers drawn", drawn, "customers", above=0.0)


def _remains(lab: Lab, bond: Scenario, without: Scenario, **delays: float) -> tuple[Floats, Floats]:
    """Customers that a bond gains where nobody copies it, and the share of them left where everyone does."""
    copied = _copied(bond, **delays)
    study = lab.compare({"without": without, "alone": bond, "copied": copied})
    base, alone, shared = (lab.values(study, name, "customers") for name in study.names)
    return alone - base, ratio_values(shared - base, alone - base)


def _copied(scenario: Scenario, **delays: float) -> Scenario:
    figures: dict[str, float] = {"imitation": 1.0} | delays
    return scenario.with_(
        **{f"rivals.{rival}.{key}": value for rival in scenario.rivals for key, value in figures.items()}
    )


def _delay_of(scenario: Scenario, level: int) -> float | None:
    """Months until rivals copy a level; None where the model knows no copy of it."""
    rival = next(iter(scenario.rivals.values()))
    return getattr(rival, f"imitation_delay_{level}", None)


CLAIM = Claim(
    "three-levels",
    "A financial bond fades once rivals copy it; a structural one lasts and draws rivals' customers; a social one holds "
    "against a small price gap and breaks at a large one.",
    "Berry & Parasuraman (1991); model pattern 7",
    test,
    "level 1 lasts where nobody copies; level 2 breaks at a large gap; level 3 fades like level 1 where it is copied soon",
)

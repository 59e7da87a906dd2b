"""Pattern 10, first part: over-contacting harms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding, ratio_values

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

RATES = {"none": 0.0, "some": 0.5, "much": 4.0}
ASLEEP = {"behaviour.wake_probability": 0.0}
CALM = ASLEEP | {"behaviour.annoyance": 0.0}
HARM = "profit at four contacts a month against one in two months, for the same money"
WOKEN = "profit of a campaign that contacts everybody, against none"


def test(lab: Lab) -> Iterator[Finding]:
    """The same money for no, some and much contact; a campaign among sleepers; and where nothing annoys or wakes."""
    sleepers = lab.load("sleepers")
    none, some, much = _profits(lab, sleepers.with_(**ASLEEP))
    where = "sleepers: contact wakes nobody"
    yield finding(where, HARM, ratio_values(much, some) - 1.0, "share", below=0.0)
    better = ratio_values(some, none) - 1.0
    yield finding(where, "profit at one contact in two months against none", better, "share", above=0.0)
    _, some, much = _profits(lab, sleepers.with_(**CALM))
    rise = ratio_values(much, some) - 1.0
    yield finding("sleepers: contact neither wakes nor annoys", HARM, rise, "share", below=0.0, limit=True)
    yield finding("sleepers: contact wakes some", WOKEN, _campaign(lab, sleepers), "share", below=0.0)
    found = _campaign(lab, sleepers.with_(**ASLEEP))
    yield finding("sleepers: contact wakes nobody", WOKEN, found, "share", below=0.0, limit=True)


def _profits(lab: Lab, scenario: Scenario) -> list[Floats]:
    study = lab.compare({name: scenario.with_(**{"firm.contact_rate": rate}) for name, rate in RATES.items()})
    return [lab.values(study, name, "discounted_profit") for name in study.names]


def _campaign(lab: Lab, scenario: Scenario) -> Floats:
    study = lab.compare({"idle": scenario.with_(**{"budget.monthly": 0.0}), "campaign": scenario})
    idle, campaign = (lab.values(study, name, "discounted_profit") for name in study.names)
    return ratio_values(campaign, idle) - 1.0


CLAIM = Claim(
    "over-contacting",
    "Some contact keeps customers; too much harms, and a campaign can wake customers who would have slept on.",
    "Godfrey, Seiders & Voss (2011); Ascarza, Iyengar & Schleicher (2016); model pattern 10",
    test,
    "fails where nothing annoys, and where nobody is dissatisfied enough to be woken",
)

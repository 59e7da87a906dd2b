"""Pattern 4: what five points of yearly retention bring, in four senses that texts mix up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding, ratio_values

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

POINTS, TRIES, STEPS = 0.05, 6, 6
YEAR = 12
LEAST, MOST = 0.25, 0.85
"""The claim."""
_QUALITIES = ("product_quality", "service_quality", "delivery_quality")
_UNMOVED = {"contract_term": 0.0, "poaching": 0.0, "organic": 0.0, "ad_ceiling": 0.0, "failure_rate": 0.0}


def test(lab: Lab) -> Iterator[Finding]:
    """The focal firm's customers are served better, by as much as lifts yearly retention by five points, at no cost.

    Its reputation stays, so that nobody joins for it: only those who are customers feel it.
    """
    for name in lab.industries():
        scenario = lab.load(name)
        study = lab.compare({"before": scenario, "after": _served_better(scenario, _gain_for(lab, scenario))})
        rise = _yearly(lab, study, "after") - _yearly(lab, study, "before")
        yield finding(name, "yearly retention is lifted by", rise, "share", above=POINTS - 0.01, below=POINTS + 0.01)
        yield from _senses(lab, study, name)
    yield from _ten_to_five(lab)


def _senses(lab: Lab, study: Study, where: str) -> Iterator[Finding]:
    """The same lift in four senses; the border is that of the claim in each."""
    yield finding(
        where,
        "value of a customer, not discounted",
        _rise(lab, study, discounted=False),
        "share",
        above=LEAST,
        below=MOST,
    )
    yield finding(
        where, "value of a customer, discounted", _rise(lab, study, discounted=True), "share", above=LEAST, below=MOST
    )
    before, after = (lab.values(study, arm, "discounted_profit") for arm in study.names)
    yield finding(
        where,
        "the firm's profit over its five years",
        ratio_values(after, before) - 1.0,
        "share",
        above=LEAST,
        below=MOST,
    )
    before, after = (lab.paths(study, arm, "profit")[:, :YEAR].sum(axis=1) for arm in study.names)
    effect = "the firm's profit in the first year"
    yield finding(where, effect, ratio_values(after, before) - 1.0, "share", above=LEAST, below=MOST, limit=True)


def _ten_to_five(lab: Lab) -> Iterator[Finding]:
    """Nobody leaves but for reasons of their own: a tenth of the customers a year, then a twentieth."""
    where = "telecom: a firm that loses 10 % a year comes to lose 5 %"
    study = lab.compare({f"{loss:g}": _losing(lab, loss) for loss in (0.10, 0.05)})
    effect = "value of a customer, not discounted"
    yield finding(where, effect + ": more than double", _rise(lab, study, discounted=False), "share", above=1.0)
    before, after = (lab.paths(study, arm, "profit")[:, :YEAR].sum(axis=1) for arm in study.names)
    rise = ratio_values(after, before) - 1.0
    yield finding(where, "the firm's profit in the first year", rise, "share", above=LEAST, below=MOST, limit=True)


def _losing(lab: Lab, loss: float) -> Scenario:
    scenario = lab.load("telecom", customers=6000)
    firms = ["firm", *(f"rivals.{name}" for name in scenario.rivals)]
    changes: dict[str, object] = {f"{firm}.{key}": value for firm in firms for key, value in _UNMOVED.items()}
    for name in scenario.segments:
        traits = f"segments.{name}.traits"
        changes |= {f"{traits}.vanish_rate": -math.log1p(-loss) / YEAR, f"{traits}.attention": 0.0}
    return scenario.with_(**changes)


def _worth(lab: Lab, study: Study, arm: str, discounted: bool) -> Floats:
    """Margin a customer and month x (1 - churn) / (churn + discount), by replication; cost of winning not in it."""
    profit, winning, active = (
        lab.paths(study, arm, s).sum(axis=1) for s in ("profit", "acquisition_spend", "active")
    )  # fmt: skip
    churn = lab.values(study, arm, "churn_rate")
    rate = (1.0 + study.scenarios[arm].discount_rate) ** (1.0 / YEAR) - 1.0 if discounted else 0.0
    return (profit + winning) / active * (1.0 - churn) / (churn + rate)


def _rise(lab: Lab, study: Study, *, discounted: bool) -> Floats:
    before, after = (_worth(lab, study, arm, discounted) for arm in study.names)
    return ratio_values(after, before) - 1.0


def _gain_for(lab: Lab, scenario: Scenario) -> float:
    """Quality that lifts yearly retention so much, or as much as full quality does; by bisection, with the same luck."""
    few = lab.fewer(TRIES)
    base = _yearly(few, few.compare({"base": scenario}), "base").mean()
    low, high = 0.0, 0.5
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        study = few.compare({"better": _served_better(scenario, middle)})
        if _yearly(few, study, "better").mean() - base < POINTS:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _yearly(lab: Lab, study: Study, arm: str) -> Floats:
    return lab.values(study, arm, "retention_rate") ** YEAR


def _served_better(scenario: Scenario, gain: float) -> Scenario:
    return scenario.with_(firm={name: min(getattr(scenario.firm, name) + gain, 1.0) for name in _QUALITIES})


CLAIM = Claim(
    "five-points",
    "Five points more retention a year raise profit by 25 to 85 %.",
    "Reichheld & Sasser (1990), who mean the discounted value of a customer",
    test,
    "it depends on whose profit: the value of a customer moves at once, the firm's profit of this year hardly",
)

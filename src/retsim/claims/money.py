"""Claims about money: five points of retention, long life and profit, the split of the budget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from retsim.claims.claim import Claim, Finding, Lab, finding

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.results.run import Run
    from retsim.scenario import Scenario

__all__ = ["CLAIMS"]

_SPLITS = (0.0, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0)


def _five_points(lab: Lab) -> Iterator[Finding]:
    """The focal firm's customers are served better, by as much as lifts yearly retention by five points, at no cost.

    Its reputation stays, so that nobody joins for it: only those who are customers feel it.
    """
    for name in ("telecom", "retail", "saas"):
        scenario = lab.load(name)
        better = _served_better(scenario, _gain_for(lab, scenario, 0.05))
        study = lab.compare({"as it is": scenario, "better": better})
        before, after = (lab.values(study, arm, "discounted_profit") for arm in study.names)
        rise = (_yearly(lab, study, "better") - _yearly(lab, study, "as it is")).mean()
        where = f"{name}: yearly retention {rise * 100:+.1f} points"
        yield finding(
            where, "discounted profit, relative change", after / before - 1.0, "share", above=0.25, below=0.85
        )


def _gain_for(lab: Lab, scenario: Scenario, rise: float) -> float:
    """Quality that lifts yearly retention so much, or as much as full quality does; by bisection, with the same luck."""
    few = Lab(min(lab.replications, 4), lab.seed, lab.workers, lab.size)
    base = _yearly(few, few.compare({"base": scenario}), "base").mean()
    low, high = 0.0, 0.5
    for _ in range(6):
        middle = 0.5 * (low + high)
        study = few.compare({"better": _served_better(scenario, middle)})
        if _yearly(few, study, "better").mean() - base < rise:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _yearly(lab: Lab, study: Study, arm: str) -> np.ndarray:
    return lab.values(study, arm, "retention_rate") ** 12


def _served_better(scenario: Scenario, gain: float) -> Scenario:
    qualities = ("product_quality", "service_quality", "delivery_quality")
    return scenario.with_(firm={name: min(getattr(scenario.firm, name) + gain, 1.0) for name in qualities})


def _long_life(lab: Lab) -> Iterator[Finding]:
    yield finding(
        "retail: no contract", "correlation of a customer's time with the firm and discounted margin",
        lab.each(lab.load("retail"), _life_and_value, log=True), "correlation", below=0.5,
    )  # fmt: skip


def _life_and_value(run: Run) -> float:
    """Over those whom the firm won in the first year, up to their first leaving or the horizon."""
    mine = run.events[run.events["firm"] == run.scenario.focal]
    joined = mine[mine["event"] == "join"].groupby("customer")["time"].first()
    joined = joined[(joined > 0.0) & (joined < 12.0)]
    left = mine[mine["event"] == "leave"].groupby("customer")["time"].first()
    life = left.reindex(joined.index).fillna(run.scenario.horizon) - joined
    value = run.customers.set_index("customer")["value"].reindex(joined.index)
    return float(np.corrcoef(life, value)[0, 1])


def _best_split(lab: Lab) -> Iterator[Finding]:
    full = lab.load("telecom")
    for scenario, where, borders in (
        (full, "telecom: a full market", {"above": 0.4}),
        (_emptied(full), "telecom: nobody is a customer yet", {"below": 0.4}),
    ):
        arms = {f"{share:g}": scenario.with_(**{"budget.retention_share": share}) for share in _SPLITS}
        study = lab.compare(arms)
        profits = np.array([lab.values(study, name, "discounted_profit") for name in study.names])
        best = np.array(_SPLITS)[profits.argmax(axis=0)]
        yield finding(where, "share of the budget for keeping at which profit is greatest", best, "share", **borders)


def _emptied(scenario: Scenario) -> Scenario:
    """The same market before anyone was a customer."""
    nobody = {name: dict.fromkeys(segment.initial, 0.0) for name, segment in scenario.segments.items()}
    return scenario.with_(**{f"segments.{name}.initial": initial for name, initial in nobody.items()})


CLAIMS = (
    Claim(
        "five-points",
        "Five points more retention a year raise profit by 25 to 85 %.",
        "Reichheld & Sasser (1990)",
        _five_points,
        "fails where few customers leave of their own choice, where they are soon replaced, or within a short horizon",
    ),
    Claim(
        "long-life",
        "Long-life customers are not always the profitable ones: tenure and profit hang together weakly without contracts.",
        "Reinartz & Kumar (2000)",
        _long_life,
        "fails under contracts, where every month pays alike",
    ),
    Claim(
        "best-split",
        "Keeping deserves most of the money in a full market, winning in an empty one.",
        "Blattberg & Deighton (1996); model pattern 6",
        _best_split,
        "moves with margin, churn, saturation and discount rate",
    ),
)

"""How answers are judged: as a number, as one of some words, or by running what was handed in.

A judge makes the truth when it is asked, by formula or simulation, and says in a sentence what is right or missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

PEOPLE, REPLICATIONS, SEED = 400, 8, 5
"""Of the experiments that judge: small enough to wait for, and paired."""

__all__ = [
    "PEOPLE",
    "REPLICATIONS",
    "SEED",
    "Judge",
    "Verdict",
    "arms",
    "best_of",
    "money_shown",
    "number",
    "paired",
    "study_of",
    "word",
]


class Verdict(NamedTuple):
    """What became of an answer.

    Attributes
    ----------
    right : bool
    message : str
        Why, or what to think of next.
    """

    right: bool
    message: str

    def __repr__(self) -> str:
        return f"{'Right' if self.right else 'Not yet'}: {self.message}"


Judge = Callable[[Any], Verdict]


def number(truth: Callable[[], float], unit: str, *, within: float = 0.01) -> Judge:
    """A judge of numbers, right within a share of the truth."""

    def judge(answer: Any) -> Verdict:
        if isinstance(answer, bool) or not isinstance(answer, Real) or not math.isfinite(answer):
            return Verdict(False, f"{answer!r:.60} is no number; give one, in {unit}")
        given, true = float(answer), float(truth())
        if abs(given - true) <= within * abs(true):
            return Verdict(True, f"{given:.6g} {unit}")
        if true and 90.0 < given / true < 110.0:
            return Verdict(
                False, f"about a hundred times too much: is it a percentage where a share is wanted? In {unit}"
            )
        return Verdict(False, f"{given:.6g} is too {'high' if given > true else 'low'}; wanted in {unit}")

    return judge


def word(options: Mapping[str, str], truth: Callable[[], tuple[str, str]]) -> Judge:
    """A judge of words: `truth` gives the right one and what shows it; `options` say what each means."""

    def judge(answer: Any) -> Verdict:
        if not isinstance(answer, str) or answer not in options:
            return Verdict(False, f"{answer!r:.60} is none of {', '.join(map(repr, options))}")
        true, shown = truth()
        if answer == true:
            return Verdict(True, shown)
        return Verdict(False, f"{answer!r} ({options[answer]}) is not what comes out; work it out and look again")

    return judge


def arms(name: str, changes: Mapping[str, Mapping[str, Any]], **common: Any) -> dict[str, Scenario]:
    """A small market, changed in several ways."""
    from retsim.scenario import load

    market = load(name).resized(PEOPLE)
    if common:
        market = market.with_(**common)
    return {arm: market.with_(**change) for arm, change in changes.items()}


def study_of(scenarios: Mapping[str, Scenario], **how: Any) -> Study:
    """The judge's experiment: the same luck for every arm."""
    from retsim.experiments.compare import compare

    return compare(scenarios, replications=REPLICATIONS, seed=SEED, workers=1, **how)


def paired(study: Study, metric: str = "discounted_profit") -> tuple[float, float, float]:
    """Mean and interval of the second arm less the first."""
    row = study.differences(metric).iloc[0]
    return float(row["mean"]), float(row["low"]), float(row["high"])


def best_of(study: Study) -> tuple[str, str]:
    """The arm of greatest mean profit, and all means in words."""
    means = study.runs.groupby("scenario", observed=True)["discounted_profit"].mean()
    shown = ", ".join(f"{name} {mean:,.0f}" for name, mean in means.items())
    return str(means.idxmax()), f"mean discounted profit, n = {REPLICATIONS}: {shown}"


def money_shown(found: tuple[float, float, float]) -> str:
    """A mean and its interval, in words."""
    return f"{found[0]:+,.0f} ({found[1]:+,.0f} to {found[2]:+,.0f}; n = {REPLICATIONS})"

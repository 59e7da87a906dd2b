"""The answer first: one sentence with interval and number of replications, and how sure it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from retsim.experiments.answer import answer, verdict
from retsim.experiments.best import decide
from retsim.plots.source import currency
from retsim.results.measures import MEASURES
from retsim.results.words import MINUS, number

if TYPE_CHECKING:
    from retsim.experiments.study import Study

__all__ = ["Said", "said"]


class Said(NamedTuple):
    """What the page says before anything else."""

    verdict: str
    more: list[str]
    warnings: list[str]


def said(study: Study, metric: str) -> Said:
    """The answer of a study in words.

    Parameters
    ----------
    study : Study
    metric : str
        One of `retsim.MEASURES`.
    """
    unit = currency(study) if MEASURES[metric].unit == "money" else ""
    return Said(f"{verdict(study, metric, unit, minus=MINUS)}.", _more(study, metric, unit), _warnings(study))


def _more(study: Study, metric: str, unit: str) -> list[str]:
    """How large the difference is beside the whole, and what choosing wrongly may cost."""
    found = answer(study, metric)
    if found is None:
        return []
    means = study.summary().set_index(["scenario", "metric"])["mean"]
    base, lines = float(means[(found.against, metric)]), []
    if found.n > 1 and base and math.isfinite(base) and unit:
        whole = f"{number(base, MEASURES[metric], minus=MINUS)} {unit}"
        share = f"{100.0 * found.mean / abs(base):,.1f}".replace("-", MINUS)
        lines.append(f"That is {share} % of the {MEASURES[metric].title} under {found.against} ({whole}).")
    first = decide(study, metric).iloc[0]
    if not math.isnan(first["p_best"]):
        risk = number(float(first["regret"]), MEASURES[metric], minus=MINUS)
        lines.append(
            f"The probability that {first['scenario']} has the best mean is {_chance(float(first['p_best']))}; choosing "
            f"it now is expected to cost {risk} {unit}".rstrip()
            + " against the one that is truly best."
        )
    return lines


def _chance(p: float) -> str:
    return "above 99.9 %" if p > 0.999 else f"{100.0 * p:.1f} %"


def _warnings(study: Study) -> list[str]:
    """What a reader must know before believing it."""
    lines = []
    planned, done = study.replications * len(study.names), sum(map(len, study.arms.values()))
    if done < planned:
        failed = f", {len(study.failures)} failed" if study.failures else ""
        lines.append(f"Only {done:,} of {planned:,} planned runs are there{failed}: the answer is about these.")
    if study.replications == 1:
        lines.append("One replication cannot say how sure anything is. Run the study with more.")
    return lines

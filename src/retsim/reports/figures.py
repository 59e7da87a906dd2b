"""Tables of figures: means of each scenario, paired differences, and who left."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.plots.words import difference, heads, number
from retsim.results.measures import MEASURES
from retsim.results.reasons import STAY, VANISHED

if TYPE_CHECKING:
    from retsim.experiments.study import Study

REASONS = {
    "attention": "an ordinary occasion was thought over",
    "alert": "a failure was not made good",
    "price": "the price rose",
    "offer": "a rival's offer came",
    "term": "the contract ended",
    "moment": "a moment of natural attrition, which was a choice after all",
    "natural": "reasons of their own: no decision",
    "contact": "the firm's own contact woke them",
    "need": "the firm did not meet a need",
    "word": "what others said",
}
"""Triggers of a decision in words (R7)."""

FIRST = (
    "discounted_profit", "profit", "customers", "retention_rate", "acquired", "lost", "acquisition_cost_per_customer",
    "clv", "customer_equity", "cash_trough",
)  # fmt: skip
"""Measures of the table of differences; the picture beside it has all."""

__all__ = ["FIRST", "REASONS", "Table", "departure_table", "difference_table", "mean_table"]


class Table(NamedTuple):
    """A table as the page shows it: the first column is text, the others are numbers."""

    heads: list[str]
    rows: list[list[str]]


def mean_table(study: Study) -> Table:
    """Mean of each measure under each scenario, with its 95 % interval."""
    found = {(row["scenario"], row["metric"]): row for row in study.summary().to_dict("records")}
    rows = [
        [_title(metric), *(_with_interval(found[name, metric], metric) for name in study.names)] for metric in MEASURES
    ]
    return Table(["measure", *study.names], rows)


def difference_table(study: Study, metric: str) -> Table:
    """Paired differences to the baseline, those of one measure first, and in how many replications each is better."""
    several, rows = len(study.names) > 2, []
    wanted = list(dict.fromkeys((metric, *FIRST)))
    records = study.differences(wanted).to_dict("records")
    for one in wanted:
        for row in (row for row in records if row["metric"] == one):
            name = [str(row["scenario"])] if several else []
            text = difference((row["mean"], row["low"], row["high"]), one, int(row["n"]))
            rows.append([_title(one), *name, text, _better(row), _sure(row, one)])
    name = ["scenario"] if several else []
    return Table(["measure", *name, "mean difference (95 % interval)", "better in", "so it is"], rows)


def departure_table(study: Study) -> Table:
    """Who left or vanished, by reason: customers a replication, share that was satisfied, where they went."""
    table = study.departures
    rows = []
    for name in study.names:
        gone = table[(table["scenario"] == name) & (table["outcome"] != STAY)]
        total = float(gone["count"].sum())
        for trigger, part in sorted(gone.groupby("trigger", observed=True), key=lambda item: -item[1]["count"].sum()):
            count = float(part["count"].sum())
            rows.append([name, REASONS[str(trigger)], heads(count), _percent(count, total),
                         _satisfied(part, count), _destinations(part)])  # fmt: skip
    return Table(["scenario", "why", "customers lost", "of all", "satisfied", "where to"], rows)


def _satisfied(part: Any, count: float) -> str:
    return "-" if (part["outcome"] == VANISHED).all() else _percent(float(part["satisfied"].sum()), count)


def _destinations(part: Any) -> str:
    counts = part.groupby("outcome", observed=True)["count"].sum().sort_values(ascending=False)
    return ", ".join(f"{name} {heads(float(count))}" for name, count in counts.items() if count > 0.0)


def _percent(part: float, whole: float) -> str:
    return f"{100.0 * part / whole:.0f}\N{NO-BREAK SPACE}%" if whole else "-"


def _title(metric: str) -> str:
    measure = MEASURES[metric]
    unit = "" if measure.unit in ("money", "customers", "share") else f", {measure.unit.replace('share', '%', 1)}"
    return f"{measure.title}{unit}"


def _with_interval(row: Any, metric: str) -> str:
    if not row["n"]:
        return "in no replication"
    mean, low, high = (number(float(row[key]), metric) for key in ("mean", "low", "high"))
    return mean if low == "-" else f"{mean} ({low} to {high})"


def _better(row: Any) -> str:
    n = int(row["n"])
    if not n:
        return "-"
    return "all equal" if row["ties"] == 1.0 else f"{round(row['better'] * n):,} of {n:,}"


def _sure(row: Any, metric: str) -> str:
    """Whether the interval lies on one side of 0."""
    low, high = float(row["low"]), float(row["high"])
    if row["ties"] == 1.0:
        return "equal"
    if math.isnan(low) or low <= 0.0 <= high:
        return "not sure"
    return "better" if (low > 0.0) == (MEASURES[metric].better > 0) else "worse"

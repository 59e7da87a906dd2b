"""What it all rests on: in what the scenarios differ, and every assumption with its evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.reports.figures import Table
from retsim.scenario.evidence import EvidenceRow, evidence
from retsim.scenario.grounds import census

if TYPE_CHECKING:
    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

_FAMILIES = ("rivals", "segments", "strategies", "products", "shocks")

__all__ = ["Grounds", "grounds"]


class Grounds(NamedTuple):
    """What a study rests on.

    Attributes
    ----------
    strategies : Table
        What each scenario does with its budget.
    differing : Table
        Keys whose values are not the same in all scenarios.
    census : list of str
        How many of the values have which kind of ground.
    given, defaults : Table
        Values that the files set, and those that they leave as they are.
    """

    strategies: Table
    differing: Table
    census: list[str]
    given: Table
    defaults: Table


def grounds(study: Study) -> Grounds:
    """Collect what a study rests on."""
    tables = {name: {row.key: row for row in evidence(scenario)} for name, scenario in study.scenarios.items()}
    keys = list(dict.fromkeys(key for rows in tables.values() for key in rows))
    found = [_line(key, tables) for key in keys]
    given = [line for line in found if line.is_set]
    heads = ["what", "value", "unit", "ground"]
    return Grounds(
        _strategies(study),
        Table(["what", *study.names], [[line.key, *line.values] for line in found if len(set(line.values)) > 1]),
        census(line.source for line in given),
        Table(heads, [line.cells() for line in given]),
        Table(heads, _folded(line for line in found if not line.is_set)),
    )


class _Line(NamedTuple):
    """A key with its value in each scenario."""

    key: str
    values: list[str]
    unit: str
    source: str
    is_set: bool

    def cells(self) -> list[str]:
        """Key, value, unit, source; values that differ are enumerated."""
        return [self.key, " | ".join(dict.fromkeys(self.values)), self.unit, self.source]


def _line(key: str, tables: dict[str, dict[str, EvidenceRow]]) -> _Line:
    rows = [rows.get(key) for rows in tables.values()]
    there = [row for row in rows if row is not None]
    values = ["-" if row is None else shown(row.value) for row in rows]
    sources = dict.fromkeys(row.source for row in there)
    return _Line(key, values, there[0].unit, " | ".join(sources), any(row.set_by == "file" for row in there))


def _folded(lines: Iterable[_Line]) -> list[list[str]]:
    """Defaults without repetition: a rival's, a segment's or a strategy's stands once for all of its kind."""
    rows: dict[str, list[str]] = {}
    for line in lines:
        first, _, rest = line.key.partition(".")
        key = f"{first}.*.{rest.partition('.')[2]}" if first in _FAMILIES else line.key
        own = key.replace("rivals.*", "firm")
        if own in rows:
            continue
        rows.setdefault(key, [key, *line.cells()[1:]])
    return list(rows.values())


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, float):
        return f"{value:,.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {shown(item)}" for key, item in value.items() if key != "values")
    return str(value)


def _strategies(study: Study) -> Table:
    rows = [[name, *_spending(scenario)] for name, scenario in study.scenarios.items()]
    return Table(["scenario", "strategy", "budget a month", "to keep", "how the money that keeps is divided"], rows)


def _spending(scenario: Scenario) -> list[str]:
    plan = scenario.plan_of(scenario.focal)
    share, unit = plan.retention_share, scenario.currency
    mix = {name: value for name, value in plan.mix.model_dump().items() if value > 0.0}
    parts = ", ".join(f"{name.replace('_', '-')} {100.0 * value:.0f} %" for name, value in mix.items())
    title = plan.strategy.title or scenario.strategy or "no programmes"
    return [title, f"{plan.monthly:,.6g} {unit}", f"{100.0 * share:.0f} %", parts if share > 0.0 else "-"]

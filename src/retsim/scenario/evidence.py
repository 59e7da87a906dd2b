"""Where every value of a scenario comes from: unit, range, source, and who set it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from retsim.scenario.fields import Model, limits, parameter_of
from retsim.scenario.plain import plain
from retsim.scenario.scenario import Scenario

__all__ = ["EvidenceRow", "evidence"]

NOT_GIVEN = "not given"


class EvidenceRow(NamedTuple):
    """One value and its ground.

    Attributes
    ----------
    key : str
        Dotted key as in a scenario file.
    value : object
        Number, word, or table of a distribution.
    unit : str
    low, high : float
        Closed range; `inf` for no end.
    source : str
        Author and year, or ``assumption``; ``not given`` where a file sets a value and says nothing.
    set_by : str
        ``default`` or ``file``.
    """

    key: str
    value: Any
    unit: str
    low: float
    high: float
    source: str
    set_by: str


def evidence(scenario: Scenario) -> list[EvidenceRow]:
    """Every number of a scenario, set or default, in the order of a scenario file."""
    return list(_rows(scenario, "", scenario.evidence))


def source_of(key: str, given: Mapping[str, str]) -> str:
    """What an evidence table says of a key, or of the nearest table around it."""
    while key:
        if key in given:
            return given[key]
        key = key.rpartition(".")[0]
    return NOT_GIVEN


def _rows(model: Model, path: str, given: Mapping[str, str]) -> Iterator[EvidenceRow]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        key = f"{path}.{name}" if path else name
        parameter = parameter_of(field.json_schema_extra)
        if value is None:
            continue
        if parameter is not None:
            is_set = name in model.model_fields_set
            source = source_of(key, given) if is_set else parameter.source
            yield EvidenceRow(
                key, plain(value), parameter.unit, *limits(parameter), source, "file" if is_set else "default"
            )
        elif isinstance(value, Model):
            yield from _rows(value, key, given)
        elif isinstance(value, Mapping) and name != "evidence":
            yield from _entries(value, key, given)


def _entries(table: Mapping[str, Any], key: str, given: Mapping[str, str]) -> Iterator[EvidenceRow]:
    for name, value in table.items():
        if isinstance(value, Model):
            yield from _rows(value, f"{key}.{name}", given)
        else:
            place = f"{key}.{name}"
            yield EvidenceRow(place, value, "share of the segment", 0.0, 1.0, source_of(place, given), "file")

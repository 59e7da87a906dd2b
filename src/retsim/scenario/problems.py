"""From pydantic's findings to problems in our words: key as in the file, rule with range and unit, a hint."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from retsim.scenario.errors import SHOWN_PROBLEMS, Problem, key_part, shown
from retsim.scenario.fields import Model
from retsim.scenario.hints import meant_key, meant_number, meant_word
from retsim.scenario.shape import Shape, range_text, shape_of

__all__ = ["known_keys", "problems_of"]

_TYPES = {
    "string_type": "must be text",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
}


class _Place(NamedTuple):
    """Where a finding is: its key, the shapes of the table around it and of itself."""

    key: str
    around: Shape
    shape: Shape | None


def problems_of(error: ValidationError, model: type[Model]) -> list[Problem]:
    """The findings that a message shows as `Problem`, without file and line."""
    found = error.errors(include_url=False)[:SHOWN_PROBLEMS]
    return [_problem(dict(finding), shape_of(model)) for finding in found]


def known_keys(shape: Shape, path: str = "") -> Iterator[str]:
    """Every dotted key that a scenario can have, with NAME where a name is free."""
    for key, inner in shape.fields.items():
        place = f"{path}.{key}" if path else key
        yield place
        if not inner.families:
            yield from known_keys(inner, place)
    if shape.item is not None:
        yield from known_keys(shape.item, f"{path}.NAME")


def _problem(finding: dict[str, Any], root: Shape) -> Problem:
    kind, value, context = finding["type"], finding["input"], finding.get("ctx", {})
    place = _place(finding["loc"], root)
    if kind == "extra_forbidden":
        hint = meant_key(str(finding["loc"][-1]), place.around.fields, known_keys(root))
        return Problem(place.key, "is unknown", hint=hint)
    if kind == "missing":
        return Problem(place.key, "is missing", hint=_expected(place.shape))
    if kind.startswith("union_tag"):
        return _family(place, value)
    if kind == "literal_error":
        return _choice(place.key, value, place.shape.choices if place.shape else ())
    parameter = place.shape.parameter if place.shape else None
    if parameter is not None and not (place.shape and place.shape.families and isinstance(value, Mapping)):
        whole = "whole " if kind.startswith("int") or parameter.unit == "customers" else ""
        verb = f"must be a {whole}number in " if _is_no_number(value, whole) else "must lie in "
        verb = "must be " if parameter.unit == "1 or 0" else verb
        return Problem(place.key, verb + range_text(parameter), shown(value), meant_number(value, parameter))
    rule: str = context.get("rule") or _length(kind, context) or _TYPES.get(kind, "")
    rule = rule or finding["msg"].replace("Input should", "must")
    hint = context.get("hint", "")
    if rule.endswith("the range") and parameter is not None:
        rule += " " + range_text(parameter)
    if context.get("at"):
        return Problem(f"{place.key}.{context['at']}", rule, shown(_within(value, context["at"])), hint)
    return Problem(place.key, rule, shown(value), hint)


def _within(value: Any, key: str) -> Any:
    """What stands at a dotted key of a table."""
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else value
    return value


def _place(location: tuple[str | int, ...], root: Shape) -> _Place:
    """Walk to a finding; a family's name, which pydantic adds to the way, is not part of the key."""
    place = _Place("", root, root)
    entered = False
    for step in location:
        around = place.shape or Shape({})
        if step in around.families and not entered:
            place, entered = place._replace(shape=around.families[str(step)]), True
        elif step == "[key]":
            place = place._replace(shape=None)
        elif isinstance(step, int):
            place = _Place(f"{place.key}[{step}]", around, None)
        else:
            key = f"{place.key}.{key_part(step)}" if place.key else key_part(step)
            place, entered = _Place(key, around, around.fields.get(step, around.item)), False
    return place


def _length(kind: str, context: Mapping[str, Any]) -> str:
    entries = "characters" if kind.startswith("string") else "entries"
    if kind.endswith("too_long"):
        return f"must have at most {context['max_length']:,} {entries}"
    return f"must have at least {context['min_length']:,} {entries}" if kind.endswith("too_short") else ""


def _family(place: _Place, value: Any) -> Problem:
    families = tuple(place.shape.families) if place.shape else ()
    name = value.get("dist") if isinstance(value, Mapping) else None
    if name is None:
        return Problem(place.key, "must name its family in dist", shown(value), "one of " + ", ".join(families))
    return _choice(f"{place.key}.dist", name, families)


def _choice(key: str, value: Any, choices: tuple[str, ...]) -> Problem:
    near = meant_word(value, choices)
    return Problem(key, "must be one of " + ", ".join(choices), shown(value), f"did you mean {near}?" if near else "")


def _expected(shape: Shape | None) -> str:
    if shape is None:
        return ""
    if shape.choices:
        return "write one of " + ", ".join(shape.choices)
    return "write a number in " + range_text(shape.parameter) if shape.parameter else ""


def _is_no_number(value: Any, whole: str) -> bool:
    return isinstance(value, bool) or not isinstance(value, int if whole else int | float) or value != value

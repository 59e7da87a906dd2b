"""The form of a scenario, seen from a dotted key: what stands there, in which unit and range.

Owns the one walk through the models that messages, `--set` and the evidence table share.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from retsim.parameters import Parameter
from retsim.scenario.distributions import Distribution
from retsim.scenario.fields import Model, limits, parameter_of

__all__ = ["Shape", "at", "range_text", "shape_of"]


class Shape(NamedTuple):
    """What may stand at a place.

    Attributes
    ----------
    fields : mapping
        Of a table with fixed keys: shape by key.
    item : Shape or None
        Of a table with free names: what stands under each.
    families : mapping
        Of a distribution: shape of each family by the name in `dist`.
    parameter : Parameter or None
        Of a number.
    choices : tuple of str
        Of a word.
    """

    fields: Mapping[str, Shape]
    item: Shape | None = None
    families: Mapping[str, Shape] = {}
    parameter: Parameter | None = None
    choices: tuple[str, ...] = ()


@cache
def shape_of(model: type[Model]) -> Shape:
    """The shape of a model's table, all that it contains included."""
    return Shape({field.alias or name: _field(field) for name, field in model.model_fields.items()})


def at(shape: Shape | None, path: Iterable[str]) -> Shape | None:
    """The shape further in; None where nothing may stand."""
    for key in path:
        if shape is None:
            return None
        shape = shape.fields.get(key, shape.item)
    return shape


def range_text(parameter: Parameter) -> str:
    """Range and unit for a message: ``0..1 (share of the price)``."""
    if parameter.unit == "1 or 0":
        return "0 or 1"
    low, high = limits(parameter)
    span = f"{low:.12g}.." + ("" if high == float("inf") else f"{high:.12g}")
    return span if parameter.unit == f"{low:g} to {high:g}" else f"{span} ({parameter.unit})"


def _field(field: FieldInfo) -> Shape:
    return _kind(field.annotation)._replace(parameter=parameter_of(field.json_schema_extra))


def _kind(kind: Any) -> Shape:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Annotated:
        inner = _kind(arguments[0])
        notes = [m.json_schema_extra for m in arguments[1:] if isinstance(m, FieldInfo)]
        return inner._replace(parameter=parameter_of(notes[0])) if notes else inner
    if origin is Literal:
        return Shape({}, choices=tuple(arguments))
    if origin is dict:
        return Shape({}, item=_kind(arguments[1]))
    if origin in (Union, UnionType):
        return _union(arguments)
    if isinstance(kind, type) and issubclass(kind, Model):
        return shape_of(kind)
    return Shape({})


def _union(kinds: tuple[Any, ...]) -> Shape:
    if all(isinstance(kind, type) and issubclass(kind, Distribution) for kind in kinds):
        families = {kind.model_fields["dist"].default: shape_of(kind) for kind in kinds}
        fields = {key: inner for family in families.values() for key, inner in family.fields.items()}
        return Shape(fields, families=families)
    return _kind(next(kind for kind in kinds if kind is not type(None)))

"""From the tables of parameters to fields of a checked model: bounds, unit, meaning and source go along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from retsim.parameters import Parameter, table_of

__all__ = [
    "CEILING",
    "Frozen",
    "Model",
    "bounded",
    "described",
    "filled",
    "frozen",
    "limits",
    "number",
    "numbers_of",
    "one_or_zero",
    "parameter_of",
    "reject",
    "spread",
]

CEILING = 1e9
"""Largest amount of money a single value may have, so that sums in integer micro-units cannot overflow."""


class Model(BaseModel):
    """A part of a scenario: it never changes, and knows no key but its own."""

    # Built when first used: importing must stay cheap.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


Part = TypeVar("Part", bound=Model)
Key = TypeVar("Key")
Value = TypeVar("Value")


class Frozen(dict[Key, Value]):
    """A table with free names that never changes, as the models around it."""

    def _refuse(self, *args: object, **kwargs: object) -> NoReturn:
        raise TypeError("a scenario never changes; use with_() for a changed copy")

    __setitem__ = __delitem__ = clear = pop = popitem = setdefault = update = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Frozen], tuple[dict[Any, Any]]]:
        return Frozen, (dict(self),)


class Note:
    """Adds unit and source of a number to the JSON Schema, and lets the messages find them."""

    def __init__(self, parameter: Parameter) -> None:
        self.parameter = parameter

    def __call__(self, schema: dict[str, Any]) -> None:
        """Write into a field's JSON Schema (called by pydantic)."""
        schema.update(unit=self.parameter.unit, source=self.parameter.source)
        if self.parameter.unit == "1 or 0":
            schema["enum"] = [0, 1]


def limits(parameter: Parameter) -> tuple[float, float]:
    """The closed range of a value in a scenario: the parameter's, and money at most `CEILING`."""
    if not parameter.unit.startswith("money"):
        return parameter.low, parameter.high
    return max(parameter.low, -CEILING), min(parameter.high, CEILING)


def number(parameter: Parameter, default: Any = ...) -> Any:
    """A field for one number; its default is the parameter's unless another is given."""
    return Field(default=parameter.default if default is ... else default, **_properties(parameter))


def filled(fields: dict[str, Any]) -> Callable[[type[Part]], type[Part]]:
    """A class decorator: the model, with further fields as `pydantic.create_model` takes them."""

    def fill(model: type[Part]) -> type[Part]:
        return create_model(
            model.__name__, __base__=model, __module__=model.__module__, __doc__=model.__doc__, **fields
        )

    return fill


def described(meaning: str, default: Any = ...) -> Any:
    """A field for words or for a table; required unless a default is given."""
    return Field(default=default, description=meaning)


def spread(parameter: Parameter, default: Any) -> Any:
    """A field for a distribution of such numbers; whoever declares it checks the range."""
    return Field(default=default, description=parameter.meaning, json_schema_extra=Note(parameter))


def bounded(parameter: Parameter) -> Any:
    """The same for the numbers of a table with free names, which have no default."""
    return Field(**_properties(parameter))


def numbers_of(group: type, *, optional: bool = False) -> dict[str, tuple[Any, Any]]:
    """Field definitions of a whole group for `pydantic.create_model`; optional ones default to None."""
    fields: dict[str, tuple[Any, Any]] = {}
    for name, parameter in table_of(group).items():
        kind: Any = Annotated[float, AfterValidator(one_or_zero)] if parameter.unit == "1 or 0" else float
        fields[name] = (kind | None, number(parameter, None)) if optional else (kind, number(parameter))
    return fields


def reject(rule: str, hint: str = "", at: str = "") -> PydanticCustomError:
    """A refusal from within a validator, worded by us; of a whole table, `at` is the dotted key in it that is meant."""
    return PydanticCustomError("rule", "{rule}", {"rule": rule, "hint": hint, "at": at})


def parameter_of(extra: Any) -> Parameter | None:
    """The parameter behind a field's `json_schema_extra`, if it is a number of ours."""
    return extra.parameter if isinstance(extra, Note) else None


def frozen(table: Mapping[Key, Value]) -> Frozen[Key, Value]:
    """A table that never changes."""
    return Frozen(table)


def _properties(parameter: Parameter) -> dict[str, Any]:
    low, high = limits(parameter)
    return {
        "ge": None if low == -inf else low,
        "le": None if high == inf else high,
        "description": parameter.meaning,
        "json_schema_extra": Note(parameter),
    }


def one_or_zero(value: float) -> float:
    """A switch as it is, or a refusal."""
    if value not in (0.0, 1.0):
        raise reject("must be 0 or 1")
    return value

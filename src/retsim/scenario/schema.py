"""The form of a scenario file for editors: JSON Schema with bounds, units, meanings and sources."""

from __future__ import annotations

import warnings
from math import inf
from typing import Any

from retsim.scenario.fields import limits
from retsim.scenario.models import Segment, Traits
from retsim.scenario.scenario import Scenario
from retsim.scenario.shape import shape_of

__all__ = ["schema"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file.

    A file may leave out what the scenario that it extends has; what must hold between values (shares that sum
    to 1, names that exist) is checked when it is loaded.

    Returns
    -------
    dict
        Ready for `json.dumps`.
    """
    with warnings.catch_warnings():
        # Empty tables as defaults are left out of the schema, which is right for an editor.
        warnings.filterwarnings("ignore", message="Default value .* is not JSON serializable")
        result = Scenario.model_json_schema(by_alias=True)
    required = result.pop("required")
    result["$schema"] = _DIALECT
    result["properties"]["extends"] = {
        "type": "string",
        "description": "Packaged scenario, or file in or below this one's folder, that this one changes.",
    }
    result["properties"]["evidence"]["additionalProperties"] = {"type": ["string", "object"]}
    result["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    result["properties"]["segments"] |= {"minProperties": 1, "maxProperties": 64}
    _allow_numbers(result)
    return result


def _allow_numbers(result: dict[str, Any]) -> None:
    """A trait may be written as a plain number instead of a distribution."""
    for model in (Traits, Segment):
        properties = result["$defs"][model.__name__]["properties"]
        for name, shape in shape_of(model).fields.items():
            if shape.families and shape.parameter is not None:
                low, high = limits(shape.parameter)
                number = {"type": "number", "minimum": low, **({} if high == inf else {"maximum": high})}
                properties[name].pop("discriminator")
                properties[name]["anyOf"] = [number, *properties[name].pop("oneOf")]

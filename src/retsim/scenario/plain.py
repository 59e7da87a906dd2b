"""A scenario as plain tables, lists and numbers, and the fingerprint of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from retsim.scenario.distributions import Constant, Distribution
from retsim.scenario.fields import Model

__all__ = ["digest_of", "plain"]

_WORDS = ("name", "title", "question", "description", "evidence")
_ORDERED = ("segments", "rivals", "products")
"""Tables whose order is part of the scenario: it numbers segments, firms and products."""


def plain(value: Any, *, everything: bool = False) -> Any:
    """Models as dicts of what was set (or of everything), values that are None left out.

    A constant distribution becomes its number. What is not a model, table or tuple is returned as it is.
    """
    if isinstance(value, Constant):
        return value.value
    if isinstance(value, Model):
        return _table_of(value, everything=everything)
    if isinstance(value, Mapping):
        return {key: plain(item, everything=everything) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item, everything=everything) for item in value]
    return value


def digest_of(scenario: Model) -> str:
    """SHA-256 over the canonical content: every value, defaults included, without the words for people."""
    content = plain(scenario, everything=True)
    for word in _WORDS:
        content.pop(word)
    for strategy in content["strategies"].values():
        strategy.pop("title")
    for table in _ORDERED:
        content[table] = list(content[table].items())
    text = json.dumps(_without_negative_zero(content), sort_keys=True, ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _table_of(model: Model, *, everything: bool) -> dict[str, Any]:
    table = {"dist": model.dist} if isinstance(model, Distribution) else {}  # type: ignore[attr-defined]
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if value is not None and (everything or name in model.model_fields_set):
            table[field.alias or name] = plain(value, everything=everything)
    return table


def _without_negative_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_negative_zero(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_negative_zero(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value

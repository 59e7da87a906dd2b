"""A scenario file for readers: beside each value its unit and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from retsim.parameters import Behaviour, Firm, Parameter, Traits, table_of
from retsim.scenario.fields import Model, parameter_of
from retsim.scenario.merging import is_family
from retsim.scenario.outside import Entry
from retsim.scenario.scenario import Scenario
from retsim.scenario.spending import Budget, Mix, Strategy
from retsim.scenario.writing import key_text, text_of

_COLUMN = 44
_RULE = re.compile(r" \((?:R\d+|model|section)[^)]*\)")
_GROUPS: tuple[tuple[str, type], ...] = (
    (r".*\.traits", Traits), (r"behaviour|segments\.[^.]+\.behaviour", Behaviour), (r".*\.budget|budget", Budget),
    (r".*mix", Mix), (r"strategies\.[^.]+", Strategy), (r"entry", Entry), (r"firm|rivals\.[^.]+", Firm), (r"", Scenario),
)  # fmt: skip
_PARTS = {
    "budget": "What the focal firm spends a month.", "firm": "What it offers, and what that costs.",
    "rivals": "The other firms.", "behaviour": "How customers feel, think and choose.",
    "segments": "Who the customers are; a distribution says that they differ.",
    "strategies": "What to do with the budget: compared with retsim compare.", "entry": "People new to the market.",
    "evidence": "Where the values come from: a source, a choice, or an assumption. Put yours here.",
}  # fmt: skip

__all__ = ["commented"]


def commented(values: Mapping[str, Any], grounds: Mapping[str, str]) -> str:
    """Nested tables of a scenario as TOML, every number with a comment, the grounds last.

    Parameters
    ----------
    values : mapping
    grounds : mapping of str to str
        By dotted key, or by the table around it.
    """
    lines = [*_table(values, "")]
    lines += ["", f"# {_PARTS['evidence']}", "[evidence]", *(_line(key, text) for key, text in grounds.items())]
    return "\n".join(lines) + "\n"


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if isinstance(value, Mapping) and not is_family(value)}
    if path and len(inner) < len(table):
        yield f"[{path}]"
    for key, value in table.items():
        if key not in inner:
            yield _with_comment(_line(key, value), _meaning(path, key))
    for key, value in inner.items():
        if not path and key in _PARTS:
            yield f"\n# {_PARTS[key]}"
        elif len(inner) < len(table) or path:
            yield ""
        yield from _table(value, f"{path}.{key_text(key)}" if path else key_text(key))


def _line(key: str, value: Any) -> str:
    return text_of({key: value}).strip()


def _with_comment(line: str, comment: str) -> str:
    return f"{line.ljust(_COLUMN)}  # {comment}" if comment else line


def _meaning(path: str, key: str) -> str:
    """Unit and meaning of a value, by the table it stands in; what is text speaks for itself."""
    if path.endswith(".initial"):
        return "share of the segment that has this firm at the start"
    group = next(found for pattern, found in _GROUPS if re.fullmatch(pattern, path) or not pattern)
    parameter: Parameter | None
    if issubclass(group, Model):
        field = group.model_fields.get(key)
        parameter = parameter_of(field.json_schema_extra) if field is not None else None
    else:
        parameter = table_of(group).get(key)
    return f"{parameter.unit}: {_RULE.sub('', parameter.meaning)}" if parameter is not None else ""

"""Scenarios from files: packaged by name, one's own by path, one upon another, single values from outside."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from retsim.scenario.errors import Problem, ScenarioError, refusal, shown
from retsim.scenario.hints import meant_value, meant_word
from retsim.scenario.lines import lines_of
from retsim.scenario.merging import flattened, merged, nested, with_evidence
from retsim.scenario.plain import plain
from retsim.scenario.reading import SIZE_LIMIT, parsed, read_column, read_text, require_short, within
from retsim.scenario.scenario import Scenario

__all__ = ["load", "packaged", "set_values", "write"]

_FOLDER = Path(__file__).parent / "packaged"
_CHAIN = 8
"""Longest chain of scenarios that extend each other."""
_INSIDE = "must be a file in or below the folder of the scenario"
_MAPS = ("segments", "rivals", "strategies", "shocks")

Given = TypeVar("Given", Scenario, dict[str, Any])


class _Source:
    """A text that sets values: its label in messages, and, once someone asks, the line of each key."""

    def __init__(self, label: str, text: str = "") -> None:
        self.label, self.text = label, text

    @cached_property
    def lines(self) -> dict[str, int]:
        return lines_of(self.text)


class _Layered(NamedTuple):
    """Merged tables, and the texts they come from, the nearest first."""

    raw: dict[str, Any]
    sources: tuple[_Source, ...]


def load(name_or_path: str | Path) -> Scenario:
    """Read a scenario.

    Parameters
    ----------
    name_or_path : str or Path
        Name of a packaged scenario (see `packaged`), or path of a TOML file.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every problem at once, each with file, line, key, value and rule.
    """
    path, label = _found(name_or_path)
    raw, sources = _layered(path, label, ())
    raw = {"name": _name_from(path.stem), **raw}
    try:
        return Scenario(**raw)
    except ScenarioError as error:
        raise error.placed(lambda problem: _located(problem, sources)) from None


def packaged() -> list[str]:
    """Names of the scenarios that come with the package, in alphabetical order."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def set_values(given: Given, assignments: Sequence[str]) -> Given:
    """Change single values, as ``--set key=value`` does.

    Parameters
    ----------
    given : Scenario or dict
        A scenario, or the plain tables of one.
    assignments : sequence of str
        Each ``key=value``: a dotted key and a value as in a scenario file. A word needs no quotes.

    Returns
    -------
    The same kind as given

    Raises
    ------
    ScenarioError
        With the assignment, its key and, for a slip, what was probably meant.
    """
    raw = plain(given)
    changes: dict[str, Any] = {}
    labels: dict[str, str] = {}
    for assignment in assignments:
        label = f"--set {shown(assignment, 100)[1:-1]}"
        key, value = _assigned(assignment, label)
        _require_names(raw, key, label)
        changes = merged(changes, nested({key: value}))
        labels[key] = label
    if isinstance(given, dict):
        return merged(raw, changes)
    try:
        return given.with_(**changes)
    except ScenarioError as error:
        raise error.placed(lambda problem: _blamed(problem, labels)) from None


def write(scenario: Scenario, path: str | Path) -> Path:
    """Write a scenario as TOML, whole or not at all (see `Scenario.save`)."""
    target = Path(path)
    text = scenario.to_toml()
    require_short(text, str(path))
    content = text.encode("utf-8")
    if len(content) > SIZE_LIMIT:
        raise refusal(f"would be larger than {SIZE_LIMIT:,} bytes", file=str(path), hint="use fewer values")
    import tempfile

    try:
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refusal(f"cannot be written: {reason}", file=str(path)) from None
    return target


def _found(name_or_path: str | Path) -> tuple[Path, str]:
    label = shown(str(name_or_path), 200)[1:-1]
    if isinstance(name_or_path, str):
        if name_or_path in packaged():
            return _FOLDER / f"{name_or_path}.toml", f"{name_or_path}.toml"
        if re.fullmatch(r"[\w-]*", name_or_path) and not os.path.exists(name_or_path):
            raise refusal("is no packaged scenario and no file", file=label, hint=_names_hint(name_or_path))
    return Path(name_or_path), label


def _names_hint(name: str) -> str:
    near = meant_word(name, packaged())
    return f"did you mean {near}?" if near else "packaged are " + ", ".join(packaged())


def _layered(path: Path, label: str, chain: tuple[Path, ...]) -> _Layered:
    """A file over the file that it extends, and so on."""
    text = read_text(path, label)
    raw = parsed(text, label)
    own = _Source(label, text)
    _fill_values(raw, path.parent, own)
    if isinstance(raw.get("evidence"), dict):
        raw["evidence"] = flattened(raw["evidence"])
    if "extends" not in raw:
        return _Layered(raw, (own,))
    name = raw.pop("extends")
    base = _base_of(name, path, own, chain)
    base.raw.pop("name", None)
    return _Layered(with_evidence(base.raw, raw, merged(base.raw, raw)), (own, *base.sources))


def _base_of(name: Any, path: Path, own: _Source, chain: tuple[Path, ...]) -> _Layered:
    problem = Problem("extends", "", shown(name), "", own.label, own.lines.get("extends", 0))
    if not isinstance(name, str) or not name:
        raise ScenarioError([problem._replace(rule="must be the name of a packaged scenario or a file")])
    if name in packaged():
        base, label = _FOLDER / f"{name}.toml", f"{name}.toml"
    else:
        base, label = within(path.parent, name, problem._replace(rule=_INSIDE)), shown(name, 200)[1:-1]
        if not base.is_file():
            hint = _names_hint(name)
            raise ScenarioError([problem._replace(rule="is no packaged scenario and no file", hint=hint)])
    chain = (*chain, path.resolve())
    if base.resolve() in chain:
        raise ScenarioError([problem._replace(rule="must not lead back to itself (circular)")])
    if len(chain) > _CHAIN:
        raise ScenarioError([problem._replace(rule=f"must not be a chain of more than {_CHAIN} scenarios")])
    return _layered(base, label, chain)


def _fill_values(table: dict[str, Any], folder: Path, source: _Source, key: str = "") -> None:
    """Replace the file of every distribution of values by what stands in it."""
    for name, item in table.items():
        place = f"{key}.{name}" if key else name
        if not isinstance(item, dict):
            continue
        file = item.get("file")
        if item.get("dist") == "values" and isinstance(file, str):
            line = source.lines.get(f"{place}.file", source.lines.get(place, 0))
            problem = Problem(f"{place}.file", _INSIDE, shown(file), "", source.label, line)
            if "values" in item:
                raise ScenarioError([problem._replace(rule="must not stand beside values")])
            item["values"] = read_column(within(folder, file, problem), shown(file, 200)[1:-1])
            del item["file"]
        else:
            _fill_values(item, folder, source, place)


def _name_from(stem: str) -> str:
    name = "".join(c if c.isprintable() and c != "." else "-" for c in stem).strip()[:64].strip()
    return name or "scenario"


def _located(problem: Problem, sources: tuple[_Source, ...]) -> Problem:
    """A problem with file and line of its key, or of the nearest table around it."""
    if problem.file:
        return problem
    key = problem.key.partition("[")[0]
    while key:
        for source in sources:
            if key in source.lines:
                return problem._replace(file=source.label, line=source.lines[key])
        key = key.rpartition(".")[0]
    return problem._replace(file=sources[0].label)


def _blamed(problem: Problem, labels: Mapping[str, str]) -> Problem:
    """A problem with the last assignment that touches its key, or with the last of all."""
    place = problem.key.partition("[")[0]
    touching = [key for key in labels if f"{key}.".startswith(f"{place}.") or f"{place}.".startswith(f"{key}.")]
    return problem._replace(file=labels[(touching or list(labels))[-1]])


def _assigned(assignment: str, label: str) -> tuple[str, Any]:
    key_text, equals, value_text = assignment.partition("=")
    if not equals or not key_text.strip() or not value_text.strip():
        raise refusal("must be key=value", file=label)
    key = next(iter(flattened(parsed(f"{key_text} = 0", label))))
    word = value_text.strip()
    if re.fullmatch(r"[A-Za-z][\w-]*", word) and word not in ("true", "false", "inf", "nan"):
        return key, word
    try:
        table = parsed(f"value = {value_text}", label)
    except ScenarioError:
        table = {}
    if list(table) != ["value"]:
        rule = "must be a value as in a scenario file"
        raise ScenarioError([Problem(key, rule, shown(word), meant_value(word), label)])
    return key, table["value"]


def _require_names(raw: Mapping[str, Any], key: str, label: str) -> None:
    """Refuse to reach into a segment, rival or strategy that does not exist: that is a slip."""
    first, *rest = key.split(".")
    known = raw.get(first)
    if first in _MAPS and len(rest) > 1 and isinstance(known, Mapping) and rest[0] not in known:
        near = meant_word(rest[0], known)
        hint = f"did you mean {near}?" if near else "there are " + shown(", ".join(known), 80)[1:-1]
        raise ScenarioError([Problem(key, f"must name one of the {first}", hint=hint, file=label)])

#!/usr/bin/env python3
"""Renew what the pages of docs/ take from the program: tables of parameters and draws, order of events, names.

Each such part stands between ``<!-- from the program: NAME -->`` and ``<!-- end -->``. A test runs this and fails where a
page would change, so that the pages cannot drift from the program.
"""

from __future__ import annotations

import inspect
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path

import retsim as rs
from retsim import lifecycle, parameters, streams
from retsim.parameters import Parameter, table_of
from retsim.scenario import needs, outside, scenario, spending
from retsim.scenario.fields import parameter_of
from retsim.state import Account, Channel, Count, Trigger

DOCS = Path(__file__).resolve().parent.parent / "docs"
PART = re.compile(r"(?s)(<!-- from the program: ([\w-]+) -->\n).*?(<!-- end -->)")
PARTS_OF_A_SCENARIO = {
    "market": ("", scenario.Scenario),
    "budget": ("budget", spending.Budget),
    "mix": ("budget.mix", spending.Mix),
    "winning": ("budget.winning", spending.Winning),
    "strategy": ("strategies.NAME", spending.Strategy),
    "entry": ("entry", outside.Entry),
    "word": ("word", outside.Word),
    "product": ("products.NAME", needs.Product),
    "life-event": ("life_events.KIND", needs.LifeEvent),
    "shock": ("shocks.NAME", outside.Shock),
}
ROOMS = {"": rs, "calibrate": rs.calibrate, "claims": rs.claims, "classroom": rs.classroom, "plots": rs.plots}


def main() -> int:
    """Renew all pages; says which changed."""
    for page in sorted(DOCS.rglob("*.md")):
        old = page.read_text(encoding="utf-8")
        if (new := renewed(old)) != old:
            page.write_text(new, encoding="utf-8")
            print(f"renewed: {page.relative_to(DOCS.parent)}")
    return 0


def renewed(text: str) -> str:
    """The text of a page with every such part as the program has it now."""
    return PART.sub(lambda part: part[1] + "\n" + CONTENT[part[2]]() + "\n\n" + part[3], text)


def parameters_of(group: type) -> Callable[[], str]:
    """A table of the parameters of a group of `retsim.parameters`."""
    return lambda: _parameters({name: (p, p.default) for name, p in table_of(group).items()})


def fields_of(place: str, model: type) -> Callable[[], str]:
    """A table of the numbers of a part of a scenario."""

    def made() -> str:
        fields = model.model_fields  # type: ignore[attr-defined]
        found = {name: (parameter_of(field.json_schema_extra), field.default) for name, field in fields.items()}
        dot = f"{place}." if place else ""
        return _parameters({f"{dot}{name}": (p, default) for name, (p, default) in found.items() if p is not None})

    return made


def draws() -> str:
    """The table of draws, from the comments of `streams.Draw`."""
    found = re.findall(r"(?m)^    (\w+) = \(?\s*(\d+),?\s*# (.*)$", inspect.getsource(streams.Draw))
    assert [(name, int(number)) for name, number, _ in found] == [(draw.name, int(draw)) for draw in streams.Draw]
    return _table(
        ("number", "draw", "index and lanes"), [(number, f"`{name}`", _cell(text)) for name, number, text in found]
    )


def occasion() -> str:
    """The order of an occasion, as `retsim.lifecycle` has it."""
    lines = re.findall(r"(?ms)^ *(\d+)\. (.*?)(?=^ *\d+\. |\n\n|\Z)", inspect.getdoc(lifecycle) or "")
    return "\n".join(f"{number}. {' '.join(text.split())}" for number, text in lines)


def enumeration(names: type) -> Callable[[], str]:
    """Names of an enumeration, in their order."""
    return lambda: ", ".join(f"`{member.name.lower()}`" for member in names) + "."  # type: ignore[attr-defined]


def counts() -> str:
    """What is counted each period."""
    return ", ".join(f"`{count.name.lower()}`" for count in Count) + "."


def reference(room: str) -> Callable[[], str]:
    """Directives of Sphinx for every public name of a room."""

    def made() -> str:
        home = f"retsim.{room}" if room else "retsim"
        lines = ["```{eval-rst}"]
        for name in ROOMS[room].__all__:
            thing = getattr(ROOMS[room], name)
            if inspect.ismodule(thing):
                continue
            if inspect.isclass(thing):
                lines += [f".. autoclass:: {home}.{name}", "   :members:", "   :no-undoc-members:", ""]
            elif callable(thing):
                lines += [f".. autofunction:: {home}.{name}", ""]
            else:
                lines += [f".. data:: {home}.{name}", "   :no-index:", "", f"   {_first(room, name)}", ""]
        return "\n".join([*lines[:-1], "```"])

    return made


def theory() -> str:
    """Every closed form with its sentence."""
    rows = []
    for name in rs.theory.__all__:
        said = (inspect.getdoc(getattr(rs.theory, name)) or "").splitlines()[0]
        rows.append((f"`retsim.theory.{name}`", _cell(said)))
    return _table(("room", "what it owns"), rows)


def _first(room: str, name: str) -> str:
    """A sentence about a name that has no docstring of its own."""
    return {
        "CLAIMS": "Every claim by its key, in the order of the patterns of the model.",
        "MEASURES": "The figures that answer, by name: each with title, unit, and which way is better.",
        "MECHANISMS": "What can be switched off (`Scenario.without`), by name: each with what it means.",
    }[name]


def _parameters(rows: dict[str, tuple[Parameter, object]]) -> str:
    return _table(
        ("key", "default", "unit", "range", "meaning", "source"),
        [(f"`{key}`", _default(p, default), p.unit, _range(p), _cell(p.meaning), _cell(p.source))
         for key, (p, default) in rows.items()],
    )  # fmt: skip


def _default(parameter: Parameter, default: object) -> str:
    return "none" if default is None else f"{parameter.default:g}"


def _range(p: Parameter) -> str:
    low, high = ("" if math.isinf(end) else f"{end:g}" for end in (p.low, p.high))
    return f"{low or 'any'}..{high}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").strip()


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (heads, *rows)]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


CONTENT: dict[str, Callable[[], str]] = {
    "traits": parameters_of(parameters.Traits),
    "behaviour": parameters_of(parameters.Behaviour),
    "firm": parameters_of(parameters.Firm),
    **{name: fields_of(place, model) for name, (place, model) in PARTS_OF_A_SCENARIO.items()},
    "draws": draws,
    "occasion": occasion,
    "accounts": enumeration(Account),
    "channels": enumeration(Channel),
    "triggers": enumeration(Trigger),
    "counts": counts,
    "theory": theory,
    "reference": reference(""),
    "reference-calibrate": reference("calibrate"),
    "reference-claims": reference("claims"),
    "reference-classroom": reference("classroom"),
    "reference-plots": reference("plots"),
}

if __name__ == "__main__":
    sys.exit(main())

"""Commands that look and change nothing: list, show, schema."""

from __future__ import annotations

import math
import textwrap
from argparse import Namespace

from retsim.cli.arms import changed
from retsim.cli.output import print_json, print_table

_WIDTH = 110

__all__ = ["list_command", "schema_command", "show_command"]


def list_command(args: Namespace) -> None:
    """The packaged scenarios."""
    from retsim.scenario import load, packaged
    from retsim.scenario.strategies import known_strategies

    scenarios = [load(name) for name in packaged()]
    if args.json:
        keys = ("name", "title", "question", "setting", "currency", "horizon", "customers")
        print_json([{key: getattr(s, key) for key in keys} | {"strategies": list(s.strategies)} for s in scenarios])
        return
    rows = [(s.name, s.title, s.setting, ", ".join(s.strategies)) for s in scenarios]
    print_table(rows, ("name", "what it is about", "setting", "strategies"), words=4)
    print(f"\nEvery scenario also has the strategies {', '.join(known_strategies())}.")


def show_command(args: Namespace) -> None:
    """A scenario in words, then every value with its unit, range and source."""
    from retsim.scenario import evidence, load
    from retsim.scenario.explaining import explained

    scenario = changed(load(args.scenario), args.set)
    rows = evidence(scenario)
    if args.json:
        content = {"name": scenario.name, "digest": scenario.digest(), "toml": scenario.to_toml()}
        words = {part.heading: part.sentences for part in explained(scenario)}
        print_json(content | {"words": words, "values": [row._asdict() for row in rows]})
        return
    print(f"{scenario.name}: {scenario.title}".rstrip(": "))
    for text in (scenario.question, scenario.description):
        if text:
            print(f"\n{text}")
    for part in explained(scenario):
        print(f"\n{part.heading}")
        for sentence in part.sentences:
            print(textwrap.fill(sentence, _WIDTH, initial_indent="  ", subsequent_indent="    "))
    print("\nEvery value")
    cells = [(r.key, _short(r.value), r.unit, _range(r.low, r.high), r.set_by, r.source) for r in rows]
    print_table(cells, ("key", "value", "unit", "range", "set by", "source"), words=6)


def schema_command(args: Namespace) -> None:
    """The JSON Schema of scenario files."""
    from retsim.scenario import schema

    print_json(schema())


def _short(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_short(item)}" for key, item in value.items() if key != "values")
    return str(value)


def _range(low: float, high: float) -> str:
    return f"{low:g}.." + ("" if math.isinf(high) else f"{high:g}")

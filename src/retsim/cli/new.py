"""The command that begins a scenario of one's own: around a few figures, or upon a packaged scenario."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from retsim.cli.asking import QUESTIONS, figures_of
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json

__all__ = ["new_command"]

_UPON = """\
# {name}: what differs from the packaged scenario {base}; everything else is as there.
#   retsim show {base}           every key, its unit, range and source
#   retsim compare {file}        its strategies against each other

"""
_AROUND = """\
# {name}: a market sketched around a few figures. Every line may be changed; what is not here has its default.
#   retsim show {file}           what it says, in words and figures
#   retsim compare {file}        its strategies against each other
# {met}

"""
_EXAMPLE = """
# For instance:
# [budget]
# monthly = 900            # money a month on winning and keeping together
#
# [evidence]
# budget = "our own books"
"""
_CLOSE = 0.1


def new_command(args: Namespace) -> None:
    """Write NAME.toml and check that it loads."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", args.name):
        raise UserError(f"NAME = {args.name[:80]!r}, must be letters, digits, - and _, at most 60, without .toml")
    folder = check_folder(args.out)
    path = Path(folder or ".") / f"{args.name}.toml"
    if path.is_dir() or (path.exists() and not args.force):
        raise UserError(f"{path}: exists already, and is not overwritten; choose another name, or say --force")
    text, said = _around(args) if _is_sketch(args) else _upon(args)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text)
    if args.json:
        print_json({"file": str(path), **said})
    else:
        print(f"{path} {said['said']}. Next: retsim show {path}, retsim compare {path}")


def _is_sketch(args: Namespace) -> bool:
    """Whether figures are given, or can be asked: without either, a new scenario extends a packaged one."""
    given = [f"--{question.name}" for question in QUESTIONS if getattr(args, question.name) is not None]
    if args.extends is None and not args.set:
        return bool(given) or (sys.stdin.isatty() and sys.stdout.isatty())
    if given:
        raise UserError(f"{given[0]}: goes with neither --extends nor --set; there, name keys: --set firm.price=45")
    return False


def _around(args: Namespace) -> tuple[str, dict[str, Any]]:
    """Text of a scenario around figures, and what is said of it."""
    from retsim.calibrate.sketch import sketch

    figures = figures_of(args)
    found = sketch(args.name, figures)
    met = f"Churn is {100 * found.churn:.2g} % a month when it is run as it stands"
    if abs(found.churn - figures.churn) > _CLOSE * figures.churn:
        met += (
            f", not the {100 * figures.churn:g} % that were given: change what holds these customers (behaviour, fees)"
        )
    heading = _AROUND.format(name=args.name, file=f"{args.name}.toml", met=f"{met}.")
    said = f"describes {figures.customers:,} customers and {figures.rivals} rivals. {met}"
    return heading + found.text, {"figures": figures._asdict(), "churn": found.churn, "said": said}


def _upon(args: Namespace) -> tuple[str, dict[str, Any]]:
    """Text of a scenario upon a packaged one, refused where it would not load."""
    from retsim.scenario import load, packaged, set_values
    from retsim.scenario.plain import plain
    from retsim.scenario.writing import text_of

    name = args.extends or "telecom"
    if name not in packaged():
        raise UserError(f"--extends {name[:80]}: is no packaged scenario; packaged are {', '.join(packaged())}")
    base = load(name)
    changed = set_values(base, args.set)
    values: dict[str, Any] = {"extends": name, "title": f"{args.name}, after {name}"}
    values |= _changes(plain(base), plain(changed))
    values.pop("evidence", None)
    heading = _UPON.format(name=args.name, base=name, file=f"{args.name}.toml")
    return heading + text_of(values) + ("" if args.set else _EXAMPLE), {"extends": name, "said": f"extends {name}"}


def _changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """What a changed scenario has that the base has not, as nested tables."""
    from retsim.scenario.merging import is_family

    out: dict[str, Any] = {}
    for key, value in new.items():
        was = old.get(key)
        if value == was:
            continue
        inside = isinstance(value, dict) and isinstance(was, dict) and not is_family(value)
        out[key] = _changes(was, value) if inside and isinstance(was, dict) else value
    return out


def _write(path: Path, text: str) -> None:
    """Write a file, whole or not at all, and load it once as its user will."""
    from retsim.scenario import load

    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(text, encoding="utf-8")
        load(beside)
        os.replace(beside, path)
    except OSError as error:
        raise UserError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        beside.unlink(missing_ok=True)

"""The command that begins a scenario of one's own."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from pathlib import Path
from typing import Any

from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json

__all__ = ["new_command"]

_HEADING = """\
# {name}: what differs from the packaged scenario {base}; everything else is as there.
#   retsim show {base}           every key, its unit, range and source
#   retsim compare {file}        its strategies against each other

"""
_EXAMPLE = """
# For instance:
# [budget]
# monthly = 900            # money a month on winning and keeping together
#
# [evidence]
# budget = "our own books"
"""


def new_command(args: Namespace) -> None:
    """Write NAME.toml, which extends a packaged scenario, and check that it loads."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", args.name):
        raise UserError(f"NAME = {args.name[:80]!r}, must be letters, digits, - and _, at most 60, without .toml")
    folder = check_folder(args.out)
    path = Path(folder or ".") / f"{args.name}.toml"
    if path.exists():
        raise UserError(f"{path}: exists already, and is not overwritten; choose another name")
    text = _text(args)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, text)
    if args.json:
        print_json({"file": str(path), "extends": args.extends})
    else:
        print(f"{path} extends {args.extends}. Next: retsim compare {path}")


def _text(args: Namespace) -> str:
    """Text of the new file, refused where it would not load."""
    from retsim.scenario import load, packaged, set_values
    from retsim.scenario.plain import plain
    from retsim.scenario.writing import text_of

    if args.extends not in packaged():
        raise UserError(f"--extends {args.extends[:80]}: is no packaged scenario; packaged are {', '.join(packaged())}")
    base = load(args.extends)
    changed = set_values(base, args.set)
    values: dict[str, Any] = {"extends": args.extends, "title": f"{args.name}, after {args.extends}"}
    values |= _changes(plain(base), plain(changed))
    values.pop("evidence", None)
    heading = _HEADING.format(name=args.name, base=args.extends, file=f"{args.name}.toml")
    return heading + text_of(values) + ("" if args.set else _EXAMPLE)


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
    """Write a file that did not exist, whole or not at all, and load it once as its user will."""
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

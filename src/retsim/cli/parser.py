"""From what was typed to arguments. Imports nothing heavy: help is instant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from retsim.cli.arguments.calibrating import calibrating
from retsim.cli.arguments.explaining import explaining
from retsim.cli.arguments.looking import beginning, looking
from retsim.cli.arguments.searching import searching, selecting
from retsim.cli.arguments.simulating import ablating, claiming, simulating, validating
from retsim.cli.arguments.telling import exporting, reporting

__all__ = ["parsed"]

_GROUPS = (
    looking, beginning, simulating, searching, selecting, explaining, ablating, claiming, reporting, validating, calibrating,
    exporting,
)  # fmt: skip
"""In the order of the help."""


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; exits with 2 and one message where they are wrong."""
    parser = _Parser(
        prog="retsim",
        description="Is it more profitable to win customers or to keep them? Ask simulated customers.",
        epilog="Exit codes: 0 done, 2 wrong input, 3 some runs of a kept study failed, 130 interrupted, 1 anything else.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    for add in _GROUPS:
        add(commands)
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        _refuse(commands.choices[args.command], unknown)
    return args


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


class _Version(argparse.Action):
    def __init__(self, option_strings: Sequence[str], dest: str, **words: Any) -> None:
        super().__init__(option_strings, dest, nargs=0, **words)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        import retsim

        print(f"retsim {retsim.__version__}")
        parser.exit()


def _refuse(command: argparse.ArgumentParser, unknown: Sequence[str]) -> NoReturn:
    """Name what a command does not know, and the option that was probably meant."""
    known = re.findall(r"--[a-z][a-z-]*", command.format_help())
    meant = [near for word in unknown for near in get_close_matches(word.partition("=")[0], known, 1)]
    hint = f" (did you mean {meant[0]}?)" if meant else ""
    command.error(f"unrecognized arguments: {' '.join(unknown)[:200]}{hint}")

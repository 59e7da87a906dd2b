"""Options that several commands have."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import Any

from retsim.cli.arguments.values import KEY_LIMIT, place, positive, whole

__all__ = [
    "SCENARIO",
    "Without",
    "add_changes",
    "add_json",
    "add_one_scenario",
    "add_runs",
    "add_search",
    "add_varied",
    "add_workers",
    "command",
]

SCENARIO = "name of a packaged scenario, or path of a scenario file"


class Without(str):
    """A mechanism to switch off, in its place among the changed values."""


def command(commands: Any, name: str, home: str, summary: str, more: str = "") -> argparse.ArgumentParser:
    """A command that is found in its room of `retsim.cli` (``room:function``) when it runs."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}. {more}"
    )
    parser.set_defaults(run=_lazily(home))
    return parser


def _lazily(home: str) -> Callable[[argparse.Namespace], int | None]:
    """A command whose room is entered only when it runs."""
    module, function = home.split(":")

    def run(args: argparse.Namespace) -> int | None:
        result: int | None = getattr(import_module(f"retsim.cli.{module}"), function)(args)
        return result

    return run


def add_one_scenario(parser: argparse.ArgumentParser) -> None:
    """One scenario, and which of its strategies."""
    parser.add_argument("scenario", metavar="SCENARIO", help=f"{SCENARIO}, or SCENARIO:STRATEGY")
    parser.add_argument("--strategy", metavar="NAME", action="append", default=[], help="one or more strategies")


def add_varied(parser: argparse.ArgumentParser) -> None:
    """One strategy or two, and what varies."""
    parser.add_argument("scenarios", metavar="SCENARIO", nargs="+", help=f"{SCENARIO}, or SCENARIO:STRATEGY")
    parser.add_argument("--strategy", metavar="NAME", action="append", default=[], help="one or two strategies")
    parser.add_argument(
        "--vary", metavar="KEY=LOW:HIGH", action="append", required=True, help="a value and its range; to be repeated"
    )


def add_search(parser: argparse.ArgumentParser, replications: int) -> None:
    """What is to be best, and the options of runs."""
    parser.add_argument(
        "--metric", metavar="NAME", default="discounted_profit", help="what is to be best (default: discounted_profit)"
    )
    add_runs(parser, replications, precise=False)


def add_runs(parser: argparse.ArgumentParser, replications: int, *, precise: bool = True) -> None:
    """Changes, luck, how many runs and where, what is kept of them."""
    add_changes(parser)
    parser.add_argument(
        "--seed", metavar="N", type=whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)"
    )
    parser.add_argument(
        "--replications", metavar="N", type=whole(1, KEY_LIMIT), default=replications,
        help=f"runs of each, with different luck (default: {replications})",
    )  # fmt: skip
    add_workers(parser)
    parser.add_argument(
        "--threads", metavar="N", type=whole(1, 1024), default=1, help="threads within a run (default: 1)"
    )
    parser.add_argument("--out", metavar="DIR", help="folder for tables, pictures, scenarios and manifest")
    _add_long_work(parser)
    if precise:
        _add_precision(parser)
    add_json(parser)


def add_changes(parser: argparse.ArgumentParser) -> None:
    """`--set` and `--without`, in the order given."""
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[],
        help="change a value, such as budget.monthly=900; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--without", metavar="MECHANISM", action="append", type=Without, dest="set",
        help="switch a mechanism off, such as attachment; may be repeated",
    )  # fmt: skip


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Where runs are made."""
    parser.add_argument(
        "--workers", metavar="WHERE", type=place,
        help="where runs are made: N processes, threads:N, or a Dask cluster by tcp://HOST:PORT; no place changes a "
        "result (default: one process where there is little to do, else one a processor)",
    )  # fmt: skip


def _add_long_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--study", metavar="FOLDER",
        help="keep every run there as it is made; the same command goes on from what is there",
    )  # fmt: skip
    parser.add_argument(
        "--limit", metavar="SECONDS", type=positive,
        help="end a run that takes longer, and record it as failed",
    )  # fmt: skip


def _add_precision(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--precision", metavar="SHARE", type=positive,
        help="instead of --replications: until the 95 %% interval of the discounted profit, or of its differences, "
        "is this share of it to either side, such as 0.05",
    )  # fmt: skip
    parser.add_argument(
        "--at-most", metavar="N", type=whole(2, KEY_LIMIT), help="ceiling for --precision (default: 1000)"
    )


def add_json(parser: argparse.ArgumentParser, text: str = "print one JSON document and nothing else") -> None:
    """One JSON document instead of tables."""
    parser.add_argument("--json", action="store_true", help=text)

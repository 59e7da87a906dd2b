"""The arguments of every command. Imports nothing heavy: help is instant."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NoReturn

__all__ = ["Without", "parsed"]

KEY_LIMIT = 2**32 - 1
_SCENARIO = "name of a packaged scenario, or path of a scenario file"


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; exits with 2 and one message where they are wrong."""
    parser = _Parser(
        prog="retsim",
        description="Is it more profitable to win customers or to keep them? Ask simulated customers.",
        epilog="Exit codes: 0 done, 2 wrong input, 3 some runs of a kept study failed, 130 interrupted, 1 anything else.",
    )
    parser.add_argument("--version", action=_Version, help="show the version and exit")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True, title="commands")
    _looking(commands)
    _simulating(commands)
    _calibrating(commands)
    _exporting(commands)
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        _refuse(commands.choices[args.command], unknown)
    return args


def _refuse(command: argparse.ArgumentParser, unknown: Sequence[str]) -> NoReturn:
    """Name what a command does not know, and the option that was probably meant."""
    known = re.findall(r"--[a-z][a-z-]*", command.format_help())
    meant = [near for word in unknown for near in get_close_matches(word.partition("=")[0], known, 1)]
    hint = f" (did you mean {meant[0]}?)" if meant else ""
    command.error(f"unrecognized arguments: {' '.join(unknown)[:200]}{hint}")


class Without(str):
    """A mechanism to switch off, in its place among the changed values."""


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


def _looking(commands: Any) -> None:
    one = _command(commands, "list", "look:list_command", "list the packaged scenarios")
    _add_json(one)
    one = _command(
        commands, "show", "look:show_command", "explain a scenario, and show every value and where it comes from"
    )
    one.add_argument("scenario", metavar="NAME", help=_SCENARIO)
    _add_changes(one)
    _add_json(one)
    one = _command(commands, "schema", "look:schema_command", "print the JSON Schema of scenario files, for editors")
    _add_json(one, "the schema is JSON with and without this")
    _beginning(commands)


def _beginning(commands: Any) -> None:
    one = _command(
        commands, "new", "new:new_command", "begin a scenario of your own",
        "Around a few figures of a firm, which are asked at a terminal where they are not given; or, with --extends, upon "
        "a packaged scenario.",
    )  # fmt: skip
    one.add_argument("name", metavar="NAME", help="of the new scenario; writes NAME.toml")
    figures = one.add_argument_group("figures of the firm")
    for name, what in (
        ("setting", "contract (bills) or free (purchases when customers like)"), ("currency", "such as EUR"),
        ("price", "money a month, or a purchase"), ("margin", "share of it left after cost, such as 0.6"),
        ("purchases", "of a customer a month, where they are free"), ("term", "months of a contract"),
        ("customers", "that the firm has today"), ("share", "of all people in the market that they are"),
        ("churn", "share of them lost a month, such as 0.02"), ("rivals", "how many"),
        ("budget", "money a month on winning and keeping"),
    ):  # fmt: skip
        figures.add_argument(f"--{name}", metavar=name.upper(), help=what)
    one.add_argument("--extends", metavar="BASE", help="packaged scenario to change, instead of figures")
    one.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="a value to write into it")
    one.add_argument("--out", metavar="DIR", default=".", help="folder to write to (default: here)")
    one.add_argument("--force", action="store_true", help="write over a file of that name")
    _add_json(one)


def _exporting(commands: Any) -> None:
    one = _command(
        commands, "export", "export:export_command", "write a kept study as a table for another program",
        "The study is the one that a folder was last used for with --study; nothing is run.",
    )  # fmt: skip
    one.add_argument("study", metavar="STUDY", help="folder that --study kept the runs in")
    one.add_argument(
        "--to", metavar="FILE", required=True,
        help="by its ending: .csv or .parquet (one row a figure), .xlsx (a workbook with the answer), "
        ".nc (labelled arrays, NetCDF)",
    )  # fmt: skip
    _add_json(one)


def _simulating(commands: Any) -> None:
    one = _command(commands, "run", "run:run_command", "run one scenario and show what becomes of it")
    one.add_argument("scenario", metavar="SCENARIO", help=f"{_SCENARIO}; SCENARIO:STRATEGY chooses a strategy")
    one.add_argument("--strategy", metavar="NAME", help="strategy of the focal firm")
    _add_runs(one, replications=1)
    one = _command(
        commands,
        "compare",
        "compare:compare_command",
        "run strategies against each other with the same luck",
        "The strategies of each scenario are compared with each other, and so are those named as "
        "SCENARIO:STRATEGY, together with scenarios that have one strategy or none.",
    )
    one.add_argument("scenarios", metavar="SCENARIO", nargs="+", help=f"{_SCENARIO}, or SCENARIO:STRATEGY")
    one.add_argument("--strategy", metavar="NAME", action="append", default=[], help="only these strategies")
    one.add_argument(
        "--steady", metavar="SERIES", help="what a series such as retention_rate settles at, without its warm-up (MSER)"
    )
    _add_runs(one, replications=100)
    _searching(commands)
    one = _command(
        commands, "ablate", "ablate:ablate_command", "say which mechanism carries a result",
        "The comparison of two strategies, or one strategy's result, with everything on and without each mechanism.",
    )  # fmt: skip
    one.add_argument("scenario", metavar="SCENARIO", help=f"{_SCENARIO}, or SCENARIO:STRATEGY for one strategy alone")
    one.add_argument("--strategy", metavar="NAME", action="append", default=[], help="two strategies to compare")
    one.add_argument("--mechanism", metavar="NAME", action="append", default=[], help="only without this; repeatable")
    one.add_argument("--metric", metavar="NAME", default="discounted_profit", help="default: discounted_profit")
    _add_runs(one, replications=50)
    one = _command(
        commands, "claims", "claims:claims_command", "test the famous claims: what holds, where, and how sure it is",
    )  # fmt: skip
    one.add_argument("claims", metavar="CLAIM", nargs="*", help="only these (default: all; --list names them)")
    one.add_argument("--list", action="store_true", help="name the claims and test nothing")
    one.add_argument(
        "--replications", metavar="N", type=_whole(2, KEY_LIMIT), default=40, help="runs of each (default: 40)"
    )
    one.add_argument("--seed", metavar="N", type=_whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)")
    _add_workers(one)
    one.add_argument(
        "--out", metavar="DIR", help="folder for the findings as table, page and picture; others there stay"
    )
    _add_json(one)
    _reporting(commands)
    one = _command(
        commands,
        "validate",
        "validate:validate_command",
        "check that the accounts balance and both engines agree",
    )
    one.add_argument("scenarios", metavar="SCENARIO", nargs="*", help=f"{_SCENARIO} (default: all packaged)")
    _add_changes(one)
    one.add_argument(
        "--customers", metavar="N", type=_whole(0, 20_000_000), default=300,
        help="people in the market, at most: the reference engine takes its time (default: 300)",
    )  # fmt: skip
    one.add_argument("--seed", metavar="N", type=_whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)")
    _add_json(one)


def _reporting(commands: Any) -> None:
    one = _command(commands, "report", "report:report_command", "make one page of a study, for people who decide")
    one.add_argument("study", metavar="STUDY", help="folder of --study or --out")
    one.add_argument("--out", metavar="FILE", help="the page (default: report.html in the folder of the study)")
    one.add_argument("--pictures", action="store_true", help="write every picture beside it, too, as PNG and SVG")
    one.add_argument(
        "--metric",
        metavar="NAME",
        default="discounted_profit",
        help="what the answer is about (default: discounted_profit)",
    )
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH", action="append", default=[],
        help="show where the answer flips over a value; once for a line, twice for a map. What retsim breakeven --out "
        "wrote into the folder is shown without this",
    )  # fmt: skip
    one.add_argument("--points", metavar="N", type=_whole(2, 1000), default=7, help="values a key (default: 7)")
    one.add_argument(
        "--replications", metavar="N", type=_whole(2, KEY_LIMIT), default=20, help="at each of them (default: 20)"
    )
    one.add_argument("--workers", metavar="N", type=_whole(1, 1024), help="processes (default: as many as pay)")
    _add_json(one)


def _searching(commands: Any) -> None:
    one = _command(commands, "sweep", "sweep:sweep_command", "try settings of levers, in worlds that nobody knows")
    _add_one_scenario(one)
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH:STEP", action="append", default=[],
        help="a lever and its values, or KEY=VALUE,VALUE,...; may be repeated",
    )  # fmt: skip
    one.add_argument(
        "--vary", metavar="KEY=LOW:HIGH", action="append", default=[],
        help="something uncertain and its range; may be repeated",
    )  # fmt: skip
    one.add_argument(
        "--design", choices=("sobol", "latin", "grid"), default="sobol", help="of the points in the ranges"
    )
    one.add_argument("--points", metavar="N", type=_whole(1, 1_000_000), default=16, help="worlds (default: 16)")
    _add_search(one, replications=10)
    one = _command(
        commands, "breakeven", "breakeven:breakeven_command", "find where the better of two strategies flips"
    )
    one.add_argument("scenarios", metavar="SCENARIO", nargs="+", help=f"{_SCENARIO}, or SCENARIO:STRATEGY")
    one.add_argument("--strategy", metavar="NAME", action="append", default=[], help="one of the two strategies")
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH", action="append", required=True,
        help="a value and its range; once for a line, twice for a map",
    )  # fmt: skip
    one.add_argument("--points", metavar="N", type=_whole(2, 1000), default=9, help="values a key (default: 9)")
    _add_search(one, replications=30)

    one = _command(commands, "optimise", "optimise:optimise_command", "find the best split of the budget")
    _add_one_scenario(one)
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH", action="append", default=[],
        help="a lever and its range; may be repeated (default: budget.retention_share=0:1); "
        "budget.mix=0:1 and budget.winning=0:1 stand for all ways to divide the money that keeps and that wins; or name "
        "the parts, such as budget.mix=price,contact,structural",
    )  # fmt: skip
    one.add_argument("--points", metavar="N", type=_whole(5, 100_000), default=25, help="to search (default: 25)")
    one.add_argument(
        "--fresh", metavar="N", type=_whole(4, 1_000_000), default=100,
        help="replications of the finalists, with fresh luck (default: 100)",
    )  # fmt: skip
    _add_search(one, replications=20)
    _explaining(commands)


def _explaining(commands: Any) -> None:
    one = _command(
        commands, "select", "select:select_command", "select the best of many strategies with as few runs as it takes",
        "Those that are clearly behind drop out (KN++); --replications is the ceiling.",
    )  # fmt: skip
    _add_one_scenario(one)
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH:STEP", action="append", default=[],
        help="a lever and its values, or KEY=VALUE,VALUE,...: each strategy at each; may be repeated",
    )  # fmt: skip
    one.add_argument(
        "--zone", metavar="X", type=_positive, required=True,
        help="indifference zone: the least lead that is worth finding, in the measure's unit",
    )  # fmt: skip
    one.add_argument(
        "--confidence", metavar="P", type=_positive, default=0.95,
        help="that the best is selected if it leads by the zone (default: 0.95)",
    )  # fmt: skip
    one.add_argument(
        "--first",
        metavar="N",
        type=_whole(10, KEY_LIMIT),
        default=10,
        help="replications before any drops out (default: 10)",
    )
    _add_search(one, replications=1000)
    one = _command(
        commands, "sensitivity", "sensitivity:sensitivity_command", "say which values the result depends on most",
        "Of one strategy, or of the difference of two: the second less the first.",
    )  # fmt: skip
    _add_varied(one)
    one.add_argument(
        "--method", choices=("morris", "sobol"), default="morris",
        help="morris: few runs, which values matter; sobol: many runs, shares of the variance (default: morris)",
    )  # fmt: skip
    one.add_argument(
        "--size", metavar="N", type=_whole(1, 1_000_000),
        help="trajectories of Morris (10 or more; default: 20), base points of Sobol (a power of 2, 64 or more; "
        "default: 256)",
    )  # fmt: skip
    _add_search(one, replications=10)
    one = _command(
        commands, "discover", "discover:discover_command", "say under what conditions a strategy loses",
        "Worlds within the ranges are tried, and boxes found in which the strategy loses against the other (PRIM).",
    )  # fmt: skip
    _add_varied(one)
    one.add_argument("--lose", metavar="STRATEGY", help="whose losing is looked for (default: the second)")
    one.add_argument("--points", metavar="N", type=_whole(1, 1_000_000), default=256, help="worlds (default: 256)")
    one.add_argument(
        "--density", metavar="P", type=_positive, default=0.8,
        help="share of the worlds in a box that must be lost, at least (default: 0.8)",
    )  # fmt: skip
    _add_search(one, replications=5)


def _add_varied(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenarios", metavar="SCENARIO", nargs="+", help=f"{_SCENARIO}, or SCENARIO:STRATEGY")
    parser.add_argument("--strategy", metavar="NAME", action="append", default=[], help="one or two strategies")
    parser.add_argument(
        "--vary", metavar="KEY=LOW:HIGH", action="append", required=True, help="a value and its range; to be repeated"
    )


def _add_one_scenario(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", metavar="SCENARIO", help=f"{_SCENARIO}, or SCENARIO:STRATEGY")
    parser.add_argument("--strategy", metavar="NAME", action="append", default=[], help="one or more strategies")


def _add_search(parser: argparse.ArgumentParser, replications: int) -> None:
    parser.add_argument(
        "--metric", metavar="NAME", default="discounted_profit", help="what is to be best (default: discounted_profit)"
    )
    _add_runs(parser, replications, precise=False)


def _calibrating(commands: Any) -> None:
    one = _command(commands, "calibrate", "calibrate:calibrate_command", "fit the laws of buying to a transaction log")
    one.add_argument("log", metavar="CSV", help="one row a purchase: customer, date, amount; may be gzipped")
    one.add_argument("--layout", choices=("auto", "csv", "cdnow"), default="auto", help="how the file is laid out")
    for role in ("customer", "date", "amount"):
        one.add_argument(f"--{role}", metavar="COLUMN", help=f"column of the {role}, where it is not recognised")
    one.add_argument("--date-format", metavar="FORMAT", help="such as %%d/%%m/%%Y, where days and months are ambiguous")
    one.add_argument("--decimal", choices=("auto", ".", ","), default="auto", help="decimal sign of the amounts")
    one.add_argument("--delimiter", metavar="CHAR", help="between columns; one character, or tab")
    one.add_argument("--encoding", metavar="NAME", help="of the file, where it is not recognised")
    one.add_argument("--skip-bad", action="store_true", help="leave rows out that cannot be read, and count them")
    one.add_argument("--cutoff", metavar="DAY", help="fit up to this day (yyyy-mm-dd) and hold the rest back")
    one.add_argument("--unit", choices=("day", "week", "month", "year"), default="week", help="unit of time")
    one.add_argument(
        "--out", metavar="DIR",
        help="folder for a scenario of these customers, held against the log by simulation",
    )  # fmt: skip
    one.add_argument("--name", metavar="NAME", help="of that scenario (default: after the log)")
    one.add_argument(
        "--assume", metavar="KEY=VALUE", action="append", default=[],
        help="what the log cannot tell, such as gross_margin=0.2; may be repeated",
    )  # fmt: skip
    one.add_argument(
        "--replications", metavar="N", type=_whole(2, 100_000), default=50,
        help="runs to hold it against the log (default: 50)",
    )  # fmt: skip
    one.add_argument("--seed", metavar="N", type=_whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)")
    _add_json(one)


def _command(commands: Any, name: str, home: str, summary: str, more: str = "") -> argparse.ArgumentParser:
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


def _add_runs(parser: argparse.ArgumentParser, replications: int, *, precise: bool = True) -> None:
    _add_changes(parser)
    parser.add_argument(
        "--seed", metavar="N", type=_whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)"
    )
    parser.add_argument(
        "--replications", metavar="N", type=_whole(1, KEY_LIMIT), default=replications,
        help=f"runs of each, with different luck (default: {replications})",
    )  # fmt: skip
    _add_workers(parser)
    parser.add_argument(
        "--threads", metavar="N", type=_whole(1, 1024), default=1, help="threads within a run (default: 1)"
    )
    parser.add_argument("--out", metavar="DIR", help="folder for tables, pictures, scenarios and manifest")
    _add_long_work(parser)
    if precise:
        _add_precision(parser)
    _add_json(parser)


def _add_workers(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--workers", metavar="WHERE", type=_place,
        help="where runs are made: N processes, threads:N, or a Dask cluster by tcp://HOST:PORT; no place changes a "
        "result (default: one process where there is little to do, else one a processor)",
    )  # fmt: skip


def _add_long_work(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--study", metavar="FOLDER",
        help="keep every run there as it is made; the same command goes on from what is there",
    )  # fmt: skip
    parser.add_argument(
        "--limit", metavar="SECONDS", type=_positive,
        help="end a run that takes longer, and record it as failed",
    )  # fmt: skip


def _add_precision(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--precision", metavar="SHARE", type=_positive,
        help="instead of --replications: until the 95 %% interval of the discounted profit, or of its differences, "
        "is this share of it to either side, such as 0.05",
    )  # fmt: skip
    parser.add_argument(
        "--at-most", metavar="N", type=_whole(2, KEY_LIMIT), help="ceiling for --precision (default: 1000)"
    )


def _add_changes(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", metavar="KEY=VALUE", action="append", default=[],
        help="change a value, such as budget.monthly=900; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--without", metavar="MECHANISM", action="append", type=Without, dest="set",
        help="switch a mechanism off, such as attachment; may be repeated",
    )  # fmt: skip


def _add_json(parser: argparse.ArgumentParser, text: str = "print one JSON document and nothing else") -> None:
    parser.add_argument("--json", action="store_true", help=text)


def _place(text: str) -> int | str:
    """A number of processes, or another place where runs are made."""
    from retsim.experiments.place import placed

    try:
        found = placed(text)
    except (TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(str(error).removeprefix("workers = ").removeprefix("workers.")) from None
    return found.number if text.strip().isdecimal() and found.number is not None else text.strip()


def _positive(text: str) -> float:
    """A number above 0."""
    try:
        value = float(text) if len(text) < 30 else None
    except ValueError:
        value = None
    if value is None or not 0.0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} must be a number above 0")
    return value


def _whole(low: int, high: int) -> Callable[[str], int]:
    """A reader of whole numbers in a range."""

    def read(text: str) -> int:
        try:
            value = int(text) if len(text) < 30 else None
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text[:40]!r} must be a whole number from {low} to {high}")
        return value

    return read

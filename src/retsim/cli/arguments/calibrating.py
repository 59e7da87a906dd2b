"""Arguments of `calibrate`."""

from __future__ import annotations

from typing import Any

from retsim.cli.arguments.options import add_json, command
from retsim.cli.arguments.values import KEY_LIMIT, whole

__all__ = ["calibrating"]


def calibrating(commands: Any) -> None:
    """`calibrate`."""
    one = command(commands, "calibrate", "calibrate:calibrate_command", "fit the laws of buying to a transaction log")
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
        "--replications", metavar="N", type=whole(2, 100_000), default=50,
        help="runs to hold it against the log (default: 50)",
    )  # fmt: skip
    one.add_argument("--seed", metavar="N", type=whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)")
    add_json(one)

"""Arguments of the commands that pass a study on."""

from __future__ import annotations

from typing import Any

from retsim.cli.arguments.options import add_json, command
from retsim.cli.arguments.values import KEY_LIMIT, whole

__all__ = ["exporting", "reporting"]


def reporting(commands: Any) -> None:
    """`report`."""
    one = command(commands, "report", "report:report_command", "make one page of a study, for people who decide")
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
    one.add_argument("--points", metavar="N", type=whole(2, 1000), default=7, help="values a key (default: 7)")
    one.add_argument(
        "--replications", metavar="N", type=whole(2, KEY_LIMIT), default=20, help="at each of them (default: 20)"
    )
    one.add_argument("--workers", metavar="N", type=whole(1, 1024), help="processes (default: as many as pay)")
    add_json(one)


def exporting(commands: Any) -> None:
    """`export`."""
    one = command(
        commands, "export", "export:export_command", "write a kept study as a table for another program",
        "The study is the one that a folder was last used for with --study; nothing is run.",
    )  # fmt: skip
    one.add_argument("study", metavar="STUDY", help="folder that --study kept the runs in")
    one.add_argument(
        "--to", metavar="FILE", required=True,
        help="by its ending: .csv or .parquet (one row a figure), .xlsx (a workbook with the answer), "
        ".nc (labelled arrays, NetCDF)",
    )  # fmt: skip
    add_json(one)

"""Arguments of the commands that look for the best, and for where it flips."""

from __future__ import annotations

from typing import Any

from retsim.cli.arguments.options import SCENARIO, add_one_scenario, add_search, command
from retsim.cli.arguments.values import KEY_LIMIT, positive, whole

__all__ = ["searching", "selecting"]


def searching(commands: Any) -> None:
    """`sweep`, `breakeven`, `optimise`."""
    one = command(commands, "sweep", "sweep:sweep_command", "try settings of levers, in worlds that nobody knows")
    add_one_scenario(one)
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
    one.add_argument("--points", metavar="N", type=whole(1, 1_000_000), default=16, help="worlds (default: 16)")
    add_search(one, replications=10)
    one = command(commands, "breakeven", "breakeven:breakeven_command", "find where the better of two strategies flips")
    one.add_argument("scenarios", metavar="SCENARIO", nargs="+", help=f"{SCENARIO}, or SCENARIO:STRATEGY")
    one.add_argument("--strategy", metavar="NAME", action="append", default=[], help="one of the two strategies")
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH", action="append", required=True,
        help="a value and its range; once for a line, twice for a map",
    )  # fmt: skip
    one.add_argument("--points", metavar="N", type=whole(2, 1000), default=9, help="values a key (default: 9)")
    add_search(one, replications=30)

    one = command(commands, "optimise", "optimise:optimise_command", "find the best split of the budget")
    add_one_scenario(one)
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH", action="append", default=[],
        help="a lever and its range; may be repeated (default: budget.retention_share=0:1); "
        "budget.mix=0:1 and budget.winning=0:1 stand for all ways to divide the money that keeps and that wins; or name "
        "the parts, such as budget.mix=price,contact,structural",
    )  # fmt: skip
    one.add_argument("--points", metavar="N", type=whole(5, 100_000), default=25, help="to search (default: 25)")
    one.add_argument(
        "--fresh", metavar="N", type=whole(4, 1_000_000), default=100,
        help="replications of the finalists, with fresh luck (default: 100)",
    )  # fmt: skip
    add_search(one, replications=20)


def selecting(commands: Any) -> None:
    """`select`."""
    one = command(
        commands, "select", "select:select_command", "select the best of many strategies with as few runs as it takes",
        "Those that are clearly behind drop out (KN++); --replications is the ceiling.",
    )  # fmt: skip
    add_one_scenario(one)
    one.add_argument(
        "--over", metavar="KEY=LOW:HIGH:STEP", action="append", default=[],
        help="a lever and its values, or KEY=VALUE,VALUE,...: each strategy at each; may be repeated",
    )  # fmt: skip
    one.add_argument(
        "--zone", metavar="X", type=positive, required=True,
        help="indifference zone: the least lead that is worth finding, in the measure's unit",
    )  # fmt: skip
    one.add_argument(
        "--confidence", metavar="P", type=positive, default=0.95,
        help="that the best is selected if it leads by the zone (default: 0.95)",
    )  # fmt: skip
    one.add_argument(
        "--first",
        metavar="N",
        type=whole(10, KEY_LIMIT),
        default=10,
        help="replications before any drops out (default: 10)",
    )
    add_search(one, replications=1000)

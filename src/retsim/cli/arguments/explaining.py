"""Arguments of the commands that say what a result depends on."""

from __future__ import annotations

from typing import Any

from retsim.cli.arguments.options import add_search, add_varied, command
from retsim.cli.arguments.values import positive, whole

__all__ = ["explaining"]


def explaining(commands: Any) -> None:
    """`sensitivity` and `discover`."""
    one = command(
        commands, "sensitivity", "sensitivity:sensitivity_command", "say which values the result depends on most",
        "Of one strategy, or of the difference of two: the second less the first.",
    )  # fmt: skip
    add_varied(one)
    one.add_argument(
        "--method", choices=("morris", "sobol"), default="morris",
        help="morris: few runs, which values matter; sobol: many runs, shares of the variance (default: morris)",
    )  # fmt: skip
    one.add_argument(
        "--size", metavar="N", type=whole(1, 1_000_000),
        help="trajectories of Morris (10 or more; default: 20), base points of Sobol (a power of 2, 64 or more; "
        "default: 256)",
    )  # fmt: skip
    add_search(one, replications=10)
    one = command(
        commands, "discover", "discover:discover_command", "say under what conditions a strategy loses",
        "Worlds within the ranges are tried, and boxes found in which the strategy loses against the other (PRIM).",
    )  # fmt: skip
    add_varied(one)
    one.add_argument("--lose", metavar="STRATEGY", help="whose losing is looked for (default: the second)")
    one.add_argument("--points", metavar="N", type=whole(1, 1_000_000), default=256, help="worlds (default: 256)")
    one.add_argument(
        "--density", metavar="P", type=positive, default=0.8,
        help="share of the worlds in a box that must be lost, at least (default: 0.8)",
    )  # fmt: skip
    add_search(one, replications=5)

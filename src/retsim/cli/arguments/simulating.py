"""Arguments of the commands that run scenarios and hold them against each other."""

from __future__ import annotations

from typing import Any

from retsim.cli.arguments.options import SCENARIO, add_changes, add_json, add_runs, add_workers, command
from retsim.cli.arguments.values import KEY_LIMIT, whole

__all__ = ["ablating", "claiming", "simulating", "validating"]


def simulating(commands: Any) -> None:
    """`run` and `compare`."""
    one = command(commands, "run", "run:run_command", "run one scenario and show what becomes of it")
    one.add_argument("scenario", metavar="SCENARIO", help=f"{SCENARIO}; SCENARIO:STRATEGY chooses a strategy")
    one.add_argument("--strategy", metavar="NAME", help="strategy of the focal firm")
    add_runs(one, replications=1)
    one = command(
        commands,
        "compare",
        "compare:compare_command",
        "run strategies against each other with the same luck",
        "The strategies of each scenario are compared with each other, and so are those named as "
        "SCENARIO:STRATEGY, together with scenarios that have one strategy or none.",
    )
    one.add_argument("scenarios", metavar="SCENARIO", nargs="+", help=f"{SCENARIO}, or SCENARIO:STRATEGY")
    one.add_argument("--strategy", metavar="NAME", action="append", default=[], help="only these strategies")
    one.add_argument(
        "--steady", metavar="SERIES", help="what a series such as retention_rate settles at, without its warm-up (MSER)"
    )
    add_runs(one, replications=100)


def ablating(commands: Any) -> None:
    """`ablate`."""
    one = command(
        commands, "ablate", "ablate:ablate_command", "say which mechanism carries a result",
        "The comparison of two strategies, or one strategy's result, with everything on and without each mechanism.",
    )  # fmt: skip
    one.add_argument("scenario", metavar="SCENARIO", help=f"{SCENARIO}, or SCENARIO:STRATEGY for one strategy alone")
    one.add_argument("--strategy", metavar="NAME", action="append", default=[], help="two strategies to compare")
    one.add_argument("--mechanism", metavar="NAME", action="append", default=[], help="only without this; repeatable")
    one.add_argument("--metric", metavar="NAME", default="discounted_profit", help="default: discounted_profit")
    add_runs(one, replications=50)


def claiming(commands: Any) -> None:
    """`claims`."""
    one = command(
        commands, "claims", "claims:claims_command", "test the famous claims: what holds, where, and how sure it is",
    )  # fmt: skip
    one.add_argument("claims", metavar="CLAIM", nargs="*", help="only these (default: all; --list names them)")
    one.add_argument("--list", action="store_true", help="name the claims and test nothing")
    one.add_argument(
        "--replications", metavar="N", type=whole(2, KEY_LIMIT), default=40, help="runs of each (default: 40)"
    )
    one.add_argument("--seed", metavar="N", type=whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)")
    add_workers(one)
    one.add_argument(
        "--out", metavar="DIR", help="folder for the findings as table, page and picture; others there stay"
    )
    add_json(one)


def validating(commands: Any) -> None:
    """`validate`."""
    one = command(
        commands,
        "validate",
        "validate:validate_command",
        "check that the accounts balance and both engines agree",
    )
    one.add_argument("scenarios", metavar="SCENARIO", nargs="*", help=f"{SCENARIO} (default: all packaged)")
    add_changes(one)
    one.add_argument(
        "--customers", metavar="N", type=whole(0, 20_000_000), default=300,
        help="people in the market, at most: the reference engine takes its time (default: 300)",
    )  # fmt: skip
    one.add_argument("--seed", metavar="N", type=whole(0, KEY_LIMIT), default=0, help="seed of the luck (default: 0)")
    add_json(one)

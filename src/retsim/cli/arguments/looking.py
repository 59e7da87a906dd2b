"""Arguments of the commands that show and begin scenarios."""

from __future__ import annotations

from typing import Any

from retsim.cli.arguments.options import SCENARIO, add_changes, add_json, command

__all__ = ["beginning", "looking"]


def looking(commands: Any) -> None:
    """`list`, `show`, `schema`."""
    one = command(commands, "list", "look:list_command", "list the packaged scenarios")
    add_json(one)
    one = command(
        commands, "show", "look:show_command", "explain a scenario, and show every value and where it comes from"
    )
    one.add_argument("scenario", metavar="NAME", help=SCENARIO)
    add_changes(one)
    add_json(one)
    one = command(commands, "schema", "look:schema_command", "print the JSON Schema of scenario files, for editors")
    add_json(one, "the schema is JSON with and without this")


def beginning(commands: Any) -> None:
    """`new`."""
    one = command(
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
    add_json(one)

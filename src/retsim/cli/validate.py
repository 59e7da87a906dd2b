"""The command that lets the program check itself: balances, and both engines to the last bit."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from retsim.cli.arms import load_changed
from retsim.cli.output import print_json, print_table

if TYPE_CHECKING:
    from retsim.scenario import Scenario

__all__ = ["validate_command"]


def validate_command(args: Namespace) -> int:
    """Run each strategy of each scenario on both engines, and on two threads; 1 where anything differs."""
    from retsim.scenario import packaged

    rows = []
    for text in args.scenarios or packaged():
        scenario, strategy = load_changed(text, args.set)
        if scenario.customers > args.customers:
            scenario = scenario.with_(customers=args.customers)
        for name in _strategies(scenario, strategy):
            rows.append({"scenario": scenario.name, "strategy": name or "-"} | _verdict(scenario, name, args.seed))
    broken = [row for row in rows if not row["ok"]]
    if args.json:
        print_json({"seed": args.seed, "checked": rows, "ok": not broken})
    else:
        cells = [
            [f"{row['scenario']}, {row['strategy']}", str(row["customers"]), row["digest"][:16], _word(row)]
            for row in rows
        ]
        print_table(cells, ["scenario", "customers", "digest", "accounts, engines, threads"])
    for row in broken:
        print(f"{row['scenario']}, {row['strategy']}: {row['problem']}", file=sys.stderr)
    return 1 if broken else 0


def _strategies(scenario: Scenario, chosen: str | None) -> list[str | None]:
    """The chosen strategy, else all, else none."""
    return [chosen] if chosen or not scenario.strategies else [*scenario.strategies]


def _word(row: dict[str, Any]) -> str:
    return "all agree" if row["ok"] else "BROKEN"


def _verdict(scenario: Scenario, strategy: str | None, seed: int) -> dict[str, Any]:
    from retsim.results import BrokenInvariantError, simulate

    if strategy is not None:
        scenario = scenario.with_(strategy=strategy)
    run = simulate(scenario, seed=seed)
    others = {
        "the reference engine": simulate(scenario, seed=seed, engine="reference"),
        "two threads": simulate(scenario, seed=seed, threads=2),
        "the compiled engine with a log": simulate(scenario, seed=seed, log=True),
    }
    problem = ""
    try:
        run.check()
    except BrokenInvariantError as error:
        problem = str(error)
    digest = run.digest()
    differing = [name for name, other in others.items() if other.digest() != digest]
    if differing and not problem:
        problem = f"another result with {', '.join(differing)}"
    return {"customers": len(run.records), "digest": digest, "ok": not problem, "problem": problem}

"""The command that says under what conditions a strategy loses."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.axes import ranges_of
from retsim.cli.durable import exit_code, kept, way_of
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records
from retsim.cli.sensitivity import one_or_two
from retsim.cli.studies import tell_failures
from retsim.cli.tables import write_table

if TYPE_CHECKING:
    from retsim.experiments.boxes import Boxes

__all__ = ["discover_command"]


def discover_command(args: Namespace) -> int:
    """Run the worlds, find the boxes, show them, and write tables and picture where asked."""
    from retsim.experiments.boxes import Rules
    from retsim.experiments.design import Design
    from retsim.experiments.discovery import discover
    from retsim.experiments.sweep import sweep
    from retsim.scenario import ScenarioError

    folder = check_folder(args.out)
    scenarios, vary = one_or_two(args), ranges_of(args.vary, "--vary")
    if len(scenarios) < 2:
        raise UserError(
            f"there is {', '.join(scenarios)} alone; name two strategies with --strategy: who loses to whom?"
        )
    if args.lose is not None and args.lose not in scenarios:
        raise UserError(f"--lose {args.lose}: must be one of two scenarios, {', '.join(scenarios)}")
    with kept(args):
        design = Design(points=args.points)
        try:
            swept = sweep(
                scenarios, None, vary, design=design, replications=args.replications, **way_of(args)._asdict()
            )
            found = discover(swept, args.lose, args.metric, Rules(density=args.density))
        except ScenarioError:
            raise
        except (ValueError, ModuleNotFoundError) as error:
            raise UserError(f"discover: {error}") from None
    written = _written(found, folder) if folder is not None else []
    if args.json:
        print_json(_document(found, written))
    else:
        _show(found, next(iter(scenarios.values())))
        for path in written:
            print(f"\nwritten: {path}")
    return exit_code(args, swept.study, tell_failures(swept.study))


def _document(found: Boxes, written: Sequence[str]) -> dict[str, Any]:
    return {
        "answer": found.sentence(),
        **found.facts._asdict(),
        "worlds": len(found.lost),
        "lost": int(found.lost.sum()),
        **found.rules._asdict(),
        "boxes": [box._asdict() | {"limits": {k: list(v) for k, v in box.limits.items()}} for box in found.boxes],
        "table": records(found.table),
        "resampled": records(found.resampled),
        "written": list(written),
    }


def _show(found: Boxes, scenario: Any) -> None:
    facts = found.facts
    print(
        f"{scenario.title or scenario.name}\n{len(found.lost)} worlds, {facts.replications} replications each, seed "
        f"{facts.seed}; in {facts.unsure} of them luck may have decided\n\n{found.sentence()}.\n"
    )
    rows = []
    for row in records(found.table):
        low, high = ("-" if math.isinf(row[end]) else f"{row[end]:.4g}" for end in ("low", "high"))
        again = "-" if math.isnan(row["reproduced"]) else f"{100 * row['reproduced']:.0f} %"
        box = [str(row["box"]), row["key"], low, high, f"{row['quasi_p']:.2g}", again]
        rows.append([*box, f"{100 * row['density']:.0f} %", f"{100 * row['coverage']:.0f} %", str(row["n"])])
    if rows:
        heads = ["box", "key", "from", "to", "quasi-p", "found on halves", "density", "coverage", "worlds"]
        print_table(rows, heads, words=2)


def _written(found: Boxes, folder: Path) -> list[str]:
    from retsim.plots.discovery import boxes

    table = write_table(found.table, str(folder / "discover.csv"), "discover")
    worlds = write_table(found.worlds.assign(lost=found.lost), str(folder / "worlds.csv"), "worlds")
    picture = folder / "discover.png"
    boxes(found).savefig(picture, dpi=200)
    return [table, worlds, str(picture)]

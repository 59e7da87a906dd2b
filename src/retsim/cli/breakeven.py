"""The command that finds where the better strategy flips."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.arms import groups_of
from retsim.cli.axes import ranges_of
from retsim.cli.durable import kept, way_of
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records
from retsim.cli.tables import write_table
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.breakeven import Breakeven
    from retsim.scenario import Scenario

__all__ = ["breakeven_command"]


def breakeven_command(args: Namespace) -> int:
    """Find the flips, show them, and write the table and the picture where asked."""
    from retsim.experiments.breakeven import Question, breakeven
    from retsim.experiments.differences import check_metric

    folder = check_folder(args.out)
    try:
        check_metric(args.metric)
    except ValueError as error:
        raise UserError(f"--metric: {error}") from None
    over = ranges_of(args.over, "--over")
    if len(over) > 2:
        raise UserError(f"--over: {len(over)} keys are too many for a picture; give one or two")
    question = Question(args.metric, args.points, args.replications)
    with kept(args):
        found = breakeven(_pair(args), over, question, **way_of(args)._asdict())
    written = _written(found, folder) if folder is not None else []
    if args.json:
        print_json(_document(found, written))
    else:
        _show(found)
        for path in written:
            print(f"\nwritten: {path}")
    return 0


def _pair(args: Namespace) -> dict[str, Scenario]:
    """The two scenarios."""
    groups = groups_of(args.scenarios, args.strategy, args.set)
    if len(groups) > 1 or len(groups[0].scenarios) != 2:
        have = ", ".join(name for group in groups for name in group.scenarios)
        raise UserError(f"there are {have}, and the question is which of two is better: name two with --strategy")
    return groups[0].scenarios


def _document(found: Breakeven, written: list[str]) -> dict[str, Any]:
    line = len(found.over) == 1
    return {
        "answer": found.sentence(),
        "scenarios": list(found.names),
        "over": {key: list(span) for key, span in found.over.items()},
        **found.question._asdict(),
        "points": records(found.table),
        "flips": records(found.flips) if line else None,
        "ranges": records(found.ranges) if line else None,
        "written": written,
    }


def _show(found: Breakeven) -> None:
    from retsim.results.measures import MEASURES

    measure, first, second = MEASURES[found.question.metric], *found.names
    unit = found.facts.currency if measure.unit == "money" else measure.unit
    print(f"{found.facts.title}\n{found.question.replications} replications a point, seed {found.facts.seed}\n")
    print(f"{found.sentence()}.\n")
    rows = [
        [*(f"{row[key]:.4g}" for key in found.keys), number(row["mean"], measure, sign=True),
         f"{number(row['low'], measure, sign=True)} to {number(row['high'], measure, sign=True)}", row["better"]]
        for row in records(found.table)
    ]  # fmt: skip
    heads = [*found.keys, f"{second} less {first}", "95 % interval", "better"]
    print(f"{measure.title}, {unit}")
    print_table(rows, heads, words=0)


def _written(found: Breakeven, folder: Path) -> list[str]:
    from retsim.experiments.flipfile import FILE, save_breakeven
    from retsim.plots.breakeven import breakeven
    from retsim.plots.saving import save_figure

    table = write_table(found.table, str(folder / "breakeven.csv"), "breakeven")
    pictures = save_figure(breakeven(found), folder / "breakeven")
    return [table, str(save_breakeven(found, folder / FILE)), *map(str, pictures)]

"""The command that selects the best of many strategies or settings with as few runs as that takes."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.arms import groups_of
from retsim.cli.axes import values_of
from retsim.cli.durable import exit_code, kept, way_of
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records
from retsim.cli.studies import tell_failures
from retsim.cli.sweep import chosen
from retsim.cli.tables import write_table
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.selection import Selection
    from retsim.scenario import Scenario

__all__ = ["select_command"]


def select_command(args: Namespace) -> int:
    """Run the race, say who is selected and who left when, and write table and picture where asked."""
    from retsim.experiments.selection import Race, select
    from retsim.experiments.study import Study
    from retsim.scenario import ScenarioError

    folder = check_folder(args.out)
    race = Race(args.zone, args.metric, args.confidence, args.first, at_most=args.replications)
    with kept(args):
        try:
            found = select(_entrants(args), race, **way_of(args)._asdict())
        except ScenarioError:
            raise
        except ValueError as error:
            raise UserError(f"select: {error}") from None
    written = _written(found, folder) if folder is not None else []
    if args.json:
        print_json(_document(found, written))
    else:
        _show(found)
        for path in written:
            print(f"\nwritten: {path}")
    failed = Study({}, seed=args.seed, replications=len(found.scores), failures=found.facts.failures)
    return exit_code(args, failed, tell_failures(failed))


def _entrants(args: Namespace) -> dict[str, Scenario]:
    """All strategies of the scenario, or those that are named, each at every setting of the levers."""
    from retsim.experiments.design import changed, grid

    levers = values_of(args.over, "--over")
    if levers or args.strategy:
        strategies = chosen(args)
    else:
        groups = groups_of([args.scenario], [], args.set)
        strategies = groups[0].scenarios
    return {
        ", ".join([name, *(f"{key} = {value}" for key, value in point.items())]): changed(scenario, point)
        for point in grid(levers)
        for name, scenario in strategies.items()
    }


def _document(found: Selection, written: list[str]) -> dict[str, Any]:
    return {
        "answer": found.sentence(),
        "best": found.best,
        "is_sure": found.is_sure,
        "left": list(found.left),
        **found.race._asdict(),
        "seed": found.facts.seed,
        "replications": len(found.scores),
        "runs": found.runs,
        "table": records(found.table),
        "failed": [failure._asdict() for failure in found.facts.failures],
        "written": written,
    }


def _show(found: Selection) -> None:
    from retsim.results.measures import MEASURES

    measure = MEASURES[found.race.metric]
    print(f"{found.sentence()}.\n")
    unit = found.facts.currency if measure.unit == "money" else measure.unit
    print(f"{measure.title}, {unit}; seed {found.facts.seed}; behind the best by, paired (95 % interval)")
    rows = []
    for row in records(found.table):
        behind = "-"
        if row["scenario"] != found.best:
            low, high = (number(row[key], measure) for key in ("behind_low", "behind_high"))
            behind = f"{number(row['behind'], measure)} ({low} to {high})"
        chance = "-" if row["p_best"] != row["p_best"] else f"{100 * row['p_best']:.0f} %"
        gone = f"after {row['dropped']:.0f}, by {row['by']}" if row["by"] else "never"
        rows.append([row["scenario"], number(row["mean"], measure), behind, chance, gone])
    print_table(rows, ["scenario", "mean", "behind", "p(best)", "dropped"])


def _written(found: Selection, folder: Path) -> list[str]:
    from retsim.plots.selection import selection

    table = write_table(found.table, str(folder / "select.csv"), "select")
    picture = folder / "select.png"
    selection(found).savefig(picture, dpi=200)
    return [table, str(picture)]

"""The command that finds the best split of the budget."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from retsim.cli.axes import ranges_of, values_of
from retsim.cli.durable import kept, way_of
from retsim.cli.errors import UserError
from retsim.cli.output import print_json, print_table, records
from retsim.cli.sweep import chosen
from retsim.cli.tables import write_table
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.optimise import Optimum

__all__ = ["optimise_command"]


def optimise_command(args: Namespace) -> int:
    """Search, show the best and how flat the top is, and write every point where asked."""
    from retsim.experiments.optimise import Search, optimise
    from retsim.scenario import ScenarioError

    scenarios = chosen(args)
    if len(scenarios) > 1:
        raise UserError(f"--strategy: there are {', '.join(scenarios)}, and the levers are those of one; name one")
    ((name, scenario),) = scenarios.items()
    over = _levers(args.over) or {"budget.retention_share": (0.0, 1.0)}
    search = Search(args.metric, args.points, args.replications, fresh=args.fresh)
    with kept(args):
        try:
            found = optimise(scenario, over, search, **way_of(args)._asdict() | {"progress": None})
        except ScenarioError:
            raise
        except ValueError as error:
            raise UserError(f"optimise: {error}") from None
    written = write_table(found.tried, args.out, "optimise") if args.out else None
    if args.json:
        print_json(_document(found, written))
    else:
        _show(found, f"{scenario.title or scenario.name} ({name})", scenario.currency)
        if written:
            print(f"\nwritten: {written}")
    return 0


def _levers(given: Sequence[str]) -> dict[str, Sequence[Any]]:
    """Ranges by key; of a division the parts, or all of it as ``0:1``, in the order given."""
    from retsim.experiments.divisions import PARTS

    named = [text for text in given if text.partition("=")[0].strip() in PARTS and ":" not in text]
    parts = values_of(named, "--over")
    ranges = ranges_of([text for text in given if text not in named], "--over")
    keys = [text.partition("=")[0].strip() for text in given]
    return {key: (parts | ranges)[key] for key in keys}


def _document(found: Optimum, written: str | None) -> dict[str, Any]:
    return {
        "answer": found.sentence(),
        **found.search._asdict(),
        "best": found.best,
        "flat": {key: list(span) for key, span in found.flat.items()},
        "finalists": records(found.finalists),
        "tried": records(found.tried),
        "written": written,
    }


def _show(found: Optimum, title: str, currency: str) -> None:
    from retsim.results.measures import MEASURES

    search, measure = found.search, MEASURES[found.search.metric]
    print(f"{title}\n{search.replications} replications a point, {search.fresh} fresh ones of the finalists\n")
    sentence = found.sentence()
    print(f"{sentence[0].upper()}{sentence[1:]}.\n")
    unit = currency if measure.unit == "money" else measure.unit
    print(f"{measure.title}, {unit}; finalists, with fresh luck")
    rows = [
        [*(f"{row[key]:.3g}" for key in found.keys), number(row["mean"], measure),
         f"{number(row['low'], measure)} to {number(row['high'], measure)}", f"{100 * row['p_best']:.0f} %",
         number(row["regret"], measure)]
        for row in records(found.finalists)
    ]  # fmt: skip
    print_table(rows, [*found.keys, "mean", "95 % interval", "p(best)", "regret"], words=0)

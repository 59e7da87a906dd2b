"""The command that says which values a result depends on."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.arms import groups_of, load_changed, with_strategy
from retsim.cli.axes import ranges_of
from retsim.cli.durable import kept, way_of
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records
from retsim.cli.tables import write_table
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.sensitivity import Sensitivity
    from retsim.scenario import Scenario

__all__ = ["one_or_two", "sensitivity_command"]


def sensitivity_command(args: Namespace) -> int:
    """Measure the sensitivity, show it, and write table and picture where asked."""
    from retsim.experiments.sensitivity import Sampling, sensitivity
    from retsim.scenario import ScenarioError

    folder = check_folder(args.out)
    scenarios, vary = one_or_two(args), ranges_of(args.vary, "--vary")
    sampling = Sampling(args.method, args.metric, args.size, args.replications)
    with kept(args):
        try:
            found = sensitivity(scenarios, vary, sampling, **way_of(args)._asdict())
        except ScenarioError:
            raise
        except (ValueError, ModuleNotFoundError) as error:
            raise UserError(f"sensitivity: {error}") from None
    written = _written(found, folder) if folder is not None else []
    if args.json:
        print_json(_document(found, written))
    else:
        _show(found)
        for path in written:
            print(f"\nwritten: {path}")
    return 0


def one_or_two(args: Namespace) -> dict[str, Scenario]:
    """The scenario that is asked about, or the two whose difference is."""
    if len(args.scenarios) == 1 and len(args.strategy) < 2:
        scenario, strategy = load_changed(args.scenarios[0], args.set)
        strategy = args.strategy[0] if args.strategy else strategy
        if strategy is not None:
            return {strategy: with_strategy(scenario, strategy, args.set)}
        return {scenario.strategy or scenario.name: scenario}
    groups = groups_of(args.scenarios, args.strategy, args.set)
    if len(groups) > 1 or len(groups[0].scenarios) != 2:
        have = ", ".join(name for group in groups for name in group.scenarios)
        raise UserError(f"there are {have}; name one strategy, or two whose difference is asked about")
    return groups[0].scenarios


def _document(found: Sensitivity, written: Sequence[str]) -> dict[str, Any]:
    return {
        "answer": found.sentence(),
        "scenarios": list(found.names),
        "vary": {key: list(span) for key, span in found.vary.items()},
        **found.sampling._asdict(),
        "seed": found.facts.seed,
        "points": len(found.points),
        "luck": found.luck,
        "spread": found.spread,
        "half_width": found.half_width,
        "advised_size": found.advised,
        "table": records(found.table),
        "written": list(written),
    }


def _show(found: Sensitivity) -> None:
    from retsim.experiments.sensitivity import MORRIS
    from retsim.results.measures import MEASURES

    measure, asked = MEASURES[found.sampling.metric], found.sampling
    unit = found.facts.currency if measure.unit == "money" else measure.unit
    print(
        f"{found.facts.title}\n{asked.method.title()}, {len(found.points):,} points, {asked.replications} replications, "
        f"seed {found.facts.seed}\n\n{found.sentence()}.\n"
    )
    spread, luck = (number(x, measure, sign=True).lstrip("+") for x in (found.spread, found.luck))
    print(f"{measure.title}, {unit}: these values move its mean by {spread} (sd), luck a single run by {luck}\n")
    kinds: tuple[str, ...]
    if asked.method == MORRIS:
        heads, kinds = ["key", "mu", "mu* (95 % interval)", "sigma", "luck's mu*"], ("mu", "mu_star", "sigma", "noise")
    else:
        heads, kinds = ["key", "first (95 % interval)", "total (95 % interval)"], ("first", "total")

    def shown(value: float) -> str:
        return f"{value:.3f}" if asked.method != MORRIS else number(value, measure, sign=True)

    rows = [
        [row["key"], *(_cell(row, kind, shown, full=kind in ("mu_star", "first", "total")) for kind in kinds)]
        for row in records(found.table)
    ]
    print_table(rows, heads)


def _cell(row: dict[str, Any], kind: str, shown: Any, *, full: bool) -> str:
    text: str = shown(row[kind])
    text = text.lstrip("+") if kind != "mu" else text
    if not full:
        return text
    low, high = (shown(row[f"{kind}{end}"]).lstrip("+") for end in ("_low", "_high"))
    return f"{text} ({low} to {high})"


def _written(found: Sensitivity, folder: Path) -> list[str]:
    from retsim.plots.sensitivity import sensitivity

    table = write_table(found.table, str(folder / "sensitivity.csv"), "sensitivity")
    picture = folder / "sensitivity.png"
    sensitivity(found).savefig(picture, dpi=200)
    return [table, str(picture)]

"""The command that tries settings of levers, over worlds that nobody knows."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from retsim.cli.arms import groups_of, load_changed, with_strategy
from retsim.cli.axes import ranges_of, values_of
from retsim.cli.durable import exit_code, kept, way_of
from retsim.cli.errors import UserError
from retsim.cli.output import print_json, print_table, records
from retsim.cli.studies import tell_failures
from retsim.cli.tables import write_table
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.sweep import Sweep
    from retsim.scenario import Scenario

__all__ = ["chosen", "sweep_command"]


def sweep_command(args: Namespace) -> int:
    """Sweep, show which setting to choose, and write every run where asked."""
    from retsim.experiments.design import Design
    from retsim.experiments.differences import check_metric
    from retsim.experiments.sweep import sweep

    try:
        check_metric(args.metric)
    except ValueError as error:
        raise UserError(f"--metric: {error}") from None
    levers, worlds = values_of(args.over, "--over"), ranges_of(args.vary, "--vary")
    if not levers and not worlds:
        raise UserError("there is nothing to sweep; give --over for what you can set, --vary for what is uncertain")
    if both := [key for key in levers if key in worlds]:
        raise UserError(f"{both[0]}: is in --over and in --vary, must be in one of them")
    design = Design(args.design, args.points)
    with kept(args):
        found = sweep(
            chosen(args), levers, worlds, design=design, replications=args.replications, **way_of(args)._asdict()
        )
    written = write_table(found.runs, args.out, "sweep") if args.out else None
    if args.json:
        print_json(_document(found, args.metric, written))
    else:
        _show(found, args.metric)
        if written:
            print(f"\nwritten: {written}")
    return exit_code(args, found.study, tell_failures(found.study))


def chosen(args: Namespace) -> dict[str, Scenario]:
    """Scenarios by name: the one that is named, or with several strategies asked for one each."""
    scenario, strategy = load_changed(args.scenario, args.set)
    if strategy is not None:
        return {strategy: with_strategy(scenario, strategy, args.set)}
    if not args.strategy:
        return {scenario.strategy or scenario.name: scenario}
    if len(args.strategy) == 1:
        scenario, _ = load_changed(f"{args.scenario}:{args.strategy[0]}", args.set)
        return {args.strategy[0]: with_strategy(scenario, args.strategy[0], args.set)}
    (group,) = groups_of([args.scenario], args.strategy, args.set)
    return group.scenarios


def _document(found: Sweep, metric: str, written: str | None) -> dict[str, object]:
    return {
        "metric": metric,
        "seed": found.study.seed,
        "replications": found.study.replications,
        "settings": found.settings,
        "worlds": found.states,
        "summary": records(found.summary(metric)),
        "choice": records(found.choice(metric)),
        "failed": [failure._asdict() for failure in found.study.failures],
        "written": written,
    }


def _show(found: Sweep, metric: str) -> None:
    from retsim.results.measures import MEASURES

    measure, keys = MEASURES[metric], list(found.settings[0])
    worlds = len(found.states)
    several = worlds > 1
    scenario = next(iter(found.study.scenarios.values()))
    what = f"{measure.title}, {scenario.currency}" if measure.unit == "money" else f"{measure.title}, {measure.unit}"
    tried = f"{len(found.settings)} setting{'s' if len(found.settings) > 1 else ''}"
    print(
        f"{scenario.title or scenario.name}\n{what}; {tried}, {worlds} world{'s' if several else ''}, "
        f"{found.study.replications} replications, seed {found.study.seed}\n"
    )
    rows = []
    summary = found.summary(metric).set_index(["scenario", "setting"])
    for row in records(found.choice(metric)):
        of = summary.loc[(row["scenario"], row["setting"])]
        cells = [number(float(of[key]), measure) for key in ("mean", "low", "high", "worst")]
        where = [_value(row[key]) for key in keys]
        chance, regret = _share(row["p_best"]), number(row["regret"], measure)
        rows.append([row["scenario"], *where, cells[0], f"{cells[1]} to {cells[2]}", cells[3], chance, regret])
    heads = ["scenario", *keys, "mean", "95 % interval", "worst world", "best in", "regret"]
    if not several:
        heads[-2] = "p(best)"
        heads.remove("worst world")
        rows = [row[:-3] + row[-2:] for row in rows]
    print_table(rows, heads, words=1)


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _share(p: float) -> str:
    return "-" if p != p else f"{100 * p:.0f} %"

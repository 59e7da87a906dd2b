"""The command that says which mechanism carries a result."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from retsim.cli.arms import FIRST, check_strategy, load_changed, with_strategy
from retsim.cli.durable import closing, exit_code
from retsim.cli.errors import UserError
from retsim.cli.output import print_json, print_table, records
from retsim.cli.studies import made, tell_failures
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.results.measures import Measure
    from retsim.scenario import Scenario

__all__ = ["ablate_command"]


def ablate_command(args: Namespace) -> int:
    """Compare two strategies with everything on, and without each mechanism in turn."""
    from retsim.experiments.ablation import arms_without, carried_in
    from retsim.experiments.differences import check_metric
    from retsim.results.measures import MEASURES
    from retsim.scenario.mechanisms import MECHANISMS

    scenario, strategy = load_changed(args.scenario, args.set)
    pair = None if strategy else _pair(scenario, args.strategy)
    alone = strategy or (args.strategy[0] if args.strategy and not pair else None)
    if alone:
        scenario = with_strategy(scenario, alone, args.set)
    _check(check_metric, args.metric)
    _check_names("--mechanism", args.mechanism, MECHANISMS)
    study = made(arms_without(scenario, pair, args.mechanism or None), args)
    frame = carried_in(study, pair, args.metric)
    rows = records(frame)
    if args.json:
        print_json({"name": scenario.name, "strategies": pair, "metric": args.metric, "mechanisms": rows})
        return exit_code(args, study, tell_failures(study))
    measure = MEASURES[args.metric]
    what = f"{pair[1]} less {pair[0]}" if pair else scenario.strategy or "no strategy"
    print(f"{scenario.name}: {measure.title}, {what}; {rows[0]['n']} replications, seed {args.seed}\n")
    print_table([_row(row, measure) for row in rows], ["mechanism", "result without it", "it carries (95 % interval)"])
    for line in closing(args, study):
        print(line)
    return exit_code(args, study, tell_failures(study))


def _check(check: Callable[[str], None], metric: str) -> None:
    try:
        check(metric)
    except ValueError as error:
        raise UserError(f"--metric: {error}") from None


def _check_names(option: str, names: Sequence[str], known: Collection[str]) -> None:
    from retsim.scenario.hints import meant_key

    for name in names:
        if name not in known:
            near = meant_key(name, known)
            raise UserError(f"{option} {name:.80}: must be one of {', '.join(known)}{'; ' if near else ''}{near}")


def _pair(scenario: Scenario, wanted: Sequence[str]) -> tuple[str, str] | None:
    for name in wanted:
        check_strategy(scenario, name, f"--strategy {name}")
    if len(wanted) > 2 or len(set(wanted)) < len(wanted):
        raise UserError(f"--strategy {' --strategy '.join(wanted)}: must be one strategy, or two that differ")
    names = list(wanted or [name for name in FIRST if name in scenario.strategies] or scenario.strategies)
    return (names[0], names[1]) if len(names) > 1 else None


def _row(row: dict[str, Any], measure: Measure) -> list[str]:
    result = number(row["result"], measure, sign=True)
    if row["carried"] is None or row["carried"] != row["carried"]:
        return [row["mechanism"], result, ""]
    low, high = (number(row[key], measure, sign=True) for key in ("low", "high"))
    return [row["mechanism"], result, f"{number(row['carried'], measure, sign=True)} ({low} to {high})"]

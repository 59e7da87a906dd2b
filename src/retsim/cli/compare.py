"""The main job: strategies against each other, the answer first."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.arms import Group, groups_of, slug
from retsim.cli.durable import closing, exit_code
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records
from retsim.cli.studies import check_studies, heading, made, save_studies, tell_failures
from retsim.results.words import number

if TYPE_CHECKING:
    from retsim.experiments.study import Study

SHOWN = ("discounted_profit", "customers", "retention_rate", "clv", "customer_equity", "cash_trough")
"""Measures of the main job, in the order of the table."""
ANSWER = SHOWN[0]
_ARMS_A_TABLE = 3

__all__ = ["SHOWN", "compare_command"]


def compare_command(args: Namespace) -> int:
    """Run the comparison, show it, and write it where asked."""
    folder = check_folder(args.out)
    _check_steady(args.steady)
    groups = groups_of(args.scenarios, args.strategy, args.set)
    if args.precision is not None and len(groups) > 1:
        raise UserError(f"--precision: is about one comparison, not {len(groups)}; compare one scenario at a time")
    if folder is not None:
        check_studies(_folders(folder, groups))
    scenarios = {(g.name, arm): s for g in groups for arm, s in g.scenarios.items()}
    everything = made({f"{group}/{arm}": scenario for (group, arm), scenario in scenarios.items()}, args)
    studies = {g.name: everything.part({arm: f"{g.name}/{arm}" for arm in g.scenarios}) for g in groups}
    written = []
    if folder is not None:
        written = save_studies(list(zip(_folders(folder, groups), studies.values(), strict=True)), args)
    if args.json:
        documents = [_document(g, studies[g.name]) | _steady(studies[g.name], args.steady) for g in groups]
        print_json({"comparisons": documents, "written": [one.manifest for one in written]})
    else:
        for k, group in enumerate(groups):
            if k:
                print("\n")
            _show(group, studies[group.name])
            if args.steady:
                _show_steady(studies[group.name], args.steady)
        for one in written:
            print(f"\nwritten: {one.manifest}")
        for line in closing(args, everything):
            print(line)
    return exit_code(args, everything, tell_failures(everything, written))


def _folders(folder: Path, groups: Sequence[Group]) -> list[Path]:
    """One group: the folder itself; several: one below it for each."""
    return [folder] if len(groups) == 1 else [folder / slug(group.name) for group in groups]


def _document(group: Group, study: Study) -> dict[str, Any]:
    from retsim.experiments.answer import answer
    from retsim.experiments.best import decide

    found = answer(study, ANSWER)
    return {
        "name": group.name,
        "title": group.title,
        "seed": study.seed,
        "replications": study.replications,
        "counts": study.counts._asdict(),
        "baseline": study.names[0],
        "answer": found and found._asdict() | {"is_sure": found.is_sure},
        "best": records(study.best(ANSWER)),
        "decision": records(decide(study, ANSWER)),
        "summary": records(study.summary()),
        "differences": records(study.differences()),
        "scenarios": {name: {"digest": s.digest()} for name, s in study.scenarios.items()},
        "failed": [failure._asdict() for failure in study.failures],
    }


def _show(group: Group, study: Study) -> None:
    print(heading(study, f"{group.name}: {group.title}"))
    print(_sentence(study, next(iter(study.scenarios.values())).currency) + "\n")
    _show_means(study)
    print()
    _show_differences(study)


def _sentence(study: Study, currency: str) -> str:
    """The answer in words."""
    from retsim.experiments.answer import verdict

    said = verdict(study, ANSWER, currency)
    return f"{said}; ask for more with --replications." if study.replications == 1 else f"{said}."


def _show_means(study: Study) -> None:
    """Mean and interval of each measure."""
    from retsim.results.measures import MEASURES

    summary = study.summary().set_index(["scenario", "metric"])
    for k in range(0, len(study.names), _ARMS_A_TABLE):
        names = study.names[k : k + _ARMS_A_TABLE]
        rows = []
        for metric in SHOWN:
            measure = MEASURES[metric]
            cells = [f"{measure.title}, % a month" if measure.unit.endswith("month") else measure.title]
            for name in names:
                row = summary.loc[(name, metric)]
                cells.append(_with_interval(row, measure))
            rows.append(cells)
        print_table(rows, ["mean (95 % interval)", *names])
        if k + _ARMS_A_TABLE < len(study.names):
            print()


def _show_differences(study: Study) -> None:
    """Paired differences against the baseline."""
    from retsim.results.measures import MEASURES

    rows = []
    several = len(study.names) > 2
    for row in records(study.differences(SHOWN)):
        measure = MEASURES[row["metric"]]
        title = f"{row['scenario']}: {measure.title}" if several else measure.title
        rows.append([title, _with_interval(row, measure, sign=True), _better(row)])
    ours = "difference" if several else str(study.names[1])
    print_table(rows, [f"{ours} less {study.names[0]}", "mean (95 % interval)", "better in"])


def _check_steady(series: str | None) -> None:
    """Refuse a series without a steady state before any work is done."""
    if series is not None:
        from retsim.experiments.steady import STEADY

        if series not in STEADY:
            raise UserError(f"--steady {series}: must be one of {', '.join(STEADY)}")


def _steady(study: Study, series: str | None) -> dict[str, Any]:
    if series is None:
        return {}
    from retsim.experiments.steady import steady_state

    try:
        found = steady_state(study, series)
    except ValueError as error:
        raise UserError(f"--steady {series}: {error}") from None
    return {"steady": found._asdict() | {"table": records(found.table)}}


def _show_steady(study: Study, series: str) -> None:
    """What a series settles at, with the months that were cut off."""
    found = _steady(study, series)["steady"]
    rest = "" if found["settled"] else "; not settled by then, so ask for a longer horizon"
    print(f"\nsteady state of {series} after a warm-up of {found['warmup']:g} months (MSER-5){rest}")
    rows = []
    for row in found["table"]:
        mean, low, high, d, d_low, d_high = (
            f"{row[key]:,.6g}" for key in ("mean", "low", "high", "difference", "difference_low", "difference_high")
        )
        rows.append([row["scenario"], f"{mean} ({low} to {high})", "-" if d == "nan" else f"{d} ({d_low} to {d_high})"])
    print_table(rows, ["scenario", "mean (95 % interval)", f"less {study.names[0]}"])


def _better(row: Any) -> str:
    """In how many replications it is better."""
    if not row["n"]:
        return "-"
    if row["ties"] == 1.0:
        return "all equal"
    return f"{round(row['better'] * row['n'])} of {row['n']}"


def _with_interval(row: Any, measure: Any, *, sign: bool = False) -> str:
    mean, low, high = (number(float(row[key]), measure, sign=sign) for key in ("mean", "low", "high"))
    return f"{mean} (no interval)" if low == "-" else f"{mean} ({low} to {high})"

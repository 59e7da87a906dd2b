"""The command that runs one scenario."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING

from retsim.cli.arms import check_strategy, load_changed, with_strategy
from retsim.cli.compare import SHOWN
from retsim.cli.durable import closing, exit_code
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records
from retsim.cli.studies import check_studies, heading, made, save_study, tell_failures
from retsim.results.words import number

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study
    from retsim.scenario import Scenario

_SHOWN = (
    *SHOWN,
    "acquired",
    "lost",
    "acquisition_cost_per_customer",
    "market_share",
    "satisfied_share_of_leavers",
    "stays_against_surplus",
)
_YEAR = 12.0

__all__ = ["run_command"]


def run_command(args: Namespace) -> int:
    """Run it, show the years and the measures, and write it where asked."""
    folder = check_folder(args.out)
    scenario, name = _scenario(args)
    if folder is not None:
        check_studies([folder])
    study = made({name: scenario}, args)
    written = [save_study(study, folder, args)] if folder is not None else []
    if args.json:
        _print_document(study, scenario, written[0].manifest if written else None)
    else:
        _show(study, scenario)
        for one in written:
            print(f"\nwritten: {one.manifest}")
        for line in closing(args, study):
            print(line)
    return exit_code(args, study, tell_failures(study, written))


def _scenario(args: Namespace) -> tuple[Scenario, str]:
    scenario, strategy = load_changed(args.scenario, args.set)
    if strategy is not None and args.strategy not in (None, strategy):
        raise UserError(f"--strategy {args.strategy}: {args.scenario} names another; give one")
    strategy = strategy or args.strategy
    if strategy is None:
        return scenario, scenario.name
    check_strategy(scenario, strategy, f"--strategy {strategy}")
    return with_strategy(scenario, strategy, args.set), f"{scenario.name}:{strategy}"


def _print_document(study: Study, scenario: Scenario, written: str | None) -> None:
    (arm,) = study.arms.values()
    print_json(
        {
            "name": arm.name,
            "title": scenario.title,
            "digest": scenario.digest(),
            "seed": study.seed,
            "replications": study.replications,
            "counts": study.counts._asdict(),
            "summary": records(study.summary()),
            "runs": [
                {"replication": o.replication, "digest": o.digest, "measures": o.measures} for o in arm.in_order()
            ],
            "periods": records(_mean_path(study)),
            "failed": [failure._asdict() for failure in study.failures],
            "written": written,
        }
    )


def _mean_path(study: Study) -> pd.DataFrame:
    """Series of the focal firm, mean over replications."""
    paths = study.paths.drop(columns=["scenario", "replication"])
    return paths.groupby(["period", "time"], as_index=False).mean()


def _show(study: Study, scenario: Scenario) -> None:
    from retsim.results.measures import MEASURES

    print(heading(study, f"{study.names[0]}: {scenario.title}"))
    rows = []
    for row in records(study.summary()):
        if row["metric"] in _SHOWN:
            measure = MEASURES[row["metric"]]
            mean, low, high = (number(row[key], measure) for key in ("mean", "low", "high"))
            rows.append([measure.title, mean, "-" if low == "-" else f"{low} to {high}"])
    print_table(rows, ["measure", "mean", "95 % interval"])
    print()
    _show_years(study)


def _show_years(study: Study) -> None:
    """A row a year: stocks at its end, flows within it."""
    from retsim.results.measures import MEASURES

    path = _mean_path(study)
    path["year"] = (path["time"] / _YEAR - 1e-9).astype(int) + 1
    years = path.groupby("year").agg(
        time=("time", "last"), active=("active", "last"), joined=("joined", "sum"), lost=("lost", "sum"),
        share=("market_share", "last"), revenue=("revenue", "sum"), profit=("profit", "sum"),
        cumulative=("cumulative_profit", "last"),
    )  # fmt: skip
    money, heads, share = (MEASURES[name] for name in ("profit", "customers", "market_share"))
    units = {"joined": heads, "lost": heads, "active": heads, "share": share}
    rows = [
        [f"{row['time']:g}", *(number(row[key], units.get(key, money)) for key in years.columns[1:])]
        for row in records(years)
    ]
    print_table(
        rows,
        ["to month", "customers", "joined", "lost", "market share", "revenue", "profit", "profit so far"],
    )

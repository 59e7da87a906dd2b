"""The command that fits the laws of buying to a transaction log, and makes a scenario of them."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.cli.calibration_files import check_calibration, save_calibration
from retsim.cli.calibration_report import Calibration, answer_of, fits_of, show_calibration, show_fits
from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, records

if TYPE_CHECKING:
    from retsim.calibrate import Assumptions, Transactions

__all__ = ["calibrate_command"]


def calibrate_command(args: Namespace) -> int:
    """Read the log and fit the laws; where a folder is given, make a scenario and hold it against the log."""
    from retsim.calibrate import fit_bgnbd, fit_gammagamma, fit_paretonbd, summarise

    folder = check_folder(args.out)
    name, assumed = _name(args), _assumptions(args.assume)
    if folder is None and (args.name or args.assume):
        raise UserError("retsim calibrate: --name and --assume are for a scenario, which needs --out DIR")
    if folder is not None:
        check_calibration(folder, name)
    log = _read(args)
    try:
        summary = summarise(log, cutoff=args.cutoff, unit=args.unit)
    except ValueError as error:
        raise UserError(f"{args.log}: {error}") from None
    made = Calibration(log, summary, fit_bgnbd(summary), fit_paretonbd(summary), fit_gammagamma(summary))
    if folder is not None:
        made = _simulated(made, name, assumed, args)
    document = _document(made, args)
    written = [] if folder is None else save_calibration(made, folder, document, log=Path(args.log))
    if args.json:
        print_json(document | {"written": written})
    elif folder is None:
        show_fits(made)
    else:
        show_calibration(made, written)
    return 0


def _simulated(made: Calibration, name: str, assumed: Assumptions, args: Namespace) -> Calibration:
    """The calibration with its scenario, and with what simulated customers bought."""
    from tqdm import tqdm

    from retsim.calibrate import scenario_from, tracked

    try:
        scenario = scenario_from(
            made.summary, made.bgnbd, made.gammagamma, name=name, paretonbd=made.paretonbd, assumptions=assumed
        )
        with tqdm(total=args.replications, unit="run", disable=None, leave=False) as bar:
            found = tracked(
                scenario, made.summary, made.bgnbd,
                replications=args.replications, seed=args.seed, progress=lambda done, _: bar.update(done - bar.n),
            )  # fmt: skip
    except ValueError as error:
        # A FitError or ScenarioError says its piece itself; what is left are numbers that do not go together.
        if type(error) is ValueError:
            raise UserError(f"{args.log}: {error}") from None
        raise
    return made._replace(scenario=scenario, tracked=found)


def _name(args: Namespace) -> str:
    """Name of the scenario: as asked for, or after the log."""
    from retsim.cli.arms import slug

    name: str = slug(Path(args.log).name.split(".")[0]) if args.name is None else args.name
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", name):
        raise UserError(f"--name {name[:80]!r}: must be letters, digits, - and _, at most 60, without .toml")
    return name


def _assumptions(given: Sequence[str]) -> Assumptions:
    """`--assume KEY=VALUE` as assumptions."""
    from dataclasses import fields

    from retsim.calibrate import Assumptions

    known = [field.name for field in fields(Assumptions)]
    values: dict[str, Any] = {}
    for text in given:
        key, equals, value = (part.strip() for part in text.partition("="))
        if not equals or key not in known:
            raise UserError(f"--assume {text[:80]}: must be KEY=VALUE with a KEY of {', '.join(known)}")
        values[key] = value if key == "currency" else _number(text, value)
    try:
        return Assumptions(**values)
    except ValueError as error:
        raise UserError(f"--assume {error}") from None


def _number(text: str, value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise UserError(f"--assume {text[:80]}: {value[:40]!r} is no number") from None


def _read(args: Namespace) -> Transactions:
    from retsim.calibrate import CsvError, read_transactions

    options = ("layout", "customer", "date", "amount", "date_format", "decimal", "delimiter", "encoding")
    given = {name: getattr(args, name) for name in options}
    try:
        return read_transactions(args.log, skip_bad=args.skip_bad, **given)
    except CsvError:
        raise
    except ValueError as error:
        raise UserError(f"retsim calibrate: {error}") from None


def _document(made: Calibration, args: Namespace) -> dict[str, Any]:
    report = made.log.report
    document = {
        "log": report.source,
        "read_as": dict(report.read_as),
        "rows": report.n_rows,
        "kept": report.n_kept,
        "refused": report.n_refused,
        "customers": made.log.n_customers,
        "cutoff": made.summary.cutoff.isoformat() if made.summary.cutoff else None,
        "unit": made.summary.unit,
        "fits": [
            {
                "model": fit.model,
                "unit": fit.unit,
                "n": fit.n,
                "log_likelihood": fit.log_likelihood,
                "converged": fit.converged,
                "message": fit.message,
                "parameters": records(fit.table()),
            }
            for fit in fits_of(made)
        ],
    }
    if made.scenario is not None and made.tracked is not None:
        document |= {
            "scenario": {"name": made.scenario.name, "digest": made.scenario.digest()},
            "replications": args.replications,
            "seed": args.seed,
            "answer": answer_of(made.tracked)._asdict(),
            "errors": records(made.tracked.tracking.errors),
        }
    return document

"""The command that fits the laws of buying to a transaction log."""

from __future__ import annotations

import math
from argparse import Namespace
from typing import TYPE_CHECKING, Any

from retsim.cli.errors import UserError, check_folder
from retsim.cli.output import print_json, print_table, records

if TYPE_CHECKING:
    from retsim.calibrate import Fit, Summary, Transactions

__all__ = ["calibrate_command"]


def calibrate_command(args: Namespace) -> int:
    """Read the log, fit BG/NBD, Pareto/NBD and gamma-gamma, and show the estimates."""
    from retsim.calibrate import fit_bgnbd, fit_gammagamma, fit_paretonbd, summarise

    check_folder(args.out)
    log = _read(args)
    try:
        summary = summarise(log, cutoff=args.cutoff, unit=args.unit)
    except ValueError as error:
        raise UserError(f"{args.log}: {error}") from None
    fits: list[Fit[Any]] = [fit_bgnbd(summary), fit_paretonbd(summary), fit_gammagamma(summary)]
    if args.json:
        print_json(_document(log, summary, fits))
    else:
        _show(log, summary, fits)
    return 0


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


def _document(log: Transactions, summary: Summary, fits: list[Fit[Any]]) -> dict[str, Any]:
    report = log.report
    return {
        "log": report.source,
        "read_as": dict(report.read_as),
        "rows": report.n_rows,
        "kept": report.n_kept,
        "refused": report.n_refused,
        "customers": log.n_customers,
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
            for fit in fits
        ],
    }


def _show(log: Transactions, summary: Summary, fits: list[Fit[Any]]) -> None:
    report = log.report
    print(f"{report.source}: {report.n_rows:,} rows, {report.n_kept:,} kept, {log.n_customers:,} customers\n")
    rows = []
    for fit in fits:
        for row in records(fit.table()):
            cells = (f"{row[key]:.4g}" if math.isfinite(row[key]) else "-" for key in ("estimate", "se", "low", "high"))
            rows.append([f"{fit.model}: {row['parameter']}", *cells])
    print_table(rows, ["parameter", "estimate", "standard error", "95 % from", "to"])
    print()
    for fit in fits:
        state = "" if fit.converged else f"; did not converge: {fit.message}"
        print(f"{fit.model}: log-likelihood {fit.log_likelihood:,.1f}, {fit.n:,} customers{state}")

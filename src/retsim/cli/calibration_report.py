"""What `retsim calibrate` tells: how simulated customers compare with the real ones, then the fits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.cli.output import print_table, records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retsim.calibrate import BgNbd, Fit, GammaGamma, ParetoNbd, Summary, Tracked, Transactions
    from retsim.scenario import Scenario

_EVERY = 13
"""Periods between two rows of the table of purchases."""

__all__ = ["Answer", "Calibration", "answer_of", "fits_of", "show_calibration", "show_fits"]


class Calibration(NamedTuple):
    """A log, what was fitted to it, and the scenario made of it."""

    log: Transactions
    summary: Summary
    bgnbd: Fit[BgNbd]
    paretonbd: Fit[ParetoNbd]
    gammagamma: Fit[GammaGamma]
    scenario: Scenario | None = None
    tracked: Tracked | None = None


class Answer(NamedTuple):
    """Repeat purchases in the periods that were held back, or in all where none were.

    Attributes
    ----------
    is_holdout : bool
    unit : str
    first, last : int
        Periods.
    actual : int
    expected, simulated : float
        By the fitted law; mean of the replications.
    low, high : float
        Central 95 % of the replications.
    cumulative_actual : int
    cumulative_simulated, cumulative_low, cumulative_high : float
        Since the first period.
    replications : int
    """

    is_holdout: bool
    unit: str
    first: int
    last: int
    actual: int
    expected: float
    simulated: float
    low: float
    high: float
    cumulative_actual: int
    cumulative_simulated: float
    cumulative_low: float
    cumulative_high: float
    replications: int


def answer_of(found: Tracked) -> Answer:
    """Simulated customers against the real ones."""
    import numpy as np

    frame, unit = found.tracking.frame, found.tracking.unit
    held = frame["holdout"].to_numpy(bool)
    mine = held if held.any() else ~held
    totals, so_far = found.simulated[:, mine].sum(axis=1), found.simulated.sum(axis=1)
    (low, high), (so_low, so_high) = (np.quantile(sums, (0.025, 0.975)) for sums in (totals, so_far))
    periods, actual = frame[unit].to_numpy()[mine], frame["actual"].to_numpy()
    return Answer(
        is_holdout=bool(held.any()),
        unit=unit,
        first=int(periods[0]),
        last=int(periods[-1]),
        actual=int(actual[mine].sum()),
        expected=float(frame["expected"][mine].sum()),
        simulated=float(totals.mean()),
        low=float(low),
        high=float(high),
        cumulative_actual=int(actual.sum()),
        cumulative_simulated=float(so_far.mean()),
        cumulative_low=float(so_low),
        cumulative_high=float(so_high),
        replications=len(totals),
    )


def fits_of(made: Calibration) -> list[Fit[Any]]:
    """All fits, in the order in which they are shown."""
    return [made.bgnbd, made.paretonbd, made.gammagamma]


def show_calibration(made: Calibration, written: Sequence[str]) -> None:
    """The answer first, then purchases by period, the fits, and what was written."""
    if made.tracked is None:
        raise ValueError("the calibration has no scenario")
    answer = answer_of(made.tracked)
    print(_heading(made))
    print(_sentence(answer) + "\n")
    _show_tracking(made.tracked)
    print()
    _show_errors(made.tracked)
    print()
    show_fits(made, heading=False)
    print("\n" + "\n".join(f"written: {path}" for path in written))
    toml = next(path for path in written if path.endswith(".toml"))
    print(f"Next: retsim compare {toml}. Its answer depends on behaviour.avoidable_attrition, an assumption.")


def show_fits(made: Calibration, *, heading: bool = True) -> None:
    """The estimates."""
    if heading:
        print(_heading(made))
    rows = []
    for fit in fits_of(made):
        for row in records(fit.table()):
            cells = (f"{row[key]:.4g}" if math.isfinite(row[key]) else "-" for key in ("estimate", "se", "low", "high"))
            rows.append([f"{fit.model}: {row['parameter']}", *cells])
    print_table(rows, ["parameter", "estimate", "standard error", "95 % from", "to"])
    print()
    for fit in fits_of(made):
        state = "" if fit.converged else f"; did not converge: {fit.message}"
        print(f"{fit.model}: log-likelihood {fit.log_likelihood:,.1f}, {fit.n:,} customers{state}")


def _heading(made: Calibration) -> str:
    report, cutoff = made.log.report, made.summary.cutoff
    until = f"; fitted to the {made.summary.n:,} who came up to {cutoff}" if cutoff is not None else ""
    return (
        f"{report.source}: {report.n_rows:,} rows, {report.n_kept:,} kept, {made.log.n_customers:,} customers{until}\n"
    )


def _sentence(a: Answer) -> str:
    where = f"In {a.unit}s {a.first} to {a.last}" + (", which no fit has seen," if a.is_holdout else "")
    band = _band(a.actual, a.low, a.high, f"middle 95 % of {a.replications} runs: ")
    told = f"{where} simulated customers made {a.simulated:,.0f} repeat purchases, the real ones {a.actual:,} ({band})."
    if not a.is_holdout:
        return f"{told} Nothing was held back: --cutoff DAY would."
    band = _band(a.cumulative_actual, a.cumulative_low, a.cumulative_high)
    return f"{told}\nSince the start: {a.cumulative_simulated:,.0f} against {a.cumulative_actual:,} ({band})."


def _band(actual: float, low: float, high: float, what: str = "") -> str:
    return f"{what}{low:,.0f} to {high:,.0f}; {'inside' if low <= actual <= high else 'outside'}"


def _show_tracking(found: Tracked) -> None:
    """Every thirteenth period and the last one, purchases since the start in brackets."""
    frame, unit = found.tracking.frame, found.tracking.unit
    n = len(frame)
    rows = []
    for k, row in enumerate(records(frame), start=1):
        if k % _EVERY and k != n:
            continue
        cells = [f"{row[unit]}", "held back" if row["holdout"] else "fitted"]
        cells += [
            f"{row[name]:,.0f} ({row[f'cumulative_{name}']:,.0f})" for name in ("actual", "expected", "simulated")
        ]
        low, high = row["cumulative_simulated_low"], row["cumulative_simulated_high"]
        rows.append([*cells, f"{low:,.0f} to {high:,.0f}"])
    heads = [unit, "", "actual (so far)", "expected (so far)", "simulated (so far)", "95 % of runs, so far"]
    print_table(rows, heads, words=2)


def _show_errors(found: Tracked) -> None:
    """How far the hold-out is off."""
    errors, unit = found.tracking.errors, found.tracking.unit
    if errors.empty:
        return
    rows = [
        [f"{row['prediction']}", f"{row['predicted']:,.0f}", f"{row['actual']:,}", _percent(row["error_total"], "+"),
         _percent(row["mape"]), _percent(row["mape_cumulative"])]
        for row in records(errors)
    ]  # fmt: skip
    heads = ["held back", "predicted", "actual", "off by", f"mean error a {unit}", "of purchases so far"]
    print_table(rows, heads)


def _percent(share: float, sign: str = "") -> str:
    return "-" if math.isnan(share) else f"{100.0 * share:{sign}.1f} %"

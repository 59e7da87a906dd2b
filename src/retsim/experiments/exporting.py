"""Tables for other programs: one long tidy frame, CSV that no spreadsheet can be tricked with, and purchases.

Reference for the form of the CSV: Wickham, H. (2014), "Tidy data", Journal of Statistical Software 59(10).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study
    from retsim.results.run import Run

_ALL = "all"
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""First characters that make a spreadsheet take a text for a formula, or hide one."""
_DAYS = 365.25 / 12.0
"""Days of a month, on average."""

__all__ = ["safe", "tidy", "to_csv", "to_parquet", "transactions", "written"]


def tidy(source: Study | Run) -> pd.DataFrame:
    """Every figure on a row of its own.

    Parameters
    ----------
    source : Study or Run

    Returns
    -------
    DataFrame
        `scenario`, `replication`, `seed`, `month` (end of the period), `firm`, `segment`, `metric`, `value`. Of a
        study: the focal firm's series, all segments together ("all"), and each measure of the whole run at the
        horizon. Of a run: every column of `Run.periods`, for every firm and segment. NaN where there is nothing to
        take a share of.
    """
    from retsim.results.run import Run

    return _of_run(source) if isinstance(source, Run) else _of_study(source)


def transactions(run: Run, firm: str | int = 0, start: date = date(2020, 1, 1)) -> pd.DataFrame:
    """Purchases of a firm's customers as a log that packages for customer lifetime value read.

    Parameters
    ----------
    run : Run
        Made with ``simulate(..., log=True)``.
    firm : str or int
    start : date
        Of the first day of the run; a month is 365.25 / 12 days.

    Returns
    -------
    DataFrame
        `customer_id`, `date`, `amount`; one row a purchase or bill above 0, by date. `retsim.calibrate` reads it back.

    Raises
    ------
    ValueError
        The run was made without a log, or has no such firm.
    """
    import pandas as pd

    events = run.events
    mine = events[(events["event"] == "occasion") & (events["firm"] == run.firms[run._firm(firm)])]
    mine = mine[mine["amount"] > 0.0]
    days = pd.to_timedelta(np.floor(mine["time"].to_numpy() * _DAYS), unit="D")
    return pd.DataFrame(
        {
            "customer_id": mine["customer"].to_numpy(),
            "date": (pd.Timestamp(start) + days).strftime("%Y-%m-%d"),
            "amount": mine["amount"].to_numpy().round(6),
        }
    )


def safe(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with texts that a spreadsheet would take for formulas made harmless by an apostrophe before them.

    Numbers are left alone: -5 stays a number. So are the texts that begin otherwise.
    """
    import pandas as pd

    out = frame.copy()
    out.columns = [_harmless(str(name)) for name in frame.columns]
    for place in range(out.shape[1]):
        column = out.iloc[:, place]
        if isinstance(column.dtype, pd.CategoricalDtype):
            column = column.astype(object)
        if not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column)):
            out.isetitem(place, column.map(_harmless, na_action="ignore").array)
    return out


def to_csv(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as CSV (UTF-8, comma, point, one header line), safe for spreadsheets, whole or not at all.

    Raises
    ------
    OSError
        It cannot be written; what was there is as it was.
    """
    # Lines end as RFC 4180 says; so every text with either sign of a line's end is quoted, and none begins a line.
    # pandas writes the shortest digits that give a number back to the last bit.
    return written(Path(path), lambda there: safe(frame).to_csv(there, index=False, lineterminator="\r\n"))


def to_parquet(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a table as Parquet, whole or not at all.

    Raises
    ------
    OSError
        It cannot be written; what was there is as it was.
    """
    return written(Path(path), lambda there: frame.to_parquet(there, index=False))


def _of_study(study: Study) -> pd.DataFrame:
    import pandas as pd

    keys = ["scenario", "replication", "month"]
    paths = study.paths.drop(columns="period").rename(columns={"time": "month"})
    series = paths.melt(id_vars=keys, var_name="metric", value_name="value")
    horizons = {name: scenario.horizon for name, scenario in study.scenarios.items()}
    runs = study.runs.assign(month=study.runs["scenario"].astype(str).map(horizons))
    # A measure and a series may have one name; at the horizon they then have one value as well.
    runs = runs.drop(columns=[name for name in runs.columns if name in paths.columns and name not in keys])
    measures = runs.melt(id_vars=keys, var_name="metric", value_name="value")
    out = pd.concat([series, measures], ignore_index=True)
    firms = {arm.name: arm.firms[0] for arm in study.arms.values()}
    out["firm"] = out["scenario"].astype(str).map(firms)
    out["seed"], out["segment"] = study.seed, _ALL
    return _in_order(out)


def _of_run(run: Run) -> pd.DataFrame:
    periods = run.periods.drop(columns="period").rename(columns={"time": "month"})
    out = periods.melt(id_vars=["month", "firm", "segment"], var_name="metric", value_name="value")
    out["scenario"], out["replication"], out["seed"] = run.scenario.name, run.replication, run.seed
    return _in_order(out)


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["scenario", "replication", "seed", "month", "firm", "segment", "metric", "value"]
    frame["value"] = frame["value"].astype(float)
    out: pd.DataFrame = frame[columns].sort_values(
        ["scenario", "replication", "month", "firm", "segment"], kind="stable", ignore_index=True
    )
    return out


def _harmless(text: Any) -> Any:
    """A text with an apostrophe before it where a spreadsheet would compute it."""
    return f"'{text}" if isinstance(text, str) and text.startswith(_DANGEROUS) else text


def written(path: Path, write: Callable[[Path], object]) -> Path:
    """Let a file be written beside, and put it in its place when it is whole."""
    handle, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=path.suffix, dir=path.parent)
    os.close(handle)
    beside = Path(name)
    try:
        write(beside)
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(beside, path)
    finally:
        beside.unlink(missing_ok=True)
    return path

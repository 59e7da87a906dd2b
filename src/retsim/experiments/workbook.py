"""A study as a workbook for managers: the answer in words, what it rests on, and every run.

Texts are written as texts, whatever they begin with, so that no spreadsheet takes one for a formula; a number is a
number, and one that does not exist is an empty cell.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retsim.experiments.answer import verdict
from retsim.experiments.best import decide
from retsim.experiments.exporting import written
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study

_MOST_ROWS = 1_048_575
"""Rows of a sheet below its head."""
_ANSWER = "discounted_profit"
_FORMATS = {"money": "#,##0;-#,##0", "customers": "#,##0", "share": "0.0%", "months": "0.0"}
_PATH = "cumulative_discounted_profit"
_WIDEST = 60

__all__ = ["to_excel"]


def to_excel(study: Study, path: str | Path) -> Path:
    """Write a study as an ``.xlsx`` workbook, whole or not at all; needs ``retsim[excel]``.

    Sheets: the answer in words with a chart, means with intervals, paired differences, which to choose, months, runs,
    and what the study was.

    Parameters
    ----------
    study : Study
    path : path

    Returns
    -------
    Path

    Raises
    ------
    ImportError
        XlsxWriter is not installed.
    ValueError
        The study has more runs than a sheet has rows.
    OSError
        It cannot be written; what was there is as it was.
    """
    try:
        import xlsxwriter
    except ImportError:
        raise ImportError("to_excel: needs XlsxWriter; install retsim[excel]") from None
    if len(study.runs) > _MOST_ROWS:
        raise ValueError(f"{path}: {len(study.runs):,} runs, must be at most {_MOST_ROWS:,}; write .parquet or .csv")

    def write(there: Path) -> None:
        safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with xlsxwriter.Workbook(str(there), safe) as book:
            _fill(_Book(book), study)

    return written(Path(path), write)


class _Book:
    """A workbook under way: its formats, and how a table becomes a sheet."""

    def __init__(self, book: Any) -> None:
        self.book = book
        self.head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.strong = book.add_format({"bold": True, "font_size": 14, "text_wrap": True, "valign": "top"})
        self.formats = {unit: book.add_format({"num_format": form}) for unit, form in _FORMATS.items()}
        self.plain = book.add_format({"num_format": "#,##0.00"})

    def table(self, name: str, frame: pd.DataFrame, unit: Callable[[str, Sequence[Any]], str]) -> Any:
        """A sheet with a head that stays, a filter, and numbers in their units."""
        sheet = self.book.add_worksheet(name)
        columns = [str(column) for column in frame.columns]
        widths = [len(column) for column in columns]
        for c, column in enumerate(columns):
            sheet.write_string(0, c, column.replace("_", " "), self.head)
        for r, row in enumerate(frame.itertuples(index=False, name=None), start=1):
            for c, value in enumerate(row):
                width = self.cell(sheet, (r, c), value, unit(columns[c], row))
                widths[c] = max(widths[c], width)
        for c, width in enumerate(widths):
            sheet.set_column(c, c, min(width, _WIDEST) + 2)
        sheet.freeze_panes(1, 0)
        if len(frame):
            sheet.autofilter(0, 0, len(frame), len(columns) - 1)
        return sheet

    def cell(self, sheet: Any, place: tuple[int, int], value: Any, unit: str) -> int:
        """Write one value as what it is; about its width."""
        if isinstance(value, str):
            sheet.write_string(*place, value)
            return len(value)
        if isinstance(value, bool):
            sheet.write_boolean(*place, value)
        elif value is not None and math.isfinite(value):
            whole = float(value).is_integer() and not unit
            sheet.write_number(*place, float(value), None if whole else self.formats.get(unit, self.plain))
        return 10


def _fill(book: _Book, study: Study) -> None:
    """All sheets; the answer first, though what it shows stands in the others."""
    front = book.book.add_worksheet("Answer")
    book.table("Means", _titled(study.summary()), _by_row)
    if len(study.names) > 1:
        book.table("Differences", _titled(study.differences()), _by_row)
        book.table(
            "Choice", decide(study, _ANSWER), lambda column, _: "share" if column == "p_best" else _money(column)
        )
    months = _months(study)
    book.table("Months", months, lambda column, _: "" if column == "month" else "money")
    book.table("Runs", _as_text(study.runs), lambda column, _: _unit(column))
    book.table("About", _about(study), lambda *_: "")
    _front(book, front, study, len(months))


def _front(book: _Book, sheet: Any, study: Study, n_months: int) -> None:
    """The answer in words, how sure it is, and the paths of profit."""
    currency = next(iter(study.scenarios.values())).currency
    sheet.set_column(0, 0, 110)
    sheet.write_string(0, 0, f"{verdict(study, _ANSWER, currency)}.", book.strong)
    failed = f", {len(study.failures)} runs failed" if study.failures else ""
    lines = [
        f"{study.replications} replications of each scenario with the same luck, seed {study.seed}{failed}.",
        "Intervals are 95 % and hold the luck of the draw; they say nothing about wrong values in a scenario.",
        "The focal firm's figures. Means: every measure. Differences: scenario less baseline, replication by replication.",
    ]
    for r, line in enumerate(lines, start=2):
        sheet.write_string(r, 0, line)
    chart = book.book.add_chart({"type": "line"})
    for c in range(1, len(study.names) + 1):
        # A name is referred to, never written into the chart, where it might be taken for a formula.
        chart.add_series(
            {
                "name": ["Months", 0, c],
                "categories": ["Months", 1, 0, n_months, 0],
                "values": ["Months", 1, c, n_months, c],
            }
        )
    chart.set_title({"name": f"Cumulative discounted profit, {currency}, mean of {study.replications} replications"})
    chart.set_x_axis({"name": "month"})
    chart.set_size({"width": 760, "height": 380})
    sheet.insert_chart(len(lines) + 3, 0, chart)


def _months(study: Study) -> pd.DataFrame:
    """Mean cumulative discounted profit: a row a month, a column a scenario."""
    paths = study.paths.pivot_table(index="time", columns="scenario", values=_PATH, aggfunc="mean", observed=False)
    out = paths[list(study.names)].reset_index().rename(columns={"time": "month"})
    out.columns = [str(column) for column in out.columns]
    return out


def _about(study: Study) -> pd.DataFrame:
    import pandas as pd

    from retsim.experiments.manifest import origins

    rows = [("seed", str(study.seed)), ("replications", str(study.replications))]
    for name, scenario in study.scenarios.items():
        rows.append((f"digest of {name}", scenario.digest()))
    for key, value in origins().items():
        rows += [(f"{key} {k}", str(v)) for k, v in value.items()] if isinstance(value, dict) else [(key, str(value))]
    rows += [(f"failed: {f.scenario}, replication {f.replication}", f.reason) for f in study.failures]
    return pd.DataFrame(rows, columns=["what", "value"])


def _titled(frame: pd.DataFrame) -> pd.DataFrame:
    """With what a measure is called beside its name."""
    out = _as_text(frame)
    out.insert(list(out.columns).index("metric") + 1, "measure", [MEASURES[m].title for m in out["metric"]])
    return out


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(**{c: frame[c].astype(str) for c in ("scenario", "baseline") if c in frame})


def _by_row(column: str, row: Sequence[Any]) -> str:
    """Unit of a cell where each row is about another measure."""
    if column in ("better", "ties"):
        return "share"
    if column in ("n", "correlation", "variance_ratio"):
        return ""
    metric = next((value for value in row if isinstance(value, str) and value in MEASURES), "")
    return _unit(metric)


def _unit(metric: str) -> str:
    return MEASURES[metric].unit.split()[0] if metric in MEASURES else ""


def _money(column: str) -> str:
    return "" if column in ("scenario", "n") else "money"

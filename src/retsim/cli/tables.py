"""Writing one table where the command line asks for it: CSV or Parquet, by the name of the file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retsim.cli.errors import UserError, check_folder

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_table"]


def write_table(frame: pd.DataFrame, out: str, name: str) -> str:
    """Write a table into a folder, or into a file that ends in .csv or .parquet; its path.

    Raises
    ------
    UserError
        It cannot be written.
    """
    from retsim.experiments.exporting import to_csv, to_parquet

    path = Path(out)
    if path.suffix not in (".csv", ".parquet"):
        check_folder(out)
        path = path / f"{name}.parquet"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (to_csv if path.suffix == ".csv" else to_parquet)(frame, path)
    except OSError as error:
        raise UserError(f"--out {out}: cannot be written: {error.strerror or error}") from None
    return str(path)

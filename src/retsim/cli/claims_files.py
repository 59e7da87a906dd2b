"""What `retsim claims --out DIR` leaves behind: the findings as a table, as a page and as a picture."""

from __future__ import annotations

from argparse import Namespace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from retsim.cli.errors import UserError, check_folder

if TYPE_CHECKING:
    import pandas as pd

    from retsim.claims import Claim, Finding

__all__ = ["write_claims"]

TABLE, PAGE, PICTURE = "claims.csv", "claims.md", "claims.png"


def write_claims(found: list[tuple[Claim, list[Finding]]], args: Namespace) -> list[str]:
    """Write all three; findings of other claims that are in the folder stay, so that one claim can be renewed alone.

    Raises
    ------
    UserError
        The folder cannot be written to, or its table is not one of claims.
    """
    check_folder(args.out)
    folder = Path(args.out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        frame = _with_those_before(_table(found, args.seed), folder / TABLE)
        _write_all(frame, folder)
    except OSError as error:
        raise UserError(f"--out {args.out}: cannot be written: {error.strerror or error}") from None
    return [str(folder / name) for name in (TABLE, PAGE, PICTURE)]


def _table(found: list[tuple[Claim, list[Finding]]], seed: int) -> pd.DataFrame:
    import pandas as pd

    import retsim
    from retsim.claims import Finding

    rows = [{"claim": claim.key} | f._asdict() for claim, findings in found for f in findings]
    frame = pd.DataFrame(rows, columns=["claim", *Finding._fields])
    return frame.assign(seed=seed, date=date.today().isoformat(), version=retsim.__version__)


def _with_those_before(frame: pd.DataFrame, path: Path) -> pd.DataFrame:
    """The findings in the order of the claims, those tested now in place of older ones."""
    import pandas as pd

    from retsim.claims import CLAIMS

    if path.exists():
        old = pd.read_csv(path)
        if list(old.columns) != list(frame.columns):
            raise UserError(f"{path}: is no table of claims; name another folder, or remove it")
        frame = pd.concat([frame, old[~old["claim"].isin(frame["claim"].unique())]], ignore_index=True)
    order = {key: k for k, key in enumerate(CLAIMS)}
    known = frame[frame["claim"].isin(order)]
    return known.sort_values("claim", key=lambda keys: keys.map(order), kind="stable", ignore_index=True)


def _write_all(frame: pd.DataFrame, folder: Path) -> None:
    from retsim import plots
    from retsim.claims import CLAIMS, headlines
    from retsim.claims.page import page

    frame.to_csv(folder / TABLE, index=False)
    (folder / PAGE).write_text(page(frame, list(CLAIMS.values()), PICTURE), encoding="utf-8")
    plots.claims(headlines(frame)).savefig(folder / PICTURE, dpi=150)

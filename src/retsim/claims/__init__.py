"""The famous claims as experiments: each with a verdict, an effect with its interval, and when it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from retsim.claims import money, staying
from retsim.claims.claim import Claim, Finding, Lab

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CLAIMS", "Claim", "Finding", "Lab", "verdicts"]

CLAIMS: dict[str, Claim] = {claim.key: claim for room in (staying, money) for claim in room.CLAIMS}


def verdicts(names: Sequence[str] | None = None, lab: Lab | None = None) -> pd.DataFrame:
    """Test claims.

    Parameters
    ----------
    names : sequence of str, optional
        Keys of `CLAIMS`; None: all.
    lab : Lab, optional
        How often and with which luck; 40 replications unless given.

    Returns
    -------
    DataFrame
        One row a finding: `claim`, `where`, `effect`, `mean`, `low`, `high` (95 %), `unit`, `verdict`, `n`.

    Raises
    ------
    ValueError
        There is no such claim.
    """
    import pandas as pd

    rows = [{"claim": claim.key} | f._asdict() for claim in chosen(names) for f in claim.test(lab or Lab())]
    return pd.DataFrame(rows, columns=["claim", *Finding._fields])


def chosen(names: Iterable[Any] | None) -> list[Claim]:
    """Claims by name, all where none is given.

    Raises
    ------
    ValueError
        There is no such claim.
    """
    for name in names or ():
        if name not in CLAIMS:
            raise ValueError(f"claim {name!r}: there is none of this name; there are {', '.join(CLAIMS)}")
    return [CLAIMS[name] for name in names] if names else list(CLAIMS.values())

"""The famous claims as experiments: each with a verdict, an effect with its interval, and where it fails."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from retsim.claims import (
    best_split,
    breakage,
    channels,
    complaints,
    complete_satisfaction,
    contact,
    crisis,
    cross_selling,
    five_points,
    five_times,
    leaky_funnel,
    levels,
    long_life,
    satisfied_leavers,
    staff_loop,
    sunk_cost,
    targeting,
)
from retsim.claims.claim import Claim, Finding, standing
from retsim.claims.lab import Lab

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CLAIMS", "Claim", "Finding", "Lab", "chosen", "headlines", "standing", "verdicts"]

_ROOMS = (
    leaky_funnel, satisfied_leavers, complete_satisfaction, five_points, five_times, long_life, best_split, levels,
    sunk_cost, channels, contact, cross_selling, breakage, complaints, targeting, staff_loop, crisis,
)  # fmt: skip
CLAIMS: dict[str, Claim] = {room.CLAIM.key: room.CLAIM for room in _ROOMS}
"""Every claim, in the order of the patterns of the model."""


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
        One row a finding: `claim`, `where`, `effect`, `mean`, `low`, `high` (95 %), `unit`, `verdict`, `n`, the borders
        `above` and `below` between which the whole interval must lie, and `limit`: True where it is to fail.

    Raises
    ------
    ValueError
        There is no such claim.
    """
    import pandas as pd

    rows = [{"claim": claim.key} | f._asdict() for claim in chosen(names) for f in claim.test(lab or Lab())]
    return pd.DataFrame(rows, columns=["claim", *Finding._fields])


def headlines(frame: pd.DataFrame) -> pd.DataFrame:
    """Of a table of findings the first of each claim, and the first of its limits."""
    return frame.groupby(["claim", "limit"], sort=False).head(1).reset_index(drop=True)


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

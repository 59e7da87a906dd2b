"""Pattern 3: completely satisfied customers stay, merely satisfied ones leave, where they are free to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from retsim.claims.claim import Claim, Finding, finding, ratio_values

if TYPE_CHECKING:
    import pandas as pd

    from retsim.claims.lab import Lab
    from retsim.results.run import Run

__all__ = ["CLAIM"]

_CHOICES = ("stay", "leave")
FREE = {"firm.contract_term": 0.0, "firm.fee_per_month": 0.0, "behaviour.procedural_cost": 0.0}
TIED = {"firm.auto_renew": 1.0, "firm.fee_per_month": 30.0, "behaviour.procedural_cost": 150.0}
TIMES = "the merely satisfied leave so many times as often, when they think, as the completely satisfied"
GAP = "they leave more often, when they think, by"


def test(lab: Lab) -> Iterator[Finding]:
    """One market free to leave, the same locked in: how often each kind leaves when it thinks of it."""
    where = {
        "retail: choice is free": lab.load("retail"),
        "telecom: free to go, without terms or procedures": lab.load("telecom", **FREE),
    }
    for place, scenario in where.items():
        yield from _both(place, lab.each(scenario, _losses, log=True))
    tied = lab.load("telecom", **TIED)
    place = "telecom: locked in by renewed terms, full fees and procedures"
    yield from _both(place, lab.each(tied, _losses, log=True), limit=True)


def _both(where: str, losses: np.ndarray, *, limit: bool = False) -> Iterator[Finding]:
    """How many times as often, and by how much: a curve that is steep where the first is great, and flat without the second."""
    merely, completely = losses.T
    if not limit:
        yield finding(where, TIMES, ratio_values(merely, completely), "times", above=2.0)
    yield finding(where, GAP, merely - completely, "share of decisions", above=0.05, limit=limit)


def _losses(run: Run) -> tuple[float, float]:
    """Share of decisions to leave at satisfaction .70 to .80, and above .85, but for those at a contract's end."""
    events = run.events
    chose = events["event"].isin(_CHOICES) & events["trigger"].notna() & ~events["trigger"].isin(["term", "natural"])
    mine = events[(events["firm"] == run.scenario.focal) & chose]
    merely = mine[mine["satisfaction"].between(0.70, 0.80)]
    return _leaving(merely), _leaving(mine[mine["satisfaction"] > 0.85])


def _leaving(decisions: pd.DataFrame) -> float:
    """Share that left; half a leaver is added, so that nobody gives no infinity (Haldane 1955)."""
    return float(((decisions["event"] == "leave").sum() + 0.5) / (len(decisions) + 1.0))


CLAIM = Claim(
    "completely-satisfied",
    "Completely satisfied customers stay several times as surely as merely satisfied ones where choice is free, "
    "and not where they are locked in.",
    "Jones & Sasser (1995)",
    test,
    "fails where price differences outweigh quality, and flattens as switching costs rise",
)

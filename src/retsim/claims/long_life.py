"""Pattern 5: long-life customers are not always the profitable ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from retsim.claims.claim import Claim, Finding, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.results.run import Run

__all__ = ["CLAIM"]

ALIKE = {"firm.fee_per_month": 0.0, "firm.setup_fee": 0.0, "firm.discount": 0.0, "firm.failure_rate": 0.0}
CORRELATION = "correlation of a customer's time with the firm and discounted margin"
CELL = "the emptiest of the four cells: short or long life, low or high margin"


def test(lab: Lab) -> Iterator[Finding]:
    """How time with the firm and margin hang together without contracts, with them, and where every month pays alike."""
    places = {
        "retail: no contract": lab.load("retail"),
        "telecom: contracts": lab.load("telecom"),
        "telecom: contracts without fees, every month pays alike": lab.load("telecom", **ALIKE),
    }
    for where, scenario in places.items():
        correlation, cell = lab.each(scenario, _life_and_margin, log=True).T
        limit = where.startswith("telecom")
        yield finding(where, CORRELATION, correlation, "correlation", below=0.5, limit=limit)
        yield finding(where, CELL, cell, "share of customers", above=0.05, limit="alike" in where)


def _life_and_margin(run: Run) -> tuple[float, float]:
    """Over those whom the firm won in the first year, up to their first leaving or the horizon.

    The cells are those of Reinartz & Kumar (2002), each border the median.
    """
    mine = run.events[run.events["firm"] == run.scenario.focal]
    joined = mine[mine["event"] == "join"].groupby("customer")["time"].first()
    joined = joined[(joined > 0.0) & (joined < 12.0)]
    left = mine[mine["event"] == "leave"].groupby("customer")["time"].first()
    life = (left.reindex(joined.index).fillna(run.scenario.horizon) - joined).to_numpy()
    margin = run.customers.set_index("customer")["value"].reindex(joined.index).to_numpy(float)
    long, much = life > np.median(life), margin > np.median(margin)
    cells = [np.mean((long == a) & (much == b)) for a in (False, True) for b in (False, True)]
    return float(np.corrcoef(life, margin)[0, 1]), float(min(cells))


CLAIM = Claim(
    "long-life",
    "Long-life customers are not always the profitable ones: tenure and profit hang together weakly without contracts, "
    "and all four cells of long or short life, high or low profit are filled.",
    "Reinartz & Kumar (2000, 2002)",
    test,
    "fails under contracts where every month pays alike; set-up and leaving fees blur it",
)

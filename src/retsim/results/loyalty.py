"""Loyalty in three senses, never one: what customers do, what they feel, and what they think.

Behavioural: they buy again, spend their budget here, have been here for long. Emotional: their attachment, and whether they
recommend (R17). Cognitive: they would stay at equal price, by the choice of R9 without its noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.lifecycle.loyal import loyalty_of
from retsim.results.frames import named
from retsim.state import Status
from retsim.world import World

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

Floats = npt.NDArray[np.float64]

SENSES = ("repeat_rate", "share_of_wallet", "mean_tenure", "mean_attachment", "would_recommend", "would_stay")
"""Three behavioural measures, two emotional ones, the cognitive one."""
_PRICES = ("coupon", "welcome_bonus")

__all__ = ["SENSES", "loyalty", "loyalty_frame"]


def loyalty_frame(run: Run) -> pd.DataFrame:
    """`Run.loyalty`."""
    import pandas as pd

    rows = [
        {"firm": j, "segment": s} | loyalty(run, j, s) for j in range(len(run.firms)) for s in range(len(run.segments))
    ]
    frame = pd.DataFrame(rows, columns=["firm", "segment", "customers", *SENSES])
    frame["firm"], frame["segment"] = named(frame["firm"], run.firms), named(frame["segment"], run.segments)
    return frame.astype({"customers": int})


def loyalty(run: Run, firm: int, segment: int | None = None) -> dict[str, float]:
    """Loyalty to a firm at the horizon, in all senses; NaN where it has no customers.

    - `repeat_rate`: of those who bought and whose present or last firm it is, the share that bought at least twice
      (all firms' occasions count).
    - `share_of_wallet`: mean share of what growth lets a customer spend at most (`rules.wallet`).
    - `mean_tenure`: months.
    - `mean_attachment`: 0 to 1, faded to the horizon.
    - `would_recommend`: share of its customers who are content enough to recommend it (R17), whether or not anybody asks.
    - `would_stay`: share of its customers for whom staying is worth at least as much as every alternative they know,
      had all firms this firm's list price, no coupons and no welcome bonuses.
    """
    c = run.records
    mine = (c["firm"] == firm) & (True if segment is None else c["segment"] == segment)
    bought = mine & (c["status"] >= Status.ACTIVE) & (c["occasions"] > 0)
    active = mine & (c["status"] == Status.ACTIVE)
    attachment, wallet, stays = _felt(run, firm)[:, active]
    return {
        "customers": float(active.sum()),
        "repeat_rate": _mean(c["occasions"][bought] > 1),
        "share_of_wallet": _mean(wallet),
        "mean_tenure": _mean(run.scenario.horizon - c["joined_at"][active]),
        "mean_attachment": _mean(attachment),
        "would_recommend": _mean(c["satisfaction"][active] >= _marks(run)[c["segment"][active]]),
        "would_stay": _mean(stays),
    }


def _marks(run: Run) -> Floats:
    """Satisfaction from which on a customer recommends, by segment."""
    return np.array([run.scenario.behaviour_of(name).delighted_mark for name in run.segments])


def _felt(run: Run, firm: int) -> Floats:
    """Attachment, share of wallet and who would stay at equal price: (3, n_customers), 0 for others' customers."""
    arrays = run.world.arrays() | {"customers": run.records.copy(), "offers": run.world.offers.copy()}
    for price in ("price", "net_price"):
        arrays["offers"][price] = arrays["offers"][price][firm]
    for name in _PRICES:
        arrays["offers"][name] = 0.0
    out = np.zeros((3, run.records.size))
    loyalty_of(World(**arrays).ref, run.records.size, firm, run.scenario.horizon, out)
    return out


def _mean(values: npt.NDArray[np.float64] | npt.NDArray[np.bool_]) -> float:
    return float(values.mean()) if values.size else float("nan")

"""Decisions, departures and who went where, as frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.results.frames import named, ratio
from retsim.state import MICRO, Force, Trigger

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.closed import Closed
    from retsim.results.run import Run

FORCES = {
    "surplus": Force.SURPLUS,
    "attachment": Force.ATTACHMENT,
    "sunk": Force.SUNK,
    "transaction": Force.TRANSACTION,
    "switching": Force.SWITCHING,
    "termination": Force.TERMINATION,
    "opportunity": Force.OPPORTUNITY,
}
"""Forces in the order of R8, and where their sums stand."""
OUTSIDE, VANISHED, STAY = "outside", "vanished", "stay"

__all__ = ["FORCES", "OUTSIDE", "STAY", "VANISHED", "decision_frame", "flow_frame", "flows_of"]


def decision_frame(run: Run) -> pd.DataFrame:
    """`Run.decisions`."""
    import pandas as pd

    d = run.closed.decisions
    firms = [*run.firms]
    outcomes = [*firms, OUTSIDE, VANISHED, STAY]
    outcome = np.where(d.outcome == d.firm, len(outcomes) - 1, d.outcome)
    count = d.forces[:, Force.COUNT]
    frame = {
        "period": d.period,
        "firm": named(d.firm, firms),
        "segment": named(d.segment, run.segments),
        "trigger": named(d.trigger, [t.name.lower() for t in Trigger]),
        "outcome": named(outcome, outcomes),
        "count": count,
        "satisfied": d.forces[:, Force.SATISFIED],
        "against_surplus": d.forces[:, Force.AGAINST_SURPLUS],
    }
    chose = np.where(d.outcome == len(firms) + 1, 0, count)
    forces = {name: ratio(d.forces[:, which] / MICRO, chose) for name, which in FORCES.items()}
    return pd.DataFrame(frame | forces)


def flows_of(closed: Closed) -> npt.NDArray[np.int64]:
    """Moves over the whole run: (n_firms + 1, n_firms + 2).

    Rows: from each firm, then from nobody. Columns: to each firm, to the outside, vanished.
    """
    n = closed.n_firms
    out = np.zeros((n + 1, n + 2), np.int64)
    out[:n] = closed.decision_totals[..., Force.COUNT].sum(axis=(1, 2))
    np.fill_diagonal(out, 0)
    out[n, :n] = closed.joined.sum(axis=(0, 2, 3)) - out[:n, :n].sum(axis=0)
    return out


def flow_frame(run: Run) -> pd.DataFrame:
    """`Run.flows`."""
    import pandas as pd

    index = pd.Index([*run.firms, OUTSIDE], name="from")
    columns = pd.Index([*run.firms, OUTSIDE, VANISHED], name="to")
    return pd.DataFrame(flows_of(run.closed), index, columns)

"""The ledger as a tidy frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.results.frames import named
from retsim.state import MICRO, Account

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

__all__ = ["ledger_frame"]


def ledger_frame(run: Run) -> pd.DataFrame:
    """`Run.ledger`."""
    import pandas as pd

    e = run.closed.entries
    return pd.DataFrame(
        {
            "period": e.period.astype(np.int32),
            "firm": named(e.firm, run.firms),
            "segment": named(e.segment, run.segments),
            "cohort": e.cohort.astype(np.int32),
            "channel": named(e.channel, run.channels),
            "account": named(e.account, [a.name.lower() for a in Account]),
            "amount_micro": e.amount,
            "amount": e.amount / MICRO,
        }
    )

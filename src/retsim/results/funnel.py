"""The lead funnel as a table: how many get to each stage, how many leak away before it, and what that cost (R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from retsim.state import MICRO, Account, Channel, Count

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

__all__ = ["STAGES", "funnel_frame"]

STAGES = {
    "reached": (Count.REACHED, (Account.ADVERTISING, Account.PROMOTION)),
    "interested": (Count.INTERESTED, ()),
    "deciding": (Count.DECIDING, (Account.FOLLOW_UP,)),
    "won": (Count.LEADS_WON, (Account.WELCOME,)),
}
"""Counter and costs of each stage."""
_CHANNELS = [Channel.ADVERTISING, Channel.PROMOTION, Channel.ORGANIC]
"""Channels whose customers pass the funnel."""


def funnel_frame(run: Run, firm: int) -> pd.DataFrame:
    """`Run.funnel`.

    Raises
    ------
    ValueError
        The firm has no funnel.
    """
    import pandas as pd

    if not list(run.scenario.firms().values())[firm].lead_funnel:
        raise ValueError(f"funnel: {run.firms[firm]} has none; set its lead_funnel to 1")
    counts = run.closed.counts[:, firm].sum(axis=(0, 1))
    e = run.closed.entries
    mine = (e.firm == firm) & np.isin(e.channel, _CHANNELS)
    paid = [int(e.amount[mine & np.isin(e.account, accounts)].sum()) / MICRO for _, accounts in STAGES.values()]
    n = np.array([int(counts[counter]) for counter, _ in STAGES.values()])
    came = np.concatenate(([n[0]], n[:-1]))
    share = np.divide(n, came, out=np.full(n.size, np.nan), where=came > 0)
    so_far = np.cumsum(paid)
    return pd.DataFrame(
        {
            "customers": n,
            "share": share,
            "leaked": came - n,
            "leak_rate": 1.0 - share,
            "cost": paid,
            "cost_per_head": np.divide(so_far, n, out=np.full(n.size, np.nan), where=n > 0),
        },
        index=pd.Index(list(STAGES), name="stage"),
    )

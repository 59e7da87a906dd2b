"""What customers are worth: lifetime value as lived in a run, and the equity in those at its end."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.state import MICRO, Account, Count

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

Floats = npt.NDArray[np.float64]

WINNING = (
    Account.ADVERTISING, Account.PROMOTION, Account.REFERRAL, Account.WELCOME, Account.WIN_BACK,
    Account.FOLLOW_UP, Account.BRAND,
)  # fmt: skip
BEFORE_WINNING = (Account.CASH, *WINNING, Account.CREDIT)
"""Their sum is the cash of a customer before what it cost to win them, and before interest on borrowed budgets."""
YEAR = 12.0

__all__ = ["Lifetimes", "clv_frame", "customer_equity", "lifetimes", "monthly_discount", "retention_rate"]


class Lifetimes(NamedTuple):
    """Customers who joined a firm after the start, and what they brought in.

    Attributes
    ----------
    heads : int64 (n_periods, n_segments, n_channels)
        By period of joining.
    values : float64 (n_periods, n_segments, n_channels)
        Money within the horizon, discounted to the middle of the period of joining.
    """

    heads: npt.NDArray[np.int64]
    values: Floats


def monthly_discount(run: Run) -> float:
    """Continuous discount rate a month: ln(1 + yearly rate) / 12."""
    return math.log1p(run.scenario.discount_rate) / YEAR


def lifetimes(run: Run, firm: int = 0) -> Lifetimes:
    """Margin of everyone who joined after the start, net of programmes, before what it cost to win them.

    A margin counts in the middle of its period and is discounted to the middle of the period of joining.
    Set-up and contract fees are in it; advertising, welcome bonuses and win-back are not. Lives are cut at the
    horizon: what a customer would bring later is not in it, so late cohorts show less.
    """
    closed = run.closed
    heads = closed.joined[:, firm]
    values = np.zeros(heads.shape)
    factors = np.exp(-monthly_discount(run) * run.scenario.period * np.arange(closed.n_periods))
    for period, book in enumerate(closed.pages("ledger", "book"), start=1):
        money = book[1:, firm]
        micro = sum(money[..., account] for account in BEFORE_WINNING)
        values[:period] += factors[:period][::-1, None, None] * micro
    return Lifetimes(heads, values / MICRO)


def clv_frame(run: Run, firm: int, by: str) -> pd.DataFrame:
    """Lifetime value by "cohort", "channel" or "segment" (see `Run.clv`)."""
    import pandas as pd

    heads, values = lifetimes(run, firm)
    axis = ("cohort", "segment", "channel").index(by)
    others = tuple(k for k in range(3) if k != axis)
    n, total = heads.sum(axis=others), values.sum(axis=others)
    labels = (list(range(1, run.closed.n_periods + 1)), run.segments, run.channels)[axis]
    out = pd.DataFrame({by: labels, "customers": n, "clv": _ratio(total, n)})
    if by == "cohort":
        out["months"] = run.scenario.horizon - (out["cohort"] - 0.5) * run.scenario.period
    return out[n > 0].reset_index(drop=True)


def retention_rate(run: Run, firm: int = 0, *, last: int | None = None) -> float:
    """Average monthly retention rate over the last periods (default: all); NaN where nobody could be kept.

    Formula: (sum of those kept through their period / sum of those there when it began) ** (1 / months of a
    period).
    """
    first = 0 if last is None else -last
    at_start = int(run.closed.active_at_start[first:, firm].sum())
    kept = int(run.closed.retained[first:, firm].sum())
    return (kept / at_start) ** (1.0 / run.scenario.period) if at_start else math.nan


def customer_equity(run: Run, firm: int = 0) -> float:
    """What the customers at the horizon are expected to bring: n m r / (1 + d - r).

    `m` is the margin a customer and month (before the cost of winning), `r` the monthly retention rate,
    both of the last twelve months; `d` the discount rate a month. First margin after a month, from those
    who stayed: case 2 of Fader & Hardie (2012), `retsim.theory.clv.RENEWALS_ONLY`. 0 where no customers are
    left; infinite where nobody leaves and money is not discounted.
    """
    closed, period = run.closed, run.scenario.period
    n = int(closed.counts[-1, firm, :, Count.ACTIVE].sum())
    if n == 0:
        return 0.0
    last = min(max(round(YEAR / period), 1), closed.n_periods)
    heads = closed.active_at_start[-last:, firm].sum() + closed.counts[-last:, firm, :, Count.ACTIVE].sum()
    margin = closed.totals[-last:, firm][..., BEFORE_WINNING].sum() / MICRO / (heads / 2.0 * period)
    kept = retention_rate(run, firm, last=last)
    kept = 0.0 if math.isnan(kept) else kept
    lost = math.expm1(monthly_discount(run)) + 1.0 - kept
    return float(n * margin * kept / lost) if lost > 0.0 else math.copysign(math.inf, margin)


def _ratio(total: Floats, n: npt.NDArray[np.int64]) -> Floats:
    return np.divide(total, n, out=np.full(len(n), np.nan), where=n > 0)

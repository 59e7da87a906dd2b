"""Periods and pools as tidy frames, one row a place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retsim.results.closed import profit_of
from retsim.state import MICRO, Account, Channel, Count, Pool

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

__all__ = ["ACCOUNT_COLUMNS", "market_frame", "named", "period_frame", "ratio"]

_SATISFACTION_UNIT = 2.0**-32
_TENURE_UNIT = 2.0**-20
_FLOWS = {
    "occasions": Count.OCCASIONS,
    "failures": Count.FAILURES,
    "complaints": Count.COMPLAINTS,
    "recovered": Count.RECOVERED,
    "answered": Count.ANSWERED,
    "contacts": Count.CONTACTS,
    "relevant_contacts": Count.RELEVANT,
    "annoying_contacts": Count.ANNOYED,
    "woken": Count.WOKEN,
    "recommended": Count.RECOMMENDED,
    "warned": Count.WARNED,
    "coupons": Count.COUPONS,
    "needs": Count.NEEDS,
    "offered": Count.OFFERED,
    "sold": Count.SOLD,
    "redeemed": Count.REDEEMED,
    "reached": Count.REACHED,
    "interested": Count.INTERESTED,
    "followed_up": Count.FOLLOWED,
    "wasted_follow_ups": Count.WASTED,
    "deciding": Count.DECIDING,
    "leads_won": Count.LEADS_WON,
    "community_members": Count.MEMBERS,
    "unpaid": Count.UNPAID,
    "returned": Count.RETURNED,
    "asked": Count.ASKED,
    "replied": Count.REPLIED,
    "lost_to_rival": Count.LOST_TO_RIVAL,
    "lost_to_outside": Count.LOST_TO_OUTSIDE,
    "vanished": Count.VANISHED,
}
ACCOUNT_COLUMNS = {
    "revenue": (Account.REVENUE, -1),
    "fees": (Account.FEES, -1),
    "discounts": (Account.DISCOUNT, 1),
    "returns": (Account.RETURNS, 1),
    "bad_debts": (Account.BAD_DEBT, 1),
    "goods": (Account.GOODS, 1),
    "serving": (Account.SERVING, 1),
    "complaint_handling": (Account.COMPLAINTS, 1),
    "compensation": (Account.COMPENSATION, 1),
    "welcome": (Account.WELCOME, 1),
    "advertising": (Account.ADVERTISING, 1),
    "promotion": (Account.PROMOTION, 1),
    "brand": (Account.BRAND, 1),
    "referral": (Account.REFERRAL, 1),
    "programme_service": (Account.PROGRAMME_SERVICE, 1),
    "programme_contact": (Account.PROGRAMME_CONTACT, 1),
    "products": (Account.PRODUCTS, -1),
    "product_goods": (Account.PRODUCT_GOODS, 1),
    "offers": (Account.OFFERS, 1),
    "programme_structural": (Account.PROGRAMME_STRUCTURAL, 1),
    "programme_club": (Account.PROGRAMME_CLUB, 1),
    "cash_back": (Account.CASH_BACK, 1),
    "status_advantage": (Account.STATUS, 1),
    "points": (Account.POINTS, 1),
    "points_correction": (Account.POINTS_CORRECTION, 1),
    "programme_education": (Account.PROGRAMME_EDUCATION, 1),
    "programme_core": (Account.PROGRAMME_CORE, 1),
    "surveys": (Account.SURVEY, 1),
    "staff": (Account.STAFF, 1),
    "staff_turnover": (Account.STAFF_TURNOVER, 1),
    "win_back": (Account.WIN_BACK, 1),
    "follow_up": (Account.FOLLOW_UP, 1),
    "programme_community": (Account.PROGRAMME_COMMUNITY, 1),
    "interest": (Account.CREDIT, 1),
}
"""Column, its account, and the sign that makes both incomes and costs positive."""

Table = dict[str, npt.NDArray[Any]]


def period_frame(run: Run, *, by_segment: bool) -> pd.DataFrame:
    """`Run.periods`, or `Run.totals` where segments are added up."""
    import pandas as pd

    table = _heads(run, by_segment) | _money(run, by_segment)
    shape = table["active"].shape
    labels = _labels(run, shape)
    frame = pd.DataFrame(labels | {name: column.ravel() for name, column in table.items()})
    frame["firm"] = named(frame["firm"], run.firms)
    if by_segment:
        frame["segment"] = named(frame["segment"], run.segments)
    return frame


def market_frame(run: Run) -> pd.DataFrame:
    """`Run.market`."""
    import pandas as pd

    pools = run.closed.pools
    n_periods, n_segments, _ = pools.shape
    period = np.repeat(np.arange(1, n_periods + 1), n_segments)
    return pd.DataFrame(
        {
            "period": period,
            "time": period * run.scenario.period,
            "segment": named(np.tile(np.arange(n_segments), n_periods), run.segments),
            "prospects": pools[:, :, Pool.PROSPECT].ravel(),
            "lapsed": pools[:, :, Pool.LAPSED].ravel(),
            "gone": pools[:, :, Pool.GONE].ravel(),
            "active": run.closed.counts[..., Count.ACTIVE].sum(axis=1).ravel(),
        }
    )


def _labels(run: Run, shape: tuple[int, ...]) -> Table:
    places = np.indices(shape).reshape(len(shape), -1)
    labels = {"period": places[0] + 1, "time": (places[0] + 1) * run.scenario.period}
    return labels | dict(zip(("firm", "segment"), places[1:], strict=False))


def _heads(run: Run, by_segment: bool) -> Table:
    """Customers: stocks, flows and rates."""
    closed = run.closed

    def by(array: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        return array if by_segment else array.sum(axis=2)

    counts, joined = by(closed.counts), by(closed.joined)
    start, active = by(closed.active_at_start), counts[..., Count.ACTIVE]
    lost, retained = by(closed.lost), by(closed.retained)
    table: Table = {
        "active_at_start": start,
        "active": active,
        "satisfied": counts[..., Count.SATISFIED],
        "mean_satisfaction": ratio(counts[..., Count.SATISFACTION] * _SATISFACTION_UNIT, active),
    }
    table |= {f"joined_{c.name.lower()}": joined[..., c] for c in Channel}
    table |= {name: counts[..., which] for name, which in _FLOWS.items()}
    return table | {
        "joined": joined.sum(axis=-1),
        "lost": lost,
        "retained": retained,
        "retention_rate": ratio(retained, start),
        "mean_wait": ratio(counts[..., Count.WAITED] * _TENURE_UNIT, counts[..., Count.ANSWERED]),
        "mean_tenure_lost": ratio(counts[..., Count.TENURE_LOST] * _TENURE_UNIT, lost),
        "market_share": ratio(active, active.sum(axis=1, keepdims=True)),
        "morale": _gauge(run, 0, active.shape),
        "reputation": _gauge(run, 1, active.shape),
        "surveyed_satisfaction": _gauge(run, 2, active.shape),
    }


def _gauge(run: Run, which: int, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """What a firm shows at the end of each period, the same for all its segments."""
    shown = np.array(run.books.gauges)[..., which]
    return np.broadcast_to(shown.reshape(shown.shape + (1,) * (len(shape) - 2)), shape)


def _money(run: Run, by_segment: bool) -> Table:
    totals = run.closed.totals if by_segment else run.closed.totals.sum(axis=2)
    table: Table = {name: sign * totals[..., account] / MICRO for name, (account, sign) in ACCOUNT_COLUMNS.items()}
    profit = profit_of(totals)
    table["points_liability"] = -np.cumsum(totals[..., Account.POINTS_LIABILITY], axis=0) / MICRO
    return table | {"profit": profit / MICRO, "cumulative_profit": np.cumsum(profit, axis=0) / MICRO}


def named(codes: npt.ArrayLike, names: Iterable[str]) -> pd.Categorical:
    """Numbers as names, in the order of their numbers; -1 is none."""
    import pandas as pd

    return pd.Categorical.from_codes(np.asarray(codes, np.int64), pd.Index(list(names), dtype=object))


def ratio(part: npt.NDArray[Any], whole: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Part / whole, NaN where there is no whole."""
    whole = np.broadcast_to(whole, part.shape)
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)

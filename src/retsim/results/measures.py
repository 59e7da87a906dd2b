"""The figures that answer: one number a run and measure, each with its unit and which way is better."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.results.closed import cash_of, profit_of
from retsim.results.loyalty import loyalty
from retsim.results.value import WINNING, customer_equity, lifetimes, monthly_discount, retention_rate
from retsim.state import MICRO, Account, Channel, Count, Force

if TYPE_CHECKING:
    from retsim.results.run import Run

Floats = npt.NDArray[np.float64]

__all__ = ["MEASURES", "Measure", "measures"]


class Measure(NamedTuple):
    """A measure of a run.

    Attributes
    ----------
    title : str
    unit : str
    better : int
        1 where more is better, -1 where less is.
    """

    title: str
    unit: str
    better: int


MEASURES = {
    "discounted_profit": Measure("discounted profit", "money", 1),
    "customers": Measure("customers at the end", "customers", 1),
    "retention_rate": Measure("retention rate", "share a month", 1),
    "clv": Measure("CLV of a customer won", "money", 1),
    "customer_equity": Measure("customer equity", "money", 1),
    "cash_trough": Measure("cash trough", "money", 1),
    "profit": Measure("profit", "money", 1),
    "break_even_month": Measure("break-even month", "months", -1),
    "churn_rate": Measure("churn rate", "share a month", -1),
    "acquired": Measure("customers won", "customers", 1),
    "lost": Measure("customers lost", "customers", -1),
    "acquisition_cost_per_customer": Measure("cost of winning one", "money", -1),
    "market_share": Measure("market share", "share", 1),
    "satisfied_share_of_leavers": Measure("satisfied among leavers", "share", 1),
    "stays_against_surplus": Measure("stays against own surplus", "share of decisions to stay", -1),
    "revenue": Measure("revenue", "money", 1),
    "budget_spent": Measure("budget spent", "money", -1),
    "repeat_rate": Measure("bought again", "share", 1),
    "share_of_wallet": Measure("share of wallet", "share", 1),
    "mean_tenure": Measure("mean tenure", "months", 1),
    "mean_attachment": Measure("mean attachment", "0 to 1", 1),
    "would_recommend": Measure("would recommend", "share", 1),
    "would_stay": Measure("would stay at equal price", "share", 1),
    "mean_satisfaction": Measure("mean satisfaction", "0 to 1", 1),
    "surveyed_satisfaction": Measure("satisfaction as surveys tell it", "0 to 1", 1),
}
"""All measures, those that answer the main question first."""


def measures(run: Run, firm: int = 0) -> dict[str, float]:
    """All measures of a firm.

    Returns
    -------
    dict of str to float
        By name of `MEASURES`; NaN where a measure does not exist (nobody won, never in the black):

        - `profit`: over the horizon. Customers at the start cost nothing to win. Points count when they are earned, at
          what they are thought to cost; cash and lifetime value count them when they are redeemed.
        - `discounted_profit`: each period's profit as if earned in its middle, at the scenario's yearly rate.
        - `cash_trough`: lowest cumulated cash at a period's end, at most 0.
        - `break_even_month`: end of the period from which on cumulated cash stays at or above 0; 0 where it
          never was below.
        - `customers`, `market_share`: at the horizon; the share is of all firms' customers.
        - `retention_rate`, `churn_rate`: monthly average (`retsim.results.value.retention_rate`).
        - `acquired`, `lost`: customers won after the start; customers who left or vanished.
        - `acquisition_cost_per_customer`: advertising, welcome bonuses and win-back per customer won.
        - `clv`: mean over those who joined after the start (`retsim.results.value.lifetimes`).
        - `customer_equity`: `retsim.results.value.customer_equity`.
        - `satisfied_share_of_leavers`: of those who chose to leave, for a rival or for the outside, the
          share that was satisfied; who vanished did not choose.
        - `stays_against_surplus`: of the decisions to stay, the share in which the best alternative's surplus was greater:
          what is paid, the bond or the effort of changing held the customer, not the offer (R8).
        - `repeat_rate`, `share_of_wallet`, `mean_tenure` (behavioural), `mean_attachment`, `would_recommend` (emotional), `would_stay`
          (cognitive): loyalty of those who are customers at the horizon (`retsim.results.loyalty.loyalty`).
        - `mean_satisfaction`, `surveyed_satisfaction`: at the horizon, of all its customers, and as its surveys tell it
          (NaN without answers); the difference is error and response bias.
        - `revenue`, `budget_spent`: further products included, before discounts, after returns; what the budget paid for,
          reservations included.
    """
    closed = run.closed
    accounts = closed.totals[:, firm].sum(axis=1)
    active = closed.counts[-1, :, :, Count.ACTIVE].sum(axis=1)
    won = int(closed.joined[:, firm, :, Channel.INITIAL + 1 :].sum())
    winning = accounts[:, list(WINNING)].sum() / MICRO
    retention = retention_rate(run, firm)
    heads, values = lifetimes(run, firm)
    found = (
        _profits(run, profit_of(accounts), cash_of(accounts))
        | loyalty(run, firm)
        | {
            "customers": float(active[firm]),
            "retention_rate": retention,
            "churn_rate": 1.0 - retention,
            "clv": _share(values.sum(), heads.sum()),
            "customer_equity": customer_equity(run, firm),
            "acquired": float(won),
            "lost": float(closed.lost[:, firm].sum()),
            "acquisition_cost_per_customer": _share(winning, won),
            "market_share": _share(active[firm], active.sum()),
            "satisfied_share_of_leavers": _satisfied_leavers(run, firm),
            "stays_against_surplus": _held_against_surplus(run, firm),
            "revenue": -accounts[:, [Account.REVENUE, Account.PRODUCTS, Account.RETURNS]].sum() / MICRO,
            "mean_satisfaction": _share(closed.counts[-1, firm, :, Count.SATISFACTION].sum() * 2.0**-32, active[firm]),
            "surveyed_satisfaction": run.books.gauges[-1][firm][2],
            "budget_spent": run.spending[firm].spent / MICRO,
        }
    )
    return {name: float(found[name]) for name in MEASURES}


def _profits(run: Run, micro: npt.NDArray[np.int64], paid: npt.NDArray[np.int64]) -> dict[str, float]:
    """Profit in its several senses, from the micro-units of profit and of cash of each period."""
    cash = np.cumsum(paid) / MICRO
    middles = (np.arange(micro.size) + 0.5) * run.scenario.period
    red = np.flatnonzero(cash < 0.0)
    black = math.nan
    if not red.size:
        black = 0.0
    elif red[-1] + 1 < cash.size:
        black = (red[-1] + 2) * run.scenario.period
    return {
        "profit": float(micro.sum() / MICRO),
        "discounted_profit": float((micro / MICRO * np.exp(-monthly_discount(run) * middles)).sum()),
        "cash_trough": min(float(cash.min()), 0.0),
        "break_even_month": black,
    }


def _satisfied_leavers(run: Run, firm: int) -> float:
    outcomes = run.closed.decision_totals[firm].sum(axis=(0, 1))
    chose = np.arange(run.closed.n_firms + 2) <= run.closed.n_firms
    chose[firm] = False
    satisfied, count = outcomes[chose][:, [Force.SATISFIED, Force.COUNT]].sum(axis=0)
    return _share(satisfied, count)


def _held_against_surplus(run: Run, firm: int) -> float:
    stays = run.closed.decision_totals[firm].sum(axis=(0, 1))[firm]
    return _share(stays[Force.AGAINST_SURPLUS], stays[Force.COUNT])


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else math.nan

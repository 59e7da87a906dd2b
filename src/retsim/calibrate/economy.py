"""What a transaction log cannot tell and a scenario must: margins, budget, prospects, what keeps a customer.

Money is measured by the mean purchase and by what a customer spends in the first year, so that the same
assumptions make sense for a shop of groceries and for one of pianos.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from retsim.calibrate.bgnbd import BgNbd
from retsim.calibrate.units import Unit, per_unit
from retsim.parameters import Behaviour, table_of

__all__ = ["NOISE", "TRANSACTION", "Assumptions", "Economy", "economy_of", "rounded"]

NOISE = 0.25
"""Scale of the taste shock (R9), in mean purchases."""
TRANSACTION = {
    "search_cost": 0.1,
    "information_cost": 0.1,
    "bargaining_cost": 0.0,
    "decision_cost": 0.05,
    "monitoring_cost": 0.05,
    "breach_risk": 0.1,
}
"""Transaction costs (R8), in mean purchases: one in five joins who meets the shop for the first time."""
SERVING = 0.03
"""Cost of serving a purchase, in mean purchases."""
YEARS = 3
"""Over which a newcomer's worth counts."""
REACHABLE = 3.0
"""Prospects that advertising can reach at most, as a multiple of what the whole budget reaches."""


@dataclass(frozen=True)
class Assumptions:
    """Everything in a calibrated scenario that the log does not tell; each is *assumed*.

    Attributes
    ----------
    avoidable_attrition : float, default 0.5
        Share of the moments at which a customer would vanish that are a choice after all, 0..1. Nobody can
        read it off a log, and the worth of keeping customers hangs on it: vary it.
    pool : float, default 2
        Prospects for each observed customer, 0.01..1000.
    gross_margin : float, default 0.3
        Share of the price that is left after the cost of goods, 0.06..1.
    budget_share : float, default 0.03
        Budget to win and keep customers, as a share of the revenue that the observed customers bring in
        the first year after joining, 0.000001..1.
    acquisition_cost : float, default 0.8
        Cost of winning a customer when the whole budget is spent on it, as a share of the discounted margin
        that a customer brings in three years, 0.01..100. At 0.8 the last one won costs what a customer
        brings: where winning stops to pay (Blattberg & Deighton 1996).
    horizon : float, optional
        Months, 1..1200; None: 36, or two years beyond the last first purchase if that is later.
    currency : str, default "money"
    discount_rate : float, default 0.1
        Share a year, 0..1.
    """

    avoidable_attrition: float = 0.5
    pool: float = 2.0
    gross_margin: float = 0.3
    budget_share: float = 0.03
    acquisition_cost: float = 0.8
    horizon: float | None = None
    currency: str = "money"
    discount_rate: float = 0.1

    def __post_init__(self) -> None:
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if value is None and name == "horizon":
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
                raise ValueError(f"{name} = {value!r}, must lie in {low:g}..{high:g}")


_RANGES = {
    "avoidable_attrition": (0.0, 1.0),
    "pool": (0.01, 1000.0),
    "gross_margin": (2.0 * SERVING, 1.0),
    "budget_share": (1e-6, 1.0),
    "acquisition_cost": (0.01, 100.0),
    "horizon": (1.0, 1200.0),
    "discount_rate": (0.0, 1.0),
}


class Economy(NamedTuple):
    """Money and reach that follow from the fitted laws and the assumptions.

    Attributes
    ----------
    price : float
        Mean amount of a purchase.
    cost_to_serve : float
        A purchase.
    value : float
        Discounted margin that a customer brings in three years, the first purchase included.
    monthly : float
        Budget a month.
    n_prospects : int
    ad_ceiling, ad_efficiency : float
        `retsim.parameters.Firm`: such that winning customers costs what is assumed.
    service_efficiency : float
        The same of service: the whole budget would prevent 86 % of what can be prevented.
    contact_cost : float
        Money a customer and month: a third of the budget would pay for the observed customers.
    """

    price: float
    cost_to_serve: float
    value: float
    monthly: float
    n_prospects: int
    ad_ceiling: float
    ad_efficiency: float
    service_efficiency: float
    contact_cost: float


def economy_of(law: BgNbd, unit: Unit, *, price: float, n: int, assumed: Assumptions) -> Economy:
    """Scale the assumptions to the customers of a log.

    Parameters
    ----------
    law : BgNbd
        Time in `unit`.
    unit : {"day", "week", "month", "year"}
    price : float
        Mean amount of a purchase.
    n : int
        Observed customers.
    assumed : Assumptions

    Returns
    -------
    Economy

    Raises
    ------
    ValueError
        The budget would have to reach more prospects than there are.
    """
    yearly = price * (1.0 + float(law.expected_purchases(per_unit("year", unit))))
    monthly = assumed.budget_share * yearly * n / 12.0
    n_prospects = max(round(assumed.pool * n), 1)
    margin = price * (assumed.gross_margin - SERVING)
    value = margin * _purchases(law, unit, assumed.discount_rate)
    chance = _reached(monthly / n_prospects, value, assumed)
    return Economy(
        price=rounded(price),
        cost_to_serve=rounded(SERVING * price),
        value=value,
        monthly=rounded(monthly),
        n_prospects=n_prospects,
        ad_ceiling=rounded(REACHABLE * chance),
        ad_efficiency=rounded(-math.log(1.0 - 1.0 / REACHABLE) * n_prospects / monthly),
        service_efficiency=rounded(2.0 * n / monthly),
        contact_cost=rounded(monthly / (3.0 * n)),
    )


def _purchases(law: BgNbd, unit: Unit, discount_rate: float) -> float:
    """Discounted purchases of a customer in three years, the first included."""
    months = np.arange(YEARS * 12 + 1)
    repeats = np.diff(law.expected_purchases(months * per_unit("month", unit)))
    return 1.0 + float(repeats @ (1.0 + discount_rate) ** (-(months[1:] - 0.5) / 12.0))


def _reached(head: float, value: float, assumed: Assumptions) -> float:
    """Chance a month that a prospect is reached, where the whole budget (`head` a prospect) wins at that cost."""
    chance = head / (assumed.acquisition_cost * value * _joining())
    if REACHABLE * chance > 0.9:
        raise ValueError(
            f"acquisition_cost = {assumed.acquisition_cost}, must be higher, or budget_share "
            f"({assumed.budget_share}) lower, or pool ({assumed.pool}) larger: the budget would have to reach "
            f"{100.0 * chance:.0f} % of all prospects a month"
        )
    return chance


def _joining() -> float:
    """Chance that a prospect joins at the first meeting: a logit choice between nothing and the effort."""
    unknown = 1.0 - table_of(Behaviour)["exposure_gain"].default
    effort = sum(TRANSACTION.values())
    effort -= (1.0 - unknown) * (TRANSACTION["search_cost"] + TRANSACTION["information_cost"])
    return 1.0 / (1.0 + math.exp(effort / NOISE))


def rounded(value: float) -> float:
    """Four digits: an assumption has no more."""
    return float(f"{value:.4g}")

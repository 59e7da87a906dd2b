"""What winning and keeping cost, and how much of each is best (Blattberg & Deighton).

Both respond to money with diminishing returns under a ceiling. At the best spending the cost of winning one
more customer, the cost of keeping one more and the value of a customer are the same number: a ratio of
*average* costs ("winning is five times dearer than keeping") says nothing about where the next coin should
go.

References
----------
Blattberg, R. C. and Deighton, J. (1996), "Manage marketing by the customer equity test", Harvard Business
Review 74(4), 136-144.
Pfeifer, P. E. (2005), "The optimal ratio of acquisition and retention costs", Journal of Targeting,
Measurement and Analysis for Marketing 13(2), 179-188.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Array, Numbers, Place, plain
from retsim.theory.response_curve import ResponseCurve, chance_from_hazard, hazard_from_chance

__all__ = [
    "Optimum",
    "ResponseCurve",
    "chance_from_hazard",
    "customer_value",
    "hazard_from_chance",
    "optimal_spend",
    "prospect_value",
]


class Optimum(NamedTuple):
    """The best spending, and the costs and value there."""

    acquisition_spend: float
    """Currency per prospect; 0 where a prospect is not worth the first unit."""
    retention_spend: float
    """Currency per customer and period; 0 where keeping does not pay."""
    value: float
    """Value of a prospect, currency."""
    clv: float
    """Value of a customer once won, first margin included, currency."""
    marginal_cost_winning: float
    """Currency for one customer more won; equals `clv` unless the spend is 0."""
    marginal_cost_keeping: float
    """Currency for one customer more kept; equals `clv` unless the spend is 0."""


def customer_value(
    retention_spend: ArrayLike, retention: ResponseCurve, *, margin: ArrayLike, discount_rate: ArrayLike
) -> Numbers:
    """Value of a customer once won.

    Parameters
    ----------
    retention_spend : float or array
        R, spent each period on every customer, currency, 0 or more.
    retention : ResponseCurve
        Retention rate r as a function of R.
    margin : float or array
        m, currency a period.
    discount_rate : float or array
        d, interest a period, 0 or more.

    Returns
    -------
    float or ndarray
        m + (m - R / r) r / (1 + d - r) = m + (m r - R) / (1 + d - r), currency.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("blattberg_deighton.customer_value")
    spend = here.numbers("retention_spend", retention_spend, "currency a customer and period", NON_NEGATIVE)
    m, d = _margin_and_discount(here, margin, discount_rate)
    return plain(m + _keeping(spend, retention, m, d))


def prospect_value(
    acquisition_spend: ArrayLike,
    retention_spend: ArrayLike,
    *,
    acquisition: ResponseCurve,
    retention: ResponseCurve,
    margin: ArrayLike,
    discount_rate: ArrayLike,
) -> Numbers:
    """Value of a prospect on whom money is spent to win and then to keep.

    Parameters
    ----------
    acquisition_spend : float or array
        A, spent once on every prospect, currency, 0 or more.
    retention_spend : float or array
        R, spent each period on every customer, currency, 0 or more.
    acquisition, retention : ResponseCurve
        Share won a as a function of A; retention rate r as a function of R.
    margin : float or array
        m, currency a period.
    discount_rate : float or array
        d, interest a period, 0 or more.

    Returns
    -------
    float or ndarray
        V(A, R) = a (m + (m - R / r) r / (1 + d - r)) - A, currency.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    worth = customer_value(retention_spend, retention, margin=margin, discount_rate=discount_rate)
    here = Place("blattberg_deighton.prospect_value")
    spend = here.numbers("acquisition_spend", acquisition_spend, "currency a prospect", NON_NEGATIVE)
    return plain(np.asarray(acquisition.rate(spend)) * worth - spend)


def optimal_spend(
    acquisition: ResponseCurve, retention: ResponseCurve, *, margin: float, discount_rate: float
) -> Optimum:
    """Find the spending that makes a prospect worth most.

    Parameters
    ----------
    acquisition, retention : ResponseCurve
        Share won as a function of A, retention rate as a function of R.
    margin : float
        Currency a period, above 0.
    discount_rate : float
        Interest a period, 0 or more.

    Returns
    -------
    Optimum

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    The value of a customer depends on R alone, so R comes first, then A. With N(R) = m r - R and D(R) = 1 + d
    - r the slope of N / D has the sign of (m r' - 1) D + N r', which falls through 0 once (N is concave, D
    convex and positive): its root, found by Brent's method, is the optimum and there 1 / r' = CLV. Then a'
    CLV = 1 gives A = ln(Ca ka CLV) / ka.

    Examples
    --------
    >>> win = ResponseCurve.through(5, 0.20, ceiling=0.40)
    >>> keep = ResponseCurve.through(8, 0.40, ceiling=0.70)
    >>> best = optimal_spend(win, keep, margin=50, discount_rate=0.12)
    >>> round(best.acquisition_spend, 3), round(best.retention_spend, 3), round(best.value, 3)
    (10.078, 15.933, 11.876)
    """
    here = Place("blattberg_deighton.optimal_spend")
    m = here.number("margin", margin, "currency a period", POSITIVE)
    d = here.number("discount_rate", discount_rate, "interest a period", NON_NEGATIVE)
    keep = _best_retention(retention, m, d)
    worth = float(m + _keeping(keep, retention, m, d))
    win = max(0.0, float(np.log(acquisition.ceiling * acquisition.efficiency * worth)) / acquisition.efficiency)
    return Optimum(
        acquisition_spend=win,
        retention_spend=keep,
        value=acquisition.rate(win) * worth - win,
        clv=worth,
        marginal_cost_winning=acquisition.marginal_cost(win),
        marginal_cost_keeping=retention.marginal_cost(keep),
    )


def _margin_and_discount(here: Place, margin: ArrayLike, discount_rate: ArrayLike) -> tuple[Array, Array]:
    return (
        here.numbers("margin", margin, "currency a period"),
        here.numbers("discount_rate", discount_rate, "interest a period", NON_NEGATIVE),
    )


def _keeping(spend: Any, curve: ResponseCurve, margin: Any, discount_rate: Any) -> Any:
    """Value of the renewals to come."""
    lost = curve.ceiling * np.exp(-curve.efficiency * spend)
    kept = -curve.ceiling * np.expm1(-curve.efficiency * spend)
    # 1 - r from its own terms: exact where the ceiling is 1 and nearly everybody stays.
    return (margin * kept - spend) / (discount_rate + (1.0 - curve.ceiling) + lost)


def _best_retention(curve: ResponseCurve, margin: float, discount_rate: float) -> float:
    from scipy.optimize import brentq

    def gain(spend: float) -> float:
        lost = curve.ceiling * np.exp(-curve.efficiency * spend)
        rise = curve.efficiency * lost
        denominator = discount_rate + (1.0 - curve.ceiling) + lost
        return float((margin * rise - 1.0) * denominator + (margin * (curve.ceiling - lost) - spend) * rise)

    if gain(0.0) <= 0.0:
        return 0.0
    return float(brentq(gain, 0.0, margin * curve.ceiling, xtol=1e-12, rtol=1e-14))

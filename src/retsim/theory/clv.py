"""Value of one customer who stays with the same chance every period.

Published formulas for the same customer differ because they count differently. Three choices, and a horizon,
make them all; none has a default, because off by one is the commonest error in this subject.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import ANY_NUMBER, NON_NEGATIVE, POSITIVE, SHARE, Numbers, Place, Range, plain
from retsim.theory._present_value import Terms, present_value, slope

FirstMargin: TypeAlias = Literal["now", "after_one_period"]
Survival: TypeAlias = Literal["before_margin", "after_margin", "continuous"]
Discounting: TypeAlias = Literal["start", "mid", "end", "continuous"]

_ABOVE_MINUS_ONE = Range(-1.0, np.inf, False, True, "must be above -1")


@dataclass(frozen=True, kw_only=True)
class Convention:
    """How margins, survival and time are counted.

    Periods are numbered t = 1, 2, ... and period t runs from time t - 1 to time t.

    Parameters
    ----------
    first_margin : {"now", "after_one_period"}
        ``"now"``: one margin is received for certain at time 0, ahead of period 1 (the sale that made the
        customer). ``"after_one_period"``: the margin of period 1 is the first.
    survival : {"before_margin", "after_margin", "continuous"}
        ``"before_margin"``: the margin of period t is paid by those who passed t survival tests;
        ``"after_margin"``: by those who passed t - 1. ``"continuous"``: no tests, a constant hazard
        -ln(retention rate) works all the time.
    discounting : {"start", "mid", "end", "continuous"}
        Where in its period a margin falls; ``"continuous"`` spreads it evenly over the period.
    horizon : int or float, optional
        Number of periods counted, beside a margin now. Whole unless survival is continuous. Endless by
        default.

    Raises
    ------
    ValueError
        If a word is unknown, the horizon is not positive, survival is continuous and discounting is not, or a
        margin would be paid twice at time 0 (first margin now, survival after the margin, discounting at the
        start).

    Examples
    --------
    >>> import dataclasses
    >>> five_years = dataclasses.replace(RENEWALS_ONLY, horizon=5)
    >>> round(retention_clv(100, 0.9, discount_rate=0.1, convention=five_years), 3)
    285.008
    """

    first_margin: FirstMargin
    survival: Survival
    discounting: Discounting
    horizon: float = math.inf

    def __post_init__(self) -> None:
        here = Place("clv.Convention")
        here.one_of("first_margin", self.first_margin, ("now", "after_one_period"))
        here.one_of("survival", self.survival, ("before_margin", "after_margin", "continuous"))
        here.one_of("discounting", self.discounting, ("start", "mid", "end", "continuous"))
        if self.survival == "continuous" and self.discounting != "continuous":
            raise here.refuse(f"discounting = {self.discounting!r}, must be 'continuous' where survival is continuous")
        if (self.first_margin, self.survival, self.discounting) == ("now", "after_margin", "start"):
            raise here.refuse(
                "first_margin = 'now' pays at time 0 and so does period 1 (survival after the margin, "
                "discounting at the start); choose first_margin = 'after_one_period'"
            )
        if self.horizon != math.inf:
            self._check_horizon(here)

    def _check_horizon(self, here: Place) -> None:
        if self.survival == "continuous":
            here.number("horizon", self.horizon, "periods counted", POSITIVE)
        else:
            here.whole("horizon", self.horizon, "periods counted", least=1)


IMMEDIATE = Convention(first_margin="now", survival="before_margin", discounting="end")
"""Margin now, then renewals: m (1 + d) / (1 + d - r). Fader & Hardie (2012), case 1."""
RENEWALS_ONLY = Convention(first_margin="after_one_period", survival="before_margin", discounting="end")
"""Renewals without the first sale: m r / (1 + d - r). Fader & Hardie (2012), case 2."""
IN_ARREARS = Convention(first_margin="after_one_period", survival="after_margin", discounting="end")
"""Booked at a period's end from those there at its start: m / (1 + d - r). Fader & Hardie (2012), case 3."""
MID_PERIOD = Convention(first_margin="after_one_period", survival="after_margin", discounting="mid")
"""As `IN_ARREARS`, booked in mid-period: m sqrt(1 + d) / (1 + d - r)."""
CONTINUOUS = Convention(first_margin="after_one_period", survival="continuous", discounting="continuous")
"""A flow of m a period under a constant hazard: m / (ln(1 + d) - ln r)."""


class Elasticities(NamedTuple):
    """Relative change of the value over the relative change of one argument, for small changes."""

    margin: Numbers
    retention_rate: Numbers
    discount_rate: Numbers


def retention_clv(
    margin: ArrayLike,
    retention_rate: ArrayLike,
    *,
    discount_rate: ArrayLike,
    convention: Convention,
    margin_growth: ArrayLike = 0.0,
    retention_cost: ArrayLike = 0.0,
) -> Numbers:
    """Present value of a customer who stays with the same chance every period.

    Parameters
    ----------
    margin : float or array
        First margin received, in currency a period. With continuous survival: the flow a period at time 0.
    retention_rate : float or array
        Chance to survive one period, 0 to 1.
    discount_rate : float or array
        Interest a period, 0 or more.
    convention : Convention
        How margins, survival and time are counted; see `IMMEDIATE`, `RENEWALS_ONLY`, `IN_ARREARS`,
        `MID_PERIOD`, `CONTINUOUS`.
    margin_growth : float or array, optional
        Relative growth of the margin from one period to the next, above -1.
    retention_cost : float or array, optional
        Spent on each survival test, just before it, on everybody still there (kept or not); in currency.
        With continuous survival: a flow a period.

    Returns
    -------
    float or ndarray
        Currency, at time 0.

    Raises
    ------
    ValueError
        If an argument is out of range, or the horizon is endless and the sum has no limit.

    Notes
    -----
    With v = 1 / (1 + d), n(t) = t tests passed (``before_margin``) or t - 1 (``after_margin``), and x = 0,
    1/2, 1 for discounting at the start, middle, end of a period::

        V = [m if first margin now] + sum_t m(t) r^n(t) v^(t - 1 + x) - sum_t c r^(t - 1) v^(t - 1 + y)
        m(t) = m (1 + g)^(t - 1), and m (1 + g)^t where a margin was already received at time 0

    Spread over the period, v^x becomes (1 - v) / ln(1 + d). A test falls at the end of its period (y = 1)
    where it comes after the margin, else at the moment the margin is due (y = x, and 0 where the margin is
    spread). With a finite horizon T, T tests are paid for. With continuous survival the sums are integrals of
    m (r (1 + g) v)^t over 0..T.

    References
    ----------
    Fader, P. S. and Hardie, B. G. S. (2012), "Reconciling and clarifying CLV formulas", eqs 1-3.
    Gupta, S., Lehmann, D. R. and Stuart, J. A. (2004), "Valuing customers", Journal of Marketing Research
    41(1), 7-18.
    Blattberg, R. C. and Deighton, J. (1996), Harvard Business Review 74(4), 136-144 (a cost for each attempt
    to keep).

    Examples
    --------
    >>> round(retention_clv(100, 0.9, discount_rate=0.1, convention=RENEWALS_ONLY), 6)
    450.0
    >>> round(retention_clv(100, 0.9, discount_rate=0.1, convention=IMMEDIATE, retention_cost=10), 6)
    500.0
    """
    terms = _checked("clv.retention_clv", margin, retention_rate, discount_rate, (margin_growth, retention_cost))
    _check_limit(Place("clv.retention_clv"), terms, convention)
    return plain(present_value(terms, convention))


def elasticities(
    margin: ArrayLike,
    retention_rate: ArrayLike,
    *,
    discount_rate: ArrayLike,
    convention: Convention,
    margin_growth: ArrayLike = 0.0,
    retention_cost: ArrayLike = 0.0,
) -> Elasticities:
    """Elasticities of `retention_clv`, same arguments, any convention.

    Returns
    -------
    Elasticities
        For margin, retention rate and discount rate; each float or ndarray. Under `RENEWALS_ONLY` they are 1,
        (1 + d) / (1 + d - r) and -d / (1 + d - r).

    Raises
    ------
    ValueError
        As `retention_clv`; also if the value is 0, where no elasticity exists, or the retention rate is 0.

    Notes
    -----
    z V'(z) / V for z = m, r, d. The derivative is Im V(z + ih) / h with h = 1e-30, exact to machine precision
    (Squire, W. and Trapp, G. (1998), "Using complex variables to estimate derivatives of real functions",
    SIAM Review 40(1), 110-112).
    """
    here = Place("clv.elasticities")
    here.numbers("retention_rate", retention_rate, "share of customers kept per period", POSITIVE)
    terms = _checked(here.name, margin, retention_rate, discount_rate, (margin_growth, retention_cost))
    _check_limit(here, terms, convention)
    value = np.asarray(present_value(terms, convention))
    if (value == 0.0).any():
        raise here.refuse("the customer's value is 0, where no elasticity exists; change margin or retention_cost")
    return Elasticities(
        *(plain(getattr(terms, name) * slope(terms, name, convention) / value) for name in Elasticities._fields)
    )


def _checked(place: str, margin: ArrayLike, retention: ArrayLike, discount: ArrayLike, rest: tuple[Any, Any]) -> Terms:
    here = Place(place)
    return Terms(
        here.numbers("margin", margin, "currency a period", ANY_NUMBER),
        here.numbers("retention_rate", retention, "share of customers kept per period", SHARE),
        here.numbers("discount_rate", discount, "interest a period", NON_NEGATIVE),
        here.numbers("margin_growth", rest[0], "relative growth a period", _ABOVE_MINUS_ONE),
        here.numbers("retention_cost", rest[1], "currency per attempt to keep a customer", NON_NEGATIVE),
    )


def _check_limit(here: Place, terms: Terms, convention: Convention) -> None:
    if convention.horizon != math.inf:
        return
    # Costs do not grow with the margin, so they need a limit of their own.
    growth = np.where(terms.cost > 0.0, np.maximum(terms.growth, 0.0), terms.growth)
    kept = terms.retention_rate * (1.0 + growth)
    if (kept >= 1.0 + terms.discount_rate).any():
        raise here.refuse(
            f"retention_rate x (1 + margin_growth) = {np.max(kept):g}, must be below 1 + discount_rate where "
            "the horizon is endless (the sum has no limit); give the convention a horizon"
        )

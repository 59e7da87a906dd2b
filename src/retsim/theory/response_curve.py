"""Share of people who respond to money spent on them, with diminishing returns under a ceiling.

References
----------
Blattberg, R. C. and Deighton, J. (1996), "Manage marketing by the customer equity test", Harvard Business
Review 74(4), 136-144.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, POSITIVE_SHARE, Array, Numbers, Place, Range, plain


@dataclass(frozen=True)
class ResponseCurve:
    """Share of people who respond to money spent on them: C (1 - exp(-k x)).

    Parameters
    ----------
    ceiling : float
        C, share that would respond to endless spending, above 0, up to 1.
    efficiency : float
        k, per unit of currency and person, above 0.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    ceiling: float
    efficiency: float

    def __post_init__(self) -> None:
        here = Place("ResponseCurve")
        here.number("ceiling", self.ceiling, "share that endless spending reaches", POSITIVE_SHARE)
        here.number("efficiency", self.efficiency, "per unit of currency and person", POSITIVE)

    @classmethod
    def through(cls, spend: float, rate: float, *, ceiling: float) -> ResponseCurve:
        """Fit the curve to one known point: k = -ln(1 - rate / C) / spend.

        Parameters
        ----------
        spend : float
            Currency a person, above 0.
        rate : float
            Share that responds to it, above 0 and below `ceiling`.
        ceiling : float
            Share that would respond to endless spending, above 0, up to 1.

        Returns
        -------
        ResponseCurve

        Raises
        ------
        ValueError
            If an argument is out of range.

        Examples
        --------
        >>> round(ResponseCurve.through(5, 0.20, ceiling=0.40).efficiency, 6)
        0.138629
        """
        here = Place("ResponseCurve.through")
        x = here.number("spend", spend, "currency a person", POSITIVE)
        top = here.number("ceiling", ceiling, "share that endless spending reaches", POSITIVE_SHARE)
        below = Range(0.0, top, False, False, f"must be above 0 and below the ceiling {top:g}")
        share = here.number("rate", rate, "share that responds", below)
        return cls(top, float(-np.log1p(-share / top) / x))

    def rate(self, spend: ArrayLike) -> Numbers:
        """Share that responds to a spend a person (currency, 0 or more)."""
        return plain(-self.ceiling * np.expm1(-self.efficiency * _spend("rate", spend)))

    def slope(self, spend: ArrayLike) -> Numbers:
        """Rise of the share for the next unit of currency: C k exp(-k x)."""
        return plain(self.ceiling * self.efficiency * np.exp(-self.efficiency * _spend("slope", spend)))

    def spend_for(self, rate: ArrayLike) -> Numbers:
        """Currency a person that makes a share respond (share 0 or more, below the ceiling)."""
        rule = f"must be 0 or more and below the ceiling {self.ceiling:g}"
        below = Range(0.0, self.ceiling, True, False, rule)
        share = Place("ResponseCurve.spend_for").numbers("rate", rate, "share that responds", below)
        return plain(-np.log1p(-share / self.ceiling) / self.efficiency)

    def marginal_cost(self, spend: ArrayLike) -> Numbers:
        """Currency for one response more, at a spend a person: 1 / slope."""
        x = _spend("marginal_cost", spend)
        return plain(np.exp(self.efficiency * x) / (self.ceiling * self.efficiency))

    def average_cost(self, spend: ArrayLike) -> Numbers:
        """Currency for each response so far: spend / rate; at spend 0 its limit, the marginal cost there."""
        x = _spend("average_cost", spend)
        share = -self.ceiling * np.expm1(-self.efficiency * x)
        at_zero = 1.0 / (self.ceiling * self.efficiency)
        return plain(np.where(x > 0.0, x / np.where(x > 0.0, share, 1.0), at_zero))


def hazard_from_chance(chance: ArrayLike) -> Numbers:
    """Hazard a period under which something happens within the period with a given chance.

    Parameters
    ----------
    chance : float or array
        0 or more, below 1.

    Returns
    -------
    float or ndarray
        -ln(1 - chance). Hazards of independent sources add up, chances do not.

    Raises
    ------
    ValueError
        If a chance is outside 0..1 or is 1.
    """
    below_one = Range(0.0, 1.0, True, False, "must be 0 or more and below 1")
    return plain(
        -np.log1p(
            -Place("response_curve.hazard_from_chance").numbers("chance", chance, "chance within a period", below_one)
        )
    )


def chance_from_hazard(hazard: ArrayLike) -> Numbers:
    """Chance that something with a constant hazard happens within a period: 1 - exp(-hazard).

    Parameters
    ----------
    hazard : float or array
        Rate a period, 0 or more.

    Returns
    -------
    float or ndarray
        0 to 1.

    Raises
    ------
    ValueError
        If a hazard is negative.
    """
    rate = Place("response_curve.chance_from_hazard").numbers("hazard", hazard, "rate a period", NON_NEGATIVE)
    return plain(-np.expm1(-rate))


def _spend(method: str, spend: ArrayLike) -> Array:
    return Place(f"ResponseCurve.{method}").numbers("spend", spend, "currency a person", NON_NEGATIVE)

"""Prices where buyers, once won, are held fast.

Firms compete for a customer who cannot leave afterwards and can then be charged all that the good is worth.
The competition gives that later gain away in advance: a bargain first, a rip-off then.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import POSITIVE_SHARE, Numbers, Place, plain


class LockInPrices(NamedTuple):
    """Prices under full lock-in, currency."""

    first: Numbers
    """Price at which the customer is won; may be negative."""
    later: Numbers
    """Price in every later period."""


def lock_in_prices(
    cost: ArrayLike, valuation: ArrayLike, *, discount_factor: ArrayLike, n_later: int = 1
) -> LockInPrices:
    """Prices of identical firms under full lock-in.

    Parameters
    ----------
    cost : float or array
        c, cost to serve a customer for a period, currency.
    valuation : float or array
        v, what the good is worth to the customer a period, currency, not below `cost`.
    discount_factor : float or array
        delta, worth now of one unit of currency a period later, above 0, up to 1.
    n_later : int, optional
        Periods after the first, 1 or more.

    Returns
    -------
    LockInPrices
        Later v; first c - (v - c) (delta + ... + delta^n): profit over the whole relation is 0.

    Raises
    ------
    ValueError
        If an argument is out of range or the valuation lies below cost.

    References
    ----------
    Klemperer, P. (1995), "Competition when consumers have switching costs", Review of Economic Studies 62(4),
    515-539 (bargains then rip-offs).

    Examples
    --------
    >>> lock_in_prices(10, 16, discount_factor=0.9)
    LockInPrices(first=4.6, later=16.0)
    """
    here = Place("lockin.lock_in_prices")
    c = here.numbers("cost", cost, "currency a period")
    v = here.numbers("valuation", valuation, "currency a period")
    if (v < c).any():
        raise here.refuse(f"valuation = {np.min(v):g}, must not lie below cost = {np.max(c):g} (nobody would sell)")
    factor = here.numbers("discount_factor", discount_factor, "worth of one unit a period later", POSITIVE_SHARE)
    n = here.whole("n_later", n_later, "periods after the first", least=1)
    gain = (v - c) * sum(factor**t for t in range(1, n + 1))
    return LockInPrices(plain(c - gain), plain(v + np.zeros_like(gain)))

"""Opportunity cost: a choice costs the best alternative that it rules out."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import Numbers, Place, plain


def economic_gain(value: ArrayLike, forgone: ArrayLike) -> Numbers:
    """Gain of a choice over the best alternative given up.

    Parameters
    ----------
    value : float or array
        Value of the choice, currency.
    forgone : float or array
        Value of the best alternative, currency.

    Returns
    -------
    float or ndarray
        value - forgone; below 0 the choice was wrong though it may earn money.

    Raises
    ------
    ValueError
        If an argument is not a finite number.

    Examples
    --------
    >>> economic_gain([450, 150], 180).tolist()
    [270.0, -30.0]
    """
    here = Place("opportunity.economic_gain")
    return plain(here.numbers("value", value, "currency") - here.numbers("forgone", forgone, "currency"))


def opportunity_cost(values: ArrayLike, chosen: int) -> float:
    """Value of the best alternative that a choice rules out.

    Parameters
    ----------
    values : array of shape (n,)
        Value of each alternative, currency, two or more.
    chosen : int
        Place of the choice in `values`, counted from 0.

    Returns
    -------
    float
        Greatest of the other values, currency.

    Raises
    ------
    ValueError
        If there are fewer than two alternatives or `chosen` is none of them.
    """
    here = Place("opportunity.opportunity_cost")
    options = here.vector("values", values, "value of each alternative")
    place = here.whole("chosen", chosen, "place of the choice, counted from 0")
    if options.size < 2:
        raise here.refuse(f"values has {options.size} entry, must have two or more (else nothing is given up)")
    if place >= options.size:
        raise here.refuse(f"chosen = {place}, must be below the number of alternatives, {options.size}")
    return float(np.delete(options, place).max())

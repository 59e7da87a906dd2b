"""Service recovery: what saving an angry customer may cost."""

from __future__ import annotations

from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, SHARE, Numbers, Place, plain


def most_worth_spending(
    customer_value: ArrayLike, *, p_stay_recovered: ArrayLike, p_stay_otherwise: ArrayLike
) -> Numbers:
    """Most that recovering one customer may cost.

    Parameters
    ----------
    customer_value : float or array
        Value of the customer who stays, currency, 0 or more.
    p_stay_recovered, p_stay_otherwise : float or array
        Chance to stay with and without recovery, 0 to 1.

    Returns
    -------
    float or ndarray
        value x (P(stay | recovered) - P(stay | not)), currency; negative where recovery drives customers
        away.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Examples
    --------
    >>> round(most_worth_spending(450, p_stay_recovered=0.70, p_stay_otherwise=0.46), 2)
    108.0
    """
    here = Place("recovery.most_worth_spending")
    value = here.numbers("customer_value", customer_value, "currency, of a customer who stays", NON_NEGATIVE)
    saved = here.numbers("p_stay_recovered", p_stay_recovered, "chance to stay with recovery", SHARE)
    return plain(value * (saved - here.numbers("p_stay_otherwise", p_stay_otherwise, "chance to stay without", SHARE)))


def break_even_rise(cost: ArrayLike, customer_value: ArrayLike) -> Numbers:
    """Least rise in the chance to stay that pays for recovery.

    Parameters
    ----------
    cost : float or array
        Cost of recovering one customer, currency, 0 or more.
    customer_value : float or array
        Value of the customer who stays, currency, above 0.

    Returns
    -------
    float or ndarray
        cost / value, 0 or more; above 1 no recovery can pay.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("recovery.break_even_rise")
    spent = here.numbers("cost", cost, "currency", NON_NEGATIVE)
    return plain(spent / here.numbers("customer_value", customer_value, "currency, of a customer who stays", POSITIVE))

"""Value of a customer who moves between states: the Markov migration model of Pfeifer & Carraway.

The states of the packaged chain are *recencies*: periods since the last purchase. Whom the firm stops
contacting is part of the model: a customer past the last contacted recency is a former customer and stays
one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import ANY_NUMBER, NON_NEGATIVE, SHARE, Array, Place


class ContactPlan(NamedTuple):
    """How far contact should go, and what customers are then worth."""

    contact_through: int
    """Last recency that is still contacted; 0 where nobody should be."""
    values: Array
    """Value of a customer in recency 1, 2, ... `contact_through` and of a former one (0)."""


def recency_chain(p_purchase: ArrayLike) -> Array:
    """Transition matrix of the recency chain.

    Parameters
    ----------
    p_purchase : array of shape (n,)
        Chance to buy in the next period at recency 1..n, each 0 to 1.

    Returns
    -------
    ndarray of shape (n + 1, n + 1)
        Row i to column j. State 0 is recency 1 (just bought), the last state is the former customer,
        absorbing.

    Raises
    ------
    ValueError
        If a chance is outside 0..1 or the list is empty.

    References
    ----------
    Pfeifer, P. E. and Carraway, R. L. (2000), "Modeling customer relationships as Markov chains", Journal of
    Interactive Marketing 14(2), 43-55.
    """
    p = Place("migration.recency_chain").vector("p_purchase", p_purchase, "chance to buy at each recency", SHARE)
    chain = np.zeros((p.size + 1, p.size + 1))
    recency = np.arange(p.size)
    chain[recency, recency + 1] = 1.0 - p
    chain[recency, 0] += p
    chain[-1, -1] = 1.0
    return chain


def recency_rewards(n_recencies: int, *, net_contribution: float, contact_cost: float) -> Array:
    """Cash flow on entering each state of the recency chain.

    Parameters
    ----------
    n_recencies : int
        Recencies that are contacted, 1 or more.
    net_contribution : float
        Earned on each purchase, in currency.
    contact_cost : float
        Spent a period on each customer who is still contacted, in currency, 0 or more.

    Returns
    -------
    ndarray of shape (n_recencies + 1,)
        (contribution - cost, -cost, ..., -cost, 0).

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("migration.recency_rewards")
    rewards = np.full(here.whole("n_recencies", n_recencies, "recencies contacted", least=1) + 1, 0.0)
    rewards[:-1] -= here.number("contact_cost", contact_cost, "currency a period", NON_NEGATIVE)
    rewards[0] += here.number("net_contribution", net_contribution, "currency a purchase", ANY_NUMBER)
    return rewards


def migration_value(
    transition: ArrayLike, rewards: ArrayLike, *, discount_rate: float, horizon: int | None = None
) -> Array:
    """Expected present value of a customer, by present state.

    Parameters
    ----------
    transition : array of shape (n, n)
        Chances to move from row state to column state in one period; rows sum to 1.
    rewards : array of shape (n,)
        Cash flow received on being in each state, in currency.
    discount_rate : float
        Interest a period; above 0 unless a horizon is given.
    horizon : int, optional
        Last period counted: rewards at t = 0..horizon, that is horizon + 1 of them. Endless by default.

    Returns
    -------
    ndarray of shape (n,)
        V = (I - P / (1 + d))^-1 R, or the sum of (P / (1 + d))^t R over t = 0..horizon. The reward of the
        present state is received now, undiscounted.

    Raises
    ------
    ValueError
        If the matrix is not square with rows that sum to 1, the shapes differ, or an endless sum has no
        limit.

    References
    ----------
    Pfeifer and Carraway (2000), the value for a finite and for an endless horizon.

    Examples
    --------
    >>> chain = recency_chain([0.3, 0.2, 0.15, 0.05])
    >>> rewards = recency_rewards(4, net_contribution=40, contact_cost=4)
    >>> migration_value(chain, rewards, discount_rate=0.2).round(3)
    array([52.32 ,  5.554,  1.251, -1.82 ,  0.   ])
    """
    here = Place("migration.migration_value")
    chain = here.transition("transition", transition)
    reward = here.vector("rewards", rewards, "currency on being in each state")
    if reward.size != len(chain):
        raise here.refuse(f"rewards has {reward.size} values, must have one for each of the {len(chain)} states")
    discounted = chain / (1.0 + here.number("discount_rate", discount_rate, "interest a period", NON_NEGATIVE))
    if horizon is not None:
        return _finite_value(discounted, reward, here.whole("horizon", horizon, "last period counted"))
    if discount_rate == 0.0:
        raise here.refuse("discount_rate = 0, must be above 0 where the horizon is endless; or give a horizon")
    return np.asarray(np.linalg.solve(np.eye(len(chain)) - discounted, reward), dtype=np.float64)


def state_shares(transition: ArrayLike, start: ArrayLike, *, n_periods: int) -> Array:
    """Share of a cohort in each state, period by period.

    Parameters
    ----------
    transition : array of shape (n, n)
        Chances to move from row state to column state in one period; rows sum to 1.
    start : array of shape (n,)
        Shares at t = 0, sum 1.
    n_periods : int
        Periods to follow, 0 or more.

    Returns
    -------
    ndarray of shape (n_periods + 1, n)
        Row t is start P^t.

    Raises
    ------
    ValueError
        If the matrix or the shares are not probabilities, or their sizes differ.
    """
    here = Place("migration.state_shares")
    chain = here.transition("transition", transition)
    shares = [here.mixture("start", start, "shares of the cohort in each state")]
    if shares[0].size != len(chain):
        raise here.refuse(f"start has {shares[0].size} values, must have one for each of the {len(chain)} states")
    for _ in range(here.whole("n_periods", n_periods, "periods to follow")):
        shares.append(shares[-1] @ chain)
    return np.array(shares)


def best_contact_plan(
    p_purchase: ArrayLike, *, net_contribution: float, contact_cost: float, discount_rate: float
) -> ContactPlan:
    """Last recency worth contacting.

    Parameters
    ----------
    p_purchase : array of shape (n,)
        Chance to buy in the next period at recency 1..n where contacted; without contact nobody buys.
    net_contribution : float
        Earned on each purchase, in currency.
    contact_cost : float
        Spent a period on each customer who is still contacted, in currency.
    discount_rate : float
        Interest a period, above 0.

    Returns
    -------
    ContactPlan
        The plan under which a customer who has just bought is worth most; of equal plans the shortest.
        Dropping a customer on the spot, with the contribution already received, is the plan with
        `contact_through` 0.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    Every stopping recency 1..n is valued exactly (Pfeifer and Carraway 2000 discuss the choice for their
    example).
    """
    p = Place("migration.best_contact_plan").vector("p_purchase", p_purchase, "chance to buy at each recency", SHARE)
    best = ContactPlan(0, np.zeros(1))
    best_worth = net_contribution
    for through in range(1, p.size + 1):
        rewards = recency_rewards(through, net_contribution=net_contribution, contact_cost=contact_cost)
        values = migration_value(recency_chain(p[:through]), rewards, discount_rate=discount_rate)
        if values[0] > best_worth:
            best, best_worth = ContactPlan(through, values), float(values[0])
    return best


def _finite_value(discounted: Array, reward: Array, horizon: int) -> Array:
    value = reward.copy()
    for _ in range(horizon):
        value = reward + discounted @ value
    return value

"""Choice with noise: logit shares, inertia, switching cost.

A customer takes the alternative with the greatest value + noise x Gumbel. Values and noise share a unit
(currency).

References
----------
McFadden, D. (1974), "Conditional logit analysis of qualitative choice behavior", in Zarembka, Frontiers in
Econometrics, 105-142.
Train, K. E. (2009), Discrete Choice Methods with Simulation, 2nd ed., chapter 3.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import POSITIVE, Array, Numbers, Place, plain


class Inertia(NamedTuple):
    """Two brands, and customers who lean to the one bought last."""

    transition: Array
    """Shape (2, 2): chance to buy the column's brand after the row's."""
    share: float
    """Long-run share of brand 1."""


def shares(values: ArrayLike, *, noise: float = 1.0) -> Array:
    """Choice shares of alternatives.

    Parameters
    ----------
    values : array of shape (..., n)
        Value of each alternative, currency.
    noise : float, optional
        Scale of the Gumbel noise, currency, above 0.

    Returns
    -------
    ndarray of shape (..., n)
        exp(v / noise) / sum exp(v / noise), 0 to 1; sums to 1 over the last axis.

    Raises
    ------
    ValueError
        If the noise is not above 0 or there is no alternative.
    """
    v = _scaled(Place("logit.shares"), values, noise)
    weights = np.exp(v - v.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True))


def expected_maximum(values: ArrayLike, *, noise: float = 1.0) -> Numbers:
    """Mean value of the alternative chosen, noise included.

    Parameters
    ----------
    values : array of shape (..., n)
        Value of each alternative, currency.
    noise : float, optional
        Scale of the Gumbel noise, currency, above 0.

    Returns
    -------
    float or ndarray of shape (...)
        noise x (ln sum exp(v / noise) + 0.5772...), currency. The constant is the mean of a standard Gumbel
        number.

    Raises
    ------
    ValueError
        If the noise is not above 0 or there is no alternative.

    References
    ----------
    Small, K. A. and Rosen, H. S. (1981), "Applied welfare economics with discrete choice models",
    Econometrica 49(1), 105-130; Train (2009), section 3.5.
    """
    v = _scaled(Place("logit.expected_maximum"), values, noise)
    top = v.max(axis=-1)
    log_sum = top + np.log(np.exp(v - top[..., None]).sum(axis=-1))
    return plain(noise * (log_sum + np.euler_gamma))


def two_brand_inertia(utility_gap: float, inertia: float) -> Inertia:
    """Binary logit in which the brand bought last is worth more.

    Parameters
    ----------
    utility_gap : float
        v, value of brand 1 less brand 2, in units of the noise.
    inertia : float
        g, value added to the brand bought last, in units of the noise; negative for variety seekers.

    Returns
    -------
    Inertia
        P(1|1) = s(v + g), P(1|2) = s(v - g) with s the logistic function; share P(1|2) / (P(1|2) + P(2|1)).

    Raises
    ------
    ValueError
        If an argument is not a finite number.

    Examples
    --------
    >>> fixed = two_brand_inertia(0.5, 1.0)
    >>> fixed.transition[:, 0].round(4), round(fixed.share, 4)
    (array([0.8176, 0.3775]), 0.6742)
    """
    here = Place("logit.two_brand_inertia")
    gap = here.number("utility_gap", utility_gap, "value of brand 1 less brand 2")
    held = here.number("inertia", inertia, "value added to the brand bought last")
    transition = shares(np.array([[gap + held, 0.0], [gap - held, 0.0]]))
    return Inertia(transition, float(transition[1, 0] / (transition[1, 0] + transition[0, 1])))


def switching_matrix(values: ArrayLike, switching_cost: ArrayLike, *, noise: float = 1.0) -> Array:
    """Chances to move between alternatives where leaving the present one costs something.

    Parameters
    ----------
    values : array of shape (n,)
        Value of each alternative, currency.
    switching_cost : float or array of shape (n, n)
        Cost of moving from the row's to the column's alternative, currency; one number stands for every move.
        The diagonal of a matrix must be 0. Negative costs (a welcome bonus) are allowed.
    noise : float, optional
        Scale of the Gumbel noise, currency, above 0.

    Returns
    -------
    ndarray of shape (n, n)
        P(k | j) in proportion to exp((v_k - c_jk) / noise); rows sum to 1.

    Raises
    ------
    ValueError
        If shapes do not fit, the diagonal is not 0 or the noise is not above 0.
    """
    here = Place("logit.switching_matrix")
    v = here.vector("values", values, "value of each alternative")
    cost = here.numbers("switching_cost", switching_cost, "currency for a move")
    if cost.ndim == 0:
        cost = cost * (1.0 - np.eye(v.size))
    if cost.shape != (v.size, v.size):
        raise here.refuse(f"switching_cost has shape {cost.shape}, must be one number or {v.size} x {v.size}")
    if np.diag(cost).any():
        raise here.refuse(f"switching_cost has {np.diag(cost).tolist()} on its diagonal, must be 0 (staying is free)")
    return shares(v - cost, noise=here.number("noise", noise, "scale of the Gumbel noise", POSITIVE))


def stationary_shares(transition: ArrayLike) -> Array:
    """Long-run shares of a chain that reaches every state from every other.

    Parameters
    ----------
    transition : array of shape (n, n)
        Chances to move from the row's state to the column's; rows sum to 1.

    Returns
    -------
    ndarray of shape (n,)
        pi with pi P = pi, sum 1. For `switching_matrix` with costs equal in both directions, pi_j is in
        proportion to exp(v_j / noise) times the sum over k of exp((v_k - c_jk) / noise): the chain is
        reversible.

    Raises
    ------
    ValueError
        If the matrix is no transition matrix, or some state cannot be reached from another.

    Notes
    -----
    State reduction without subtractions, accurate for chains that hardly ever move (Grassmann, W. K., Taksar,
    M. I. and Heyman, D. P. (1985), "Regenerative analysis and steady state distributions for Markov chains",
    Operations Research 33(5), 1107-1116).
    """
    here = Place("logit.stationary_shares")
    chain = here.transition("transition", transition).copy()
    _check_reach(here, chain)
    for last in range(len(chain) - 1, 0, -1):
        chain[:last, last] /= chain[last, :last].sum()
        chain[:last, :last] += np.outer(chain[:last, last], chain[last, :last])
    weights = np.ones(len(chain))
    for state in range(1, len(chain)):
        weights[state] = weights[:state] @ chain[:state, state]
    return weights / weights.sum()


def repeat_rate(transition: ArrayLike) -> float:
    """Share of purchases that repeat the one before, in the long run.

    Parameters
    ----------
    transition : array of shape (n, n)
        Chances to buy the column's brand after the row's; rows sum to 1.

    Returns
    -------
    float
        Sum of pi_k P(k | k), 0 to 1.

    Raises
    ------
    ValueError
        As `stationary_shares`.
    """
    chain = np.asarray(transition, dtype=np.float64)
    return float(stationary_shares(transition) @ np.diag(chain))


def permuted_repeat_rate(counts: ArrayLike) -> float:
    """Repeat rate that a household would show if the order of its purchases were chance.

    Parameters
    ----------
    counts : array of shape (n,)
        Purchases of each brand, whole, 0 or more, 2 or more in all.

    Returns
    -------
    float
        Sum of n_k (n_k - 1) / (N (N - 1)): mean share of neighbours alike over all orders. A repeat rate
        above it is inertia; one equal to it is a stable preference.

    Raises
    ------
    ValueError
        If a count is negative or not whole, or fewer than two purchases were made.
    """
    here = Place("logit.permuted_repeat_rate")
    n = here.wholes("counts", here.vector("counts", counts, "purchases of each brand"), "purchases of each brand")
    total = n.sum()
    if total < 2:
        raise here.refuse(f"counts sum to {total:g}, must be 2 or more (a repeat needs two purchases)")
    return float((n * (n - 1.0)).sum() / (total * (total - 1.0)))


def _scaled(here: Place, values: ArrayLike, noise: float) -> Array:
    v = here.numbers("values", values, "value of each alternative")
    if v.ndim == 0 or v.shape[-1] == 0:
        raise here.refuse(f"values has shape {v.shape}, must have one number for each alternative")
    return v / here.number("noise", noise, "scale of the Gumbel noise", POSITIVE)


def _check_reach(here: Place, chain: Array) -> None:
    steps = (chain > 0.0) | np.eye(len(chain), dtype=bool)
    reach = steps
    for _ in range(len(chain).bit_length()):
        reach = reach @ reach
    if not reach.all():
        start, goal = np.argwhere(~reach)[0]
        raise here.refuse(f"transition has no way from state {start} to state {goal}, must reach all from each")

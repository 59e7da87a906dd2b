"""The running judgement of satisfaction, and who leaves although satisfied.

Satisfaction moves towards each new experience x by S += l (x - S), with independent experiences of one law.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, POSITIVE_SHARE, SHARE, Array, Numbers, Place, plain


class Judgement(NamedTuple):
    """Long-run satisfaction of a customer whose circumstances do not change."""

    mean: Numbers
    variance: Numbers
    autocorrelation: Numbers
    """Correlation of satisfaction after one occasion and after the next."""


def stationary_variance(learning_rate: ArrayLike, experience_sd: ArrayLike) -> Numbers:
    """Long-run variance of satisfaction.

    Parameters
    ----------
    learning_rate : float or array
        l, share of the gap closed at each occasion, above 0, up to 1.
    experience_sd : float or array
        Standard deviation of experiences, 0 or more.

    Returns
    -------
    float or ndarray
        l / (2 - l) sigma^2.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("satisfaction.stationary_variance")
    rate = here.numbers("learning_rate", learning_rate, "share of the gap closed", POSITIVE_SHARE)
    sd = here.numbers("experience_sd", experience_sd, "standard deviation of experiences", NON_NEGATIVE)
    return plain(rate / (2.0 - rate) * sd**2)


def autocorrelation(learning_rate: ArrayLike, *, lag: ArrayLike = 1) -> Numbers:
    """Long-run correlation of satisfaction with itself some occasions later.

    Parameters
    ----------
    learning_rate : float or array
        l, share of the gap closed at each occasion, above 0, up to 1.
    lag : int or array, optional
        Occasions between the two, 0 or more.

    Returns
    -------
    float or ndarray
        (1 - l)^lag, 0 to 1.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    here = Place("satisfaction.autocorrelation")
    rate = here.numbers("learning_rate", learning_rate, "share of the gap closed", POSITIVE_SHARE)
    return plain((1.0 - rate) ** here.wholes("lag", lag, "occasions between"))


def loss_averse(
    experience_mean: ArrayLike,
    experience_sd: ArrayLike,
    *,
    expectation: ArrayLike,
    learning_rate: ArrayLike,
    loss_aversion: ArrayLike,
) -> Judgement:
    """Long-run satisfaction where experiences below a fixed expectation count more.

    Oliver's (1980) plain form; retsim's rule R3 moves the expectation too, and aggravates only losses that lower
    satisfaction, so this is its limit where satisfaction stays above the expectation.

    Parameters
    ----------
    experience_mean, experience_sd : float or array
        Mean and standard deviation (above 0) of experiences, normal and not clipped.
    expectation : float or array
        E, held fixed: an experience below it is a loss.
    learning_rate : float or array
        l, share of the gap closed by a gain, above 0, up to 1.
    loss_aversion : float or array
        Lambda, factor by which a loss moves satisfaction faster, above 0; lambda l must not exceed 1.

    Returns
    -------
    Judgement
        Exact mean, variance and lag-1 autocorrelation.

    Raises
    ------
    ValueError
        If an argument is out of range.

    Notes
    -----
    With L = lambda l for x < E and L = l else, independent of the S before, S' = (1 - L) S + L x has the mean
    M = E[L x] / E[L], the variance E[L^2 (x - M)^2] / (1 - E[(1 - L)^2]) and the autocorrelation 1 - E[L].
    The expectations are moments of a normal distribution cut at E. Below the mean of experiences whenever
    lambda > 1: customers judge worse than they were served. An expectation that itself drifts slowly about a
    level e gives nearly these values with E = e.
    """
    here = Place("satisfaction.loss_averse")
    mean = here.numbers("experience_mean", experience_mean, "mean of experiences")
    sd = here.numbers("experience_sd", experience_sd, "standard deviation of experiences", POSITIVE)
    level = here.numbers("expectation", expectation, "level below which an experience is a loss")
    gain = here.numbers("learning_rate", learning_rate, "share of the gap closed by a gain", POSITIVE_SHARE)
    loss = gain * here.numbers("loss_aversion", loss_aversion, "factor on losses", POSITIVE)
    if (loss > 1.0).any():
        raise here.refuse(
            f"loss_aversion x learning_rate = {np.max(loss):g}, must not exceed 1 (a gap cannot overclose)"
        )
    return _judge(mean, sd, (level - mean) / sd, gain, loss)


def satisfied_share_of_leavers(
    satisfied_share: ArrayLike, *, leaving_if_satisfied: ArrayLike, leaving_if_dissatisfied: ArrayLike
) -> Numbers:
    """Share of leavers who were satisfied.

    Parameters
    ----------
    satisfied_share : float or array
        s, share of customers who are satisfied, 0 to 1.
    leaving_if_satisfied, leaving_if_dissatisfied : float or array
        Chance to leave in each group, 0 to 1; not both groups may stay for certain.

    Returns
    -------
    float or ndarray
        s ds / (s ds + (1 - s) dd), 0 to 1 (Bayes' rule).

    Raises
    ------
    ValueError
        If an argument is out of range or nobody leaves.

    Examples
    --------
    >>> share = satisfied_share_of_leavers(0.85, leaving_if_satisfied=0.10, leaving_if_dissatisfied=0.30)
    >>> round(share, 3)
    0.654
    """
    here = Place("satisfaction.satisfied_share_of_leavers")
    s = here.numbers("satisfied_share", satisfied_share, "share of customers who are satisfied", SHARE)
    content = s * here.numbers("leaving_if_satisfied", leaving_if_satisfied, "chance to leave", SHARE)
    angry = (1.0 - s) * here.numbers("leaving_if_dissatisfied", leaving_if_dissatisfied, "chance to leave", SHARE)
    if (content + angry == 0.0).any():
        raise here.refuse("nobody leaves, so leavers have no shares; some chance to leave must be above 0")
    return plain(content / (content + angry))


def _judge(mean: Array, sd: Array, cut: Array, gain: Array, loss: Array) -> Judgement:
    """Moments of the update; `cut` is the expectation in standard deviations from the mean experience."""
    from scipy.special import ndtr

    below, at_cut = ndtr(cut), np.exp(-0.5 * cut**2) / np.sqrt(2.0 * np.pi)
    step = gain + (loss - gain) * below
    shift = -(loss - gain) * at_cut / step
    # E[(z - shift)^2; z < cut] and its complement, z the standardised experience.
    square_below = below * (1.0 + shift**2) - at_cut * (cut - 2.0 * shift)
    square = loss**2 * square_below + gain**2 * (1.0 + shift**2 - square_below)
    kept = (1.0 - loss) ** 2 * below + (1.0 - gain) ** 2 * (1.0 - below)
    return Judgement(plain(mean + sd * shift), plain(sd**2 * square / (1.0 - kept)), plain(1.0 - step))

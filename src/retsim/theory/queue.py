"""Waiting at a service desk: M/M/c (Erlang C).

Requests arrive at random (Poisson) at `arrival_rate`, each of `n_servers` answers at `service_rate` with
exponential service times, first come, first served, nobody gives up. All results are for the long run.

References
----------
Erlang, A. K. (1917), "Solution of some problems in the theory of probabilities of significance in automatic
telephone exchanges"; Cooper, R. B. (1981), Introduction to Queueing Theory, 2nd ed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from retsim.theory._checks import NON_NEGATIVE, POSITIVE, Array, Numbers, Place, Range, plain


class _Desk(NamedTuple):
    arrival_rate: Array
    service_rate: Array
    n_servers: Array

    @property
    def spare_rate(self) -> Array:
        """Requests a unit of time that the desk could serve beyond those that come."""
        return np.asarray(self.n_servers * self.service_rate - self.arrival_rate)


def utilisation(arrival_rate: ArrayLike, service_rate: ArrayLike, *, n_servers: ArrayLike) -> Numbers:
    """Share of time a server is busy.

    Parameters
    ----------
    arrival_rate : float or array
        lambda, requests a unit of time, 0 or more.
    service_rate : float or array
        mu, requests one server answers a unit of time, above 0.
    n_servers : int or array
        c, 1 or more, with c mu above lambda.

    Returns
    -------
    float or ndarray
        lambda / (c mu), 0 to 1.

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.
    """
    desk = _checked("queue.utilisation", arrival_rate, service_rate, n_servers)
    return plain(desk.arrival_rate / (desk.n_servers * desk.service_rate))


def p_wait(arrival_rate: ArrayLike, service_rate: ArrayLike, *, n_servers: ArrayLike) -> Numbers:
    """Chance that a request has to wait (Erlang C).

    Parameters
    ----------
    arrival_rate, service_rate, n_servers : float or array
        As in `utilisation`.

    Returns
    -------
    float or ndarray
        C = B / (1 - rho (1 - B)) with B Erlang's loss formula for load a = lambda / mu and rho = a / c; 0 to
        1.

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.

    Examples
    --------
    >>> round(p_wait(2, 1, n_servers=3), 6)
    0.444444
    """
    return plain(_p_wait(_checked("queue.p_wait", arrival_rate, service_rate, n_servers)))


def mean_wait(arrival_rate: ArrayLike, service_rate: ArrayLike, *, n_servers: ArrayLike) -> Numbers:
    """Mean time a request waits before it is taken up.

    Parameters
    ----------
    arrival_rate, service_rate, n_servers : float or array
        As in `utilisation`.

    Returns
    -------
    float or ndarray
        C / (c mu - lambda), those who do not wait included.

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.
    """
    desk = _checked("queue.mean_wait", arrival_rate, service_rate, n_servers)
    return plain(_p_wait(desk) / desk.spare_rate)


def mean_response(arrival_rate: ArrayLike, service_rate: ArrayLike, *, n_servers: ArrayLike) -> Numbers:
    """Mean time from request to answer: wait and service, C / (c mu - lambda) + 1 / mu.

    Parameters
    ----------
    arrival_rate, service_rate, n_servers : float or array
        As in `utilisation`.

    Returns
    -------
    float or ndarray

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.
    """
    desk = _checked("queue.mean_response", arrival_rate, service_rate, n_servers)
    return plain(_p_wait(desk) / desk.spare_rate + 1.0 / desk.service_rate)


def mean_queue(arrival_rate: ArrayLike, service_rate: ArrayLike, *, n_servers: ArrayLike) -> Numbers:
    """Mean number of requests waiting (Little's law: lambda times the mean wait).

    Parameters
    ----------
    arrival_rate, service_rate, n_servers : float or array
        As in `utilisation`.

    Returns
    -------
    float or ndarray

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.
    """
    desk = _checked("queue.mean_queue", arrival_rate, service_rate, n_servers)
    return plain(desk.arrival_rate * _p_wait(desk) / desk.spare_rate)


def p_wait_exceeds(
    limit: ArrayLike, arrival_rate: ArrayLike, *, service_rate: ArrayLike, n_servers: ArrayLike
) -> Numbers:
    """Chance that a request waits longer than a limit.

    Parameters
    ----------
    limit : float or array
        Time, 0 or more.
    arrival_rate, service_rate, n_servers : float or array
        As in `utilisation`.

    Returns
    -------
    float or ndarray
        C exp(-(c mu - lambda) t), 0 to 1.

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.
    """
    desk = _checked("queue.p_wait_exceeds", arrival_rate, service_rate, n_servers)
    t = Place("queue.p_wait_exceeds").numbers("limit", limit, "time", NON_NEGATIVE)
    return plain(_p_wait(desk) * np.exp(-desk.spare_rate * t))


def wait_quantile(
    probability: ArrayLike, arrival_rate: ArrayLike, *, service_rate: ArrayLike, n_servers: ArrayLike
) -> Numbers:
    """Time within which a share of requests is taken up.

    Parameters
    ----------
    probability : float or array
        Share, 0 or more, below 1.
    arrival_rate, service_rate, n_servers : float or array
        As in `utilisation`.

    Returns
    -------
    float or ndarray
        ln(C / (1 - p)) / (c mu - lambda); 0 where at least that share does not wait at all.

    Raises
    ------
    ValueError
        If an argument is out of range or the desk cannot keep up.
    """
    desk = _checked("queue.wait_quantile", arrival_rate, service_rate, n_servers)
    below_one = Range(0.0, 1.0, True, False, "must be 0 or more and below 1")
    p = Place("queue.wait_quantile").numbers("probability", probability, "share of requests", below_one)
    excess = np.maximum(_p_wait(desk) / (1.0 - p), 1.0)
    return plain(np.log(excess) / desk.spare_rate)


def _checked(place: str, arrival_rate: ArrayLike, service_rate: ArrayLike, n_servers: ArrayLike) -> _Desk:
    here = Place(place)
    arrivals = here.numbers("arrival_rate", arrival_rate, "requests a unit of time", NON_NEGATIVE)
    service = here.numbers("service_rate", service_rate, "requests one server answers a unit of time", POSITIVE)
    servers = here.wholes("n_servers", n_servers, "servers", least=1)
    if (arrivals >= servers * service).any():
        raise here.refuse(
            f"arrival_rate = {np.max(arrivals):g}, must be below n_servers x service_rate = "
            f"{np.min(servers * service):g} (the queue would grow without end); add servers"
        )
    return _Desk(arrivals, service, servers)


def _p_wait(desk: _Desk) -> Array:
    from scipy.special import gammaincc, gammaln, xlogy

    load = desk.arrival_rate / desk.service_rate
    c = desk.n_servers
    # Erlang B is a Poisson chance over its cumulative sum, and that sum is an incomplete gamma function.
    blocked = np.exp(xlogy(c, load) - load - gammaln(c + 1.0)) / gammaincc(c + 1.0, load)
    return np.asarray(blocked / (1.0 - load / c * (1.0 - blocked)))

"""Maximum likelihood for models with a few positive parameters.

Parameters live on the log scale, where the likelihood is rounder and positivity comes by
itself; a model may ask to be searched along sums of logarithms that the data tell apart, such as
that of a mean rate. Several starts are climbed, the best is refined by Newton's method; standard
errors come from the numerically differentiated Hessian, carried back by the delta method:
se(theta) = theta * se(log theta).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Params = TypeVar("Params", bound=tuple[float, ...])
"""A NamedTuple of positive floats."""

Vector = NDArray[np.float64]

LOG_BOUND = 12.0
"""What is searched along lies within exp(-12) to exp(12), about 6e-6 to 1.6e5 (what has a unit: of
the longest T, or of the median amount); *assumed*."""

LARGEST_LOG_SE = 3.0
"""Beyond this standard error of a logarithm the 95 % interval spans five orders of magnitude and
the data are said not to pin the parameter down; *assumed*."""

FLAT = 1e-3
"""A direction of less curvature than this (a standard error beyond 30) is flat; its numerical
curvature would be rounding. *Assumed*."""

WORTH_A_STEP = 1e-12, 1e-3
"""A gain in log likelihood that is worth another step of Newton's method, on a hilltop and where
the ground is not that of one (a ridge to infinity has no end); *assumed*."""

_STEP = 1e-3
_LENGTHS = (1.0, 0.5, 0.25, 0.0625)


@dataclass(frozen=True)
class Fit(Generic[Params]):
    """A model estimated by maximum likelihood.

    Attributes
    ----------
    model : str
        Name of the model.
    params : NamedTuple of float
        Estimates; methods of the type give the model's expectations.
    se : NamedTuple of float
        Standard errors, same type; NaN for parameters along which the likelihood is flat.
    log_likelihood : float
        At the estimates.
    n : int
        Customers that took part.
    converged : bool
        A maximum inside the bounds, with a gradient near zero and all standard errors defined.
    unit : str
        Unit of time of the parameters, "" if they have none.
    message : str
        Why it did not converge, else "".
    log_covariance : array, shape (k, k)
        Covariance of the logarithms of the estimates; NaN where `se` is.
    """

    model: str
    params: Params
    se: Params
    log_likelihood: float
    n: int
    converged: bool
    unit: str
    message: str
    log_covariance: Vector = field(repr=False)

    def table(self, z: float = 1.959963984540054) -> pd.DataFrame:
        """Return one row a parameter: parameter, estimate, se, low, high.

        Parameters
        ----------
        z : float, default 1.96 (95 %)
            Half width of the interval in standard errors, taken on the log scale.
        """
        import pandas as pd

        estimate, width = np.array(self.params), z * np.sqrt(np.diag(self.log_covariance))
        names = list(self.params._fields)  # type: ignore[attr-defined]
        return pd.DataFrame(
            {
                "parameter": names,
                "estimate": estimate,
                "se": np.array(self.se),
                "low": estimate * np.exp(-width),
                "high": estimate * np.exp(width),
            }
        )


class Maximum(NamedTuple):
    """Where a log likelihood is greatest, in logarithms of the parameters.

    `loose` marks parameters that the data do not pin down; `message` is "" if the search ended
    at a maximum.
    """

    at: Vector
    value: float
    covariance: Vector
    loose: NDArray[np.bool_]
    message: str


LogLikelihood = Callable[[Vector], float]


def maximise(
    log_likelihood: LogLikelihood,
    starts: Sequence[Vector],
    *,
    rough: LogLikelihood | None = None,
    along: Vector | None = None,
) -> Maximum:
    """Find the greatest value of a log likelihood, and its curvature there.

    Parameters
    ----------
    log_likelihood : callable
        Of the logarithms of the parameters; finite up to `LOG_BOUND`.
    starts : sequence of array
        Logarithms of the parameters to climb from, at least one.
    rough : callable, optional
        A cheaper function of the same shape, to climb from the starts.
    along : array (k, k), optional
        Rows say which sums of the logarithms are searched along; None: each by itself. Worth it
        where parameters are only known together, as shape and rate of a gamma law.

    Returns
    -------
    Maximum
    """
    back: Vector = np.eye(len(starts[0])) if along is None else np.asarray(np.linalg.inv(along))

    def exact(at: Vector) -> float:
        return log_likelihood(back @ at)

    quick = exact if rough is None else lambda at: rough(back @ at)
    ends = [_climbed(quick, np.asarray(np.linalg.solve(back, start)), roughly=True) for start in starts]
    at = max(ends, key=exact)
    at, gradient, hessian = _summit(exact, at)
    covariance, flat = _covariance(hessian)
    flat |= np.abs(at) > LOG_BOUND - 0.01
    stopped = not flat.any() and gradient @ covariance @ gradient > 1e-6
    message = "the search stopped before a maximum" if stopped else ""
    return Maximum(back @ at, exact(at), *_carried_back(covariance, flat, back), message)


def fitted(model: str, kind: Callable[..., Params], maximum: Maximum, *, n: int, unit: str = "") -> Fit[Params]:
    """Carry a maximum back from logarithms to parameters.

    Parameters
    ----------
    model : str
        Name of the model.
    kind : type
        Its NamedTuple of parameters.
    maximum : Maximum
        Where the likelihood is greatest.
    n : int
        Customers that took part.
    unit : str
        Unit of time.

    Returns
    -------
    Fit
    """
    estimates = np.exp(maximum.at)
    params = kind(*map(float, estimates))
    message = maximum.message
    if maximum.loose.any():
        names = np.array(params._fields)[maximum.loose]  # type: ignore[attr-defined]
        message = f"the data do not pin down {', '.join(names)}"
    return Fit(
        model=model,
        params=params,
        se=kind(*map(float, estimates * np.sqrt(np.diag(maximum.covariance)))),
        log_likelihood=maximum.value,
        n=n,
        converged=not message,
        unit=unit,
        message=message,
        log_covariance=maximum.covariance,
    )


def _climbed(log_likelihood: LogLikelihood, start: Vector, *, roughly: bool = False) -> Vector:
    """Climb until a step gains next to nothing; roughly, to choose among summits: one part in 1e6."""
    from scipy.optimize import minimize

    bounds = [(-LOG_BOUND, LOG_BOUND)] * len(start)
    gain = {"ftol": 1e-6} if roughly else {}
    found: Vector = minimize(lambda at: -log_likelihood(at), start, method="L-BFGS-B", bounds=bounds, options=gain).x
    return found


def _summit(log_likelihood: LogLikelihood, at: Vector) -> tuple[Vector, Vector, Vector]:
    """Climb, refine, and climb again where that was not the end; the point, gradient and Hessian there."""
    for _ in range(4):
        at, gradient, hessian = _polished(log_likelihood, _climbed(log_likelihood, at))
        if _uphill(gradient, hessian) is None:
            break
    return at, gradient, hessian


def _polished(log_likelihood: LogLikelihood, at: Vector) -> tuple[Vector, Vector, Vector]:
    """Newton's method to the last digits; uphill too where the likelihood is not concave."""
    for _ in range(8):
        gradient, hessian = _derivatives(log_likelihood, at)
        step = _uphill(gradient, hessian)
        if step is None:
            break
        here = log_likelihood(at)
        ahead = (np.clip(at + length * step, -LOG_BOUND, LOG_BOUND) for length in _LENGTHS)
        better = next((there for there in ahead if log_likelihood(there) > here), None)
        if better is None:
            break
        at = better
    else:
        gradient, hessian = _derivatives(log_likelihood, at)
    return at, gradient, hessian


def _uphill(gradient: Vector, hessian: Vector) -> Vector | None:
    """Newton's step, with curvatures taken as if all bent downwards; None if it is not worth it."""
    if not np.all(np.isfinite(hessian)):
        return None
    values, vectors = np.linalg.eigh(-hessian)
    step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(values), FLAT))
    worth = WORTH_A_STEP[0] if values.min() > FLAT else WORTH_A_STEP[1]
    return np.clip(step, -1.0, 1.0) if gradient @ step >= worth else None


def _derivatives(function: LogLikelihood, at: Vector) -> tuple[Vector, Vector]:
    """Central differences with step h: gradient to order h^4, Hessian to order h^2."""
    k = len(at)
    unit = np.eye(k) * _STEP
    middle = function(at)
    up, down = (np.array([function(at + s * e) for e in unit]) for s in (1.0, -1.0))
    far = np.array([function(at + 2.0 * e) - function(at - 2.0 * e) for e in unit])
    hessian = np.diag((up - 2.0 * middle + down) / _STEP**2)
    for i in range(k):
        for j in range(i):
            corners = [function(at + s * unit[i] + t * unit[j]) * s * t for s in (1.0, -1.0) for t in (1.0, -1.0)]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4.0 * _STEP**2)
    return (8.0 * (up - down) - far) / (12.0 * _STEP), hessian


def _covariance(hessian: Vector) -> tuple[Vector, NDArray[np.bool_]]:
    """Invert minus the Hessian; parameters that take part in a flat direction get NaN."""
    if not np.all(np.isfinite(hessian)):
        return np.full_like(hessian, np.nan), np.ones(len(hessian), dtype=bool)
    values, vectors = np.linalg.eigh(-hessian)
    steep = values > FLAT
    loose = np.any(np.abs(vectors[:, ~steep]) > 0.01, axis=1)
    covariance = (vectors[:, steep] / values[steep]) @ vectors[:, steep].T
    covariance[loose, :] = covariance[:, loose] = np.nan
    return covariance, loose


def _carried_back(covariance: Vector, flat: NDArray[np.bool_], back: Vector) -> tuple[Vector, NDArray[np.bool_]]:
    """Covariance of the logarithms of the parameters, and which of them the data do not pin down."""
    known = np.where(flat[:, None] | flat, 0.0, covariance)
    carried = back @ known @ back.T
    unknown = (np.abs(back) > 0.0) @ flat
    loose = unknown | (np.diag(carried) > LARGEST_LOG_SE**2)
    carried[unknown, :] = carried[:, unknown] = np.nan
    return carried, loose

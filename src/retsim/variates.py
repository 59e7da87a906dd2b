"""From a uniform to a quantity: monotone inverses only, one uniform each.

A monotone inverse is what makes paired luck sharp: a higher uniform is never a lower quantity, whatever the
parameters, and no rejection loop can use up another decision's numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from retsim.jit import kernel, rule
from retsim.numerics import log

_A = (3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4,
      4.5921953931549871457e4, 6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3)  # fmt: skip
_B = (1.0, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3,
      2.1213794301586595867e4, 3.9307895800092710610e4, 2.8729085735721942674e4, 5.2264952788528545610e3)  # fmt: skip
_C = (1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
      1.27045825245236838258, 2.4178072517745061177e-1, 2.27238449892691845833e-2, 7.7454501427834140764e-4)  # fmt: skip
_D = (1.0, 2.05319162663775882187, 1.67638483018380384940, 6.8976733498510000455e-1,
      1.4810397642748007459e-1, 1.51986665636164571966e-2, 5.475938084995344946e-4, 1.05075007164441684324e-9)  # fmt: skip


@rule
def _polynomial(a, x):
    x2 = x * x
    low = (a[0] + a[1] * x) + x2 * (a[2] + a[3] * x)
    high = (a[4] + a[5] * x) + x2 * (a[6] + a[7] * x)
    return low + x2 * x2 * high


@rule
def exponential(u):
    """Exp(1) from a uniform: -ln(u)."""
    return -log(u)


def exponentials(u: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Exp(1) from each of many uniforms: NumPy's logarithm has other last bits on other processors."""
    out = np.empty(u.size)
    _fill_exponentials(np.ascontiguousarray(u), out)
    return out


@kernel
def _fill_exponentials(u, out):
    for k in range(u.size):
        out[k] = exponential(u[k])


@rule
def gumbel(u):
    """Standard Gumbel from a uniform: -ln(-ln(u))."""
    return -log(-log(u))


@rule
def normal(u):
    """Standard normal quantile to about 1e-15 for u in [2**-33, 1 - 2**-33] (Wichura 1988, AS 241, PPND16).

    Its third branch, r > 5, cannot be reached from a 32-bit uniform.
    """
    return normal_centre(u) if abs(u - 0.5) <= CENTRE else normal_tail(u)


CENTRE = 0.425
"""Distance from 1/2 up to which a uniform is in the centre: 85 % are."""


@rule
def normal_centre(u):
    """The quantile in the centre."""
    q = u - 0.5
    middle = 0.180625 - q * q
    return q * _polynomial(_A, middle) / _polynomial(_B, middle)


@rule
def normal_tail(u):
    """The quantile in the tails."""
    q = u - 0.5
    r = math.sqrt(-log(u if q < 0.0 else 1.0 - u)) - 1.6
    tail = _polynomial(_C, r) / _polynomial(_D, r)
    return -tail if q < 0.0 else tail

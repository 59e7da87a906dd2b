"""BG/NBD: customers buy at random and may leave after each purchase.

A customer buys as a Poisson process of rate lambda ~ Gamma(r, alpha) and after every *repeat*
purchase leaves for good with probability p ~ Beta(a, b). Nobody leaves before a repeat purchase.

Source: Fader, Hardie & Lee (2005), "Counting your customers" the easy way, Marketing Science
24(2), 275-284: equation (6) for the likelihood, (9) and (10) for the expectations; P(alive)
from their 2008 note.
"""

from __future__ import annotations

from functools import partial
from itertools import product

import numpy as np
from numpy.typing import NDArray

from retsim.calibrate.customer_classes import Classes, classes
from retsim.calibrate.estimation import Fit, fitted, maximise
from retsim.calibrate.summary import Summary
from retsim.crm.buying import BgNbd

__all__ = ["BgNbd", "fit_bgnbd"]

Vector = NDArray[np.float64]


def fit_bgnbd(summary: Summary) -> Fit[BgNbd]:
    """Estimate the BG/NBD by maximum likelihood.

    Parameters
    ----------
    summary : Summary
        Customers of a calibration period.

    Returns
    -------
    Fit of BgNbd
        In the summary's unit of time.

    Raises
    ------
    FitError
        Too few customers, or nobody bought again.
    """
    found = classes(summary)
    scale = float(found.T.max())

    def total(at: Vector, among: Classes = found) -> float:
        r, alpha, a, b = np.exp(at)
        each = BgNbd(r, alpha * scale, a, b).log_likelihood(among.x, among.t_x, among.T)
        return float(among.weight @ each)

    alpha = 0.5 / found.purchase_rate() / scale
    starts = [np.log([r, r * alpha, 0.5, b]) for r, b in product((0.3, 1.5), (2.0, 10.0))]
    best = maximise(total, starts, rough=partial(total, among=found.thinned()))
    in_units = best._replace(at=best.at + np.log([1.0, scale, 1.0, 1.0]))
    return fitted("BG/NBD", BgNbd, in_units, n=summary.n, unit=summary.unit)

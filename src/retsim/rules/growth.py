"""R12: what tenure and satisfaction do to spend, purchase rate and cost to serve."""

from __future__ import annotations

from retsim.jit import rule
from retsim.numerics import exp


@rule
def risen(months, scale):
    """Share of a ceiling reached: 1 - exp(-months / scale); 63 % after `scale` months. Assumed form."""
    return 1.0 - exp(-months / scale)


@rule
def spend_multiple(tenure, satisfaction, b):
    """Spend per occasion as a multiple of the usual basket.

    Formula: min(ceiling, 1 + spend_growth risen(tenure) + satisfaction_growth (S - 1/2)), never below 0. Reichheld &
    Sasser (1990): share of wallet; loyal customers spend 2 to 4 times.
    """
    multiple = 1.0 + b.satisfaction_growth * (satisfaction - 0.5)
    if b.spend_growth != 0.0:
        multiple += b.spend_growth * risen(tenure, b.growth_scale)
    return min(max(multiple, 0.0), b.growth_ceiling)


@rule
def rate_multiple(tenure, b):
    """Purchase rate as a multiple of the customer's own: 1 + rate_growth risen(tenure). R1, R12; assumed form."""
    if b.rate_growth == 0.0:
        return 1.0
    return 1.0 + b.rate_growth * risen(tenure, b.growth_scale)


@rule
def serving_multiple(tenure, b):
    """Cost to serve as a multiple of a newcomer's: 1 - service_saving risen(tenure). Reichheld & Sasser (1990)."""
    if b.service_saving == 0.0:
        return 1.0
    return 1.0 - b.service_saving * risen(tenure, b.saving_scale)

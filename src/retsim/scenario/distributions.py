"""All families of distributions, and their union by the word in `dist`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from retsim.scenario.ended import VALUES_LIMIT, Beta, Constant, Uniform, Values
from retsim.scenario.family import Distribution, Floats
from retsim.scenario.tailed import Gamma, InverseGamma, Lognormal, Normal

__all__ = [
    "VALUES_LIMIT",
    "AnyDistribution",
    "Beta",
    "Constant",
    "Distribution",
    "Floats",
    "Gamma",
    "InverseGamma",
    "Lognormal",
    "Normal",
    "Uniform",
    "Values",
]

AnyDistribution = Annotated[
    Constant | Uniform | Normal | Lognormal | Gamma | InverseGamma | Beta | Values,
    Field(discriminator="dist"),
]

"""How a trait differs between customers: a family of distributions, drawn by its inverse from one uniform.

Owns what every family can do; refuses to draw anything: uniforms come from `retsim.streams`. A quantile is
computed value by value with scalar C functions, so that it does not depend on its place in an array.
"""

from __future__ import annotations

import math
from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from retsim.scenario.fields import Model

__all__ = ["FAR", "LAST_DRAW", "Distribution", "Floats"]

Floats = NDArray[np.float64]

LAST_DRAW = 33 * math.log(2)
"""No uniform comes nearer to 0 or 1 than exp(-LAST_DRAW) = 2**-33 (`retsim.streams.unit`)."""
FAR = 10.0
"""No normal draw lies further out, in standard deviations: even after truncation to a mass of 1e-12."""


class Distribution(Model):
    """A family; `dist` names it in a file."""

    @abstractmethod
    def quantile(self, u: Floats) -> Floats:
        """Value below which a share `u` of the customers lies.

        Parameters
        ----------
        u : float array
            Uniforms in 0..1.

        Returns
        -------
        float array of the same shape
        """

    @abstractmethod
    def mean(self) -> float:
        """The expected value."""

    @abstractmethod
    def support(self) -> tuple[float, float]:
        """Smallest and largest value that the family allows, possibly infinite."""

    def reach(self) -> tuple[float, float]:
        """A range that no draw of ours can leave, however many customers there are."""
        return self.support()

    @property
    def constant(self) -> bool:
        """Whether all customers get the same value."""
        low, high = self.support()
        return low == high

"""Tags (R21): labels for customers by what the database says of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retsim.crm.database import Customers

__all__ = ["FIGURES", "PROGRAMMES", "Ends", "bears"]

FIGURES = (
    "tenure", "recency", "frequency", "revenue", "complaints", "recent_complaints", "contract_left", "answer",
    "answer_age",
)  # fmt: skip
"""Figures of the database that a tag can look at."""
PROGRAMMES = ("price", "contact", "core", "win_back", "survey")
"""Programmes that can be kept for customers with a tag."""


class Ends(Protocol):
    """Ends of a range, the lower included, the upper excluded; None: no end."""

    @property
    def at_least(self) -> float | None:
        """Lower end."""

    @property
    def below(self) -> float | None:
        """Upper end."""


def bears(tag: Mapping[str, Ends], seen: Customers) -> npt.NDArray[np.bool_]:
    """Whether each of the firm's customers meets every condition of a tag; what is not known (NaN) meets none."""
    fits = np.ones(seen.number.size, bool)
    for figure, ends in tag.items():
        value = getattr(seen, figure)
        low = -math.inf if ends.at_least is None else ends.at_least
        high = math.inf if ends.below is None else ends.below
        fits &= (value >= low) & (value < high)
    return fits

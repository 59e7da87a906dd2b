"""Boxes: the conditions under which a strategy loses, and what is known of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Mask = npt.NDArray[np.bool_]
Limits = dict[str, tuple[float, float]]
"""By key, from where to where; infinite where there is no limit. Keys without any are left out."""

__all__ = ["Box", "Boxes", "Facts", "Limits", "Mask", "Rules", "conditions", "inside"]


class Rules(NamedTuple):
    """How boxes are looked for.

    Attributes
    ----------
    density : float
        Share of the worlds in a box that must be lost, at least. Of such boxes on PRIM's way the one is taken whose
        harmonic mean of coverage and density is the greatest.
    boxes : int
        At most so many, each among the worlds outside the ones before.
    least : float
        Share of all worlds that a box must hold, at least.
    resamples : int
        Halves of the worlds on which the first box is found anew; 0: none.
    seed : int
        Of those halves.
    """

    density: float = 0.8
    boxes: int = 3
    least: float = 0.05
    resamples: int = 10
    seed: int = 0


class Box(NamedTuple):
    """Conditions under which a strategy loses.

    Attributes
    ----------
    limits : dict of str to (float, float)
        By key, from where to where; infinite at an open end. Limits that chance could have made are not among them.
    quasi_p : dict of str to float
        Probability that chance alone would make the lost share that the key's limits make, given the others.
    coverage : float
        Share of all lost worlds that are in the box (and in none before).
    density : float
        Share of the worlds in the box that are lost.
    n, lost : int
        Worlds in the box, and lost ones.
    """

    limits: Limits
    quasi_p: dict[str, float]
    coverage: float
    density: float
    n: int
    lost: int


class Facts(NamedTuple):
    """What a discovery is about.

    Attributes
    ----------
    loser : str
    others : tuple of str
    metric : str
    replications, seed : int
    unsure : int
        Worlds in which the 95 % interval of the difference includes 0: luck may have put them on the wrong side.
    """

    loser: str
    others: tuple[str, ...]
    metric: str
    replications: int
    seed: int
    unsure: int


class Boxes:
    """Where a strategy loses; made by `retsim.discover`.

    Attributes
    ----------
    worlds : DataFrame
        Values by key, one row a world.
    lost : bool (n_worlds,)
    boxes : tuple of Box
    resampled : DataFrame
        One row a half of the worlds on which the first box was found anew: `density` and `coverage` on the *other* half,
        and for each key whether it was limited.
    rules : Rules
    facts : Facts
    """

    def __init__(
        self,
        cases: tuple[pd.DataFrame, Mask],
        boxes: tuple[Box, ...],
        resampled: pd.DataFrame,
        asked: tuple[Rules, Facts],
    ) -> None:
        self.worlds, self.lost = cases
        self.boxes, self.resampled = boxes, resampled
        self.rules, self.facts = asked

    def __repr__(self) -> str:
        return f"<Boxes: {self.sentence()}>"

    @property
    def table(self) -> pd.DataFrame:
        """One row a (box, key): `low`, `high` (infinite where open), `quasi_p`, `reproduced`; and the box's figures.

        `reproduced` is the share of the halves in which the first box limits the key, NaN for further boxes;
        `coverage`, `density`, `n`, `lost` are the box's.
        """
        import pandas as pd

        rows = [
            {
                "box": k, "key": key, "low": low, "high": high, "quasi_p": box.quasi_p[key],
                "reproduced": float(self.resampled[key].mean()) if k == 1 and len(self.resampled) else math.nan,
                "coverage": box.coverage, "density": box.density, "n": box.n, "lost": box.lost,
            }
            for k, box in enumerate(self.boxes, start=1)
            for key, (low, high) in box.limits.items()
        ]  # fmt: skip
        columns = ["box", "key", "low", "high", "quasi_p", "reproduced", "coverage", "density", "n", "lost"]
        return pd.DataFrame(rows, columns=columns)

    def sentence(self) -> str:
        """The answer in words."""
        against, n = " or ".join(self.facts.others), len(self.lost)
        start = f"{self.facts.loser} loses against {against} in {int(self.lost.sum())} of {n} worlds"
        if not self.boxes:
            return f"{start}; no conditions were found under which it does so in {100 * self.rules.density:g} % of them"
        first = self.boxes[0]
        text = (
            f"{start}, mostly where {conditions(first.limits)}: lost are {100 * first.density:.0f} % of the {first.n} worlds "
            f"there, {100 * first.coverage:.0f} % of all that are lost"
        )
        if len(self.resampled):
            text += f" (on worlds it was not found on: {100 * self.resampled['density'].mean():.0f} %)"
        return text


def conditions(limits: Limits) -> str:
    """Limits in words: "a > 3 and b from 1 to 2"."""
    words = []
    for key, (low, high) in limits.items():
        if math.isinf(low):
            words.append(f"{key} < {high:.3g}")
        else:
            words.append(f"{key} > {low:.3g}" if math.isinf(high) else f"{key} from {low:.3g} to {high:.3g}")
    return " and ".join(words)


def inside(worlds: pd.DataFrame, limits: Limits) -> Mask:
    """Which worlds lie within limits."""
    mask = np.ones(len(worlds), bool)
    for key, (low, high) in limits.items():
        x = worlds[key].to_numpy()
        mask &= (low <= x) & (x <= high)
    return mask

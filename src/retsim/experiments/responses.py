"""A measure at many points: one number a replication and point, of one scenario, or of two with the same luck."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.experiments.design import Point, changed
from retsim.experiments.making import Making, Way

if TYPE_CHECKING:
    from retsim.scenario import Scenario

__all__ = ["responses"]


def responses(
    scenarios: Mapping[str, Scenario], points: Sequence[Point], metric: str, way: Way, span: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """A measure at points, all with the same luck.

    Parameters
    ----------
    scenarios : mapping of str to Scenario
        One, or two: then the second less the first, paired.
    points : sequence of dict
        Values by key.
    metric : str
        One of `retsim.MEASURES`.
    way : Way
    span : (int, int)
        Replications first to last - 1.

    Returns
    -------
    float64 (last - first, n_points)
        NaN where a run could not be made.
    """
    cells = {
        f"{name} [point {k}: {', '.join(f'{key} = {value}' for key, value in point.items())}]": (name, point)
        for k, point in enumerate(points)
        for name in scenarios
    }
    first, last = span
    with Making({label: changed(scenarios[name], point) for label, (name, point) in cells.items()}, way, first) as made:
        made.reach(last)
        arms = made.study().arms
    values = np.full((last - first, len(cells)), np.nan)
    for place, label in enumerate(cells):
        found = arms[label].measured()[metric]
        values[found.index - first, place] = found
    return values if len(scenarios) == 1 else values[:, 1::2] - values[:, ::2]

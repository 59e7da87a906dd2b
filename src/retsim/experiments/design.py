"""Points at which scenarios are tried: a grid, a Latin hypercube, or a Sobol sequence.

References
----------
McKay, M. D., Beckman, R. J. and Conover, W. J. (1979), "A comparison of three methods for selecting values of input
variables", Technometrics 21(2), 239-245: Latin hypercube.
Sobol, I. M. (1967), "On the distribution of points in a cube", USSR Computational Mathematics 7(4), 86-112; scrambled
as in Owen, A. B. (1998), Journal of Complexity 14(4), 466-489.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.results.simulate import KEY_LIMIT, whole

if TYPE_CHECKING:
    from retsim.scenario import Scenario

KINDS = ("sobol", "latin", "grid")
_MOST = 1_000_000

Point = dict[str, Any]

__all__ = ["KINDS", "Design", "Point", "changed", "grid", "spanned"]


class Design(NamedTuple):
    """How points are laid into ranges.

    Attributes
    ----------
    kind : {"sobol", "latin", "grid"}
        Sobol: the first n points of a longer design are the shorter one, so more can be added, and powers of two are
        even. Latin hypercube: each range is cut into n slices, and each is met once. Grid: n values a range, ends
        included, in all combinations.
    points : int
        n.
    seed : int
        Of the scrambling; of nothing in the runs.
    """

    kind: str = "sobol"
    points: int = 16
    seed: int = 0


def grid(values: Mapping[str, Sequence[Any]]) -> list[Point]:
    """All combinations of values by key; one empty point of no keys.

    Raises
    ------
    TypeError, ValueError
        A key has no values, or not a list of them.
    """
    for key, some in values.items():
        if isinstance(some, str) or not isinstance(some, Sequence) or not len(some):
            raise TypeError(f"{key} = {some!r:.60}, must be a list of values, at least one")
    if math.prod(len(some) for some in values.values()) > _MOST:
        raise ValueError(f"there are more than {_MOST:,} combinations of {', '.join(values)}; give fewer values")
    return [dict(zip(values, some, strict=True)) for some in itertools.product(*values.values())]


def spanned(ranges: Mapping[str, tuple[float, float]], design: Design) -> list[Point]:
    """Points in ranges (low, high) by key; one empty point of no keys.

    Raises
    ------
    TypeError, ValueError
        A range or the design is not what it must be.
    """
    for key, span in ranges.items():
        _check_range(key, span)
    _check(design)
    if not ranges:
        return [{}]
    if design.kind == "grid":
        return grid({key: _steps(low, high, design.points) for key, (low, high) in ranges.items()})
    unit = _unit_points(design, len(ranges))
    return [
        {key: low + float(u) * (high - low) for u, (key, (low, high)) in zip(row, ranges.items(), strict=True)}
        for row in unit
    ]


def changed(scenario: Scenario, point: Point) -> Scenario:
    """The scenario at a point; where a key takes whole numbers only, the nearest one.

    A star stands for every name: "segments.*.traits.vanish_rate" is that of all segments alike.

    Raises
    ------
    ScenarioError
        A key or value that the scenario does not take.
    """
    from retsim.scenario import ScenarioError

    if not point:
        return scenario
    point = _for_each(scenario, point)
    try:
        return scenario.with_(**point)
    except ScenarioError:
        inexact = {key for key, x in point.items() if isinstance(x, float) and _is_whole(scenario, key)}
        if not inexact:
            raise
        return scenario.with_(**{key: round(x) if key in inexact else x for key, x in point.items()})


def _for_each(scenario: Scenario, point: Point) -> Point:
    """The point with a key for each name that a star stands for."""
    out: Point = {}
    for key, value in point.items():
        table, star, rest = key.partition(".*.")
        names = getattr(scenario, table, None) if star else None
        if isinstance(names, Mapping):
            out |= {f"{table}.{name}.{rest}": value for name in names}
        else:
            out[key] = value
    return out


def _is_whole(scenario: Scenario, key: str) -> bool:
    """Whether a key of a scenario takes whole numbers only: asks it."""
    from retsim.scenario import ScenarioError

    try:
        scenario.with_(**{key: 1.5})
    except ScenarioError:
        try:
            scenario.with_(**{key: 2})
        except ScenarioError:
            return False
        return True
    return False


def _unit_points(design: Design, dimensions: int) -> Any:
    """Points in the unit cube."""
    from scipy.stats import qmc

    if design.kind == "latin":
        return qmc.LatinHypercube(dimensions, seed=design.seed).random(design.points)
    # The whole power of two is drawn, because a part of one is no even design; the first points are then taken.
    sequence = qmc.Sobol(dimensions, scramble=True, seed=design.seed)
    return sequence.random_base2(max(0, math.ceil(math.log2(design.points))))[: design.points]


def _steps(low: float, high: float, n: int) -> list[float]:
    """Evenly from low to high, the ends exact."""
    return [low] if n == 1 else [low + (high - low) * k / (n - 1) for k in range(n - 1)] + [high]


def _check_range(key: str, span: Any) -> None:
    if not isinstance(span, Sequence) or isinstance(span, str) or len(span) != 2:
        raise TypeError(f"{key} = {span!r:.60}, must be a range (low, high)")
    low, high = span
    if not all(isinstance(x, int | float) and math.isfinite(x) for x in span) or not low < high:
        raise ValueError(f"{key} = {span!r:.60}, must be a range (low, high) of two numbers, the lower first")


def _check(design: Design) -> None:
    if design.kind not in KINDS:
        raise ValueError(f"design.kind = {design.kind!r}, must be one of {', '.join(map(repr, KINDS))}")
    whole("design.points", design.points, 1, _MOST)
    whole("design.seed", design.seed, 0, KEY_LIMIT - 1)

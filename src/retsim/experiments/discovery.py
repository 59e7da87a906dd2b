"""Scenario discovery: the conditions under which a strategy loses.

PRIM (the patient rule induction method, from `ema_workbench`) peels the cloud of worlds, a few at a time, down to a box
in which most are lost. A box is a rule that can be said aloud: "loses where churn is above 3 % and margin below 40 %".
What is said of a box is held against luck and chance: the quasi-p-value of each limit, and what becomes of the box when
it is found on half of the worlds and tried on the other half.

References
----------
Friedman, J. H. and Fisher, N. I. (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9, 123-143.
Bryant, B. P. and Lempert, R. J. (2010), "Thinking inside the box: a participatory, computer-assisted approach to
scenario discovery", Technological Forecasting and Social Change 77(1), 34-49: coverage, density, quasi-p-values and
the resampling test.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.experiments.differences import check_metric
from retsim.results.intervals import mean_interval
from retsim.results.measures import MEASURES
from retsim.results.simulate import KEY_LIMIT, whole

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.sweep import Sweep

Mask = npt.NDArray[np.bool_]
Limits = dict[str, tuple[float, float]]
"""By key, from where to where; infinite where there is no limit. Keys without any are left out."""
_FEWEST_WORLDS, _FEWEST_CASES = 64, 10
_SIGNIFICANT = 0.05
_PEELS = (0.05, 0.1, 0.2)
"""Shares of a box that a step may peel off: where worlds are few, a small one holds too few to show that it is a gain."""
_LEAST_COVERAGE = 0.1
"""Share of the lost worlds that a further box must hold."""

__all__ = ["Box", "Boxes", "Rules", "discover"]


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


def discover(
    found: Sweep, lose: str | None = None, metric: str = "discounted_profit", rules: Rules | None = None
) -> Boxes:
    """Find the conditions under which a strategy loses against the others.

    Parameters
    ----------
    found : Sweep
        Of two scenarios or more at one setting of the levers, in 64 worlds or more.
    lose : str, optional
        The scenario whose losing is looked for; None: the last.
    metric : str
        One of `retsim.MEASURES`. A world is lost if the scenario's mean over replications is worse than that of the
        best of the others.
    rules : Rules, optional

    Returns
    -------
    Boxes

    Raises
    ------
    ModuleNotFoundError
        ema_workbench is not there; ``pip install "retsim[analysis]"`` brings it.
    ValueError
        Too few worlds, or nearly all are lost or won: says how many there are and how many it takes.
    """
    import pandas as pd

    asked = _checked(rules or Rules())
    check_metric(metric)
    lead, names, loser = _leads(found, lose, metric)
    worlds = pd.DataFrame(found.states).iloc[list(lead)]
    means = np.array([np.mean(x) for x in lead.values()])
    unsure = sum(not (found.low > 0.0 or found.high < 0.0) for found in map(mean_interval, lead.values()))
    lost = means < 0.0
    _check_cases(worlds, lost, loser)
    others = tuple(name for name in names if name != loser)
    facts = Facts(loser, others, metric, found.study.replications, found.study.seed, unsure)
    return _boxes(worlds.reset_index(drop=True).astype(float), lost, asked, facts)


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


def _boxes(worlds: pd.DataFrame, lost: Mask, rules: Rules, facts: Facts) -> Boxes:
    import pandas as pd

    boxes: list[Box] = []
    free = np.ones(len(lost), bool)
    while len(boxes) < rules.boxes and lost[free].sum() >= _FEWEST_CASES:
        limits = _found(worlds[free], lost[free], rules, len(lost))
        if limits is None:
            break
        box = _described(worlds, (lost, free), limits)
        if boxes and box.coverage < _LEAST_COVERAGE:
            break
        boxes.append(box)
        free &= ~inside(worlds, limits)
    halves = _resampled(worlds, lost, rules) if boxes else []
    resampled = pd.DataFrame(halves, columns=["density", "coverage", *worlds.columns])
    return Boxes((worlds, lost), tuple(boxes), resampled, (rules, facts))


def _found(worlds: pd.DataFrame, lost: Mask, rules: Rules, everything: int) -> Limits | None:
    """The limits of the best box that is dense enough, without those that chance could have made."""
    prim, x, peeled = _prim(), worlds.reset_index(drop=True), list[Limits]()
    least = min(max(rules.least * everything / len(x), 2.0 / len(x)), 0.99)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for peel in _PEELS:
            box = prim.Prim(x, lost.astype(float), threshold=rules.density, peel_alpha=peel, mass_min=least).find_box()
            peeled += [_limits(lims, x) for lims in box.box_lims] if box is not None else []
    dense = [limits for limits in peeled if limits and lost[inside(x, limits)].mean() >= rules.density]
    best = max(dense, key=lambda limits: _balance(lost, inside(x, limits)), default=None)
    return _pruned(x, lost, best) or None if best else None


def _balance(lost: Mask, mask: Mask) -> float:
    """Harmonic mean of coverage and density."""
    return 2.0 * float(lost[mask].sum()) / float(lost.sum() + mask.sum())


def _limits(lims: pd.DataFrame, x: pd.DataFrame) -> Limits:
    out = {}
    for key in x.columns:
        low, high = float(lims[key].iloc[0]), float(lims[key].iloc[1])
        ends = (low if low > x[key].min() else -math.inf, high if high < x[key].max() else math.inf)
        if ends != (-math.inf, math.inf):
            out[str(key)] = ends
    return out


def _pruned(x: pd.DataFrame, lost: Mask, limits: Limits) -> Limits:
    """Limits without the least significant end, again and again, until all are significant."""
    while limits:
        without = [
            _opened(limits, key, end) for key, span in limits.items() for end in (0, 1) if math.isfinite(span[end])
        ]
        p, worst = max(((_chance(x, lost, limits, wider), k) for k, wider in enumerate(without)))
        if p <= _SIGNIFICANT:
            break
        limits = without[worst]
    return limits


def _opened(limits: Limits, key: str, end: int) -> Limits:
    """Limits without one end of a key."""
    low, high = limits[key]
    span = (-math.inf, high) if end == 0 else (low, math.inf)
    rest = limits | {key: span}
    return {k: v for k, v in rest.items() if v != (-math.inf, math.inf)}


def _quasi_p(x: pd.DataFrame, lost: Mask, limits: Limits, key: str) -> float:
    """What chance alone would make of a key's limits, given the others."""
    return _chance(x, lost, limits, {k: span for k, span in limits.items() if k != key})


def _chance(x: pd.DataFrame, lost: Mask, limits: Limits, wider: Limits) -> float:
    """Binomial probability of at least as many lost worlds in a box, at the share of lost ones in a wider box."""
    from scipy.special import bdtrc

    mask = inside(x, limits)
    n, k = int(mask.sum()), int(lost[mask].sum())
    return 1.0 if k == 0 else float(bdtrc(k - 1, n, lost[inside(x, wider)].mean()))


def _described(worlds: pd.DataFrame, cases: tuple[Mask, Mask], limits: Limits) -> Box:
    lost, free = cases
    mask = inside(worlds, limits) & free
    n, k = int(mask.sum()), int(lost[mask].sum())
    x, mine = worlds[free], lost[free]
    return Box(limits, {key: _quasi_p(x, mine, limits, key) for key in limits}, k / int(lost.sum()), k / n, n, k)


def _resampled(worlds: pd.DataFrame, lost: Mask, rules: Rules) -> list[dict[str, float]]:
    """The first box found on a random half of the worlds, and tried on the other half."""
    # Resampling is no part of a run, so its numbers need not come from `retsim.streams`.
    dice = np.random.Generator(np.random.PCG64(rules.seed))
    rows: list[dict[str, float]] = []
    for _ in range(rules.resamples):
        half = dice.permutation(len(lost)) < len(lost) // 2
        limits = _found(worlds[half], lost[half], rules, int(half.sum())) or {}
        there = inside(worlds[~half], limits) if limits else np.zeros(int((~half).sum()), bool)
        other = lost[~half]
        density = float(other[there].mean()) if there.any() else math.nan
        coverage = float(other[there].sum() / max(other.sum(), 1))
        rows.append({"density": density, "coverage": coverage} | {key: float(key in limits) for key in worlds.columns})
    return rows


def _leads(found: Sweep, lose: str | None, metric: str) -> tuple[Mapping[int, npt.NDArray[np.float64]], list[str], str]:
    """By world how far the loser leads the best of the others, a replication at a time; and who they are."""
    runs: Any = found.runs
    names = list(dict.fromkeys(runs["scenario"]))
    loser = names[-1] if lose is None else lose
    if loser not in names or len(names) < 2:
        raise ValueError(f"lose = {loser!r}, must be one of two scenarios or more of the sweep: {', '.join(names)}")
    if len(found.settings) > 1:
        raise ValueError(
            f"the sweep has {len(found.settings)} settings of the levers, must have one: sweep worlds alone"
        )
    columns = MEASURES[metric].better * runs.pivot(index=["world", "replication"], columns="scenario", values=metric)
    lead = {}
    for world, mine in columns.dropna().groupby(level="world"):
        rest = mine.drop(columns=loser)
        lead[int(world)] = (mine[loser] - rest[rest.mean().idxmax()]).to_numpy(float)
    return lead, names, loser


def _prim() -> Any:
    try:
        with warnings.catch_warnings():
            # It tells of parallel packages that we have no use for.
            warnings.simplefilter("ignore")
            from ema_workbench.analysis import prim
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(f'{error}; discovery needs ema_workbench: pip install "retsim[analysis]"') from None
    return prim


def _check_cases(worlds: pd.DataFrame, lost: Mask, loser: str) -> None:
    n, k = len(lost), int(lost.sum())
    if n < _FEWEST_WORLDS:
        raise ValueError(
            f"the sweep has {n} worlds, must have {_FEWEST_WORLDS} or more; give design=Design(points=...)"
        )
    if worlds.shape[1] < 1:
        raise ValueError("the sweep varies nothing that is uncertain; give worlds={key: (low, high)}")
    if min(k, n - k) < _FEWEST_CASES:
        more = math.ceil(n * _FEWEST_CASES / max(min(k, n - k), 1))
        raise ValueError(
            f"{loser} loses in {k} of {n} worlds, must lose and win in {_FEWEST_CASES} or more; widen the ranges, or take "
            f"about {more:,} worlds"
        )


def _checked(rules: Rules) -> Rules:
    for name in ("density", "least"):
        if not 0.0 < getattr(rules, name) < 1.0:
            raise ValueError(f"rules.{name} = {getattr(rules, name)!r}, must lie strictly between 0 and 1")
    for name, low in (("boxes", 1), ("resamples", 0), ("seed", 0)):
        whole(f"rules.{name}", getattr(rules, name), low, KEY_LIMIT - 1)
    return rules

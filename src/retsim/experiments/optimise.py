"""The best split of a budget on noisy runs: how good, how sure, and how flat the top is.

In three steps. Search: DIRECT, a global method without derivatives, on the mean over a fixed set of replications;
because the luck is the same everywhere, that mean is a plain function (sample average approximation). With three
levers or more a third of the points goes to COBYQA, a local method, from the best that DIRECT found. The corners and
the faces next to the best are tried as well, because DIRECT only comes near them. Choice: the best few are run again
with fresh luck, because the best of many noisy means looks better than it is. Top: how far one may go from the best
and lose no more than a stated share.

References
----------
Jones, D. R., Perttunen, C. D. and Stuckman, B. E. (1993), "Lipschitzian optimization without the Lipschitz constant",
Journal of Optimization Theory and Applications 79(1), 157-181, in the locally biased form of Gablonsky and Kelley
(2001), Journal of Global Optimization 21(1), 27-37 (`scipy.optimize.direct`).
Ragonneau, T. M. and Zhang, Z. (2024), COBYQA, derivative-free trust regions (`scipy.optimize.minimize`).
Kleywegt, A. J., Shapiro, A. and Homem-de-Mello, T. (2002), "The sample average approximation method for stochastic
discrete optimization", SIAM Journal on Optimization 12(2), 479-502.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack

import numpy as np
import numpy.typing as npt

from retsim.experiments.best import chances
from retsim.experiments.design import Point
from retsim.experiments.differences import check_metric
from retsim.experiments.divisions import Levers
from retsim.experiments.making import Way
from retsim.experiments.responses import responses
from retsim.experiments.sweep import How
from retsim.results.intervals import mean_interval
from retsim.results.measures import MEASURES
from retsim.results.simulate import check_scenario, whole

if TYPE_CHECKING:
    import pandas as pd

    from retsim.scenario import Scenario

Floats = npt.NDArray[np.float64]
Evaluate = Callable[[Sequence[Point], tuple[int, int]], Floats]
"""Scores (replications, points), more is better, of some points in replications first to last - 1."""
_MOST_KEYS = 8
_CLOSE = 1e-9
_LOCAL_FROM = 3
"""Levers from which a local search follows the global one."""

__all__ = ["Optimum", "Search", "optimise"]


class Search(NamedTuple):
    """How the best is looked for.

    Attributes
    ----------
    metric : str
        One of `retsim.MEASURES`.
    points : int
        Points that the search may try, 5 or more; about 30 a lever are a search, fewer a look around.
    replications : int
        At each of them, 2 or more.
    finalists : int
        Points that are run again with fresh luck, 2 or more.
    fresh : int
        Replications of each of those, 4 or more.
    tolerance : float
        Share of the best value that may be lost for a point to count as just as good, between 0 and 1.
    """

    metric: str = "discounted_profit"
    points: int = 25
    replications: int = 20
    finalists: int = 5
    fresh: int = 100
    tolerance: float = 0.01


def optimise(
    scenario: Scenario,
    over: Mapping[str, Sequence[Any]] | None = None,
    search: Search | None = None,
    **how: Unpack[How],
) -> Optimum:
    """Find the best values of some levers.

    Parameters
    ----------
    scenario : Scenario
        Everything else is as it says there, the budget included.
    over : mapping of str to (low, high), optional
        Levers with their ranges; None: ``{"budget.retention_share": (0.0, 1.0)}``. Two keys stand for all ways to
        divide money: "budget.mix" that which keeps (levels and service), "budget.winning" that which wins (channels).
        Their value is ``(0.0, 1.0)``, or the parts: ``("advertising", "promotion", "referral")``. A division into k
        parts counts as k - 1 levers, and there may be eight.
    search : Search, optional
    **how
        `seed`, `threads`, `workers`, `progress`, `folder`, as in `retsim.compare`.

    Returns
    -------
    Optimum

    Raises
    ------
    TypeError, ValueError
        An argument is not what it must be.
    """
    check_scenario(scenario)
    ranges = dict(over or {"budget.retention_share": (0.0, 1.0)})
    wanted = _checked(Levers(ranges), search or Search())

    def evaluate(points: Sequence[Point], span: tuple[int, int]) -> Floats:
        values = responses({"": scenario}, points, wanted.metric, Way(**how), span)
        return MEASURES[wanted.metric].better * values

    return _optimum(evaluate, ranges, wanted)


class Optimum:
    """The best of what was tried; made by `retsim.optimise`.

    Attributes
    ----------
    search : Search
    tried : DataFrame
        One row a point of the search, in order of the levers: levers, `mean` and its interval, `loss` against the
        best found with its interval (paired), `as_good`: the upper end of that is at most `tolerance` of the best.
    finalists : DataFrame
        With fresh luck, the least expected regret first: levers, `mean`, `low`, `high`, `p_best`, `regret`, `n`.
    """

    def __init__(self, keys: Sequence[str], search: Search, tried: pd.DataFrame, finalists: pd.DataFrame) -> None:
        self.keys, self.search, self.tried, self.finalists = tuple(keys), search, tried, finalists

    def __repr__(self) -> str:
        return f"<Optimum over {' and '.join(self.keys)}: {self.sentence()}>"

    @property
    def best(self) -> dict[str, Any]:
        """The point to choose: values by key, `mean`, `low`, `high`, `p_best` among the finalists, `regret`."""
        return {str(name): value for name, value in self.finalists.iloc[0].items()}

    @property
    def flat(self) -> dict[str, tuple[float, float]]:
        """By key, from where to where points that are as good were tried.

        Of one lever this is the unbroken stretch around the best point; of several, each key's extremes, and not every
        combination in between need be as good.
        """
        good = self.tried["as_good"].to_numpy(bool)
        if len(self.keys) == 1:
            good = _unbroken(good, int(self.tried["loss"].abs().argmin()))
        mine = self.tried[good]
        return {key: (float(mine[key].min()), float(mine[key].max())) for key in self.keys}

    def sentence(self) -> str:
        """The answer in words."""
        best, share = self.best, 100.0 * self.search.tolerance
        at = ", ".join(f"{key} = {best[key]:.3g}" for key in self.keys)
        flat = ", ".join(f"{key} from {low:.3g} to {high:.3g}" for key, (low, high) in self.flat.items())
        return (
            f"best at {at}: {MEASURES[self.search.metric].title} {best['mean']:,.6g} ({best['low']:,.6g} to "
            f"{best['high']:,.6g}), best of {len(self.finalists)} with probability {best['p_best']:.2f}, expected "
            f"regret {best['regret']:,.3g}; as good within {share:g} %: {flat}"
        )


def _optimum(evaluate: Evaluate, ranges: Mapping[str, Sequence[Any]], search: Search) -> Optimum:
    import pandas as pd

    levers = Levers(ranges)
    found = _searched(evaluate, levers, search)
    places = sorted(found)
    scores = np.column_stack([found[place] for place in places])
    means = scores.mean(axis=0)
    order = np.argsort(-means, kind="stable")[: search.finalists]
    chosen = [levers.point(places[k]) for k in order]
    fresh = evaluate(chosen, (search.replications, search.replications + search.fresh))
    keep = np.isfinite(fresh).all(axis=1)
    p_best, regret = chances(fresh[keep])
    sign = MEASURES[search.metric].better
    finalists = pd.DataFrame(
        [
            dict(zip(levers.keys, levers.shown(places[k]), strict=True))
            | _mean_of(fresh[keep, j], sign) | {"p_best": p_best[j], "regret": regret[j], "n": int(keep.sum())}
            for j, k in enumerate(order)
        ]
    ).sort_values(["regret", "p_best"], ascending=[True, False], kind="stable", ignore_index=True)  # fmt: skip
    tried = _tried(scores, sign, search)
    for place, name in enumerate(levers.keys):
        tried.insert(place, name, [levers.shown(at)[place] for at in places])
    return Optimum(levers.keys, search, tried, finalists)


def _searched(evaluate: Evaluate, levers: Levers, search: Search) -> dict[tuple[float, ...], Floats]:
    """Scores by place: corners, DIRECT, the faces next to the best, and with many levers the neighbourhood of it."""
    found: dict[tuple[float, ...], Floats] = {}
    known: dict[str, Floats] = {}

    def loss(at: Floats) -> float:
        place = tuple(float(x) for x in at)
        if place not in found:
            # Where a part of a division is 0, several places are one point.
            point = levers.point(place)
            if (name := str(point)) not in known:
                known[name] = evaluate([point], (0, search.replications))[:, 0]
            found[place] = known[name]
        mean = float(found[place].mean())
        # Where runs fail nothing is best; the search needs a number all the same.
        return -mean if math.isfinite(mean) else math.inf

    for corner in _corners(levers, search.points):
        loss(np.array(corner))
    _descend(loss, levers, search.points, found)
    whole_ones = {place: scores for place, scores in found.items() if np.isfinite(scores).all()}
    if len(whole_ones) < 2:
        raise RuntimeError("no two points could be run; try one of them with `retsim run` to see why")
    # Several places of one point are one row.
    return dict({str(levers.point(p)): (p, scores) for p, scores in whole_ones.items()}.values())


def _descend(
    loss: Callable[[Floats], float], levers: Levers, points: int, found: Mapping[tuple[float, ...], Floats]
) -> None:
    """Over the whole, along the faces next to the best, and where there are many levers around it."""
    from scipy.optimize import Bounds, direct, minimize

    bounds = Bounds(*zip(*levers.bounds, strict=True))
    local = points // 3 if len(levers.bounds) >= _LOCAL_FROM else 0
    direct(loss, bounds, maxfun=points - local, maxiter=points, locally_biased=True)
    top = _best(found, loss)
    for k, span in enumerate(levers.bounds):
        for end in span:
            loss(np.array([*top[:k], end, *top[k + 1 :]]))
    if local:
        widths = [high - low for low, high in levers.bounds]
        options = {"maxfev": local, "initial_tr_radius": 0.1 * min(widths), "scale": True}
        minimize(loss, np.array(_best(found, loss)), method="COBYQA", bounds=bounds, options=options)


def _best(found: Mapping[tuple[float, ...], Floats], loss: Callable[[Floats], float]) -> tuple[float, ...]:
    return min(found, key=lambda place: loss(np.array(place)))


def _corners(levers: Levers, points: int) -> list[tuple[float, ...]]:
    """Places where every lever is at an end, each point once; of very many the first."""
    places = itertools.islice(itertools.product(*levers.bounds), 1 << _MOST_KEYS)
    return list({str(levers.point(place)): place for place in places}.values())[: max(points // 2, 4)]


def _tried(scores: Floats, sign: int, search: Search) -> pd.DataFrame:
    """Every point of the search against the best of it."""
    import pandas as pd

    means = scores.mean(axis=0)
    top = int(means.argmax())
    allowed = search.tolerance * abs(means[top])
    rows = []
    for k in range(scores.shape[1]):
        loss = mean_interval(scores[:, top] - scores[:, k])
        as_good = k == top or loss.high <= allowed + _CLOSE
        rows.append(
            _mean_of(scores[:, k], sign)
            | {"loss": loss.mean, "loss_low": loss.low, "loss_high": loss.high, "as_good": bool(as_good)}
        )
    return pd.DataFrame(rows)


def _mean_of(score: Floats, sign: int) -> dict[str, float]:
    found = mean_interval(sign * score)
    return {"mean": found.mean, "low": found.low, "high": found.high}


def _unbroken(good: npt.NDArray[np.bool_], top: int) -> npt.NDArray[np.bool_]:
    """The stretch of good ones around the best."""
    out = np.zeros_like(good)
    first = last = top
    while first > 0 and good[first - 1]:
        first -= 1
    while last < len(good) - 1 and good[last + 1]:
        last += 1
    out[first : last + 1] = True
    return out


def _checked(levers: Levers, search: Search) -> Search:
    if len(levers.bounds) > _MOST_KEYS:
        raise ValueError(
            f"over has {len(levers.bounds)} levers, {', '.join(levers.keys)}; must have at most {_MOST_KEYS} "
            "(a division into k parts counts as k - 1)"
        )
    check_metric(search.metric)
    for name, low in (("points", 5), ("replications", 2), ("finalists", 2), ("fresh", 4)):
        whole(f"search.{name}", getattr(search, name), low, 10**6)
    if not 0.0 < search.tolerance < 1.0:
        raise ValueError(f"search.tolerance = {search.tolerance!r}, must lie strictly between 0 and 1")
    return search

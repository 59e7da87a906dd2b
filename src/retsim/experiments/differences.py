"""What a study says about its scenarios: means, paired differences, and which is best."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.results.intervals import check_confidence, mean_interval
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import pandas as pd

    from retsim.experiments.study import Study

Floats = npt.NDArray[np.float64]

__all__ = ["best", "differences", "summary"]


def summary(study: Study, confidence: float) -> pd.DataFrame:
    """`Study.summary`."""
    import pandas as pd

    check_confidence(confidence)
    rows = []
    for name in study.names:
        for metric in MEASURES:
            x = _values(study, name, metric)
            there = x[~np.isnan(x)]
            found = mean_interval(x, confidence)
            rows.append(
                {
                    "scenario": name,
                    "metric": metric,
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "median": float(np.median(there)) if there.size else np.nan,
                    "sd": _sd(there),
                    "n": found.n,
                }
            )
    return pd.DataFrame(rows)


def differences(
    study: Study, metric: str | Sequence[str] | None, baseline: str | None, confidence: float
) -> pd.DataFrame:
    """`Study.differences`."""
    import pandas as pd

    check_confidence(confidence)
    first = study.arm(study.names[0] if baseline is None else baseline).name
    metrics = list(MEASURES) if metric is None else [metric] if isinstance(metric, str) else list(metric)
    for one in metrics:
        check_metric(one)
    columns = ["scenario", "baseline", "metric", "mean", "low", "high", "better", "ties", "correlation",
               "variance_ratio", "n"]  # fmt: skip
    rows = [
        {"scenario": name, "baseline": first, "metric": one} | _pairs(study, (name, first), one, confidence)
        for name in study.names
        if name != first
        for one in metrics
    ]
    return pd.DataFrame(rows, columns=columns)


def best(study: Study, metric: str) -> pd.DataFrame:
    """`Study.best`."""
    import pandas as pd

    check_metric(metric)
    x = aligned(study, study.names, metric)
    x = x[~np.isnan(x).any(axis=1)]
    score = x * MEASURES[metric].better
    top = score.max(axis=1, keepdims=True)
    won = score == top
    with np.errstate(invalid="ignore"):
        regret = np.where(won, 0.0, top - score)
    n = len(x)
    blank = np.full(len(study.names), np.nan)
    frame = pd.DataFrame(
        {
            "scenario": study.names,
            "mean": x.mean(axis=0) if n else blank,
            "p_best": (won / won.sum(axis=1, keepdims=True)).mean(axis=0) if n else blank,
            "regret": regret.mean(axis=0) if n else blank,
            "n": n,
        }
    )
    return frame.sort_values(["regret", "p_best"], ascending=[True, False], kind="stable", ignore_index=True)


def check_metric(metric: str) -> None:
    """Refuse a measure that there is not.

    Raises
    ------
    ValueError
        With all that there are.
    """
    if metric not in MEASURES:
        raise ValueError(f"metric = {metric!r}, must be one of {', '.join(MEASURES)}")


def aligned(study: Study, names: Sequence[str], metric: str) -> Floats:
    """A measure: one row a replication that all the scenarios have, one column a scenario."""
    import pandas as pd

    columns = [study.arms[name].measured()[metric] for name in names]
    return pd.concat(columns, axis=1, join="inner").sort_index().to_numpy(float)


def _pairs(study: Study, names: tuple[str, str], metric: str, confidence: float) -> dict[str, float]:
    """One paired difference, over the replications in which both have the measure."""
    a, b = aligned(study, names, metric).T
    there = ~(np.isnan(a) | np.isnan(b))
    a, b = a[there], b[there]
    # Two infinite values are equal, and their difference is not a number.
    d = np.where(a == b, 0.0, np.subtract(a, b, out=np.zeros(a.size), where=a != b))
    found, good = mean_interval(d, confidence), d * MEASURES[metric].better
    return {
        "mean": found.mean,
        "low": found.low,
        "high": found.high,
        "better": float((good > 0.0).mean()) if d.size else np.nan,
        "ties": float((good == 0.0).mean()) if d.size else np.nan,
        "correlation": _correlation(a, b),
        "variance_ratio": _variance_ratio(a, b, d),
        "n": found.n,
    }


def _values(study: Study, name: str, metric: str) -> Floats:
    return study.arms[name].measured()[metric].to_numpy()


def _sd(x: Floats) -> float:
    return float(x.std(ddof=1)) if x.size > 1 and np.isfinite(x).all() else np.nan


def _correlation(a: Floats, b: Floats) -> float:
    if a.size < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()) or a.std() == 0.0 or b.std() == 0.0:
        return np.nan
    return float(np.corrcoef(a, b)[0, 1])


def _variance_ratio(a: Floats, b: Floats, d: Floats) -> float:
    """(Var a + Var b) / Var(a - b): infinite where the difference is the same in every replication."""
    if a.size < 2 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        return np.nan
    apart, paired = a.var(ddof=1) + b.var(ddof=1), d.var(ddof=1)
    if paired == 0.0:
        return np.inf if apart > 0.0 else np.nan
    return float(apart / paired)

"""A study as labelled arrays (xarray), and as a NetCDF file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from retsim.experiments.exporting import written
from retsim.experiments.replicate import SERIES
from retsim.results.measures import MEASURES

if TYPE_CHECKING:
    import xarray as xr

    from retsim.experiments.arm import Arm
    from retsim.experiments.study import Study

_UNITS = {
    "active": "customers", "joined": "customers", "lost": "customers", "retention_rate": "1", "mean_satisfaction": "1",
    "market_share": "1",
}  # fmt: skip
"""Of series; all others are money."""

__all__ = ["to_netcdf", "to_xarray"]


def to_xarray(study: Study) -> xr.Dataset:
    """See `Study.to_xarray`."""
    try:
        import xarray as xr
    except ImportError:
        raise ImportError("to_xarray: needs xarray; install retsim[arrays]") from None
    months = np.unique(np.concatenate([_months(arm) for arm in study.arms.values()]))
    replications = np.unique([r for arm in study.arms.values() for r in arm.outcomes]).astype(np.int64)
    money = next(iter(study.scenarios.values())).currency
    series, measures = _filled(study, months, replications)
    out = xr.Dataset(
        coords={"scenario": list(study.names), "replication": replications, "month": months},
        attrs={"title": f"retsim study of {', '.join(study.names)}", "seed": study.seed, "firm": "focal"},
    )
    out["month"].attrs = {"long_name": "end of the period, months since the start", "units": "month"}
    for k, name in enumerate(SERIES):
        about = {"long_name": name.replace("_", " "), "units": _UNITS.get(name, money)}
        out[name] = (("scenario", "replication", "month"), series[..., k], about)
    for k, (name, measure) in enumerate(MEASURES.items()):
        about = {"long_name": measure.title, "units": measure.unit.replace("money", money)}
        out[f"measure_{name}" if name in SERIES else name] = (("scenario", "replication"), measures[..., k], about)
    return out


def to_netcdf(study: Study, path: str | Path) -> Path:
    """Write a study as NetCDF (version 3, 64-bit offsets; scipy writes it), whole or not at all.

    Raises
    ------
    OSError
        It cannot be written; what was there is as it was.
    """
    dataset = to_xarray(study)
    return written(Path(path), lambda there: dataset.to_netcdf(there, engine="scipy", format="NETCDF3_64BIT"))


def _months(arm: Arm) -> np.ndarray:
    """Ends of the periods that its runs have."""
    return np.arange(1, arm.periods + 1) * arm.scenario.period


def _filled(study: Study, months: np.ndarray, replications: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Series and measures in their places, NaN elsewhere."""
    shape = (len(study.names), replications.size)
    series = np.full((*shape, months.size, len(SERIES)), np.nan)
    measures = np.full((*shape, len(MEASURES)), np.nan)
    for s, arm in enumerate(study.arms.values()):
        columns = np.searchsorted(months, _months(arm))
        for outcome in arm.in_order():
            r = np.searchsorted(replications, outcome.replication)
            series[s, r, columns[: len(outcome.path)]] = outcome.path
            measures[s, r] = [outcome.measures.get(name, np.nan) for name in MEASURES]
    return series, measures

"""Customers as a tidy frame, as they stand at the horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from retsim.results.frames import named
from retsim.state import MICRO, Channel, Flag, Status

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

__all__ = ["customer_frame"]


def customer_frame(run: Run) -> pd.DataFrame:
    """`Run.customers`."""
    import pandas as pd

    c = run.records
    status, firm = c["status"], c["firm"].astype(int)
    active, belonged = status == Status.ACTIVE, np.isin(status, (Status.ACTIVE, Status.LAPSED, Status.GONE))
    names = run.firms
    frame = {
        "customer": np.arange(c.size),
        "segment": named(c["segment"], run.segments),
        "status": named(status, [s.name.lower() for s in Status]),
        "firm": named(np.where(active, firm, -1), names),
        "last_firm": named(np.where(belonged, firm, -1), names),
        "channel": named(np.where(belonged, c["channel"].astype(int), -1), [w.name.lower() for w in Channel]),
        "cohort": pd.array(np.where(belonged, c["cohort"], 0), "Int64"),
        "joined_at": np.where(belonged, c["joined_at"], np.nan),
        "tenure": np.where(active, run.scenario.horizon - c["joined_at"], np.nan),
        "contract_end": np.where(active & np.isfinite(c["contract_end"]), c["contract_end"], np.nan),
    }
    if run.more.size and run.scenario.products:
        frame["products"] = np.bitwise_count(run.more["products"]).astype(np.int64)
        frame["needs"] = np.bitwise_count(run.more["needs"]).astype(np.int64)
    out = pd.DataFrame(frame | _state(run, active) | _known(run, active) | _history(c))
    out.loc[~belonged, "cohort"] = pd.NA
    return out


def _state(run: Run, active: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """Mind and bonds; attachment and sunk stock faded to the horizon, NaN where there is no firm."""
    c = run.records
    months = run.scenario.horizon - c["decayed_at"]
    fading = [run.scenario.behaviour_of(name) for name in run.segments]
    out = {"satisfaction": c["satisfaction"], "expectation": c["expectation"]}
    for name, rates in (
        ("attachment", [b.attachment_decay for b in fading]),
        ("sunk", [b.sunk_depreciation for b in fading]),
    ):
        left = c[name] * np.exp(-np.array(rates)[c["segment"]] * months)
        out[name] = np.where(active, left, np.nan)
    flags = {"alert": Flag.ALERT, "in_discount": Flag.DISCOUNT, "in_contact": Flag.CONTACT}
    flags |= {"in_structural": Flag.STRUCTURAL, "in_club": Flag.CLUB, "has_status": Flag.STATUS}
    flags |= {"in_core": Flag.CORE}
    if run.more.size:
        out |= {"points": run.more["points"] / MICRO, "integration": _integration(run, active)}
        out |= {
            "in_community": run.more["community"] != 0,
            "status_tier": np.where(c["flags"] & Flag.STATUS, run.more["tier"], 0).astype(np.int64),
        }
    return out | {name: (c["flags"] & flag) != 0 for name, flag in flags.items()}


def _integration(run: Run, active: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Integration grown or faded to the horizon, NaN where there is no firm."""
    c, m = run.records, run.more
    months = run.scenario.horizon - m["integrated_at"]
    behaviour = [run.scenario.behaviour_of(name) for name in run.segments]
    rate, decay = (
        np.array([getattr(b, f"integration_{w}") for b in behaviour])[c["segment"]] for w in ("rate", "decay")
    )
    inside = 1.0 - (1.0 - m["integration"]) * np.exp(-rate * months)
    z = np.where((c["flags"] & Flag.STRUCTURAL) != 0, inside, m["integration"] * np.exp(-decay * months))
    return np.where(active, z, np.nan)


def _known(run: Run, active: npt.NDArray[np.bool_]) -> dict[str, Any]:
    """What the firm knows of its customers, and kinds of affinity; NaN where nothing of the sort is kept."""
    names = ("knowledge", "affinity")
    if not run.more.size:
        return {name: np.full(active.size, np.nan) for name in names}
    return {name: np.where(active, run.more[name], np.nan) for name in names}


def _history(c: npt.NDArray[np.void]) -> dict[str, Any]:
    return {
        "spells": c["spells"].astype(int),
        "occasions": c["occasions"].astype(int),
        "contacts": c["contacts"].astype(int),
        "revenue": c["revenue"] / MICRO,
        "value": c["value"] / MICRO,
    }

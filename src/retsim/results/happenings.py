"""The event log as a readable frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.results.frames import named
from retsim.state import MICRO, Channel, Kind, Life, Trigger

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run
    from retsim.state import Records

_FORCES = {
    "surplus": "surplus",
    "attachment_force": "force_attachment",
    "sunk_force": "force_sunk",
    "transaction": "transaction",
    "switching": "switching",
    "termination": "termination",
    "opportunity": "opportunity",
}

__all__ = ["event_frame"]


def event_frame(run: Run, events: Records) -> pd.DataFrame:
    """`Run.events`."""
    import pandas as pd

    places = [*run.firms, "outside", "vanished"]
    kind = events["kind"]
    weighed = np.isin(kind, (Kind.LEAVE, Kind.STAY))
    answered = np.isin(kind, (Kind.COMPLAINT, Kind.CONTACT, Kind.ANSWER)) & (events["outcome"] >= 0)
    other = np.where(weighed | np.isin(kind, (Kind.JOIN, Kind.DECLINE)), events["outcome"], -1)
    other = np.where(np.isin(kind, (Kind.WORD, Kind.LEAD)), events["outcome"], other)
    way = np.where(kind == Kind.JOIN, events["trigger"], -1)
    good = pd.array(events["outcome"] == 1, "boolean")
    good[kind == Kind.WORD] = events["trigger"][kind == Kind.WORD] == 1
    good[~answered & (kind != Kind.WORD)] = pd.NA
    # What a life event was, or which product was sold: kinds come before products.
    things = [life.name.lower() for life in Life] + list(run.scenario.products)
    thing = np.where(kind == Kind.LIFE, events["outcome"], len(things))
    thing = np.where(kind == Kind.SOLD, events["outcome"] + len(Life), thing)
    what = np.array([*things, None], object)[thing]
    frame: dict[str, Any] = {
        "time": events["time"],
        "customer": events["customer"],
        "event": named(kind, [k.name.lower() for k in Kind]),
        "firm": named(events["firm"], places[:-2]),
        "other": named(other, places),
        "trigger": named(np.where(weighed, events["trigger"], -1), [t.name.lower() for t in Trigger]),
        "channel": named(way, [c.name.lower() for c in Channel]),
        "good": good,
        "what": pd.Categorical(what, categories=list(dict.fromkeys(things))),
        "amount": events["amount"] / MICRO,
    }
    frame |= {name: events[name] for name in ("satisfaction", "expectation", "attachment", "sunk")}
    frame |= {name: np.where(weighed, events[field], np.nan) for name, field in _FORCES.items()}
    return pd.DataFrame(frame)

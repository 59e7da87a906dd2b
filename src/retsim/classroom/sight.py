"""What a firm can know, and so what a student sees: database, bills, complaints, books, a survey, prices.

Owns the look at a market at one moment; refuses to show anybody's satisfaction who did not answer the survey.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from retsim.classroom.lots import uniform
from retsim.classroom.plans import Order, Replay
from retsim.results.simulate import simulate
from retsim.state import Status

if TYPE_CHECKING:
    import pandas as pd

    from retsim.market.market import Market
    from retsim.market.plans import Plan, View
    from retsim.results.run import Run
    from retsim.scenario import Scenario

ANSWERS = 0.25
"""Share of the customers who answer a survey; *assumed*, and by lot: real surveys have a bias besides."""
ASKED = 0.2
"""Share of all people whom market research asks whose customers they are; *assumed*."""
STARS = 5

__all__ = ["Sight", "look"]


class Polled(NamedTuple):
    """Who answered: places and stars of one's own customers, and firms (-1: none) of people asked in the street."""

    number: np.ndarray
    stars: np.ndarray
    providers: np.ndarray


class Sight:
    """What the focal firm knows at one moment; made by `look`.

    Attributes
    ----------
    month : float
        Since the start.
    """

    def __init__(self, view: View, polled: Polled, firms: Sequence[str]) -> None:
        self.month, self._view, self._polled, self._firms = view.now, view, polled, tuple(firms)

    def __repr__(self) -> str:
        return f"<Sight at month {self.month:g}: {self._view.customers.number.size} customers known>"

    def database(self) -> pd.DataFrame:
        """One row a customer whom the firm knows.

        `customer` is their number in the market; the columns are those of `retsim.crm.database.Customers`: `tenure`,
        `observed`, `recency` (months), `frequency` (bills or purchases), `repeats`, `revenue` (money), `complaints`,
        `recent_complaints`, `contract_left` (months).
        """
        import pandas as pd

        seen = self._view.customers._asdict()
        return pd.DataFrame({"customer": seen.pop("number"), **seen})

    def bills(self) -> pd.DataFrame:
        """One row a customer: `bills`, `revenue`, and `a_month`, money billed a month since the database knows them."""
        d = self.database()
        d["a_month"] = d["revenue"] / d["observed"].clip(lower=1.0)
        return d.rename(columns={"frequency": "bills"})[["customer", "tenure", "bills", "revenue", "a_month"]]

    def complaints(self) -> pd.DataFrame:
        """One row a customer who has complained: `complaints` so far, `recent_complaints` (R21), the latest first."""
        d = self.database()
        d = d[d["complaints"] > 0].sort_values("recent_complaints", ascending=False, kind="stable", ignore_index=True)
        return d[["customer", "tenure", "complaints", "recent_complaints", "contract_left"]]

    def books(self) -> pd.DataFrame:
        """One row a month: `customers`, `won`, `lost`, `revenue`, `profit`, and the plan's `retention_share`."""
        import pandas as pd

        from retsim.market.plans import Page

        return pd.DataFrame([page.__dict__ for page in self._view.pages], columns=list(Page.__annotations__))

    def survey(self) -> pd.DataFrame:
        """One row a customer who answered, every fourth or so: `stars` from 1 to 5."""
        import pandas as pd

        return pd.DataFrame({"customer": self._polled.number, "stars": self._polled.stars})

    def research(self) -> pd.DataFrame:
        """Market research: of every fifth person, whose customer they are; one row a firm, and "none"."""
        import pandas as pd

        names = [*self._firms, "none"]
        heads = np.bincount(
            np.where(self._polled.providers < 0, len(names) - 1, self._polled.providers), None, len(names)
        )
        return pd.DataFrame({"firm": names, "people": heads, "share": heads / max(heads.sum(), 1)})

    def prices(self) -> dict[str, float]:
        """List price of each firm in the market."""
        return dict(self._view.prices)

    def plan(self) -> dict[str, Any]:
        """The plan in force, and the budget a month."""
        v = self._view
        return {"budget": v.budget, "retention_share": v.retention_share, "spend": v.spend} | {
            "mix": dict(v.mix), "targeting": v.targeting, "price": v.figures["price"], "discount": v.figures["discount"]
        }  # fmt: skip


class Watching:
    """Orders carried out, and a look at the market when the month comes."""

    def __init__(self, orders: Sequence[Order], month: float) -> None:
        self.replay, self.month = Replay(orders), month
        self.view: View | None = None
        self.polled: Polled | None = None

    def __call__(self, view: View) -> Plan | None:
        """At a tick."""
        if abs(view.now - self.month) < 1e-9:
            self.view = view
        return self.replay(view)

    def poll(self, market: Market) -> Generator[Any, None, None]:
        """Ask, at that month."""
        yield market.at(self.month)
        market.sync()
        people = market.population.customers[: market.population.n]
        self.polled = _poll(people, (*market.key, self.month))


def _poll(people: np.ndarray, when: tuple[float, ...]) -> Polled:
    active = people["status"] == Status.ACTIVE
    lots = np.array([uniform("poll", *when, n) for n in range(people.size)])
    mine = np.flatnonzero(active & (people["firm"] == 0) & (lots < ANSWERS))
    stars = np.minimum((people["satisfaction"][mine] * STARS).astype(np.int64) + 1, STARS)
    asked = lots >= 1.0 - ASKED
    asked &= people["status"] != Status.EXPECTED
    return Polled(mine, stars, np.where(active, people["firm"], -1)[asked].astype(np.int64))


def look(scenario: Scenario, orders: Sequence[Order], month: float, key: tuple[int, int] = (0, 0)) -> tuple[Sight, Run]:
    """What the focal firm sees at a month when orders were carried out up to then.

    Parameters
    ----------
    scenario : Scenario
    orders : sequence of Order
        What was planned, and when; orders of this month and later change nothing that is seen.
    month : float
        A tick of the scenario.
    key : (int, int)
        Seed and replication.

    Returns
    -------
    Sight, Run
        The run goes one tick further, so that the books of the month are closed.
    """
    watching = Watching(orders, month)
    lived = simulate(
        scenario.with_(horizon=month + scenario.tick),
        seed=key[0],
        replication=key[1],
        strategy=watching,
        processes=[watching.poll],
    )
    assert watching.view is not None
    assert watching.polled is not None
    return Sight(watching.view, watching.polled, lived.firms), lived

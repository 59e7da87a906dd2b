"""W1 in retsim: a scenario of the ordinary model, through the ordinary rules; no kernel of its own."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

PERIODS = 120
NOISE = 10.0
"""Scale of the choice: W1's log-odds are forces in units of this."""

DIFFERENCES = (
    "retsim's W1 keeps more than W1 asks: expectation, attachment, memory of the firm, integer double-entry accounts by "
    "cohort and channel, the forces of every decision; leaving is a choice between two alternatives, each with a taste "
    "of its own (two Gumbel numbers), where the others draw one uniform; satisfaction starts from a normal law "
    "truncated to 0..1, where the others clip (the tails hold 1e-9); newcomers arrive by the accumulated rate, which "
    "is the same Poisson process."
)


@cache
def scenario(n: int, periods: int = PERIODS) -> Any:
    """W1 for n customers as a retsim scenario: made once and lived through under many seeds, as `retsim.compare` does."""
    from retsim import Scenario

    off = dict.fromkeys(
        (
            "attachment_gain",
            "attachment_decay",
            "attachment_value",
            "decision_cost",
            "relational_barrier",
            "voice_attachment",
        ),
        0.0,
    )
    weights = {"service_weight": 1.0, "product_weight": 0.0, "delivery_weight": 0.0}
    behaviour = (
        off
        | weights
        | {
            "first_purchase": 0.0,
            "experience_noise": 0.20,
            "learning_rate": 0.30,
            "loss_aversion": 1.0,
            "sunk_per_occasion": 0.10 * NOISE,
            "sunk_depreciation": 0.10,
            "planning_horizon": 1.0,
            "procedural_cost": 1.0 * NOISE,
            "procedural_scale": 24.0,
            "outside_value": -30.0 - 0.2 * NOISE,
            "choice_noise": NOISE,
            "satisfaction_growth": 1.0,
            "satisfied_mark": 0.60,
        }
    )
    firm = {
        "price": 30.0, "unit_cost": 18.0, "cost_to_serve": 0.0, "service_quality": 0.62, "failure_rate": 0.0,
        "welcome_bonus": 40.0, "organic": 0.0, "ad_ceiling": 0.0, "awareness": 0.0, "poaching": 0.0,
    }  # fmt: skip
    traits = {
        "initial_satisfaction": {"dist": "normal", "mean": 0.60, "sd": 0.10, "low": 0.0, "high": 1.0},
        "attention": 1.0, "willingness_to_pay": 4.0 * NOISE, "sunk_sensitivity": 0.8,
    }  # fmt: skip
    return Scenario(
        name="w1",
        setting="non-contractual",
        customers=n,
        horizon=float(periods),
        discount_rate=math.exp(0.10) - 1.0,
        behaviour=behaviour,
        firm=firm,
        segments={"all": {"share": 1.0, "initial": {"focal": 1.0}, "traits": traits}},
        entry={"per_month": 0.010 * n, "per_satisfied": 0.025, "walk_in": 1.0},
    )


def run(n: int, seed: int, periods: int = PERIODS, engine: str = "compiled", threads: int = 1) -> dict[str, Any]:
    """Seven series of W1 by month, and the number of purchases as `events`."""
    from retsim.market.market import Market
    from retsim.state import MICRO, Account, Channel, Count

    market = Market(scenario(n, periods), (seed, 0), engine=engine, threads=threads)
    market.run()
    counts = np.array(market.books.counts)[:, 0, 0]
    accounts = _accounts(market, periods) / MICRO
    costs = accounts[:, Account.GOODS] + accounts[:, Account.WELCOME]
    months = np.arange(periods) + 0.5
    lost = counts[:, Count.LOST_TO_OUTSIDE]
    return {
        "active": counts[:, Count.ACTIVE],
        "churned": lost,
        "arrivals": counts[:, Count.JOINED + Channel.ORGANIC],
        "purchases": counts[:, Count.OCCASIONS],
        "revenue": -accounts[:, Account.REVENUE],
        "profit": (-accounts[:, Account.REVENUE] - costs) * np.exp(-0.10 / 12.0 * months),
        "satisfied": counts[:, Count.SATISFIED],
        "events": int(counts[:, Count.OCCASIONS].sum()),
    }


def _accounts(market: Any, periods: int) -> np.ndarray:
    """Sums over all cells of each period, by account: (periods, N_ACCOUNTS)."""
    from retsim.state import N_ACCOUNTS

    closed = market.books.ledger
    period = np.repeat(np.arange(periods), [sparse.cells.size for sparse in closed])
    account = np.concatenate([sparse.cells for sparse in closed]) % N_ACCOUNTS
    values = np.concatenate([sparse.values for sparse in closed])
    size = periods * N_ACCOUNTS
    return np.bincount(period * N_ACCOUNTS + account, weights=values, minlength=size).reshape(periods, N_ACCOUNTS)


def bytes_per_customer(n: int) -> float:
    """Live memory of the columns a customer needs, at the start of a run."""
    from retsim.market.market import Market

    population = Market(scenario(n, 1), (0, 0)).population
    columns = (population.customers, population.relations, population.traits, population.wake)
    return sum(column[: population.n].nbytes for column in columns) / population.n


def replicate(replications: int, n: int, workers: int) -> None:
    """The same scenario over replications, through `retsim.compare`."""
    import retsim as rs

    rs.compare({"w1": scenario(n, 60)}, replications=replications, seed=1, workers=workers)

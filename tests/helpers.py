"""Running a market directly, and what tests read off it.

Tests of the core go through `retsim.market.market.Market`, so that they hold whatever the faces above it look like.
"""

from __future__ import annotations

import cProfile
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from retsim.market.market import Market, Process
from retsim.scenario import Scenario
from retsim.state import MICRO, N_ACCOUNTS, N_CHANNELS, TRAIT, Account, Count, Kind, Pool, Status


def calls_of(task: Callable[[], object]) -> int:
    """Function calls that a task takes: the same on every machine, where seconds are not."""
    profile = cProfile.Profile()
    profile.runcall(task)
    return sum(entry.callcount for entry in profile.getstats())


def unlucky(simulate: Callable[..., Any], replication: int = 1) -> Callable[..., Any]:
    """A function like `simulate` that fails in one replication."""

    def sometimes(scenario: Scenario, **options: Any) -> Any:
        if options["replication"] == replication:
            raise ArithmeticError("no luck")
        return simulate(scenario, **options)

    return sometimes


CONTRACTUAL = {"setting": "contractual", "behaviour.first_bill": 0.0}

_QUIET_BEHAVIOUR = dict.fromkeys(
    "experience_noise learning_rate expectation_learning attachment_gain contact_gain attachment_cut "
    "attachment_decay sunk_setup sunk_per_occasion sunk_depreciation voice_attachment recovery_strength "
    "alert_attention attachment_value search_cost information_cost bargaining_cost decision_cost "
    "monitoring_cost breach_risk procedural_cost relational_barrier choice_noise".split(),
    0.0,
) | {"loss_aversion": 1.0, "price_tolerance": 10.0, "planning_horizon": 1.0}

_QUIET_FIRM = {
    "price": 100.0, "unit_cost": 0.0, "cost_to_serve": 0.0, "failure_rate": 0.0, "severity": 0.0,
    "awareness": 1.0, "accessibility": 0.0, "recovery_quality": 0.0, "complaint_cost": 0.0, "ad_ceiling": 0.0,
    "ad_efficiency": 0.0, "poaching": 0.0, "organic": 0.0, "service_ceiling": 0.0, "service_efficiency": 0.0,
    "discount": 0.0, "contact_rate": 0.0, "contact_relevance": 0.0,
}  # fmt: skip


BY_STATUS = {
    "retention_share": 0.7, "reward_loyal": 1.0, "court_wavering": 1.0, "charge_leaver": 5.0, "targeting": "past-value",
    "core_by": "tenure", "reach": 0.8, "tags": {"billed": {"revenue": {"at_least": 30.0}}},
    "only": {"survey": "billed"},
}  # fmt: skip
"""A strategy with everything that a strategy can say."""


def everything(scenario: Scenario) -> Scenario:
    """A scenario with every mechanism on, as far as its setting and products allow, and everyone busy."""
    mix = {
        "service": 0.1, "price": 0.2, "contact": 0.2, "structural": 0.1, "win_back": 0.1, "education": 0.05, "core": 0.1,
        "survey": 0.05, "community": 0.1,
    }  # fmt: skip
    winning = {"advertising": 0.4, "promotion": 0.2, "referral": 0.2, "follow_up": 0.1, "brand": 0.1}
    on = {
        "budget.mix": mix, "budget.winning": winning, "budget.spend": 1.2, "budget.credit": 1.0,
        "word.rate": 0.3, "word.network": "small-world",
        "firm.points_rate": 0.2, "firm.points_expiry": 3.0, "firm.assumed_breakage": 0.3, "firm.cash_back": 0.05,
        "firm.status_threshold": 60.0, "firm.status_discount": 0.1, "firm.status_service": 0.1, "firm.status_value": 9.0,
        "firm.gold_threshold": 120.0, "firm.gold_discount": 0.15, "firm.gold_service": 0.15, "firm.gold_value": 14.0,
        "firm.platinum_threshold": 200.0, "firm.platinum_discount": 0.2, "firm.platinum_service": 0.2, "firm.platinum_value": 20.0,
        "firm.club": 1.0, "firm.club_fee": 1.0, "firm.club_benefit": 3.0, "firm.club_attachment": 0.1,
        "firm.structural_launch": 50.0, "firm.structural_draw": 1.0,
        "firm.win_back_wait": 0.5, "firm.win_back_bonus": 5.0, "firm.offer_rate": 0.5, "firm.promo_bonus": 5.0,
        "firm.referral_reward": 3.0, "firm.desk_staff": 1.0, "firm.morale_speed": 0.2, "firm.turnover_cost": 1.0,
        "firm.bad_debt": 0.1, "firm.return_rate": 0.1, "firm.knowledge_gain": 0.1, "firm.contact_rate": 2.0,
        "firm.affinity_place": 0.5, "firm.affinity_belief": 0.5, "firm.care_product": 0.3, "firm.care_relations": 0.3,
        "firm.lead_funnel": 1.0, "firm.follow_up_cost": 2.0, "firm.community_cost": 0.5,
        "firm.added_value": 1.0, "firm.service_ceiling": 0.5, "firm.stance": 0.9,
        "firm.core_service": 0.2, "firm.core_staff": 1.0, "firm.core_cost": 1.0, "firm.survey_cost": 0.1, "firm.survey_pause": 1.0,
        "firm.execution": 0.9, "behaviour.survey_response": 0.6,
        "behaviour.annoyance": 0.05, "behaviour.contact_tolerance": 1.0, "behaviour.wake_probability": 0.5,
        "behaviour.identification": 0.5, "behaviour.life_event_rate": 1.0, "behaviour.spend_growth": 0.3,
        "behaviour.service_saving": 0.2, "behaviour.structural_cost": 10.0, "behaviour.recovery_paradox": 0.5,
        "shocks.slump.kind": "recession", "shocks.slump.start": 4.0,
        "shocks.crisis.kind": "quality-crisis", "shocks.crisis.start": 2.0, "shocks.crisis.duration": 3.0,
        "strategy": "by-status", "strategies.by-status": BY_STATUS,
    }  # fmt: skip
    for name in scenario.rivals:
        on |= {
            f"rivals.{name}.imitation": 1.0,
            f"rivals.{name}.price_matching": 0.5,
            **{f"rivals.{name}.imitation_delay_{level}": float(level) for level in (1, 2, 3)},
        }
    for name in scenario.segments:
        on |= {f"segments.{name}.traits.attention": 0.5, f"segments.{name}.traits.vanish_probability": 0.02}
        on |= {f"segments.{name}.traits.intent": 0.6}
    return scenario.with_(**on)


def rival(**figures: Any) -> dict[str, Any]:
    """A rival with every mechanism off, except what is given."""
    return _QUIET_FIRM | figures


def bare_scenario(**overrides: Any) -> Scenario:
    """One firm, one segment, every mechanism off: customers buy about once a month and nothing else happens.

    Overrides are those of `Scenario.with_`; as keywords cannot hold dots, pass ``**{"firm.price": 5.0}``.
    """
    quiet = Scenario(
        setting="non-contractual",
        customers=1000,
        horizon=12.0,
        discount_rate=0.0,
        firm=_QUIET_FIRM,
        behaviour=_QUIET_BEHAVIOUR,
        segments={
            "all": {
                "initial": {"focal": 1.0},
                "traits": {"attention": 0.0, "voice": 0.0, "sunk_sensitivity": 0.0, "willingness_to_pay": 200.0},
            }
        },
    )
    return quiet.with_(**overrides) if overrides else quiet


def run_market(
    scenario: Scenario,
    seed: int = 0,
    replication: int = 0,
    *,
    engine: str = "compiled",
    threads: int = 1,
    log: bool = False,
    processes: Sequence[Process] = (),
) -> Market:
    """A market that has lived to its horizon."""
    market = Market(scenario, (seed, replication), engine=engine, threads=threads, log=log)
    market.run(processes)
    return market


def bits(market: Market) -> dict[str, bytes]:
    """Every bit of a finished run, by what it is; the event log has its own place and is empty without a log."""
    p, books = market.population, market.books
    return {
        "customers": p.customers[: p.n].tobytes(),
        "relations": p.relations[: p.n].tobytes(),
        "traits": p.traits[: p.n].tobytes(),
        "more": p.more[: p.n].tobytes(),
        "dues": p.dues[: p.n].tobytes(),
        "counts": np.array(books.counts).tobytes(),
        "pools": np.array(books.pools).tobytes(),
        "ledger": b"".join(s.cells.tobytes() + s.values.tobytes() for s in books.ledger),
        "decisions": b"".join(s.cells.tobytes() + s.values.tobytes() for s in books.decisions),
        "spent": np.array([(f.budgeted, f.spent, *f.funds.values()) for f in market.firms], np.int64).tobytes(),
        "events": market.events.events().tobytes(),
    }


def differing(one: Market, other: Market, *, events: bool = True) -> list[str]:
    """Names of what is not equal bit for bit between two runs."""
    mine, theirs = bits(one), bits(other)
    return [name for name in mine if mine[name] != theirs[name] and (events or name != "events")]


def customers_of(market: Market) -> np.ndarray:
    """Records of all customers born in the run, in the order of their numbers."""
    return market.population.customers[: market.population.n]


def counts_of(market: Market) -> np.ndarray:
    """Counters of each period, shape (periods, firms, segments, counters)."""
    return np.array(market.books.counts)


def pools_of(market: Market) -> np.ndarray:
    """Customers of nobody at the end of each period, shape (periods, segments, 3)."""
    return np.array(market.books.pools)


def ledger_of(market: Market) -> np.ndarray:
    """Postings of each period, shape (periods, cohorts, firms, segments, channels, accounts), micro-units."""
    books = market.books
    out = np.zeros((len(books.ledger), int(np.prod(books.shapes["book"]))), np.int64)
    for row, sparse in zip(out, books.ledger, strict=True):
        row[sparse.cells] = sparse.values
    return out.reshape(len(books.ledger), *books.shapes["book"])


def decisions_of(market: Market) -> np.ndarray:
    """Sums over decisions, shape (periods, firms, segments, triggers, outcomes, forces)."""
    books = market.books
    out = np.zeros((len(books.decisions), int(np.prod(books.shapes["decisions"]))), np.int64)
    for row, sparse in zip(out, books.decisions, strict=True):
        row[sparse.cells] = sparse.values
    return out.reshape(len(books.decisions), *books.shapes["decisions"])


def events_of(market: Market, *kinds: Kind) -> np.ndarray:
    """Logged events, all or of some kinds, in order of time and customer."""
    events = market.events.events()
    return events[np.isin(events["kind"], kinds)] if kinds else events


def account_totals(market: Market) -> dict[str, int]:
    """Balance of every account over the whole run, in micro-units."""
    totals = ledger_of(market).reshape(-1, N_ACCOUNTS).sum(axis=0)
    return {account.name.lower(): int(totals[account]) for account in Account}


def trait_of(market: Market, name: str) -> np.ndarray:
    """A trait of each customer; of one that does not vary in a segment, the segment's value."""
    nature, which = market.population.nature, TRAIT[name]
    column, segments = nature.columns[:, which].max(), customers_of(market)["segment"]
    if column < 0:
        return nature.values[segments, which]
    return market.population.traits[: market.population.n, column]


def values_of(market: Market) -> np.ndarray:
    """Discounted value of each customer, in money."""
    return customers_of(market)["value"] / MICRO


def assert_mean(sample: np.ndarray, exact: float, *, precision: float = 0.005) -> None:
    """The mean of independent observations agrees with an exact value.

    Within four standard errors, and the standard error itself is at most `precision` of the exact value, so that a
    sample that says nothing cannot pass.
    """
    sample = np.asarray(sample, dtype=float)
    error = sample.std(ddof=1) / np.sqrt(sample.size)
    assert_close(float(sample.mean()), exact, float(error), precision=precision)


def assert_close(estimate: float, exact: float, error: float, *, precision: float = 0.005) -> None:
    """The same for an estimate whose standard error is known."""
    assert error <= precision * abs(exact), f"standard error {error:.3g} is too large to judge {exact:.6g}"
    off = abs(estimate - exact) / error if error else abs(estimate - exact)
    assert off <= 4, f"{estimate:.7g} is {off:.2f} standard errors from {exact:.7g}"


def assert_share(n_found: int, n_all: int, exact: float, *, precision: float = 0.005) -> None:
    """A share of independent cases agrees with an exact probability; its error is that of the exact one."""
    error = float(np.sqrt(exact * (1 - exact) / n_all))
    assert_close(n_found / n_all, exact, error, precision=precision)


class Leaving(NamedTuple):
    """First departures from the firm a customer started with.

    Attributes
    ----------
    at : float array (customers,)
        Months; infinity for those who never left.
    outcome : int array (customers,)
        Firm joined, the number of firms (outside) or that plus one (vanished); -1 for those who never left.
    """

    at: np.ndarray
    outcome: np.ndarray


def first_leaving(market: Market) -> Leaving:
    """When, and where to, each of the customers at the start first left; needs a log."""
    n = market.scenario.customers
    at, outcome = np.full(n, np.inf), np.full(n, -1)
    left = events_of(market, Kind.LEAVE)
    for event in left[left["customer"] < n][::-1]:
        at[event["customer"]], outcome[event["customer"]] = event["time"], event["outcome"]
    return Leaving(at, outcome)


def assert_lawful(market: Market) -> None:
    """What holds in every run whatever the scenario: accounts balance, people are conserved, budgets hold."""
    ledger = ledger_of(market)
    assert not ledger.sum(axis=(1, 3, 4, 5)).any(), "a firm's accounts do not balance in some period"
    _assert_conserved(market)
    people = customers_of(market)
    for field in ("satisfaction", "expectation", "attachment"):
        assert (people[field] >= 0).all(), field
        assert (people[field] <= 1).all(), field
    assert (people["sunk"] >= 0).all()
    for firm in market.firms:
        assert 0 <= firm.spent <= firm.budgeted
        assert firm.spent + sum(firm.funds.values()) == firm.budgeted
        assert min(firm.funds.values()) >= 0


def _assert_conserved(market: Market) -> None:
    counts, pools, people = counts_of(market), pools_of(market), customers_of(market)
    flows = counts[:, :, :, Count.JOINED : Count.JOINED + N_CHANNELS].sum(axis=3)
    lost = counts[:, :, :, Count.LOST_TO_RIVAL : Count.VANISHED + 1].sum(axis=3)
    active = counts[:, :, :, Count.ACTIVE]
    assert ((flows - lost).cumsum(axis=0) == active).all(), "stocks are not the sum of their flows"
    for s in range(pools.shape[1]):
        mine = people[people["segment"] == s]
        by_status = np.bincount(mine["status"], minlength=5)
        by_firm = np.bincount(mine["firm"][mine["status"] == Status.ACTIVE], minlength=len(market.firms))
        assert (by_firm == active[-1, :, s]).all()
        assert by_status[Status.PROSPECT] == pools[-1, s, Pool.PROSPECT]
        assert by_status[Status.LAPSED] == pools[-1, s, Pool.LAPSED]
        assert by_status[Status.GONE] == pools[-1, s, Pool.GONE]

"""Does a run balance? Every invariant of the ledger and of the customers, checked exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retsim.results.closed import sum_by
from retsim.state import MICRO, Account, Channel, Count, Force, Pool, Status

if TYPE_CHECKING:
    from retsim.results.run import Run

__all__ = ["BrokenInvariantError", "check"]

_FINE = 2.0**32
_PAID_BY_BUDGET = (
    Account.ADVERTISING, Account.PROGRAMME_SERVICE, Account.PROGRAMME_CONTACT, Account.PROGRAMME_STRUCTURAL,
    Account.PROGRAMME_EDUCATION, Account.PROMOTION, Account.FOLLOW_UP, Account.PROGRAMME_COMMUNITY, Account.PROGRAMME_CORE,
    Account.SURVEY, Account.BRAND,
)  # fmt: skip


class BrokenInvariantError(ArithmeticError):
    """A run contradicts itself: a defect of the program, never of a scenario."""


def check(run: Run) -> None:
    """Raise where an invariant is broken (see `Run.check`)."""
    for rule in (_ledger, _revenue, _flows, _cohorts, _customers, _departures, _budgets, _points):
        rule(run)


def _ledger(run: Run) -> None:
    """Double entry: each (period, cohort, firm, segment, channel) adds up to 0."""
    for period, book in enumerate(run.books.ledger, start=1):
        row = book.cells // len(Account)
        starts = np.flatnonzero(np.diff(row, prepend=-1))
        sums = np.add.reduceat(book.values, starts) if starts.size else np.zeros(0, np.int64)
        wrong = np.flatnonzero(sums)
        if wrong.size:
            place = np.unravel_index(int(row[starts[wrong[0]]]), run.books.shapes["book"][:-1])
            cohort, firm, segment, channel = (int(k) for k in place)
            where = f"period {period}, {run.firms[firm]}, {run.segments[segment]}, cohort {cohort}"
            where += f", {run.channels[channel]}"
            raise BrokenInvariantError(
                f"ledger: {where}: debits - credits = {int(sums[wrong[0]])} micro-units, must be 0"
            )
    totals, e = run.closed.totals, run.closed.entries
    booked = sum_by((e.period - 1, e.firm, e.segment, e.account), e.amount, totals.shape)
    _same(run, "ledger: its entries against its totals", booked, totals)
    _same(run, "ledger: all accounts of a firm", totals.sum(axis=(0, 2, 3)), 0)


def _revenue(run: Run) -> None:
    """Revenue is the sum of all bills that customers remember."""
    billed = np.isin(run.closed.entries.account, (Account.REVENUE, Account.PRODUCTS))
    booked = -int(run.closed.entries.amount[billed].sum())
    _same(run, "revenue of the ledger against the sum over customers", booked, int(run.records["revenue"].sum()))


def _flows(run: Run) -> None:
    """A stock changes by what joined and what was lost, and is counted once."""
    closed = run.closed
    change = closed.counts[..., Count.ACTIVE] - closed.active_at_start
    _same(
        run,
        "change of active customers against joined - lost",
        change,
        closed.joined.sum(axis=3) - closed.lost,
    )
    _same(run, "joined below 0 by", np.minimum(closed.joined, 0), 0)
    rivals = closed.counts[..., Count.LOST_TO_RIVAL].sum(axis=1)
    won = closed.joined[..., Channel.ADVERTISING :].sum(axis=(1, 3))
    _same(run, "lost to rivals beyond joined", np.maximum(rivals - won, 0), 0)
    satisfied = np.maximum(closed.counts[..., Count.SATISFIED] - closed.counts[..., Count.ACTIVE], 0)
    _same(run, "satisfied beyond active customers", satisfied, 0)


def _cohorts(run: Run) -> None:
    """Cohorts and channels add up to the firm's customers, and no cohort ever grows."""
    closed = run.closed
    period, cohort, firm, segment, channel, heads = closed.stocks
    shape = closed.counts.shape[:3]
    active = sum_by((period - 1, firm, segment), heads, shape)
    _same(run, "cohorts against active customers", active, closed.counts[..., Count.ACTIVE])
    last = period == closed.n_periods
    c = run.records[run.records["status"] == Status.ACTIVE]
    places = tuple(c[name].astype(np.int64) for name in ("cohort", "firm", "segment", "channel"))
    stock = sum_by(tuple(k[last] for k in (cohort, firm, segment, channel)), heads[last], run.books.shapes["base"])
    counted = sum_by(places, np.ones(c.size, np.int64), run.books.shapes["base"])
    _same(run, "cohorts at the horizon against customers", stock, counted)
    for j in range(closed.n_firms):
        lives = closed.lives(j)
        grown = np.where(lives[:, 1:] >= 0, np.maximum(np.diff(lives, axis=1), 0), 0)
        _same(run, f"growth of a cohort of {run.firms[j]}", grown, 0)


def _customers(run: Run) -> None:
    """Prospects + active + lapsed + gone + expected = all, each as counted."""
    closed, c = run.closed, run.records
    n_segments = closed.n_segments
    for pool, status in (
        (Pool.PROSPECT, Status.PROSPECT),
        (Pool.LAPSED, Status.LAPSED),
        (Pool.GONE, Status.GONE),
    ):
        there = np.bincount(c["segment"][c["status"] == status], minlength=n_segments)
        _same(run, f"{status.name.lower()} customers against their pool", there, closed.pools[-1, :, pool])
    inside = closed.pools.sum(axis=(1, 2)) + closed.counts[..., Count.ACTIVE].sum(axis=(1, 2))
    _same(run, "customers who fell out of the market", np.minimum(np.diff(inside), 0), 0)
    expected = int((c["status"] == Status.EXPECTED).sum())
    _same(run, "prospects + active + lapsed + gone + expected", int(inside[-1]) + expected, c.size)
    mine = c[c["status"] == Status.ACTIVE]
    places = (mine["firm"].astype(np.int64), mine["segment"].astype(np.int64))
    fine = (mine["satisfaction"] * _FINE).astype(np.int64)
    total = sum_by(places, fine, closed.counts.shape[1:3])
    _same(
        run,
        "satisfaction of customers against its counter",
        total,
        closed.counts[-1, :, :, Count.SATISFACTION],
    )


def _departures(run: Run) -> None:
    """Reasons for leaving add up to the leavers."""
    closed, d = run.closed, run.closed.decisions
    n, shape = closed.n_firms, closed.counts.shape[:3]
    count = d.forces[:, Force.COUNT]
    for name, which, mine in (
        ("rivals", Count.LOST_TO_RIVAL, (d.outcome != d.firm) & (d.outcome < n)),
        ("the outside", Count.LOST_TO_OUTSIDE, d.outcome == n),
        ("nowhere", Count.VANISHED, d.outcome == n + 1),
    ):
        told = sum_by((d.period[mine] - 1, d.firm[mine], d.segment[mine]), count[mine], shape)
        _same(run, f"decisions against customers lost to {name}", told, closed.counts[..., which])


def _budgets(run: Run) -> None:
    """What was granted is in the funds or spent, and what was spent is in the ledger or reserved."""
    by_account = run.closed.totals.sum(axis=(0, 2))
    for j, firm in enumerate(run.spending):
        name = run.firms[j]
        if firm.spent > firm.budgeted or min(firm.funds.values()) < 0:
            raise BrokenInvariantError(f"budget of {name}: {firm.spent / MICRO} spent of {firm.budgeted / MICRO}")
        _same(run, f"budget of {name}: spent + funds", firm.spent + sum(firm.funds.values()), firm.budgeted)
        paid = int(by_account[j, list(_PAID_BY_BUDGET)].sum())
        promises = firm.coupons_before + firm.reserved + firm.approaches + firm.bonuses_before + firm.promised
        rewards = firm.rewards_before + firm.rewards_reserved
        _same(run, f"budget of {name}: spent", firm.spent, paid + promises + rewards)
        given = int(by_account[j, Account.REFERRAL])
        if not firm.rewards_before <= given <= rewards:
            raise BrokenInvariantError(f"rewards of {name}: {given} micro-units paid of {rewards} reserved")
        used = int(by_account[j, Account.DISCOUNT]) - firm.coupons_before
        if not 0 <= used <= firm.reserved:
            raise BrokenInvariantError(f"coupons of {name}: {used} micro-units used of {firm.reserved} reserved")
        used = int(by_account[j, Account.WIN_BACK]) - firm.approaches - firm.bonuses_before
        if not 0 <= used <= firm.promised:
            raise BrokenInvariantError(f"win-back of {name}: {used} micro-units used of {firm.promised} promised")


def _points(run: Run) -> None:
    """The liability for points is what stands against the points of all customers, in every cell of the ledger."""
    e, shape = run.closed.entries, run.books.shapes["base"]
    mine = e.account == Account.POINTS_LIABILITY
    booked = sum_by((e.cohort[mine], e.firm[mine], e.segment[mine], e.channel[mine]), -e.amount[mine], shape)
    held = np.zeros(shape, np.int64)
    if run.more.size:
        c, m = run.records[run.more["provision"] != 0], run.more[run.more["provision"] != 0]
        places = tuple(c[name].astype(np.int64) for name in ("cohort", "firm", "segment", "channel"))
        held = sum_by(places, m["provision"], shape)
        for name in ("points", "provision"):
            _same(run, f"{name} below 0 by", np.minimum(run.more[name], 0), 0)
    _same(run, "liability for points against what stands against customers' points", booked, held)


def _same(run: Run, what: str, found: npt.ArrayLike, due: npt.ArrayLike) -> None:
    found, due = np.broadcast_arrays(found, due)
    wrong = np.argwhere(found != due)
    if len(wrong):
        place = tuple(int(k) for k in wrong[0])
        raise BrokenInvariantError(
            f"{run.scenario.name}, seed {run.seed}, replication {run.replication}: {what}: "
            f"{int(found[place])} found, {int(due[place])} due, at {place} and {len(wrong) - 1} more places"
        )

"""The customer database (R21): transactions, complaints and dates as firms see them, brought up to date at each tick.

Owns what is observable; refuses to know satisfaction, attachment, traits, and of who left without notice that they
left. Dates of purchases are known to the tick. Who comes straight from another firm starts with the purchase of
joining: what they bought elsewhere is not the firm's to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.state import MICRO, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retsim.state import Records

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MEMORY = 3.0
"""Months in which the weight of a complaint falls to 37 %; *assumed*."""

__all__ = ["Customers", "Database", "Setting"]


class Setting(NamedTuple):
    """What is known of the market as such.

    Attributes
    ----------
    contractual : bool
        Leaving is told.
    tick : float
        Months between two updates.
    buys_on_joining : bool array (n_segments,)
    """

    contractual: bool
    tick: float
    buys_on_joining: npt.NDArray[np.bool_]


class Customers(NamedTuple):
    """A firm's customers as its database has them, one array each, shape (n,); arrays cannot be written.

    Attributes
    ----------
    number : int
        Place of the customer in the market.
    tenure, observed, recency : float
        Months since joining, since the first entry in the database (it begins at time 0), and since the last purchase
        that it has.
    frequency, repeats : int
        Purchases or bills so far, and those after the one of joining.
    revenue : float
        Money billed so far.
    complaints, recent_complaints : float
        So far, and weighted by exp(-months ago / 3); zeros where the scenario keeps no count of them.
    contract_left : float
        Months to the end of the contract, 0 where there is none.
    answer, answer_age : float
        Satisfaction as last told in a survey, 0 to 1, and months since then; NaN of those who never answered.
    """

    number: Ints
    tenure: Floats
    observed: Floats
    recency: Floats
    frequency: Ints
    repeats: Ints
    revenue: Floats
    complaints: Floats
    recent_complaints: Floats
    contract_left: Floats
    answer: Floats
    answer_age: Floats


class Database:
    """Columns of what is known, by customer; each belongs to the firm whose customer they are.

    Attributes
    ----------
    approached : float array
        When a customer was last asked to come back.
    surveyed : bool
        Whether any firm has asked its customers anything so far.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._grow(1)
        self.now, self.surveyed = 0.0, False
        self._columns: Mapping[str, np.ndarray] = {}

    def _grow(self, n: int) -> None:
        for name, kind, empty in _FIELDS:
            column: np.ndarray = np.full(n, empty, kind)
            if hasattr(self, name):
                column[: getattr(self, name).size] = getattr(self, name)
            setattr(self, name, column)

    def update(self, customers: Records, more: Records, now: float) -> None:
        """Take down what happened since the tick before; `customers` are all so far, `more` may be empty."""
        n = customers.size
        if n > self.spells.size:
            self._grow(max(n, self.spells.size * 5 // 4))
        names = ("occasions", "revenue", "spells", "firm", "status", "joined_at", "segment", "contract_end")
        c = {name: np.ascontiguousarray(customers[name]) for name in names}
        half = now - self.setting.tick / 2.0
        bought = c["occasions"].astype(np.int64) - self.seen_occasions[:n]
        billed = c["revenue"] - self.seen_revenue[:n]
        grumbled = (
            more["complaints"].astype(np.int64) - self.seen_complaints[:n] if more.size else np.zeros(n, np.int64)
        )
        new = c["spells"] != self.spells[:n]
        # Or by way of another firm within the tick.
        moved = new & (self.active[:n] | (c["spells"] - self.spells[:n] > 1))
        if moved.any():
            first = np.minimum(bought, self.setting.buys_on_joining[c["segment"]])
            billed = np.where(moved, billed * first // np.maximum(bought, 1), billed)
            grumbled, bought = np.where(moved, 0, grumbled), np.where(moved, first, bought)
        for name, gain in (("frequency", bought), ("billed", billed), ("complaints", grumbled)):
            column = getattr(self, name)[:n]
            column[...] = np.where(new, gain, column + gain)
        fading = np.exp(-self.setting.tick / MEMORY)
        self.recent[:n] = np.where(new, 0.0, self.recent[:n] * fading) + grumbled
        self.last[:n] = np.where(new, np.maximum(c["joined_at"], 0.0), np.where(bought > 0, half, self.last[:n]))
        lapsed = c["status"] == Status.LAPSED
        # Another firm's answers are not this one's to know.
        self.answer[:n][new], self.answered_at[:n][new], self.asked_at[:n][new] = np.nan, np.nan, -np.inf
        self.left_at[:n] = np.where(lapsed, np.minimum(self.left_at[:n], half), np.inf)
        self.seen_occasions[:n], self.seen_revenue[:n] = c["occasions"], c["revenue"]
        if more.size:
            self.seen_complaints[:n] = more["complaints"]
        self.spells[:n], self.active[:n] = c["spells"], c["status"] == Status.ACTIVE
        self.now, self._columns = now, c

    def known(self, firm: int, silence: float) -> Ints:
        """Places of those whom a firm takes for its customers: without a contract the quiet ones, too, for a while."""
        c = self._columns
        mine = c["firm"] == firm
        active = c["status"] == Status.ACTIVE
        if self.setting.contractual:
            return np.flatnonzero(mine & active)
        been = active | (c["status"] == Status.LAPSED) | (c["status"] == Status.GONE)
        return np.flatnonzero(mine & been & (self.now - self.last[: mine.size] <= silence))

    def customers(self, firm: int, silence: float) -> Customers:
        """What a firm knows of them."""
        i, c = self.known(firm, silence), self._columns
        joined = c["joined_at"][i]
        # Who was a customer before time 0 was seen to buy for the first time later: that is a repeat purchase.
        first = self.setting.buys_on_joining[c["segment"][i]] & (joined >= 0.0)
        since = np.maximum(joined, 0.0)
        end = c["contract_end"][i]
        out = Customers(
            i, self.now - joined, self.now - since, self.now - self.last[i], self.frequency[i],
            np.maximum(self.frequency[i] - first, 0), self.billed[i] / MICRO, self.complaints[i].astype(float),
            self.recent[i], np.where(np.isfinite(end), np.maximum(end - self.now, 0.0), 0.0),
            self.answer[i], self.now - self.answered_at[i],
        )  # fmt: skip
        for column in out:
            column.flags.writeable = False
        return out

    def note_answers(self, number: Ints, answers: Floats) -> None:
        """Take down whom a firm has asked now, and what those said who answered (NaN: they did not)."""
        self.surveyed = True
        self.asked_at[number] = self.now
        told = ~np.isnan(answers)
        self.answer[number[told]], self.answered_at[number[told]] = answers[told], self.now

    def stayed(self, firm: int, number: Ints, spells: Ints) -> npt.NDArray[np.bool_]:
        """Whether those who were known in that spell are customers still; told only under a contract."""
        c = self._columns
        still = (c["firm"][number] == firm) & (c["spells"][number] == spells)
        return still & (c["status"][number] == Status.ACTIVE)

    def lapsed(self, firm: int, terms: tuple[float, float]) -> Ints:
        """Places of those who may be asked to come back; `terms` is (months to wait, months after which it is too late).

        Under a contract those who left; without one those who have been quiet so long, whatever became of them.
        """
        c = self._columns
        n = c["firm"].size
        mine = c["firm"] == firm
        if self.setting.contractual:
            gone = self.now - self.left_at[:n]
        else:
            mine &= (c["status"] != Status.PROSPECT) & (c["status"] != Status.EXPECTED)
            gone = self.now - self.last[:n]
        wait, limit = terms
        asked = self.now - self.approached[:n] < wait
        return np.flatnonzero(mine & (gone >= wait) & (gone <= limit) & ~asked)

    spells: Ints
    active: npt.NDArray[np.bool_]
    seen_occasions: Ints
    seen_revenue: Ints
    seen_complaints: Ints
    frequency: Ints
    billed: Ints
    complaints: Ints
    recent: Floats
    last: Floats
    left_at: Floats
    approached: Floats
    answer: Floats
    answered_at: Floats
    asked_at: Floats


_FIELDS: tuple[tuple[str, type, float], ...] = (
    ("spells", np.int64, 0), ("active", np.bool_, 0), ("seen_occasions", np.int64, 0), ("seen_revenue", np.int64, 0),
    ("seen_complaints", np.int64, 0), ("frequency", np.int64, 0), ("billed", np.int64, 0), ("complaints", np.int64, 0),
    ("recent", np.float64, 0.0), ("last", np.float64, 0.0), ("left_at", np.float64, np.inf),
    ("approached", np.float64, -np.inf), ("answer", np.float64, np.nan), ("answered_at", np.float64, np.nan),
    ("asked_at", np.float64, -np.inf),
)  # fmt: skip
"""Columns of a `Database`: name, type, value of a customer who was never seen."""

"""The customer database (R21): transactions, complaints and dates as firms see them, brought up to date at each tick.

Owns what is observable; refuses to know satisfaction, attachment, traits, and of who left without notice that they
left. Dates of purchases are known to the tick. Who comes straight from another firm starts with the purchase of
joining: what they bought elsewhere is not the firm's to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from retsim.state import CUSTOMER, MICRO, Status

if TYPE_CHECKING:
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

    Numbers are as narrow as holds them, and a date that is a moment of the database's own is kept as the number of that
    moment: where everything is on, this is a fifth of what a run keeps.

    Attributes
    ----------
    surveyed : bool
        Whether any firm has asked its customers anything so far.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.n, self.now, self.surveyed = 0, 0.0, False
        self._moments: list[float] = []
        self._grow(1)

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
            self._grow(max(n, self.spells.size * 17 // 16))
        half = self._moment(now - self.setting.tick / 2.0)
        # Some at a time: of everybody at once, what is worked out by the way would take as much room as what is kept.
        for start in range(0, n, _AT_ONCE):
            rows = slice(start, min(start + _AT_ONCE, n))
            self._take_down(rows, customers[rows], more[rows], half)
        self.n, self.now = n, now

    def _moment(self, when: float) -> int:
        """The number of a moment."""
        if not self._moments or self._moments[-1] != when:
            self._moments.append(when)
        return len(self._moments) - 1

    def _dates(self, numbers: npt.NDArray[np.int32], never: float) -> Floats:
        """The moments of these numbers."""
        return np.array([*self._moments, never])[numbers]

    def _take_down(self, rows: slice, c: Records, more: Records, half: int) -> None:
        was = {name: getattr(self, name)[rows] for name, *_ in _FIELDS}
        bought = c["occasions"].astype(np.int64) - was["seen_occasions"]
        billed = c["revenue"] - was["seen_revenue"]
        grumbled = more["complaints"].astype(np.int64) - was["seen_complaints"] if more.size else np.zeros_like(bought)
        spells = c["spells"].astype(np.int64)
        new = spells != was["spells"]
        # Or by way of another firm within the tick.
        moved = new & ((was["status"] == Status.ACTIVE) | (spells - was["spells"] > 1))
        if moved.any():
            first = np.minimum(bought, self.setting.buys_on_joining[c["segment"]])
            billed = np.where(moved, billed * first // np.maximum(bought, 1), billed)
            grumbled, bought = np.where(moved, 0, grumbled), np.where(moved, first, bought)
        for name, gain in (("frequency", bought), ("billed", billed), ("complaints", grumbled)):
            was[name][...] = np.where(new, gain, was[name] + gain)
        fading = np.exp(-self.setting.tick / MEMORY)
        was["recent"][...] = np.where(new, 0.0, was["recent"] * fading) + grumbled
        last = np.where(bought > 0, self._moments[half], was["last"])
        was["last"][...] = np.where(new, np.maximum(c["joined_at"], 0.0), last)
        # Another firm's answers are not this one's to know.
        was["answer"][new], was["answered_at"][new], was["asked_at"][new] = np.nan, _NEVER, _NEVER
        lapsed = c["status"] == Status.LAPSED
        was["left_at"][...] = np.where(lapsed, np.where(was["left_at"] == _NEVER, half, was["left_at"]), _NEVER)
        was["seen_occasions"][...], was["seen_revenue"][...] = c["occasions"], c["revenue"]
        if more.size:
            was["seen_complaints"][...] = more["complaints"]
        for name in _COPIED:
            was[name][...] = c[name]

    def known(self, firm: int, silence: float) -> Ints:
        """Places of those whom a firm takes for its customers: without a contract the quiet ones, too, for a while."""
        n = self.n
        mine, status = self.firm[:n] == firm, self.status[:n]
        active = status == Status.ACTIVE
        if self.setting.contractual:
            return np.flatnonzero(mine & active)
        been = active | (status == Status.LAPSED) | (status == Status.GONE)
        return np.flatnonzero(mine & been & (self.now - self.last[:n] <= silence))

    def customers(self, firm: int, silence: float) -> Customers:
        """What a firm knows of them."""
        i = self.known(firm, silence)
        joined, bought = self.joined_at[i], self.frequency[i].astype(np.int64)
        # Who was a customer before time 0 was seen to buy for the first time later: that is a repeat purchase.
        first = self.setting.buys_on_joining[self.segment[i]] & (joined >= 0.0)
        since = np.maximum(joined, 0.0)
        end = self.contract_end[i]
        out = Customers(
            i, self.now - joined, self.now - since, self.now - self.last[i], bought,
            np.maximum(bought - first, 0), self.billed[i] / MICRO, self.complaints[i].astype(float),
            self.recent[i], np.where(np.isfinite(end), np.maximum(end - self.now, 0.0), 0.0),
            self.answer[i], self.now - self._dates(self.answered_at[i], np.nan),
        )  # fmt: skip
        for column in out:
            column.flags.writeable = False
        return out

    def note_answers(self, number: Ints, answers: Floats) -> None:
        """Take down whom a firm has asked now, and what those said who answered (NaN: they did not)."""
        self.surveyed = True
        now = self._moment(self.now)
        self.asked_at[number] = now
        told = ~np.isnan(answers)
        self.answer[number[told]], self.answered_at[number[told]] = answers[told], now

    def asked(self, number: Ints) -> Floats:
        """When they were last asked in a survey; -inf: never."""
        return self._dates(self.asked_at[number], -np.inf)

    def answers(self, number: Ints) -> Floats:
        """What they last said, NaN: nothing."""
        return self.answer[number]

    def stayed(self, firm: int, number: Ints, spells: Ints) -> npt.NDArray[np.bool_]:
        """Whether those who were known in that spell are customers still; told only under a contract."""
        still = (self.firm[number] == firm) & (self.spells[number] == spells)
        return still & (self.status[number] == Status.ACTIVE)

    def note_approach(self, number: Ints, now: float) -> None:
        """Take down whom a firm asks to come back."""
        self.approached[number] = self._moment(now)

    def approaches(self, number: Ints) -> Floats:
        """When they were last asked to come back; -inf: never."""
        return self._dates(self.approached[number], -np.inf)

    def lapsed(self, firm: int, terms: tuple[float, float]) -> Ints:
        """Places of those who may be asked to come back; `terms` is (months to wait, months after which it is too late).

        Under a contract those who left; without one those who have been quiet so long, whatever became of them.
        """
        n = self.n
        mine, status = self.firm[:n] == firm, self.status[:n]
        if self.setting.contractual:
            gone = self.now - self._dates(self.left_at[:n], np.inf)
        else:
            mine &= (status != Status.PROSPECT) & (status != Status.EXPECTED)
            gone = self.now - self.last[:n]
        wait, limit = terms
        asked = self.now - self.approaches(np.arange(n)) < wait
        return np.flatnonzero(mine & (gone >= wait) & (gone <= limit) & ~asked)

    spells: npt.NDArray[np.uint16]
    status: npt.NDArray[np.uint8]
    firm: npt.NDArray[np.int16]
    segment: npt.NDArray[np.uint8]
    joined_at: Floats
    contract_end: Floats
    frequency: npt.NDArray[np.int32]
    billed: Ints
    complaints: npt.NDArray[np.int32]
    recent: Floats
    last: Floats
    left_at: npt.NDArray[np.int32]
    approached: npt.NDArray[np.int32]
    answer: Floats
    answered_at: npt.NDArray[np.int32]
    asked_at: npt.NDArray[np.int32]


_AT_ONCE = 1 << 15
_NEVER = -1
_COPIED = ("spells", "status", "firm", "segment", "joined_at", "contract_end")
_FIELDS: tuple[tuple[str, Any, float], ...] = (
    *((name, CUSTOMER[name], 0) for name in _COPIED),
    ("seen_occasions", np.uint32, 0), ("seen_revenue", np.int64, 0), ("seen_complaints", np.uint16, 0),
    ("frequency", np.int32, 0), ("billed", np.int64, 0), ("complaints", np.int32, 0), ("recent", np.float64, 0.0),
    ("last", np.float64, 0.0), ("left_at", np.int32, _NEVER), ("approached", np.int32, _NEVER),
    ("answer", np.float64, np.nan), ("answered_at", np.int32, _NEVER), ("asked_at", np.int32, _NEVER),
)  # fmt: skip
"""Columns of a `Database`: name, type, value of a customer who was never seen; dates are numbers of moments."""

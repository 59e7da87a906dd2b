"""Whom programmes take first (R21): scores of customers from the firm's own database, by models refitted in the run.

Owns the order of customers; refuses to look at anything but `retsim.crm.Database`. Where everyone is alike to a
strategy the order is that of a rank drawn once, and nothing is computed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.crm.leaving import Leaving, features
from retsim.market.programmes import rank_cut, score_cut
from retsim.population import streams_of
from retsim.streams import Draw, lanes_of

if TYPE_CHECKING:
    from retsim.crm.buying import BgNbd
    from retsim.crm.database import Customers
    from retsim.market.firms import Firm
    from retsim.market.market import Market

AHEAD = 12.0
"""Months for which purchases are predicted; *assumed*."""
PRIOR_BASKETS = 2.0
"""Baskets of average size that a customer's own mean is mixed with; *assumed*."""
MOST_MONTHS = 60.0
"""Months for which a contract's income counts at most; *assumed*."""
RANDOM_DRAWS = 512
"""Index of orders drawn anew among the draws for enrolment."""
NO_SCORES: np.ndarray = np.zeros(0)

Order = tuple[tuple[float, float], np.ndarray]

__all__ = ["NEEDS_DATABASE", "Targeting"]

NEEDS_DATABASE = frozenset(
    {"past-value", "predicted-value", "churn-risk", "value-at-risk", "worst", "tenure", "dissatisfied", "tagged"}
)
"""Kinds of targeting that know more than who is a customer."""


class Targeting:
    """Scores for all firms of a market, kept until the tick is over."""

    def __init__(self, market: Market) -> None:
        self.market = market
        self._learned: dict[int, Learned] = {}
        self._kept: dict[tuple[int, str], np.ndarray] = {}
        self._kept_at = -1.0

    def order(self, firm: Firm, programme: str, chosen: tuple[int, int, float, float], affordable: int) -> Order:
        """(cut, scores) for the kernels that enrol: as many as are affordable, those who matter most first."""
        scores, reach = self.allowed_scores(firm, programme), firm.policy.reach
        n = self.market.population.n
        if not scores.size and reach >= 1.0:
            return (0.0, rank_cut(self.market.world, n, chosen, affordable)), NO_SCORES
        if not scores.size:
            scores = np.zeros(n)
        return score_cut(self.market.world, scores, chosen, affordable, reach=reach), scores

    def tag(self) -> None:
        """Let every firm whose database works apply the rules of its tags."""
        for firm in self.market.firms:
            if firm.tags.rules and not firm.outages:
                firm.tags.renew(self.market.database.customers(firm.index, firm.figures["silence"]))

    def forget(self) -> None:
        """The tick is over: what was worked out for it takes no more room."""
        self._kept.clear()

    def allowed_scores(self, firm: Firm, programme: str) -> np.ndarray:
        """Scores as in `scores`, but NaN for those whom a tag keeps out: they are never taken."""
        scores = self.scores(firm, programme)
        if programme not in firm.tags.only:
            return scores
        n = self.market.population.n
        allowed = firm.tags.allowed(programme, np.arange(n))
        out = np.full(n, np.nan)
        out[allowed] = scores[allowed] if scores.size else 0.0
        return out

    def scores(self, firm: Firm, programme: str) -> np.ndarray:
        """Score of every customer of the market, -inf for those whom the firm does not know; empty: all are alike."""
        kind = firm.policy.targeting_of(programme)
        if kind == "everyone":
            return NO_SCORES
        if self._kept_at != self.market.now:
            self._kept.clear()
            self._kept_at = self.market.now
        if (firm.index, kind) not in self._kept:
            self._kept[firm.index, kind] = self._computed(firm, kind)
        return self._kept[firm.index, kind]

    def _computed(self, firm: Firm, kind: str) -> np.ndarray:
        n = self.market.population.n
        learned = self._learned.setdefault(firm.index, Learned(self.market, firm))
        learned.refit(kind)
        if kind == "random":
            ids = streams_of(np.arange(n), self.market.population.initial)
            return lanes_of(self.market.key, Draw.ENROLMENT, ids, RANDOM_DRAWS, learned.fits)[0]
        seen = self.market.database.customers(firm.index, firm.figures["silence"])
        scores = np.full(n, -np.inf)
        if kind == "tagged":
            scores[seen.number] = firm.tags.number_borne(n)[seen.number]
        else:
            scores[seen.number] = learned.score(kind, seen)
        return scores


class Learned:
    """What one firm has learned from its database, and when."""

    def __init__(self, market: Market, firm: Firm) -> None:
        self.market, self.firm = market, firm
        self.contractual = market.scenario.setting == "contractual"
        self.due, self.fits = market.now, 0
        self.buying: BgNbd | None = None
        self.leaving = Leaving()
        self._before: tuple[Customers, np.ndarray, np.ndarray] | None = None

    def refit(self, kind: str) -> None:
        """Fit the models anew where the schedule says so."""
        if self.market.now < self.due - 1e-9 or self.firm.outages:
            return
        self.due = self.market.now + self.firm.policy.refit_every
        self.fits += 1
        if kind in ("predicted-value", "churn-risk", "value-at-risk"):
            seen = self.market.database.customers(self.firm.index, self.firm.figures["silence"])
            self._fit_leaving(seen) if self.contractual else self._fit_buying(seen)

    def _fit_buying(self, seen: Customers) -> None:
        from retsim.crm.buying import estimated

        self.buying = estimated(*_history(seen), start=self.buying) or self.buying

    def _fit_leaving(self, seen: Customers) -> None:
        database = self.market.database
        if self._before is not None:
            were, cases, spells = self._before
            self.leaving.learn(cases, ~database.stayed(self.firm.index, were.number, spells))
        self._before = seen, features(seen, self.firm.policy.refit_every), database.spells[seen.number].copy()

    def score(self, kind: str, seen: Customers) -> np.ndarray:
        """Scores of the firm's customers: the highest first. 0 for all while a model has nothing to go by."""
        if kind == "past-value":
            return seen.revenue
        if kind == "worst":
            return -seen.revenue
        if kind == "tenure":
            return seen.tenure
        if kind == "dissatisfied":
            # Of whom nothing is known comes last.
            return np.where(np.isnan(seen.answer), -1.0, 1.0 - seen.answer)
        return self._by_contract(kind, seen) if self.contractual else self._by_purchases(kind, seen)

    def _by_contract(self, kind: str, seen: Customers) -> np.ndarray:
        a_month = seen.revenue / np.maximum(seen.observed, 1.0)
        if self.leaving.weights is None:
            return a_month if kind == "predicted-value" else np.zeros(a_month.size)
        interval = self.firm.policy.refit_every
        p = self.leaving.probability(features(seen, interval))
        if kind == "churn-risk":
            return p
        if kind == "value-at-risk":
            return p * a_month
        return a_month * np.minimum(interval / np.maximum(p, 1e-9), MOST_MONTHS)

    def _by_purchases(self, kind: str, seen: Customers) -> np.ndarray:
        x, t_x, age = _history(seen)
        frequency = seen.frequency.astype(float)
        overall = seen.revenue.sum() / max(frequency.sum(), 1.0)
        basket = (seen.revenue + PRIOR_BASKETS * overall) / (frequency + PRIOR_BASKETS)
        if self.buying is None:
            return seen.revenue if kind == "predicted-value" else np.zeros(x.size)
        alive: Any = self.buying.p_alive(x, t_x, age)
        if kind == "churn-risk":
            return 1.0 - alive
        if kind == "value-at-risk":
            return (1.0 - alive) * seen.revenue / np.maximum(age, 1.0)
        return np.nan_to_num(self.buying.conditional_purchases(AHEAD, x, t_x, age) * basket)


def _history(seen: Customers) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat purchases, recency and age, as the BG/NBD counts them."""
    x = seen.repeats.astype(float)
    age = np.maximum(seen.observed, 1e-6)
    return x, np.where(x > 0.0, np.clip(age - seen.recency, 0.0, age), 0.0), age

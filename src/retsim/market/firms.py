"""A firm: its own figures, what customers see of them, and the money it may spend."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.market.caring import cared_by, require_plan
from retsim.market.figures import FIGURES, require_figure, require_known, strained
from retsim.market.tagging import Tags
from retsim.rules.brand import believed
from retsim.rules.care import failing
from retsim.rules.staff import served
from retsim.state import MICRO, OFFER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from retsim.scenario import Scenario

WINNING = ("promotion", "referral", "follow_up", "brand", "acquisition")
CHANNELS = ("advertising", *WINNING[:-1])
KEEPING = ("service", "price", "structural", "education", "win_back", "community", "core", "survey", "contact")
FUNDS = (*WINNING, *KEEPING)
"""Purposes of a budget: to win customers, and to keep them or get them back; the last of each takes what is left."""

_IN_DATABASE = ("shared_knowledge", "knowledge_gain", "rhythm_detection")
"""Figures that are 0 while the customer database is down."""


class Firm:
    """One firm in a running market.

    Attributes
    ----------
    name : str
    index : int
        0 is the focal firm.
    own : dict
        Every firm parameter as the firm has set it.
    figures : dict
        The same as they hold now, under whatever strains them; before programmes.
    funds : dict
        Micro-units of money that may still be spent, by purpose.
    budgeted, spent : int
        Micro-units granted and used so far; spent never exceeds budgeted.
    debt : int
        Micro-units granted beyond the budget and not yet saved again; only a firm with credit has any.
    present : bool
        Whether the firm is in the market already.
    outages : int
        Failures of its customer database that last.
    tags : Tags
        Labels that it gives its customers.
    figured : int
        How often `figures` have been worked out, so that what follows from them need not be again.
    unpaid : tuple or None
        Under what the hazards were last set without money for advertising.
    """

    def __init__(self, scenario: Scenario, name: str, index: int) -> None:
        spec, plan = scenario.firms()[name], scenario.plan_of(name)
        self.name, self.index = name, index
        self.own: dict[str, float] = {field: float(getattr(spec, field)) for field in FIGURES}
        self.own["fee_per_month"] += plan.strategy.charge_leaver
        self.figures = dict(self.own)
        self._strains: dict[object, Mapping[str, float]] = {}
        self.monthly, self.retention_share, mix = plan.monthly, plan.retention_share, plan.mix
        self.mix: dict[str, float] = {purpose: getattr(mix, purpose) for purpose in KEEPING}
        self.policy, self.terms = plan.strategy, plan.budget
        self.tags = Tags(plan.strategy)
        self.spend_share = plan.budget.spend
        self.winning: dict[str, float] = {channel: getattr(plan.winning, channel) for channel in CHANNELS}
        self.funds = dict.fromkeys(FUNDS, 0)
        self.budgeted = self.spent = self.debt = 0
        self.offer_rate = self.figures["offer_rate"]
        self.prevented = self.taught = 0.0
        self.coupon, self.cared = 0.0, cared_by(self.figures)
        self.reputation, self.goodwill = self.figures["reputation"], 0.0
        self.morale, self.morale_at = self.figures["morale"], 0.0
        self.reserved = self.coupons_before = 0
        self.promised = self.bonuses_before = self.approaches = 0
        self.rewards_reserved = self.rewards_before = self.reward = 0
        self.promoted: list[float] = [0.0] * len(scenario.segments)
        self.clocks_moved = 0
        self.enrolled = {"price": 0, "contact": 0, "structural": 0, "club": 0, "community": 0, "core": 0}
        self.launched = self.issues_points = False
        self.present, self.outages = True, 0
        self.figured, self._shown, self._promised = 1, 0, 0
        self.unpaid: tuple[float, ...] | None = None
        self._made_of: tuple[Any, ...] = ()

    def set(self, **figures: float) -> None:
        """Change figures of the firm, such as ``price=25.0``.

        Raises
        ------
        TypeError, ValueError
            Where a name is unknown or a value out of its range: names place, value and rule.
        """
        for name, value in figures.items():
            require_figure(self.name, name, value)
        require_plan(self.name, self.figures | figures)
        self.reputation = float(figures.get("reputation", self.reputation))
        self.own.update({name: float(value) for name, value in figures.items()})
        self._refigure()

    def strain(self, cause: object, **factors: float) -> None:
        """Multiply figures by factors for as long as a cause lasts; without factors the cause is over.

        Causes multiply each other, and when all are over the figures are the firm's own again to the last bit.
        """
        for name, factor in factors.items():
            require_known(self.name, name)
            if not 0.0 <= factor < np.inf:
                raise ValueError(f"{self.name}.{name}: factor {factor}, must be a finite number, 0 or more")
        self._strains.pop(cause, None)
        if factors:
            self._strains[cause] = factors
        self._refigure()

    def _refigure(self) -> None:
        self.figured += 1
        self.figures.update(strained(self.own, self._strains.values()))

    def promise(self) -> float:
        """Fix for a tick what programmes promise: it is worth what is reserved. Returns the contact rate before."""
        before = self.cared.contact_rate
        if self._promised != self.figured:
            self.coupon = self.figures["discount"] * self.figures["price"]
            self.cared = cared_by(self.figures)
            self._promised = self.figured
        return before

    def grant(self, months: float) -> None:
        """Add the budget of so many months to the funds; every micro-unit goes somewhere.

        What is spent beyond the budget is borrowed; what is saved below it pays back.
        """
        if not self.monthly:
            return
        budget = round(self.monthly * months * MICRO)
        total = round(self.spend_share * self.monthly * months * MICRO)
        self.debt = max(self.debt + total - budget, 0)
        retention = round(self.retention_share * total)
        self.budgeted += total
        winning = total - retention
        for purpose in WINNING[:-1]:
            part = min(round(self.winning[purpose] * (total - retention)), winning)
            self.funds[purpose] += part
            winning -= part
        self.funds["acquisition"] += winning
        left = retention
        *some, last = KEEPING
        for purpose in some:
            share = min(round(self.mix[purpose] * retention), left)
            self.funds[purpose] += share
            left -= share
        self.funds[last] += left

    def add_funds(self, purpose: str, amount: int) -> None:
        """Micro-units from outside the budget for one purpose."""
        self.budgeted += amount
        self.funds[purpose] += amount

    def cost_of_tick(self, name: str, months: float) -> int:
        """Micro-units that a programme paid by the customer and month takes for one customer and a tick of so many months.

        At least one, so that a short tick never keeps anybody for nothing.
        """
        return max(1, math.floor(self.figures[name] * months * MICRO + 0.5))

    def spend(self, purpose: str, amount: int) -> None:
        """Take an amount from a fund (negative: give back what was reserved and not used)."""
        if amount > self.funds[purpose]:
            held = self.funds[purpose]
            raise ArithmeticError(f"{self.name}: {amount} micro-units from the fund {purpose}, which holds {held}")
        self.funds[purpose] -= amount
        self.spent += amount

    def show(self, offer: np.void) -> None:
        """Write what customers see and what it costs into the firm's record, where any of it has changed."""
        f: dict[str, Any] = self.figures
        made_of = (
            self.figured, self.prevented, self.taught, self.offer_rate, self.enrolled["structural"] > 0, self.outages,
            self.coupon, self.cared, self.reputation, self.goodwill, self.morale, self.reward,
        )  # fmt: skip
        if made_of == self._made_of:
            return
        self._made_of = made_of
        if self._shown != self.figured:
            for name in OFFER.names or ():
                if name in f:
                    offer[name] = f[name]
            self._shown = self.figured
        left = f["failure_rate"] * (1.0 - self.prevented)
        offer["failure_rate"] = failing(left, f["misunderstanding_share"], self.taught)
        offer["severity"] = f["severity"] * (1.0 - self.prevented)
        offer["offer_rate"] = self.offer_rate
        # What customers reckon with: points and cash back come back to those who go on buying.
        offer["net_price"] = f["price"] * (1.0 - (f["points_rate"] + f["cash_back"]))
        # Others expect of the system what those who have it get.
        offer["structural_draw"] = f["structural_draw"] * f["execution"] if self.enrolled["structural"] else 0.0
        if self.outages:
            for name in _IN_DATABASE:
                offer[name] = 0.0
            self._shown = 0
        offer["coupon"], offer["contact_rate"] = self.coupon, self.cared.contact_rate
        offer["contact_relevance"] = f["contact_relevance"] + (1.0 - f["contact_relevance"]) * self.cared.relevance
        offer["cared_experience"], offer["cared_bond"] = self.cared.experience, self.cared.bond
        offer["cared_worth"] = self.cared.worth
        # Word of mouth moves it, and what strains the firm's own reputation strains that.
        strained = f["reputation"] / self.own["reputation"] if self.own["reputation"] > 0.0 else 1.0
        offer["reputation"] = believed(self.reputation * strained, self.goodwill, f["brand_lift"])
        if f["morale_speed"] > 0.0:
            offer["service_quality"] = served(f["service_quality"], self.morale - f["morale"], f["morale_effect"])
        offer["reward"] = self.reward / MICRO

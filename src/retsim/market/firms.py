"""A firm: its own figures, what customers see of them, and the money it may spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.market.caring import cared_by, require_plan
from retsim.parameters import Firm as FirmParameters
from retsim.parameters import table_of
from retsim.rules.care import failing
from retsim.state import MICRO, OFFER

if TYPE_CHECKING:
    from retsim.scenario import Scenario

FUNDS = ("acquisition", "service", "price", "contact", "education")
"""Purposes of a budget: one to win customers, the others to keep them (R19, R23)."""

_FIGURES = table_of(FirmParameters)


class Firm:
    """One firm in a running market.

    Attributes
    ----------
    name : str
    index : int
        0 is the focal firm.
    figures : dict
        Current value of every firm parameter, before programmes.
    funds : dict
        Micro-units of money that may still be spent, by purpose.
    budgeted, spent : int
        Micro-units granted and used so far; spent never exceeds budgeted.
    """

    def __init__(self, scenario: Scenario, name: str, index: int) -> None:
        spec = scenario.firms()[name]
        self.name, self.index = name, index
        self.figures: dict[str, float] = {field: float(getattr(spec, field)) for field in _FIGURES}
        self.monthly, self.retention_share, mix = scenario.plan_of(name)
        self.mix = {"service": mix.service, "price": mix.price, "contact": mix.contact, "education": mix.education}
        self.funds = dict.fromkeys(FUNDS, 0)
        self.budgeted = self.spent = 0
        self.prevented = self.taught = 0.0
        self.coupon, self.cared = 0.0, cared_by(self.figures)
        self.reserved = self.coupons_before = 0
        self.clocks_moved = 0
        self.enrolled = {"price": 0, "contact": 0}

    def set(self, **figures: float) -> None:
        """Change figures of the firm, such as ``price=25.0``.

        Raises
        ------
        ValueError
            Where a name is unknown or a value out of its range: names place, value and rule.
        """
        for name, value in figures.items():
            if name not in _FIGURES:
                raise ValueError(f"{self.name}.{name}: a firm has no such figure; it has {', '.join(_FIGURES)}")
            p = _FIGURES[name]
            if not p.low <= value <= p.high:
                raise ValueError(f"{self.name}.{name} = {value}, must lie in {p.low}..{p.high} ({p.unit})")
        require_plan(self.name, self.figures | figures)
        self.figures.update({name: float(value) for name, value in figures.items()})

    def promise(self) -> float:
        """Fix for a tick what programmes promise: it is worth what is reserved. Returns the contact rate before."""
        before = self.cared.contact_rate
        self.coupon = self.figures["discount"] * self.figures["price"]
        self.cared = cared_by(self.figures)
        return before

    def grant(self, months: float) -> None:
        """Add the budget of so many months to the funds; every micro-unit goes somewhere."""
        total = round(self.monthly * months * MICRO)
        retention = round(self.retention_share * total)
        self.budgeted += total
        self.funds["acquisition"] += total - retention
        service, price = round(self.mix["service"] * retention), round(self.mix["price"] * retention)
        self.funds["service"] += service
        self.funds["price"] += min(price, retention - service)
        left = retention - service - min(price, retention - service)
        education = min(round(self.mix["education"] * retention), left)
        self.funds["education"] += education
        self.funds["contact"] += left - education

    def spend(self, purpose: str, amount: int) -> None:
        """Take an amount from a fund (negative: give back what was reserved and not used)."""
        if amount > self.funds[purpose]:
            held = self.funds[purpose]
            raise ArithmeticError(f"{self.name}: {amount} micro-units from the fund {purpose}, which holds {held}")
        self.funds[purpose] -= amount
        self.spent += amount

    def show(self, offer: np.void) -> None:
        """Write what customers see and what it costs into the firm's record."""
        f: dict[str, Any] = self.figures
        for name in OFFER.names or ():
            if name in f:
                offer[name] = f[name]
        left = f["failure_rate"] * (1.0 - self.prevented)
        offer["failure_rate"] = failing(left, f["misunderstanding_share"], self.taught)
        offer["severity"] = f["severity"] * (1.0 - self.prevented)
        offer["coupon"], offer["contact_rate"] = self.coupon, self.cared.contact_rate
        offer["contact_relevance"] = f["contact_relevance"] + (1.0 - f["contact_relevance"]) * self.cared.relevance
        offer["cared_experience"], offer["cared_bond"] = self.cared.experience, self.cared.bond
        offer["cared_worth"] = self.cared.worth

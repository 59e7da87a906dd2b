"""A firm: its own figures, what customers see of them, and the money it may spend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from retsim.parameters import Firm as FirmParameters
from retsim.parameters import table_of
from retsim.rules.staff import served
from retsim.state import MICRO, OFFER

if TYPE_CHECKING:
    from retsim.scenario import Scenario

FUNDS = ("acquisition", "promotion", "referral", "service", "price", "contact")
"""Purposes of a budget: three to win customers, the first by advertising, and three to keep them (R19, R23)."""

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
        self.monthly, self.retention_share, mix, winning = scenario.plan_of(name)
        self.winning = {"promotion": winning.promotion, "referral": winning.referral}
        self.mix = {"service": mix.service, "price": mix.price, "contact": mix.contact}
        self.funds = dict.fromkeys(FUNDS, 0)
        self.budgeted = self.spent = 0
        self.prevented = 0.0
        self.reputation = self.figures["reputation"]
        self.morale, self.morale_at = self.figures["morale"], 0.0
        self.coupon, self.contact_rate = 0.0, self.figures["contact_rate"]
        self.reserved = self.coupons_before = 0
        self.rewards_reserved = self.rewards_before = self.reward = 0
        self.promoted: list[float] = [0.0] * len(scenario.segments)
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
        self.figures.update({name: float(value) for name, value in figures.items()})
        self.reputation = float(figures.get("reputation", self.reputation))

    def promise(self) -> float:
        """Fix for a tick what programmes promise: it is worth what is reserved. Returns the contact rate before."""
        before = self.contact_rate
        self.coupon = self.figures["discount"] * self.figures["price"]
        self.contact_rate = self.figures["contact_rate"]
        return before

    def grant(self, months: float) -> None:
        """Add the budget of so many months to the funds; every micro-unit goes somewhere."""
        total = round(self.monthly * months * MICRO)
        retention = round(self.retention_share * total)
        self.budgeted += total
        winning = total - retention
        for purpose, share in self.winning.items():
            part = min(round(share * (total - retention)), winning)
            self.funds[purpose] += part
            winning -= part
        self.funds["acquisition"] += winning
        service, price = round(self.mix["service"] * retention), round(self.mix["price"] * retention)
        self.funds["service"] += service
        self.funds["price"] += min(price, retention - service)
        self.funds["contact"] += retention - service - min(price, retention - service)

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
        offer["failure_rate"] = f["failure_rate"] * (1.0 - self.prevented)
        offer["severity"] = f["severity"] * (1.0 - self.prevented)
        offer["reputation"] = self.reputation
        if f["morale_speed"] > 0.0:
            offer["service_quality"] = served(f["service_quality"], self.morale - f["morale"], f["morale_effect"])
        offer["reward"] = self.reward / MICRO
        offer["coupon"], offer["contact_rate"] = self.coupon, self.contact_rate

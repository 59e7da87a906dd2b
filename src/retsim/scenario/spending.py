"""What a firm does with its money: budget, strategy, and how both divide it."""

from __future__ import annotations

import math
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, model_validator

from retsim.parameters import Parameter
from retsim.scenario.fields import Frozen, Model, described, number, one_or_zero, reject
from retsim.scenario.names import Table, Title, at_most
from retsim.scenario.tags import Only, Tag

__all__ = ["Budget", "Mix", "Strategy", "Targeting", "Winning"]

P = Parameter
SUM_TOLERANCE = 1e-9


class Mix(Model):
    """How retention money is divided; the shares sum to 1."""

    service: float = number(P(0.0, "share of the retention money", 0, 1, "fewer and milder failures (R19, R23)"))
    price: float = number(P(0.0, "share of the retention money", 0, 1, "discounts for the tenured (R19, level 1)"))
    contact: float = number(P(0.0, "share of the retention money", 0, 1, "personal contact (R19, level 2)"))
    structural: float = number(P(0.0, "share of the retention money", 0, 1, "ties of system and work (R19, level 3)"))
    education: float = number(P(0.0, "share of the retention money", 0, 1, "care before purchase (R2)"))
    win_back: float = number(P(0.0, "share of the retention money", 0, 1, "asking the lapsed to come back (R15, R21)"))
    community: float = number(P(0.0, "share of the retention money", 0, 1, "a community of customers (R17, R19)"))
    core: float = number(P(0.0, "share of the retention money", 0, 1, "a service tier for core customers (R21)"))
    survey: float = number(
        P(0.0, "share of the retention money", 0, 1, "asking customers how satisfied they are (R21)")
    )

    @model_validator(mode="after")
    def _whole(self) -> Mix:
        total = math.fsum(getattr(self, name) for name in type(self).model_fields)
        if abs(total - 1) > SUM_TOLERANCE:
            raise reject(f"must have shares that sum to 1, not {total:.12g}")
        return self


class Winning(Model):
    """How the money that wins customers is divided; the shares sum to 1."""

    advertising: float = number(P(0.0, "share of the money that wins", 0, 1, "reach of prospects (R15)"))
    promotion: float = number(P(0.0, "share of the money that wins", 0, 1, "prize draws and lists, with a bonus (R15)"))
    referral: float = number(P(0.0, "share of the money that wins", 0, 1, "rewards for who brings a newcomer (R15)"))
    follow_up: float = number(P(0.0, "share of the money that wins", 0, 1, "following up leads (R15)"))
    brand: float = number(P(0.0, "share of the money that wins", 0, 1, "building a brand (R17)"))

    @model_validator(mode="after")
    def _whole(self) -> Winning:
        total = math.fsum(getattr(self, name) for name in type(self).model_fields)
        if abs(total - 1) > SUM_TOLERANCE:
            raise reject(f"must have shares that sum to 1, not {total:.12g}")
        return self


ADVERTISING_ONLY = Winning.model_construct(advertising=1.0)
EQUAL_MIX = Mix.model_construct(service=1 / 3, price=1 / 3, contact=1 / 3, education=0.0)
Targeting = Literal[
    "everyone", "random", "past-value", "predicted-value", "churn-risk", "value-at-risk", "worst", "tenure",
    "dissatisfied", "tagged",
]  # fmt: skip
Switch = Annotated[float, AfterValidator(one_or_zero)]


class Strategy(Model):
    """What a firm does with its budget."""

    title: Title = described("What people call it.", "")
    retention_share: float = number(P(0.0, "share of the budget", 0, 1, "spent on keeping; the rest on winning"))
    mix: Mix = described("How the retention money is divided.", EQUAL_MIX)
    winning: Winning = described("How the money that wins is divided.", ADVERTISING_ONLY)
    targeting: Targeting = described(
        "Whom programmes take first where the money does not reach all: by what the firm's own database says (R21).",
        "everyone",
    )
    refit_every: float = number(P(3.0, "months", 0.05, 1200, "from one fit of its models to the next (R21)"))
    reach: float = number(P(1.0, "share of the customers", 0, 1, "that a programme takes at most (R19, R21)"))
    reward_loyal: Switch = number(P(0.0, "1 or 0", 0, 1, "1: coupons go to the customers of longest standing (R21)"))
    court_wavering: Switch = number(P(0.0, "1 or 0", 0, 1, "1: contact goes to those most likely to leave (R21)"))
    charge_leaver: float = number(
        P(0.0, "money a month left", 0, math.inf, "added to the fee for leaving a contract early (R8, R21)")
    )
    adaptive: Switch = number(P(0.0, "1 or 0", 0, 1, "1: plans the split anew each quarter, from its own books (R21)"))
    core_by: Targeting | None = described(
        "Who are core customers, where those are others than programmes take first (R21).", None
    )
    tags: Annotated[Table[Tag], at_most(64)] = described(
        "Labels that the firm gives its customers by what its database says of them (R21).", Frozen()
    )
    only: Only = described("Programmes that are kept for customers with a tag (R21).", Only.model_construct())

    @model_validator(mode="after")
    def _known_tags(self) -> Strategy:
        for programme, tag in self.only.by_programme().items():
            if tag not in self.tags:
                known = ", ".join(self.tags) or "the strategy's tags (there are none)"
                raise reject(f"must be one of {known}", at=f"only.{programme}")
        if "tagged" in self.aims() and not self.tags:
            key = "targeting" if self.targeting == "tagged" else "core_by"
            raise reject("must not be tagged where the strategy has no tags", "give it tags", at=key)
        return self

    def targeting_of(self, programme: str) -> str:
        """Whom a programme ("price", "contact", "core", "win_back") takes first."""
        if programme == "price" and self.reward_loyal:
            return "tenure"
        if programme == "contact" and self.court_wavering:
            return "churn-risk"
        if programme == "win_back" and self.targeting not in ("everyone", "random"):
            # Of those who have left, only what they were worth is known.
            return "past-value"
        if programme == "core" and self.core_by is not None:
            return self.core_by
        return self.targeting

    def aims(self) -> set[str]:
        """All kinds of targeting that any programme uses."""
        return {self.targeting_of(programme) for programme in ("price", "contact", "core", "win_back")}

    def aimed(self, targeting: str) -> Strategy:
        """The same strategy with another targeting.

        Raises
        ------
        ValueError
            There is no such targeting.
        """
        known = get_args(Targeting)
        if targeting not in known:
            raise ValueError(f"targeting = {targeting!r}, must be one of {', '.join(known)}")
        return self.model_copy(update={"targeting": targeting})

    def needs_complaints(self) -> bool:
        """Whether the firm counts each customer's complaints: its models of leaving, or its tags, read them."""
        tagged = any("complaints" in figure for tag in self.tags.values() for figure in tag.ranges())
        return tagged or not self.aims().isdisjoint(("predicted-value", "churn-risk", "value-at-risk"))


class Budget(Model):
    """What a firm spends a month on winning and keeping customers."""

    monthly: float = number(P(0.0, "money a month", 0, math.inf, "spent on winning and keeping together"))
    retention_share: float | None = number(
        P(0.0, "share of the budget", 0, 1, "spent on keeping, instead of the strategy's"), None
    )
    mix: Mix | None = described("How the retention money is divided, instead of the strategy's.", None)
    winning: Winning | None = described("How the money that wins is divided, instead of the strategy's.", None)
    spend: float = number(P(1.0, "share of the budget", 0, 10, "that is spent; above 1 only with credit (R23)"))
    credit: Switch = number(P(0.0, "1 or 0", 0, 1, "1: what is spent beyond the budget is borrowed (R23)"))
    credit_rate: float = number(P(0.1, "share a year", 0, 10, "interest on what is borrowed (R23)"))

"""Exercises of notebook 11, a customer's life: for whom, at which stage, and what is sight worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from retsim.classroom.judging import PEOPLE, Judge, arms, best_of, number, paired, study_of, word

if TYPE_CHECKING:
    from retsim.scenario import Scenario

MORE = 0.25

COUPONS = {
    "newcomers": "in the first two years",
    "ending": "whose contract ends within three months",
    "everyone": "for who comes first, until the money is gone",
}


def _coupons() -> tuple[str, str]:
    """The same coupon money a month, kept for some: for whom does it earn most."""
    tags = {"newcomers": {"tenure": {"below": 24.0}}, "ending": {"contract_left": {"at_least": 0.01, "below": 3.0}}}
    plans: dict[str, Any] = {
        name: {"retention_share": 0.7, "mix": {"service": 0.4, "price": 0.3, "contact": 0.3}} for name in COUPONS
    }
    for name, tag in tags.items():
        plans[name] |= {"tags": {name: tag}, "only": {"price": name}}
    common = {"strategies": plans, "horizon": 48, "firm.discount_tenure": 0.0}
    return best_of(study_of(arms("telecom", {name: {"strategy": name} for name in COUPONS}, **common)))


STAGES = {
    "promotion": "win more, with a prize",
    "contact": "keep by contact",
    "service": "prevent failures",
    "win_back": "ask the lapsed to come back",
}


def _stages() -> tuple[str, str]:
    """A quarter of the budget more, all of it at one stage."""
    from retsim.scenario import load

    market = load("mail-order").resized(PEOPLE).with_(horizon=48)
    return best_of(study_of({stage: _more_for(market, stage) for stage in STAGES}))


def _more_for(market: Scenario, purpose: str) -> Scenario:
    """A market with a quarter of the budget more, for one purpose; all else is spent as before."""
    plan = market.plan_of(market.focal)
    shares = {"winning": plan.winning.model_dump(), "mix": plan.mix.model_dump()}
    parts = {"winning": 1.0 - plan.retention_share, "mix": plan.retention_share}
    spent = {kind: {name: share * parts[kind] for name, share in shares[kind].items()} for kind in shares}
    spent["winning" if purpose in spent["winning"] else "mix"][purpose] += MORE
    sums = {kind: sum(by_name.values()) for kind, by_name in spent.items()}
    budget = {kind: {name: x / sums[kind] for name, x in by_name.items()} for kind, by_name in spent.items()}
    return market.with_(
        budget={"monthly": plan.monthly * (1.0 + MORE), "retention_share": sums["mix"] / (1.0 + MORE), **budget}
    )


def _seeing_needs() -> float:
    """What it may cost a month at most to see seven needs in ten instead of three."""
    few, many = ({"firm.detection": part} for part in (0.3, 0.7))
    markets = arms("bank", {"few": few, "many": many}, horizon=48)
    worth = sum((1.0 + markets["few"].discount_rate) ** (-(month + 0.5) / 12.0) for month in range(48))
    return paired(study_of(markets))[0] / worth


EXERCISES: dict[str, tuple[str, Judge]] = {
    "11-1": (
        "telecom under retention-led, 48 months, coupons at any tenure (discount_tenure 0): the same money for coupons, kept by a tag "
        "for 'newcomers' (tenure below 24) or for those whose contract is 'ending' (contract_left from 0.01 to below 3), or for "
        "'everyone'. Which earns most? (one of the three words)",
        word(COUPONS, _coupons),
    ),
    "11-2": (
        "mail-order under retention-led, 48 months, and a quarter of the budget more, all of it in one place: 'promotion', 'contact', "
        "'service' or 'win_back'. Which earns most? (one of the four words)",
        word(STAGES, _stages),
    ),
    "11-3": (
        "bank, 400 people, 48 months: what may it cost a month at most to see seven needs in ten (firm.detection 0.7) instead of "
        "three? (EUR a month that are worth the gain in discounted profit; within a quarter of it: it is an estimate)",
        number(_seeing_needs, "EUR a month", within=0.25),
    ),
}  # fmt: skip

"""From a plan to the firm that follows it: what it cannot do is refused."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from retsim.market.plans import Plan

if TYPE_CHECKING:
    from retsim.market.firms import Firm

__all__ = ["adopt", "require_channels", "require_plan"]


def require_plan(firm: Firm, plan: Any) -> None:
    """Refuse what is no plan.

    Raises
    ------
    TypeError
    """
    if not isinstance(plan, Plan):
        raise TypeError(f"strategy of {firm.name} returned {plan!r:.80}, must return a retsim.Plan or None")


def require_channels(firm: Firm, plan: Plan, *, word: bool) -> None:
    """Refuse money for channels that this market does not have.

    Raises
    ------
    ValueError
    """
    for name, there, why in (
        ("referral", word, "nobody recommends: word.rate is 0"),
        ("follow_up", bool(firm.figures["lead_funnel"]), "nobody becomes a lead: lead_funnel is 0"),
    ):
        share = (plan.winning or {}).get(name, 0.0)
        if share and not there:
            raise ValueError(f"strategy of {firm.name}: winning.{name} = {share}, must be 0 where {why}")


def adopt(firm: Firm, plan: Plan) -> None:
    """Let a plan hold from now on.

    Raises
    ------
    TypeError, ValueError
        It asks for what a firm cannot do; the message names it, its value and the rule.
    """
    if plan.retention_share is not None:
        firm.retention_share = _number(firm, "retention_share", plan.retention_share, 1.0)
    if plan.spend is not None:
        spend = _number(firm, "spend", plan.spend, 10.0)
        if spend > 1.0 and not firm.terms.credit:
            raise ValueError(f"strategy of {firm.name}: spend = {spend}, must be at most 1 (the budget) without credit")
        firm.spend_share = spend
    if plan.mix is not None:
        firm.mix = _shares(firm, "mix", plan.mix, firm.mix)
    if plan.winning is not None:
        firm.winning = _shares(firm, "winning", plan.winning, firm.winning)
    if plan.targeting is not None:
        firm.policy = firm.policy.aimed(plan.targeting)
    if plan.figures:
        firm.set(**plan.figures)
    firm.tags.keep(plan.only)


def _shares(firm: Firm, name: str, given: Mapping[str, float], known: Mapping[str, float]) -> dict[str, float]:
    unknown = [key for key in given if key not in known]
    if unknown:
        raise ValueError(f"strategy of {firm.name}: {name}.{unknown[0]} is unknown, must be one of {', '.join(known)}")
    shares = {key: _number(firm, f"{name}.{key}", given.get(key, 0.0), 1.0) for key in known}
    total = math.fsum(shares.values())
    if abs(total - 1.0) > 1e-9:
        raise ValueError(f"strategy of {firm.name}: {name} must have shares that sum to 1, not {total:.12g}")
    return shares


def _number(firm: Firm, name: str, value: Any, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value <= most:
        raise ValueError(f"strategy of {firm.name}: {name} = {value!r}, must be a number in 0..{most:g}")
    return float(value)

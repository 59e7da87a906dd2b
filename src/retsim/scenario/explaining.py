"""A scenario in plain English: who is in it, how they buy, what holds them, what the firm spends on.

Owns the words; every figure is read off the scenario, none is worked out by running it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.scenario.evidence import evidence
from retsim.scenario.grounds import census
from retsim.scenario.mechanisms import MECHANISMS, Mechanism
from retsim.scenario.plain import plain
from retsim.scenario.switching import is_off, off_in

if TYPE_CHECKING:
    from retsim.scenario.models import Behaviour, FirmSpec, Segment
    from retsim.scenario.scenario import Plan, Scenario
    from retsim.scenario.spending import Strategy

_EFFORT = ("search_cost", "information_cost", "bargaining_cost", "decision_cost", "monitoring_cost", "breach_risk")
_SHOCKS = {
    "quality-crisis": "a quality crisis", "price-war": "a price war", "recession": "a recession",
    "outage": "an outage of the customer database", "entrant": "a new rival",
}  # fmt: skip

_FUNDS = {
    "service": ("mix", "service"), "discount": ("mix", "price"), "contact": ("mix", "contact"),
    "structural": ("mix", "structural"), "education": ("mix", "education"), "winback": ("mix", "win_back"),
    "careplan": ("mix", "contact"), "affinity": ("mix", "contact"), "fatigue": ("mix", "contact"),
    "waking": ("mix", "contact"), "advertising": ("winning", "advertising"), "poaching": ("winning", "advertising"),
    "promotion": ("winning", "promotion"), "brand": ("winning", "brand"), "community": ("mix", "community"), "core": ("mix", "core"),
    "survey": ("mix", "survey"),
}  # fmt: skip
"""Mechanisms that do nothing without money for them: table of the plan, and fund."""
_OF_PRODUCTS = ("needs", "offers")

__all__ = ["Part", "explained"]


class Part(NamedTuple):
    """A heading and the sentences below it."""

    heading: str
    sentences: list[str]


def explained(scenario: Scenario) -> list[Part]:
    """Say what a scenario says.

    Parameters
    ----------
    scenario : Scenario

    Returns
    -------
    list of Part
    """
    return [
        Part("Who is in it", [*_people(scenario), *_firms(scenario)]),
        Part("How they buy", [*_buying(scenario), *_experience(scenario)]),
        Part("What holds them, and what makes them think", [*_holding(scenario), *_thinking(scenario)]),
        Part("What the firm spends on", [*_spending(scenario)]),
        Part("What else is at work", [*_mechanisms(scenario)]),
        Part("What it rests on", [*_resting(scenario)]),
    ]


def _people(s: Scenario) -> Iterator[str]:
    yield f"{s.customers:,} people are in the market at the start; it is watched for {_months(s.horizon)}."
    for name, segment in s.segments.items():
        has = [f"{_percent(share)} are customers of {firm}" for firm, share in segment.initial.items() if share > 0]
        rest = 1.0 - sum(segment.initial.values())
        has += [f"{_percent(rest)} have no firm"] if rest > 1e-9 else []
        yield f"{_percent(segment.share)} are {name}: of these {', '.join(has)}."
    if s.entry.per_month or s.entry.per_satisfied:
        more = f", and {s.entry.per_satisfied:g} for each satisfied customer" if s.entry.per_satisfied else ""
        yield f"{s.entry.per_month:g} newcomers a month{more}; {_percent(s.entry.walk_in)} of them walk straight into a firm."


def _firms(s: Scenario) -> Iterator[str]:
    enters = {shock.firm: shock.start for shock in s.shocks.values() if shock.kind == "entrant"}
    when = {name: f" (from month {at:g} on)" if at < s.horizon else " (never enters)" for name, at in enters.items()}
    firms = [f"{name} asks {_money(firm.price, s)}{when.get(name, '')}" for name, firm in s.firms().items()]
    yield f"{len(firms)} firm{'s' if len(firms) > 1 else ''}: {', '.join(firms)} {_occasion(s)}."


def _buying(s: Scenario) -> Iterator[str]:
    if s.setting == "contractual":
        yield f"Under a contract: a bill {_every(s.behaviour.billing_period)}."
        for name, firm in s.firms().items():
            yield f"{name}: {_contract(firm, s)}."
        return
    yield "Without a contract: they buy when they like, and leave without a word."
    for name, segment in s.segments.items():
        rate = segment.traits.purchase_rate.mean()
        yield f"{name}: {rate:.3g} purchases a month on average, baskets {segment.traits.spend.mean():.3g} times the list price."


def _contract(firm: FirmSpec, s: Scenario) -> str:
    if not firm.contract_term:
        return "no term, can be left at any bill"
    after = "renews itself" if firm.auto_renew else "then runs on and can be left at any bill"
    fee = [f"{_money(firm.fee_fixed, s)}"] if firm.fee_fixed else []
    fee += [f"{_money(firm.fee_per_month, s)} for each month that is left"] if firm.fee_per_month else []
    return (
        f"a term of {_months(firm.contract_term)}, which {after}; leaving before costs {' and '.join(fee) or 'nothing'}"
    )


def _experience(s: Scenario) -> Iterator[str]:
    f = s.firm
    answer = f"{f.desk_staff:g} at a desk" if f.desk_staff else "at once"
    yield (
        f"At {s.focal} something fails at {_percent(f.failure_rate)} of the occasions. Of the complaints, which are answered "
        f"{answer}, {_percent(f.recovery_quality)} are answered well."
    )
    for name, segment in s.segments.items():
        leaving = segment.traits.vanish_rate.mean()
        chance = segment.traits.vanish_probability.mean()
        parts = [f"{_percent(leaving)} a month"] if leaving else []
        parts += [f"{_percent(chance)} after each occasion"] if chance else []
        if parts:
            yield f"For reasons of their own {' and '.join(parts)} of {name} vanish."


def _holding(s: Scenario) -> Iterator[str]:
    for name, segment in s.segments.items():
        yield f"{name}: {'; '.join(_forces(s, segment, s.behaviour_of(name)))}."


def _forces(s: Scenario, segment: Segment, b: Behaviour) -> Iterator[str]:
    t = segment.traits
    yield f"a perfect occasion is worth {_money(t.willingness_to_pay.mean(), s)}"
    yield f"full attachment {_money(b.attachment_value * t.social_sensitivity.mean(), s)} a month"
    yield f"flows count for {_months(b.planning_horizon)}"
    effort = t.price_of_time.mean() * sum(getattr(b, key) for key in _EFFORT)
    yield f"moving costs up to {_money(effort, s)} of effort and risk and {_money(b.procedural_cost, s)} of learning anew"
    if t.sunk_sensitivity.mean():
        yield f"what was sunk counts at {_percent(t.sunk_sensitivity.mean())}"
    else:
        yield "what was sunk does not count"


def _thinking(s: Scenario) -> Iterator[str]:
    for name, segment in s.segments.items():
        b = s.behaviour_of(name)
        yield (
            f"{name} think of leaving at {_percent(segment.traits.attention.mean())} of ordinary occasions, at "
            f"{_percent(b.alert_attention)} after a failure that was not made good, and surely at an offer, a higher price or a "
            "contract's end."
        )


def _spending(s: Scenario) -> Iterator[str]:
    plan = s.plan_of(s.focal)
    if not plan.monthly:
        yield f"{s.focal} has no budget: it neither wins nor keeps by spending."
    else:
        yield f"{s.focal} spends {_money(plan.monthly, s)} a month{_named(s, plan)}: {_split(plan)}."
        if plan.retention_share > 0 and plan.strategy.targeting != "everyone":
            yield f"Programmes take customers by {plan.strategy.targeting}, at most {_percent(plan.strategy.reach)} of them."
    others = [name for name in s.strategies if name != s.strategy]
    if others:
        yield f"It could also be {', '.join(others)}: retsim compare runs them against each other."
    for name, firm in s.rivals.items():
        if firm.budget.monthly:
            yield f"{name} spends {_money(firm.budget.monthly, s)} a month{_named(s, s.plan_of(name))}."


def _named(s: Scenario, plan: Plan) -> str:
    return f' ("{plan.strategy.title}")' if plan.strategy.title else ""


def _split(plan: Plan) -> str:
    mix = _shares(plan.mix.model_dump()) if plan.retention_share > 0 else ""
    winning = _shares(plan.winning.model_dump()) if plan.retention_share < 1 else ""
    parts = [f"{_percent(plan.retention_share)} keep ({mix})" if mix else "nothing keeps"]
    parts.append(f"{_percent(1 - plan.retention_share)} win ({winning})" if winning else "nothing wins")
    return ", ".join(parts)


def _shares(table: Mapping[str, float]) -> str:
    return ", ".join(f"{name.replace('_', '-')} {_percent(share)}" for name, share in table.items() if share > 0)


def _mechanisms(s: Scenario) -> Iterator[str]:
    on = [name for name in MECHANISMS if _is_on(s, name) and _is_fed(s, name)]
    off = [name for name in MECHANISMS if name not in on]
    yield f"Switched on: {', '.join(on) or 'nothing'}."
    if off:
        yield f"Off: {', '.join(off)}."
    for name, shock in s.shocks.items():
        if shock.start < s.horizon:
            yield f"In month {shock.start:g} comes {_SHOCKS[shock.kind]} ({name})."


def _is_on(s: Scenario, name: str) -> bool:
    """Whether any firm or segment has a value that is not the one which switches the mechanism off."""
    mechanism = off_in(s, name)
    if any(_differs(s.plan_of(firm).strategy, mechanism.strategy) for firm in s.firms()):
        return True
    if any(getattr(firm, key) != off for firm in s.firms().values() for key, off in mechanism.firm.items()):
        return not mechanism.market or _market_on(s, mechanism)
    for name, segment in s.segments.items():
        b = s.behaviour_of(name)
        if any(getattr(b, key) != off for key, off in mechanism.behaviour.items()):
            return True
        if any(getattr(segment.traits, key).reach() != (off, off) for key, off in mechanism.traits.items()):
            return True
    return _market_on(s, mechanism)


def _differs(strategy: Strategy, off: Mapping[str, Any]) -> bool:
    table = plain(strategy, everything=True)
    return any(not is_off(table.get(key), value) for key, value in off.items())


def _is_fed(s: Scenario, name: str) -> bool:
    """Whether a mechanism has what it works on: money for a programme, products to offer, payments that sink, leads."""
    if name in _OF_PRODUCTS:
        return bool(s.products)
    if name == "sunk":
        felt = any(b.sunk_setup or b.sunk_per_occasion for b in map(s.behaviour_of, s.segments))
        return felt or any(firm.setup_fee for firm in s.firms().values())
    if name == "funnel":
        return any(firm.lead_funnel for firm in s.firms().values())
    if name == "identification" and not any(s.behaviour_of(segment).identification for segment in s.segments):
        return _is_fed(s, "community")
    if name not in _FUNDS:
        return True
    plans = [s.plan_of(firm) for firm in s.firms()]
    share = {"mix": lambda plan: plan.retention_share, "winning": lambda plan: 1.0 - plan.retention_share}
    table, fund = _FUNDS[name]
    return any(plan.monthly * share[table](plan) * getattr(getattr(plan, table), fund) > 0.0 for plan in plans)


def _market_on(s: Scenario, mechanism: Mechanism) -> bool:
    for key, off in mechanism.market.items():
        value: Any = s
        for part in key.split("."):
            value = value[part] if isinstance(value, Mapping) else getattr(value, part)
        if value != off:
            return True
    return False


def _resting(s: Scenario) -> Iterator[str]:
    rows = [row for row in evidence(s) if row.set_by == "file"]
    yield f"Of {len(rows)} values that it sets: {', '.join(census(row.source for row in rows))}; the rest are defaults."


def _occasion(s: Scenario) -> str:
    return _every(s.behaviour.billing_period) if s.setting == "contractual" else "for an ordinary purchase"


def _money(amount: float, s: Scenario) -> str:
    return f"{amount:,.3g} {s.currency}" if abs(amount) < 100 else f"{amount:,.0f} {s.currency}"


def _percent(share: float) -> str:
    return f"{100.0 * share:.3g} %"


def _months(months: float) -> str:
    return "1 month" if months == 1 else f"{months:g} months"


def _every(months: float) -> str:
    return "every month" if months == 1 else f"every {months:g} months"

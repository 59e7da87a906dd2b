"""What must hold between firms, their strategies and their money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retsim.crm.care import CELLS, MEANS, STAGES, parts_of
from retsim.parameters import Firm, table_of
from retsim.scenario.errors import Problem, shown
from retsim.scenario.raw import SHORTEST_TERM, SUM_TOLERANCE, listed, meant, number_of, sum_of, table_in, tables_in
from retsim.scenario.strategies import known_strategies

__all__ = ["conflicts_of_firms"]


def conflicts_of_firms(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of this room, one rule after the other."""
    for rule in (_strategies, _firms, _tiers, _referral, _follow_up, _care, _spending):
        yield from rule(raw)


def _strategies(raw: Mapping[str, Any]) -> Iterator[Problem]:
    own = table_in(raw, "strategies")
    names = [*own, *known_strategies()]
    beside = ", or a strategy that every scenario has (`retsim list`)" if own else ""
    named = [("strategy", raw.get("strategy"))]
    named += [(f"rivals.{name}.strategy", firm.get("strategy")) for name, firm in tables_in(raw, "rivals")]
    for key, name in named:
        if isinstance(name, str) and name not in names:
            rule = "must be one of " + listed(own or names, "the strategies") + beside
            yield Problem(key, rule, shown(name), meant(name, names))


def _firms(raw: Mapping[str, Any]) -> Iterator[Problem]:
    focal = raw.get("focal")
    if isinstance(focal, str) and focal in table_in(raw, "rivals"):
        yield Problem("focal", "must not be the name of a rival", shown(focal))
    for name, firm in [("firm", table_in(raw, "firm")), *((f"rivals.{n}", f) for n, f in tables_in(raw, "rivals"))]:
        term = number_of(firm.get("contract_term"))
        if term is not None and 0 < term < SHORTEST_TERM:
            rule = f"must be 0 (no contract) or at least {SHORTEST_TERM} months"
            yield Problem(f"{name}.contract_term", rule, shown(firm["contract_term"]))
        back = sum_of([number_of(firm.get(figure, 0.0)) for figure in ("points_rate", "cash_back")])
        if back is not None and back > 1:
            rule = "must not give back more than is paid: points_rate and cash_back sum to at most 1"
            yield Problem(f"{name}.cash_back", rule, shown(firm["cash_back"]))
        for desk in ("desk_staff", "core_staff"):
            servers = number_of(firm.get(desk))
            if servers is not None and servers != round(servers):
                yield Problem(f"{name}.{desk}", "must be a whole number of servers", shown(firm[desk]))
        if number_of(firm.get("core_staff"), above=0) and not number_of(firm.get("desk_staff"), above=0):
            rule = "must be 0 where desk_staff is 0: complaints are answered at once"
            yield Problem(f"{name}.core_staff", rule, shown(firm["core_staff"]))
    for key in ("budget", "strategy"):
        if key in table_in(raw, "firm"):
            yield Problem(f"firm.{key}", "stands at the top for the focal firm", hint=f"write {key} instead")
    for key in ("imitation", "price_matching"):
        value = number_of(table_in(raw, "firm").get(key), above=0)
        if value is not None:
            rule = "must be 0 for the focal firm: it is rivals who follow it"
            yield Problem(f"firm.{key}", rule, shown(value), f"write rivals.NAME.{key}")


def _tiers(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """A tier stands above the one below it."""
    for name, firm in [("firm", table_in(raw, "firm")), *((f"rivals.{n}", f) for n, f in tables_in(raw, "rivals"))]:
        for below, tier in (("status", "gold"), ("gold", "platinum")):
            threshold = number_of(firm.get(f"{tier}_threshold"), above=0)
            lower = number_of(firm.get(f"{below}_threshold", 0.0))
            if threshold is not None and lower is not None and not 0 < lower < threshold:
                rule = f"must be 0 or above {below}_threshold, which must be above 0: {lower:g} now"
                yield Problem(f"{name}.{tier}_threshold", rule, shown(firm[f"{tier}_threshold"]))


def _referral(raw: Mapping[str, Any]) -> Iterator[Problem]:
    if number_of(table_in(raw, "word").get("rate"), above=0):
        return
    places = [("budget", table_in(raw, "budget"))]
    places += [(f"rivals.{name}.budget", table_in(firm, "budget")) for name, firm in tables_in(raw, "rivals")]
    places += [(f"strategies.{name}", strategy) for name, strategy in tables_in(raw, "strategies")]
    for key, place in places:
        share = number_of(table_in(place, "winning").get("referral"), above=0)
        if share is not None:
            rule = "must be 0 where nobody recommends: word.rate is 0"
            yield Problem(f"{key}.winning.referral", rule, shown(share))


def _follow_up(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Money for leads needs a firm that has leads."""
    firms = [("", raw, table_in(raw, "firm")), *((f"rivals.{name}.", f, f) for name, f in tables_in(raw, "rivals"))]
    for place, plan, figures in firms:
        name = plan.get("strategy")
        key, winning = f"{place}budget", table_in(table_in(plan, "budget"), "winning")
        if not winning and isinstance(name, str):
            key, winning = f"strategies.{name}", table_in(table_in(table_in(raw, "strategies"), name), "winning")
        share = number_of(winning.get("follow_up"), above=0)
        if share is not None and figures.get("lead_funnel", 0.0) in (0, 0.0):
            rule = f"must be 0 where nobody becomes a lead: {place or 'firm.'}lead_funnel is 0"
            yield Problem(f"{key}.winning.follow_up", rule, shown(share))


def _care(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """A care plan divides at most all of the contact money, and each means over some stage."""
    default = {key: parameter.default for key, parameter in table_of(Firm).items() if key.startswith("care_")}
    for name, firm in [("firm", table_in(raw, "firm")), *((f"rivals.{n}", f) for n, f in tables_in(raw, "rivals"))]:
        means = sum_of([number_of(firm.get(key, default[key])) for key in MEANS])
        if means is not None and means > 1 + SUM_TOLERANCE:
            yield Problem(name, f"must have {', '.join(MEANS)} that sum to at most 1, not {means:.12g}")
        for key in MEANS:
            parts = [
                (firm.get(a, default[a]), firm.get(b, default[b])) for a, b in zip(STAGES, CELLS[key], strict=True)
            ]
            if number_of(firm.get(key, default[key]), above=0) and all(0 in pair for pair in parts):
                yield Problem(name, f"must have one of {parts_of(key)} above 0, as {key} has money")


def _spending(raw: Mapping[str, Any]) -> Iterator[Problem]:
    places = [("budget", table_in(raw, "budget"))]
    places += [(f"rivals.{name}.budget", table_in(firm, "budget")) for name, firm in tables_in(raw, "rivals")]
    for key, budget in places:
        spend = number_of(budget.get("spend"))
        if spend is not None and spend > 1 and budget.get("credit", 0.0) == 0:
            hint = f"set {key}.credit = 1 to borrow the rest"
            yield Problem(f"{key}.spend", "must be at most 1 (the budget) without credit", shown(spend), hint)

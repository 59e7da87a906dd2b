"""What must hold between the parts of a scenario: names that exist, shares that add up, times that fit.

Looks at the plain tables and not at finished models, so that these problems are told together with the rest.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from retsim.parameters import Behaviour, Firm, table_of
from retsim.scenario.errors import SHOWN_PROBLEMS, Problem, key_part, shown
from retsim.scenario.hints import meant_word
from retsim.scenario.merging import leaves
from retsim.scenario.strategies import known_strategies
from retsim.state import Life

__all__ = ["conflicts"]

SUM_TOLERANCE = 1e-9
_MEANS = ("care_product", "care_communication", "care_incentive", "care_relations")
_STAGES = ("care_before", "care_during", "care_after")
_WEIGHTS = ("service_weight", "product_weight", "delivery_weight")


def conflicts(raw: Mapping[str, Any], broken: set[str], defaults: Mapping[str, Any]) -> list[Problem]:
    """Problems between values that are each right by themselves.

    Parameters
    ----------
    raw : mapping
        The scenario as plain tables.
    broken : set of str
        Dotted keys with a problem of their own; nothing more is said about these.
    defaults : mapping
        Values of the outermost table where the scenario has none.

    Returns
    -------
    list of Problem
    """
    whole = {key: value for key, value in {**defaults, **raw}.items() if key not in broken}
    rules: tuple[Callable[[Mapping[str, Any]], Iterator[Problem]], ...] = (
        _times, _strategies, _firms, _referral, _follow_up, _shares, _initial, _weights, _care, _tenure, _products,
        _spending, _shocks, _evidence,
    )  # fmt: skip
    # What is said of a table that is no table would only repeat that.
    silent = broken | {f"evidence.{key}" for key in broken}
    found = (problem for rule in rules for problem in rule(whole) if not _is_in(problem.key, silent))
    return list(islice(found, SHOWN_PROBLEMS))


def _is_in(key: str, places: set[str]) -> bool:
    return bool(key) and (key in places or _is_in(key.rpartition(".")[0], places))


MOST_PERIODS = 12_000
"""Cohorts are numbered by period in two bytes, and accounts are kept for each."""

SHORTEST_TERM = 0.01
"""Months; as the shortest billing period. A shorter term would renew without end."""


def _times(raw: Mapping[str, Any]) -> Iterator[Problem]:
    horizon, period, tick = (_number(raw.get(key), above=0) for key in ("horizon", "period", "tick"))
    if horizon is not None and period is not None and not _is_multiple(horizon, period):
        nearest = max(round(horizon / period), 1) * period if horizon / period < 1e9 else horizon
        rule = f"must be a whole number of periods of {period:.12g} months"
        yield Problem("horizon", rule, shown(raw["horizon"]), f"did you mean {nearest:.15g}?")
    if horizon is not None and period is not None and horizon / period > MOST_PERIODS:
        rule = f"must leave at most {MOST_PERIODS:,} periods in the horizon of {horizon:.12g} months"
        yield Problem("period", rule, shown(raw["period"]))
    if tick is not None and period is not None and not _is_multiple(max(tick, period), min(tick, period)):
        rule = f"must fit the period of {period:.12g} months: one a whole multiple of the other"
        yield Problem("tick", rule, shown(raw["tick"]))


def _strategies(raw: Mapping[str, Any]) -> Iterator[Problem]:
    own = _table(raw, "strategies")
    names = [*own, *known_strategies()]
    beside = ", or a strategy that every scenario has (`retsim list`)" if own else ""
    named = [("strategy", raw.get("strategy"))]
    named += [(f"rivals.{name}.strategy", firm.get("strategy")) for name, firm in _tables(raw, "rivals")]
    for key, name in named:
        if isinstance(name, str) and name not in names:
            rule = "must be one of " + _listed(own or names, "the strategies") + beside
            yield Problem(key, rule, shown(name), _meant(name, names))


def _firms(raw: Mapping[str, Any]) -> Iterator[Problem]:
    focal = raw.get("focal")
    if isinstance(focal, str) and focal in _table(raw, "rivals"):
        yield Problem("focal", "must not be the name of a rival", shown(focal))
    for name, firm in [("firm", _table(raw, "firm")), *((f"rivals.{n}", f) for n, f in _tables(raw, "rivals"))]:
        term = _number(firm.get("contract_term"))
        if term is not None and 0 < term < SHORTEST_TERM:
            rule = f"must be 0 (no contract) or at least {SHORTEST_TERM} months"
            yield Problem(f"{name}.contract_term", rule, shown(firm["contract_term"]))
        back = _sum([_number(firm.get(figure, 0.0)) for figure in ("points_rate", "cash_back")])
        if back is not None and back > 1:
            rule = "must not give back more than is paid: points_rate and cash_back sum to at most 1"
            yield Problem(f"{name}.cash_back", rule, shown(firm["cash_back"]))
        for desk in ("desk_staff", "core_staff"):
            servers = _number(firm.get(desk))
            if servers is not None and servers != round(servers):
                yield Problem(f"{name}.{desk}", "must be a whole number of servers", shown(firm[desk]))
        if _number(firm.get("core_staff"), above=0) and not _number(firm.get("desk_staff"), above=0):
            rule = "must be 0 where desk_staff is 0: complaints are answered at once"
            yield Problem(f"{name}.core_staff", rule, shown(firm["core_staff"]))
    for key in ("budget", "strategy"):
        if key in _table(raw, "firm"):
            yield Problem(f"firm.{key}", "stands at the top for the focal firm", hint=f"write {key} instead")
    for key in ("imitation", "price_matching"):
        value = _number(_table(raw, "firm").get(key), above=0)
        if value is not None:
            rule = "must be 0 for the focal firm: it is rivals who follow it"
            yield Problem(f"firm.{key}", rule, shown(value), f"write rivals.NAME.{key}")


def _referral(raw: Mapping[str, Any]) -> Iterator[Problem]:
    if _number(_table(raw, "word").get("rate"), above=0):
        return
    places = [("budget", _table(raw, "budget"))]
    places += [(f"rivals.{name}.budget", _table(firm, "budget")) for name, firm in _tables(raw, "rivals")]
    places += [(f"strategies.{name}", strategy) for name, strategy in _tables(raw, "strategies")]
    for key, place in places:
        share = _number(_table(place, "winning").get("referral"), above=0)
        if share is not None:
            rule = "must be 0 where nobody recommends: word.rate is 0"
            yield Problem(f"{key}.winning.referral", rule, shown(share))


def _follow_up(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Money for leads needs a firm that has leads."""
    firms = [("", raw, _table(raw, "firm")), *((f"rivals.{name}.", f, f) for name, f in _tables(raw, "rivals"))]
    for place, plan, figures in firms:
        name = plan.get("strategy")
        key, winning = f"{place}budget", _table(_table(plan, "budget"), "winning")
        if not winning and isinstance(name, str):
            key, winning = f"strategies.{name}", _table(_table(_table(raw, "strategies"), name), "winning")
        share = _number(winning.get("follow_up"), above=0)
        if share is not None and figures.get("lead_funnel", 0.0) in (0, 0.0):
            rule = f"must be 0 where nobody becomes a lead: {place or 'firm.'}lead_funnel is 0"
            yield Problem(f"{key}.winning.follow_up", rule, shown(share))


def _shares(raw: Mapping[str, Any]) -> Iterator[Problem]:
    shares = [_number(segment.get("share", 1.0)) for _, segment in _tables(raw, "segments")]
    total = _sum(shares)
    if shares and total is not None and abs(total - 1) > SUM_TOLERANCE:
        yield Problem("segments", f"must have shares that sum to 1, not {total:.12g}")


def _initial(raw: Mapping[str, Any]) -> Iterator[Problem]:
    focal = raw.get("focal")
    firms = [focal, *_table(raw, "rivals")]
    for name, segment in _tables(raw, "segments"):
        initial = _table(segment, "initial")
        for firm, share in initial.items():
            if focal is not None and firm not in firms:
                rule = "must name one of the firms " + _listed(firms, "")
                yield Problem(f"segments.{name}.initial.{firm}", rule, shown(share), _meant(firm, firms))
        total = _sum([_number(share) for share in initial.values()])
        if total is not None and total > 1 + SUM_TOLERANCE:
            rule = f"must have shares that sum to at most 1, not {total:.12g}"
            yield Problem(f"segments.{name}.initial", rule)


def _weights(raw: Mapping[str, Any]) -> Iterator[Problem]:
    everyone = _table(raw, "behaviour")
    places = [("behaviour", everyone)]
    for name, segment in _tables(raw, "segments"):
        places.append((f"segments.{name}.behaviour", _table(segment, "behaviour")))
    defaults = {key: table_of(Behaviour)[key].default for key in _WEIGHTS}
    for key, changes in places:
        weights = {**defaults, **everyone, **changes}
        total = _sum([_number(weights[weight]) for weight in _WEIGHTS])
        touched = any(weight in changes for weight in _WEIGHTS)
        if touched and total is not None and abs(total - 1) > SUM_TOLERANCE:
            yield Problem(key, f"must have {', '.join(_WEIGHTS)} that sum to 1, not {total:.12g}")


def _care(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """A care plan divides at most all of the contact money, and over some stage."""
    default = {key: table_of(Firm)[key].default for key in (*_MEANS, *_STAGES)}
    for name, firm in [("firm", _table(raw, "firm")), *((f"rivals.{n}", f) for n, f in _tables(raw, "rivals"))]:
        means, stages = (_sum([_number(firm.get(key, default[key])) for key in keys]) for keys in (_MEANS, _STAGES))
        if means is not None and means > 1 + SUM_TOLERANCE:
            yield Problem(name, f"must have {', '.join(_MEANS)} that sum to at most 1, not {means:.12g}")
        if means and stages == 0:
            yield Problem(name, f"must have one of {', '.join(_STAGES)} above 0")


def _tenure(raw: Mapping[str, Any]) -> Iterator[Problem]:
    for name, segment in _tables(raw, "segments"):
        traits = _table(segment, "traits")
        if all(traits.get(key, 0.0) not in (0, 0.0) for key in ("tenure", "start")):
            rule = "must be 0 where start is not: nobody has been a customer before entering"
            yield Problem(f"segments.{name}.traits.tenure", rule)


def _products(raw: Mapping[str, Any]) -> Iterator[Problem]:
    known, events = _table(raw, "products"), _tables(raw, "life_events")
    for name, product in _tables(raw, "products"):
        if raw.get("setting") == "non-contractual" and product.get("recurring") in (1, 1.0):
            rule = "must be 0 where the setting is non-contractual: there are no bills to pay it with"
            yield Problem(f"products.{key_part(name)}.recurring", rule, shown(product["recurring"]))
        cycle = _number(product.get("cycle"))
        if cycle is not None and 0 < cycle < SHORTEST_TERM:
            rule = f"must be 0 (it never wears out) or at least {SHORTEST_TERM} months"
            yield Problem(f"products.{key_part(name)}.cycle", rule, shown(product["cycle"]))
        if name in _table(product, "opens"):
            yield Problem(f"products.{key_part(name)}.opens.{key_part(name)}", "must not name the product itself")
    places = [(f"products.{key_part(name)}.opens", item) for name, item in _tables(raw, "products")]
    for key, item in [*places, *((f"life_events.{kind}.opens", event) for kind, event in events)]:
        for name, chance in _table(item, "opens").items():
            if name not in known:
                rule = "must be one of " + _listed(known, "the products")
                yield Problem(f"{key}.{key_part(name)}", rule, shown(chance), _meant(name, known))
    shares = [_number(event.get("share", 1.0)) for _, event in events]
    if len(shares) == len(Life) and not any(shares) and None not in shares:
        yield Problem("life_events", "must have a share above 0 for at least one kind")


def _spending(raw: Mapping[str, Any]) -> Iterator[Problem]:
    places = [("budget", _table(raw, "budget"))]
    places += [(f"rivals.{name}.budget", _table(firm, "budget")) for name, firm in _tables(raw, "rivals")]
    for key, budget in places:
        spend = _number(budget.get("spend"))
        if spend is not None and spend > 1 and budget.get("credit", 0.0) == 0:
            hint = f"set {key}.credit = 1 to borrow the rest"
            yield Problem(f"{key}.spend", "must be at most 1 (the budget) without credit", shown(spend), hint)


def _shocks(raw: Mapping[str, Any]) -> Iterator[Problem]:
    rivals = _table(raw, "rivals")
    firms = [raw.get("focal"), *rivals]
    entering: set[str] = set()
    for name, shock in _tables(raw, "shocks"):
        kind, firm = shock.get("kind"), shock.get("firm")
        if kind == "price-war" and not rivals:
            yield Problem(f"shocks.{name}", "must have rivals who can wage a price war")
        if kind == "entrant":
            yield from _entrant(raw, name, firm, entering)
        elif isinstance(firm, str) and firm not in firms:
            rule = "must be one of the firms " + _listed(firms, "")
            yield Problem(f"shocks.{name}.firm", rule, shown(firm), _meant(firm, firms))


def _entrant(raw: Mapping[str, Any], name: str, firm: Any, entering: set[str]) -> Iterator[Problem]:
    rivals = _table(raw, "rivals")
    if firm is None:
        yield Problem(f"shocks.{name}.firm", "is missing", hint="name the rival who enters")
    elif isinstance(firm, str) and firm not in rivals:
        rule = "must be one of the rivals " + _listed(rivals, "")
        yield Problem(f"shocks.{name}.firm", rule, shown(firm), _meant(firm, rivals))
    elif isinstance(firm, str):
        if firm in entering:
            yield Problem(f"shocks.{name}.firm", "must not enter twice", shown(firm))
        entering.add(firm)
        for segment, table in _tables(raw, "segments"):
            share = _table(table, "initial").get(firm)
            if share not in (None, 0, 0.0):
                rule = f"must be 0: {firm} enters the market later (shocks.{name})"
                yield Problem(f"segments.{segment}.initial.{firm}", rule, shown(share))


def _evidence(raw: Mapping[str, Any]) -> Iterator[Problem]:
    known: set[str] = set()
    for key, _ in leaves({key: value for key, value in raw.items() if key != "evidence"}):
        while key and key not in known:
            known.add(key)
            key = key.rpartition(".")[0]
    for key in _table(raw, "evidence"):
        if key not in known:
            hint = _meant(key, known)
            yield Problem(f"evidence.{key}", "must name a value that the scenario sets", hint=hint)


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = raw.get(key)
    return value if isinstance(value, Mapping) else {}


def _tables(raw: Mapping[str, Any], key: str) -> list[tuple[str, Mapping[str, Any]]]:
    return [(name, item) for name, item in _table(raw, key).items() if isinstance(item, Mapping)]


def _number(value: Any, above: float = -math.inf) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        return None
    return float(value) if value > above else None


def _sum(numbers: list[float | None]) -> float | None:
    known = [number for number in numbers if number is not None and 0 <= number <= 1]
    return math.fsum(known) if len(known) == len(numbers) else None


def _is_multiple(long: float, short: float) -> bool:
    ratio = long / short
    return 0.5 < ratio < 1e9 and abs(ratio - round(ratio)) <= 1e-9 * ratio


def _listed(names: Any, what: str) -> str:
    names = [str(name) for name in names]
    return shown(", ".join(names), 80)[1:-1] if names else f"{what} (there are none)"


def _meant(name: object, known: Any) -> str:
    near = meant_word(name, [word for word in known if isinstance(word, str)])
    return f"did you mean {near}?" if near else ""

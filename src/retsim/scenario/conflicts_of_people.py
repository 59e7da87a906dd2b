"""What must hold between segments, what they are born with, and the products that they may need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from retsim.parameters import Behaviour, table_of
from retsim.scenario.errors import Problem, key_part, shown
from retsim.scenario.raw import SHORTEST_TERM, SUM_TOLERANCE, listed, meant, number_of, sum_of, table_in, tables_in
from retsim.state import Life

__all__ = ["conflicts_of_people"]

_WEIGHTS = ("service_weight", "product_weight", "delivery_weight")


def conflicts_of_people(raw: Mapping[str, Any]) -> Iterator[Problem]:
    """Problems of this room, one rule after the other."""
    for rule in (_shares, _initial, _weights, _tenure, _products):
        yield from rule(raw)


def _shares(raw: Mapping[str, Any]) -> Iterator[Problem]:
    shares = [number_of(segment.get("share", 1.0)) for _, segment in tables_in(raw, "segments")]
    total = sum_of(shares)
    if shares and total is not None and abs(total - 1) > SUM_TOLERANCE:
        yield Problem("segments", f"must have shares that sum to 1, not {total:.12g}")


def _initial(raw: Mapping[str, Any]) -> Iterator[Problem]:
    focal = raw.get("focal")
    firms = [focal, *table_in(raw, "rivals")]
    for name, segment in tables_in(raw, "segments"):
        initial = table_in(segment, "initial")
        for firm, share in initial.items():
            if focal is not None and firm not in firms:
                rule = "must name one of the firms " + listed(firms, "")
                yield Problem(f"segments.{name}.initial.{firm}", rule, shown(share), meant(firm, firms))
        total = sum_of([number_of(share) for share in initial.values()])
        if total is not None and total > 1 + SUM_TOLERANCE:
            rule = f"must have shares that sum to at most 1, not {total:.12g}"
            yield Problem(f"segments.{name}.initial", rule)


def _weights(raw: Mapping[str, Any]) -> Iterator[Problem]:
    everyone = table_in(raw, "behaviour")
    places = [("behaviour", everyone)]
    for name, segment in tables_in(raw, "segments"):
        places.append((f"segments.{name}.behaviour", table_in(segment, "behaviour")))
    table = table_of(Behaviour)
    defaults = {key: table[key].default for key in _WEIGHTS}
    for key, changes in places:
        weights = {**defaults, **everyone, **changes}
        total = sum_of([number_of(weights[weight]) for weight in _WEIGHTS])
        touched = any(weight in changes for weight in _WEIGHTS)
        if touched and total is not None and abs(total - 1) > SUM_TOLERANCE:
            yield Problem(key, f"must have {', '.join(_WEIGHTS)} that sum to 1, not {total:.12g}")


def _tenure(raw: Mapping[str, Any]) -> Iterator[Problem]:
    for name, segment in tables_in(raw, "segments"):
        traits = table_in(segment, "traits")
        if all(traits.get(key, 0.0) not in (0, 0.0) for key in ("tenure", "start")):
            rule = "must be 0 where start is not: nobody has been a customer before entering"
            yield Problem(f"segments.{name}.traits.tenure", rule)


def _products(raw: Mapping[str, Any]) -> Iterator[Problem]:
    known, events = table_in(raw, "products"), tables_in(raw, "life_events")
    for name, product in tables_in(raw, "products"):
        if raw.get("setting") == "non-contractual" and product.get("recurring") in (1, 1.0):
            rule = "must be 0 where the setting is non-contractual: there are no bills to pay it with"
            yield Problem(f"products.{key_part(name)}.recurring", rule, shown(product["recurring"]))
        cycle = number_of(product.get("cycle"))
        if cycle is not None and 0 < cycle < SHORTEST_TERM:
            rule = f"must be 0 (it never wears out) or at least {SHORTEST_TERM} months"
            yield Problem(f"products.{key_part(name)}.cycle", rule, shown(product["cycle"]))
        if name in table_in(product, "opens"):
            yield Problem(f"products.{key_part(name)}.opens.{key_part(name)}", "must not name the product itself")
    places = [(f"products.{key_part(name)}.opens", item) for name, item in tables_in(raw, "products")]
    for key, item in [*places, *((f"life_events.{kind}.opens", event) for kind, event in events)]:
        for name, chance in table_in(item, "opens").items():
            if name not in known:
                rule = "must be one of " + listed(known, "the products")
                yield Problem(f"{key}.{key_part(name)}", rule, shown(chance), meant(name, known))
    shares = [number_of(event.get("share", 1.0)) for _, event in events]
    if len(shares) == len(Life) and not any(shares) and None not in shares:
        yield Problem("life_events", "must have a share above 0 for at least one kind")

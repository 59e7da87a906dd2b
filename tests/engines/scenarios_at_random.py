"""Valid scenarios drawn at random: any setting, any rivals, any mix of mechanisms and distributions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from plans_at_random import budget, shocks, strategy, word

from retsim import parameters
from retsim.crm.care import MEANS, STAGES
from retsim.parameters import Parameter, table_of
from retsim.scenario import Scenario

_LARGEST = {
    "planning_horizon": 36.0, "outside_value": 40.0, "billing_period": 3.0, "first_bill": 2.0,
    "attrition_from": 3.0, "contract_term": 12.0, "discount_tenure": 6.0, "contact_rate": 4.0,
    "vanish_rate": 0.3, "vanish_probability": 0.3, "purchase_rate": 4.0, "organic": 0.3, "growth_scale": 24.0,
    "advertising_response": 3.0, "organic_response": 3.0, "contact_cost": 5.0, "tenure": 40.0,
}  # fmt: skip
_SMALLEST = {"billing_period": 0.25, "outside_value": -40.0, "contact_cost": 0.5, "growth_scale": 1.0,
             "saving_scale": 1.0, "procedural_scale": 1.0, "choice_noise": 0.0}  # fmt: skip
_WEIGHTS = ("service_weight", "product_weight", "delivery_weight")
_STRATEGIES = ("mixed", "other")
_NOT_DRAWN = (*_WEIGHTS, *MEANS, *STAGES, "start")


def _ends(name: str, p: Parameter) -> tuple[float, float]:
    """A range that is allowed and keeps a small market busy."""
    usual = 60.0 if p.unit.startswith("money") else 4.0
    low = max(p.low, _SMALLEST.get(name, 0.0))
    return low, max(low, min(p.high, _LARGEST.get(name, usual)))


def _value(name: str, p: Parameter) -> st.SearchStrategy[float]:
    if p.unit == "1 or 0":
        return st.sampled_from([0.0, 1.0])
    if p.unit == "servers":
        return st.sampled_from([0.0, 1.0, 2.0])
    low, high = _ends(name, p)
    # A tenth is no contract that anybody signs; no contract at all is 0.
    above = 0.1 if name == "contract_term" else low
    return st.one_of(st.just(low), st.floats(above, high, allow_subnormal=False), st.just(p.default))


def _some_of(group: type) -> st.SearchStrategy[dict[str, float]]:
    table = {name: p for name, p in table_of(group).items() if name not in _NOT_DRAWN}
    return st.fixed_dictionaries({}, optional={name: _value(name, p) for name, p in table.items()})


@st.composite
def _law(draw: st.DrawFn, name: str, p: Parameter) -> Any:
    """A number, or a distribution inside the parameter's range."""
    low, high = _ends(name, p)
    a, b = sorted((draw(_value(name, p)), draw(_value(name, p))))
    family = draw(st.sampled_from(["number", "uniform", "normal", "values", "beta", "gamma"]))
    if family == "uniform":
        return {"dist": "uniform", "low": a, "high": b}
    if family == "normal":
        return {"dist": "normal", "mean": (a + b) / 2, "sd": (high - low) / 4, "low": low, "high": high}
    if family == "values":
        return {"dist": "values", "values": [a, b, b], "weights": [1.0, 2.0, 0.5]}
    if family == "beta" and (p.low, p.high) == (0, 1):
        return {"dist": "beta", "a": 1.0 + a, "b": 4.0}
    if family == "gamma" and p.high >= 1e6:
        return {"dist": "gamma", "mean": b + 0.1, "cv": 0.7}
    return b


@st.composite
def _traits(draw: st.DrawFn) -> dict[str, Any]:
    table = {name: p for name, p in table_of(parameters.Traits).items() if name not in _NOT_DRAWN}
    chosen = draw(st.sets(st.sampled_from(sorted(table)), max_size=8))
    traits = {name: draw(_law(name, table[name])) for name in sorted(chosen)}
    if "tenure" not in traits and draw(st.booleans()):
        traits["start"] = {"dist": "uniform", "low": 0.0, "high": 9.0}
    return traits


@st.composite
def _firm(draw: st.DrawFn) -> dict[str, Any]:
    means = draw(st.sampled_from([(0.0, 0.0, 0.0, 0.0), (0.25, 0.25, 0.25, 0.25), (0.5, 0.0, 0.25, 0.0)]))
    stages = draw(st.sampled_from([(0.25, 0.25, 0.5), (1.0, 0.0, 0.0), (0.5, 1.0, 1.0)]))
    care = dict(zip((*MEANS, *STAGES), (*means, *stages), strict=True))
    figures = draw(_some_of(parameters.Firm))
    # Each means that has money has a stage.
    for name in MEANS:
        figures[f"{name}_before"] = figures.get(f"{name}_before") or 1.0
    # No more can come back than is paid.
    if figures.get("points_rate", 0.0) + figures.get("cash_back", 0.0) > 1.0:
        figures["cash_back"] = 0.0
    # A tier stands above the one below it.
    for below, tier in (("status", "gold"), ("gold", "platinum")):
        if not 0.0 < figures.get(f"{below}_threshold", 0.0) < figures.get(f"{tier}_threshold", 0.0):
            figures.pop(f"{tier}_threshold", None)
    # Nobody is answered first where all are answered at once.
    if not figures.get("desk_staff"):
        figures.pop("core_staff", None)
    return figures | care


@st.composite
def _behaviour(draw: st.DrawFn) -> dict[str, Any]:
    weights = draw(st.sampled_from([(0.5, 0.3, 0.2), (1.0, 0.0, 0.0), (0.25, 0.25, 0.5)]))
    return draw(_some_of(parameters.Behaviour)) | dict(zip(_WEIGHTS, weights, strict=True))


@st.composite
def _further(draw: st.DrawFn, setting: str) -> dict[str, Any]:
    """No further products in every other market, else some that open needs for each other."""
    names = [f"product{n}" for n in range(draw(st.sampled_from([0, 0, 2, 8])))]

    def opens(*without: str) -> st.SearchStrategy[dict[str, float]]:
        chances = {name: st.sampled_from([0.0, 0.4, 1.0]) for name in names if name not in without}
        return st.fixed_dictionaries({}, optional=chances)

    return {
        "products": {
            name: {
                "price": 7.5, "unit_cost": 3.0, "initial": draw(st.sampled_from([0.0, 0.5, 1.0])),
                "cycle": draw(st.sampled_from([0.0, 0.5, 3.0])), "opens": draw(opens(name)),
                "recurring": draw(st.sampled_from([0, 1])) if setting == "contractual" else 0,
            }
            for name in names
        },
        "life_events": {kind: {"opens": draw(opens())} for kind in ("family", "place", "purchase")},
    }  # fmt: skip


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Any valid scenario of a few dozen customers and some months."""
    tick, period, horizon = draw(
        st.sampled_from([(1.0, 1.0, 9.0), (0.5, 1.0, 7.0), (1.0, 3.0, 9.0), (2.0, 1.0, 8.0), (0.25, 0.5, 3.0)])
    )
    rivals = [f"rival{n}" for n in range(draw(st.integers(0, 5)))]
    names = [f"segment{n}" for n in range(draw(st.integers(1, 3)))]
    setting = draw(st.sampled_from(["contractual", "non-contractual"]))
    talk, struck = draw(word()), draw(shocks(rivals, horizon))
    plans = {firm: draw(_planning(bool(talk))) for firm in ("focal", *rivals)}
    there = set(plans) - {shock["firm"] for shock in struck.values() if shock["kind"] == "entrant"}
    own = plans.pop("focal")
    # It is rivals who follow the focal firm.
    own.pop("imitation", None)
    own.pop("price_matching", None)
    return Scenario(
        setting=setting,
        **draw(_further(setting)),
        horizon=horizon, tick=tick, period=period,
        customers=draw(st.integers(0, 60)),
        discount_rate=draw(st.sampled_from([0.0, 0.1, 1.0])),
        strategy=draw(st.sampled_from([None, own.pop("strategy")])),
        strategies={name: draw(strategy()) for name in _STRATEGIES},
        budget=own.pop("budget"),
        firm=own,
        rivals=plans,
        behaviour=draw(_behaviour()),
        segments={
            name: {
                "share": 1 / len(names),
                "traits": draw(_traits()),
                "initial": {firm: 0.8 / len(there) for firm in sorted(there)},
                "spend_noise": draw(st.sampled_from([1.0, {"dist": "lognormal", "mean": 1.0, "cv": 0.5}])),
            }
            for name in names
        },
        entry={"per_month": draw(st.sampled_from([0.0, 3.0])), "per_satisfied": draw(st.sampled_from([0.0, 0.05])),
               "walk_in": draw(st.sampled_from([0.0, 0.5, 1.0]))},
        word=talk,
        shocks=struck,
    )  # fmt: skip


@st.composite
def _planning(draw: st.DrawFn, talked: bool) -> dict[str, Any]:
    """A firm with its money and its strategy."""
    firm = draw(_firm())
    money = draw(budget(talked, leads=bool(firm.get("lead_funnel"))))
    return firm | {"budget": money, "strategy": draw(st.sampled_from(_STRATEGIES))}

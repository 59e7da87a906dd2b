"""From a handful of figures to a scenario: a market sketched around what a firm knows without looking anything up.

Owns which values follow from the figures; every other value is an assumption and is written as one. The one figure
that no value sets directly is churn: customers are made to think of leaving as often as it takes, by simulation.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from retsim.calibrate.commented import commented

if TYPE_CHECKING:
    from retsim.scenario import Scenario

MOST_PEOPLE = 4000
"""People simulated at most; in a larger market one stands for several."""
_NATURAL = 0.25
"""Share of those who leave who do so for reasons of their own. *Assumed*."""
_TAKEN = 0.85
"""Share of the people in the market who have a firm, where there are rivals. *Assumed*."""
_MONTHS, _STEPS = 24.0, 9
_ALERT, _ALERT_FROM = 0.6, 0.1
_MOST_ATTENTION = 0.6
_CLOSE = 0.1
_RIVALS = (("premium", 1.15, 0.06), ("discount", 0.8, -0.08), ("twin", 1.0, 0.0))
"""Rivals in turn: name, price and quality beside the firm's own."""
_OWN = "own figure"

__all__ = ["Figures", "Sketch", "sketch"]


class Figures(NamedTuple):
    """What is known of a firm.

    Attributes
    ----------
    setting : {"contractual", "non-contractual"}
        Bills every month, or purchases whenever customers like.
    price : float
        Money a month, or a purchase.
    margin : float
        Share of the price that is left after cost of goods and serving.
    customers : int
        Customers now.
    share : float
        They are this share of the people in the market.
    churn : float
        Share of the customers lost a month, for whatever reason.
    rivals : int
    budget : float
        Money a month on winning and keeping together.
    term : float
        Months of a contract; 0: none.
    purchases : float
        A month and customer, where purchases are free.
    currency : str
    """

    setting: str = "contractual"
    price: float = 30.0
    margin: float = 0.6
    customers: int = 500
    share: float = 0.25
    churn: float = 0.02
    rivals: int = 2
    budget: float = 900.0
    term: float = 12.0
    purchases: float = 0.5
    currency: str = "EUR"

    @property
    def scale(self) -> int:
        """How many people one of the market stands for."""
        return max(math.ceil(self.customers / self.share / MOST_PEOPLE), 1)


class Sketch(NamedTuple):
    """A sketched scenario: its text, and the churn that it has when it is run."""

    text: str
    churn: float


def sketch(name: str, figures: Figures, *, seed: int = 0) -> Sketch:
    """A whole scenario around a firm's figures, as the text of a scenario file.

    Parameters
    ----------
    name : str
    figures : Figures
        Each within its range; the command line checks them.
    seed : int
        Of the luck in which churn is met.

    Returns
    -------
    Sketch
        Every line says its unit and meaning, and every value has its ground. `churn` differs from the figure where no
        attention reaches it: much holds these customers, or little does.

    Notes
    -----
    A quarter of the churn is natural attrition (*assumed*). For the rest the mean probability to think of leaving is
    found by bisection on simulated churn with the same luck: more thought, more departures.
    """
    natural = _NATURAL * figures.churn
    attention, found = _attention(name, figures, natural, seed)
    if found > (1.0 + _CLOSE) * figures.churn:
        natural = 0.0
        attention, found = _attention(name, figures, natural, seed)
    elif found < (1.0 - _CLOSE) * figures.churn:
        natural += figures.churn - found
        found = _churn(_scenario(name, figures, attention, natural), seed)
    return Sketch(commented(*_content(name, figures, attention, natural)), found)


def _attention(name: str, figures: Figures, natural: float, seed: int) -> tuple[float, float]:
    """Mean probability to think that gives the churn, and the churn that it gives."""
    low, high = 0.002, _MOST_ATTENTION
    for end in (low, high):
        found = _churn(_scenario(name, figures, end, natural), seed)
        if (found >= figures.churn) == (end == low):
            return end, found
    for _ in range(_STEPS):
        # Attention spans orders of magnitude, so that its logarithm is halved.
        middle = math.sqrt(low * high)
        found = _churn(_scenario(name, figures, middle, natural), seed)
        low, high = (low, middle) if found >= figures.churn else (middle, high)
        if abs(found - figures.churn) < 0.02 * figures.churn:
            break
    return round(middle, 4), found


def _scenario(name: str, figures: Figures, attention: float, natural: float) -> Scenario:
    from retsim.scenario import Scenario

    return Scenario(**_content(name, figures, attention, natural)[0], name=name).with_(horizon=_MONTHS)


def _churn(scenario: Scenario, seed: int) -> float:
    from retsim.results.simulate import simulate

    return float(simulate(scenario, seed=seed).measures()["churn_rate"])


def _content(name: str, figures: Figures, attention: float, natural: float) -> tuple[dict[str, Any], dict[str, str]]:
    """Values as nested tables, and the ground of each by key."""
    people = round(figures.customers / figures.share)
    values: dict[str, Any] = {
        "title": f"{name}: win or keep?",
        "question": "With the same budget, does it pay more to win customers or to keep them?",
        "description": _description(figures, people),
        "currency": figures.currency, "setting": figures.setting, "horizon": 60.0,
        "customers": round(people / figures.scale), "strategy": "even",
        "budget": {"monthly": figures.budget / figures.scale},
        "firm": _firm(figures),
        "rivals": {rival: {**table, "strategy": "even", "budget": {"monthly": figures.budget / figures.scale}}
                   for rival, table in _rivals(figures).items()},
        "behaviour": _behaviour(figures, attention),
        "segments": {"everyone": _segment(figures, attention, natural)},
        "strategies": _strategies(),
        "entry": {"per_month": round(0.002 * people / figures.scale, 2)},
    }  # fmt: skip
    if not values["rivals"]:
        del values["rivals"]
    return values, _grounds(figures)


def _description(figures: Figures, people: int) -> str:
    stands = f" One person here stands for {figures.scale}; multiply money by as much." if figures.scale > 1 else ""
    return (
        f"Sketched by retsim new: {figures.customers:,} customers of {people:,} people in the market, "
        f"{100 * figures.churn:g} % of them lost a month, {figures.rivals} rivals.{stands} What is marked as an assumption "
        "was not asked: put your own figures there, and say under evidence where they come from."
    )


def _firm(figures: Figures) -> dict[str, float]:
    cost = figures.price * (1.0 - figures.margin)
    table = {"price": figures.price, "unit_cost": round(0.75 * cost, 4), "cost_to_serve": round(0.25 * cost, 4)}
    table |= dict.fromkeys(("product_quality", "service_quality", "delivery_quality"), 0.8)
    table |= {"reputation": 0.76, "awareness": 0.7}
    return table | _terms(figures) | _per_money(figures)


def _terms(figures: Figures) -> dict[str, float]:
    if figures.setting != "contractual" or not figures.term:
        return {}
    return {"contract_term": figures.term, "fee_per_month": round(0.5 * figures.price, 4)}


def _per_money(figures: Figures) -> dict[str, float]:
    """What is measured in money goes with the price: speeds of diminishing returns, cost of contact."""
    return {"ad_efficiency": round(4.5 / figures.price, 6), "service_efficiency": round(15.0 / figures.price, 6),
            "contact_cost": round(figures.price / 15.0, 4)}  # fmt: skip


def _rivals(figures: Figures) -> dict[str, dict[str, Any]]:
    out = {}
    for k in range(figures.rivals):
        kind, price, quality = _RIVALS[k % len(_RIVALS)]
        own = _firm(figures)
        own["price"] = round(price * own["price"], 4)
        for key in ("unit_cost", "cost_to_serve"):
            own[key] = round(price * own[key], 4)
        for key in ("product_quality", "service_quality", "delivery_quality", "reputation"):
            own[key] = round(own[key] + quality, 4)
        if "fee_per_month" in own:
            own["fee_per_month"] = round(price * own["fee_per_month"], 4)
        out[kind if k < len(_RIVALS) else f"{kind}-{k // len(_RIVALS) + 1}"] = own
    return out


def _behaviour(figures: Figures, attention: float) -> dict[str, float]:
    """Money that customers feel, in proportion to the price; free buyers move more easily."""
    p, free = figures.price, figures.setting != "contractual"
    effort = 0.25 if free else 1.0
    table = {"choice_noise": 0.8 * p, "planning_horizon": 6.0 if free else 12.0, "attachment_value": p / 3.0,
             "relational_barrier": p / 3.0, "procedural_cost": 0.8 * effort * p}  # fmt: skip
    shares = {"search_cost": 4.0, "information_cost": 4.0, "bargaining_cost": 2.0, "decision_cost": 2.0,
              "monitoring_cost": 2.0, "breach_risk": 4.0}  # fmt: skip
    table |= {key: share / 30.0 * effort * p for key, share in shares.items()}
    alert = _ALERT * min(attention / _ALERT_FROM, 1.0)
    return {key: round(value, 4) for key, value in table.items()} | {"alert_attention": round(alert, 4)}


def _segment(figures: Figures, attention: float, natural: float) -> dict[str, Any]:
    own = figures.share
    names = list(_rivals(figures))
    others = max(_TAKEN - own, 0.0) / len(names) if names else 0.0
    initial = {"focal": own} | {name: round(others, 6) for name in names if others}
    traits: dict[str, Any] = {
        "willingness_to_pay": {"dist": "lognormal", "mean": round(2.0 * figures.price, 4), "cv": 0.25},
        "attention": {"dist": "beta", "a": 2.0, "b": round(2.0 * (1.0 - attention) / attention, 4)},
        "vanish_rate": round(natural, 6),
        "tenure": {"dist": "uniform", "low": 0.0, "high": round(min(2.0 / figures.churn, 120.0), 2)},
    }
    if figures.setting != "contractual":
        traits["purchase_rate"] = {"dist": "gamma", "mean": figures.purchases, "cv": 0.8}
    return {"share": 1.0, "initial": initial, "traits": traits}


def _strategies() -> dict[str, Any]:
    mix = {"service": 0.4, "price": 0.3, "contact": 0.3}
    titles = {"acquisition-led": ("Win: most of the budget is advertising", 0.2),
              "retention-led": ("Keep: most of the budget is service, coupons and contact", 0.7),
              "even": ("Half and half", 0.5)}  # fmt: skip
    return {
        name: {"title": title, "retention_share": share, "mix": dict(mix)} for name, (title, share) in titles.items()
    }


def _grounds(figures: Figures) -> dict[str, str]:
    met = f"assumption: met so that {100 * figures.churn:g} % of the customers are lost a month (own figure)"
    own = dict.fromkeys(("budget.monthly", "firm.price", "firm.unit_cost", "firm.cost_to_serve"), _OWN)
    own["segments.everyone.initial.focal"] = _OWN
    if figures.setting == "contractual":
        own["firm.contract_term"] = _OWN
    else:
        own["segments.everyone.traits.purchase_rate"] = "mean: own figure; spread assumed"
    grounds = own | {
        "horizon": "choice: five years, so that slow effects show",
        "customers": "own figure: customers and their share of the market",
        "firm": "assumption: an ordinary offer", "rivals": "assumption: beside the own offer",
        "behaviour": "assumption: in proportion to the price, as in the packaged scenarios",
        "behaviour.alert_attention": met,
        "segments.everyone": "assumption",
        "segments.everyone.traits.attention": met,
        "segments.everyone.traits.vanish_rate": "assumption: a quarter of those who leave have reasons of their own",
        "strategies": "definition: shares of the budget that keep",
        "entry": "assumption: a market that grows by about 2 % a year",
    }  # fmt: skip
    return grounds if figures.rivals else {key: text for key, text in grounds.items() if key != "rivals"}

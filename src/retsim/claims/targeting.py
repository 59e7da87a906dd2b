"""Pattern 12: whom to serve first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

KINDS = ("everyone", "past-value", "predicted-value", "churn-risk")
FUTURE = "profit where those of greatest predicted value come first, less where the greatest past spenders do"
WORST = "profit where those likeliest to leave come first, less where customers are taken by lot"
WARM = {"firm.contact_relevance": 0.8, "behaviour.contact_gain": 0.2, "behaviour.attachment_value": 30.0}


def test(lab: Lab) -> Iterator[Finding]:
    """The same money for a sixth of the customers, taken in four orders."""
    where = "retail: as packaged, but for the order"
    yield from _orders(lab, where, _aimed(lab, "retail", **{"budget.monthly": 120.0}))
    yield from _orders(lab, "retail: many are gone without a word, contact warms", _vanishing(lab))
    where = "telecom: under contract, where who is lost is known"
    yield from _orders(lab, where, _aimed(lab, "telecom", **WARM, **{"budget.monthly": 150.0}), limit=True)


def _orders(lab: Lab, where: str, arms: dict[str, Scenario], *, limit: bool = False) -> Iterator[Finding]:
    study = lab.compare(arms)
    profit = {name: lab.values(study, name, "discounted_profit") / lab.size for name in study.names}
    gain = profit["predicted-value"] - profit["past-value"]
    yield finding(where, FUTURE, gain, "EUR", above=0.0, limit=limit)
    loss = profit["churn-risk"] - profit["everyone"]
    yield finding(where, WORST, loss, "EUR", below=0.0, limit=limit)


def _aimed(lab: Lab, name: str, **changes: object) -> dict[str, Scenario]:
    """The retention money goes to contact for as many as it reaches, in each of the orders."""
    plan = {"retention_share": 1.0, "mix": {"contact": 1.0}, "refit_every": 6.0}
    plans = {kind: plan | {"targeting": kind} for kind in KINDS}
    return {kind: lab.load(name, strategies=plans, strategy=kind, **changes) for kind in KINDS}


def _vanishing(lab: Lab) -> dict[str, Scenario]:
    """A shop whose customers vanish silently after a purchase, and a firm that gives nobody up for three years."""
    scenario = lab.load("retail")
    changes: dict[str, object] = {"horizon": 36.0, "firm.silence": 36.0, "budget.monthly": 300.0, **WARM}
    for name, firm in scenario.firms().items():
        # Poorer service than in the packaged scenario, so that attachment is worth buying.
        place = "firm" if name == scenario.focal else f"rivals.{name}"
        for figure in ("product_quality", "service_quality", "delivery_quality", "reputation"):
            changes[f"{place}.{figure}"] = getattr(firm, figure) - 0.06
    for s in scenario.segments:
        traits = f"segments.{s}.traits"
        changes |= {f"{traits}.vanish_rate": 0.0, f"{traits}.vanish_probability": {"dist": "beta", "a": 0.6, "b": 4.0}}
        changes |= {f"{traits}.purchase_rate": {"dist": "gamma", "mean": 1.0, "cv": 1.2}}
    return _aimed(lab, "retail", **changes)


CLAIM = Claim(
    "targeting",
    "Serving first whom the future promises most beats rewarding past revenue; serving first those likeliest to leave "
    "can be the worst.",
    "Reinartz & Kumar (2003); Ascarza (2018); model pattern 12",
    test,
    "fails where the past tells the future, and where those at risk are still there and can be kept",
)

"""Pattern 10, second part: offers without a need harm, offers that meet one pay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding, ratio_values

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

EFFECT = "profit with offers against without"


def test(lab: Lab) -> Iterator[Finding]:
    """Offers to customers who need nothing more; offers made for the needs that the firm sees."""
    for name in ("bank", "insurance"):
        scenario = lab.load(name)
        still = _without_needs(scenario)
        arms = {"silent": still.with_(**{"firm.offer_rate": 0.0}), "loud": still.with_(**{"firm.offer_rate": 0.3})}
        where = f"{name}: nobody needs more"
        yield finding(where, EFFECT, _change(lab, arms, "discounted_profit"), "share", below=0.0)
        effect = "retention a month with offers against without"
        yield finding(where, effect, _change(lab, arms, "retention_rate"), "share", below=0.0)
        seen = {"blind": 0.0, "seeing": 0.6}
        arms = {key: scenario.with_(**{"firm.detection": p, "firm.offer_rate": 0.0}) for key, p in seen.items()}
        where = f"{name}: offers only for needs that are seen"
        yield finding(where, EFFECT, _change(lab, arms, "discounted_profit"), "share", below=0.0, limit=True)


def _change(lab: Lab, arms: dict[str, Scenario], metric: str) -> Floats:
    study = lab.compare(arms)
    without, offered = (lab.values(study, arm, metric) for arm in arms)
    return ratio_values(offered, without) - 1.0


def _without_needs(scenario: Scenario) -> Scenario:
    """Life brings nothing, and nothing wears out."""
    changes: dict[str, object] = {"behaviour.life_event_rate": 0.0}
    changes |= {f"products.{key}.cycle": 0.0 for key in scenario.products}
    changes |= {f"segments.{s}.behaviour.life_event_rate": 0.0 for s in scenario.segments}
    return scenario.with_(**changes)


CLAIM = Claim(
    "cross-selling",
    "Offering further products to customers who do not need them harms.",
    "Shah, Kumar, Qu & Chen (2012) on unprofitable cross-buying; model pattern 10",
    test,
    "fails, and turns round, where the offer meets a need that the firm has seen",
)

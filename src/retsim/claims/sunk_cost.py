"""Pattern 8: sunk costs hold customers against their own surplus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, finding
from retsim.results.value import retention_rate

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.results.run import Run
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

EFFECTS = {
    "retention a month": "share",
    "decisions to stay although leaving offers more surplus": "share of decisions",
    "surplus that customers forgo by staying": "EUR a decision",
}
FELT = {"behaviour.sunk_per_occasion": 3.0, "behaviour.sunk_setup": 20.0}
FORGOTTEN = {"behaviour.sunk_per_occasion": 0.0, "behaviour.sunk_depreciation": 20.0}
"""What it took to start is forgotten within days, and bills leave nothing behind."""


def test(lab: Lab) -> Iterator[Finding]:
    """The human customer against the rational one, with the same luck; and where payments are soon forgotten."""
    for name in ("telecom", "saas"):
        yield from _felt(lab, name, lab.load(name, **FELT))
    where = "telecom: what was paid is forgotten within days"
    yield from _felt(lab, where, lab.load("telecom", **FELT | FORGOTTEN), True)


def _felt(lab: Lab, where: str, human: Scenario, limit: bool = False) -> Iterator[Finding]:
    felt, cold = (lab.each(scenario, _kept, log=True) for scenario in (human, human.without("sunk")))
    for (effect, unit), change in zip(EFFECTS.items(), (felt - cold).T, strict=True):
        yield finding(where, effect + ", with sunk costs felt less without", change, unit, above=0.0, limit=limit)


def _kept(run: Run) -> tuple[float, float, float]:
    """Retention; share of decisions to stay against the best alternative's surplus; the surplus forgone a decision."""
    events = run.events
    decided = events[events["event"].isin(("stay", "leave")) & (events["firm"] == run.scenario.focal)]
    weighed = decided[decided["trigger"].notna() & (decided["trigger"] != "natural")]
    stayed = weighed[weighed["event"] == "stay"]
    forgone = (stayed["opportunity"] - stayed["surplus"]).clip(lower=0.0)
    against, n = float((forgone > 0.0).sum()), len(weighed)
    return retention_rate(run), against / n, float(forgone.sum()) / n


CLAIM = Claim(
    "sunk-cost",
    "Sunk costs hold customers against their own surplus; the rational customer walks out of the bad film.",
    "Arkes & Blumer (1985); Thaler (1980)",
    test,
    "nothing is left of it where payments are forgotten quickly (payment depreciation)",
)

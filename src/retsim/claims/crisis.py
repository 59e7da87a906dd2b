"""Pattern 14: in a quality crisis deep attachment and structural ties slow the run, and do not stop it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Floats, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

START, AFTER = 24, 12
CRISIS: dict[str, object] = {"kind": "quality-crisis", "start": float(START), "duration": 12.0, "depth": 0.35}
SLOWED = "who run, less among the unbound"
DEEP = {"behaviour.attachment_decay": 0.005, "behaviour.attachment_gain": 0.1, "behaviour.attachment_cut": 0.05}


def test(lab: Lab) -> Iterator[Finding]:
    """The same crisis with customers who are free, deeply attached, or tied: who runs within a year that would have stayed."""
    bonds = _bonds(lab)
    run = {name: _run(lab, scenario, CRISIS) for name, scenario in bonds.items()}
    for name, lost in run.items():
        yield finding(f"structural-bond: {name}", "customers who run within a year", lost, "share", above=0.0)
    for name in ("deeply attached", "tied by the system"):
        slowed = run[name] - run["neither attached nor tied"]
        yield finding(f"structural-bond: {name}", SLOWED, slowed, "share", below=0.0)
    worse = CRISIS | {"depth": 0.9}
    slowed = _run(lab, bonds["deeply attached"], worse) - _run(lab, bonds["neither attached nor tied"], worse)
    where = "structural-bond: deeply attached, nine tenths of the quality are lost"
    yield finding(where, SLOWED, slowed, "share", below=0.0, limit=True)


def _bonds(lab: Lab) -> dict[str, Scenario]:
    free = lab.load("structural-bond", strategy="acquire-only").without("attachment")
    attached = lab.load("structural-bond", strategy="acquire-only", **DEEP)
    attached = attached.with_(**{f"segments.{s}.traits.initial_attachment": 0.9 for s in attached.segments})
    return {
        "neither attached nor tied": free,
        "deeply attached": attached,
        "tied by the system": lab.load("structural-bond").without("attachment"),
    }


def _run(lab: Lab, scenario: Scenario, crisis: dict[str, object]) -> Floats:
    """Customers lost in the year from the crisis on beyond those lost without it, as a share of those there at its start."""
    study = lab.compare({"calm": scenario, "crisis": scenario.with_(shocks={"crisis": crisis})})
    calm, struck = (lab.paths(study, arm, "lost")[:, START : START + AFTER].sum(axis=1) for arm in study.names)
    return (struck - calm) / lab.paths(study, "calm", "active")[:, START - 1]


CLAIM = Claim(
    "quality-crisis",
    "In a quality crisis deep attachment and structural ties slow the run of customers, and do not stop it.",
    "Hirschman (1970) on loyalty and exit; model pattern 14",
    test,
    "bonds stop slowing where the crisis is deeper than they are worth",
)

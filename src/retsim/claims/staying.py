"""Claims about who stays: the satisfied who leave, the completely satisfied, sunk costs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, Lab, finding

if TYPE_CHECKING:
    import pandas as pd

    from retsim.results.run import Run

__all__ = ["CLAIMS"]

_CHOICES = ("stay", "leave")


def _satisfied_leavers(lab: Lab) -> Iterator[Finding]:
    for name in ("telecom", "retail", "saas"):
        study = lab.compare({name: lab.load(name)})
        share = lab.values(study, name, "satisfied_share_of_leavers")
        yield finding(name, "satisfied among those who left by choice", share, "share", above=0.60, below=0.85)


def _complete_satisfaction(lab: Lab) -> Iterator[Finding]:
    free = lab.load("retail")
    tied = lab.load("telecom", **{"firm.fee_per_month": 30.0, "firm.auto_renew": 1.0})
    effect = "the merely satisfied leave so many times as often, when they think, as the completely satisfied"
    yield finding("retail: choice is free", effect, lab.each(free, _loss_ratio, log=True), "times", above=2.0)
    effect = "they leave more often, when they think, by"
    where = "telecom: locked in by renewed contracts and full fees"
    yield finding(where, effect, lab.each(tied, _loss_difference, log=True), "share of decisions", below=0.05)


def _loss_ratio(run: Run) -> float:
    merely, completely = _losses(run)
    return merely / completely


def _loss_difference(run: Run) -> float:
    merely, completely = _losses(run)
    return merely - completely


def _losses(run: Run) -> tuple[float, float]:
    """Share of decisions to leave at satisfaction .70 to .80, and above .85, but for those at a contract's end."""
    events = run.events
    chose = events["event"].isin(_CHOICES) & events["trigger"].notna() & (events["trigger"] != "term")
    mine = events[(events["firm"] == run.scenario.focal) & chose]
    merely = mine[mine["satisfaction"].between(0.70, 0.80)]
    return _leaving(merely), _leaving(mine[mine["satisfaction"] > 0.85])


def _leaving(decisions: pd.DataFrame) -> float:
    """Share that left; half a leaver is added, so that nobody gives no infinity (Haldane 1955)."""
    return float(((decisions["event"] == "leave").sum() + 0.5) / (len(decisions) + 1.0))


def _sunk_cost(lab: Lab) -> Iterator[Finding]:
    for name in ("telecom", "saas"):
        human = lab.load(name, **{"behaviour.sunk_per_occasion": 3.0, "behaviour.sunk_setup": 20.0})
        study = lab.compare({"rational": human.without("sunk"), "human": human})
        kept = lab.values(study, "human", "retention_rate") - lab.values(study, "rational", "retention_rate")
        yield finding(name, "retention a month with sunk costs felt, less without", kept, "share a month", above=0.0)
        change = lab.each(human, _against_surplus) - lab.each(human.without("sunk"), _against_surplus)
        effect = "decisions to stay although leaving offers more surplus, with sunk costs felt less without"
        yield finding(name, effect, change, "share of decisions", above=0.0)


def _against_surplus(run: Run) -> float:
    mine = run.decisions[run.decisions["firm"] == run.scenario.focal]
    return float(mine["against_surplus"].sum() / mine["count"].sum())


CLAIMS = (
    Claim(
        "satisfied-and-gone",
        "Most of those who leave were satisfied: 60 to 85 % of them.",
        "Reichheld (1996): 65 to 85 % of defectors were satisfied; model pattern 2",
        _satisfied_leavers,
        "fails where service is bad enough that most customers are dissatisfied",
    ),
    Claim(
        "completely-satisfied",
        "Completely satisfied customers stay several times as surely as merely satisfied ones where choice is free, "
        "and not where they are locked in.",
        "Jones & Sasser (1995)",
        _complete_satisfaction,
        "fails where price differences outweigh quality",
    ),
    Claim(
        "sunk-cost",
        "Sunk costs hold customers against their own surplus; the rational customer walks out of the bad film.",
        "Arkes & Blumer (1985); Thaler (1980)",
        _sunk_cost,
        "nothing is left of it where payments are forgotten quickly (payment depreciation)",
    ),
)

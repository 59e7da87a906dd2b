"""Pattern 9: whom word of mouth wins is worth more than whom advertising wins, whom promotion wins less."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from retsim.claims.claim import Claim, Finding, finding
from retsim.results.value import lifetimes
from retsim.state import Channel

if TYPE_CHECKING:
    from retsim.claims.lab import Lab
    from retsim.results.run import Run
    from retsim.scenario import Scenario

__all__ = ["CLAIM"]

MONTHS = 18
"""Customers who joined so early count: all have a year at least to pay."""
EFFECT = {
    Channel.WORD: "value of a customer won by word of mouth, less that of one won by advertising in the same month",
    Channel.PROMOTION: "the advertised of the same month are worth more than a customer won by promotion, by",
}
NOTHING_SPECIAL = {"behaviour.word_bond": 0.0, "word.matching": 0.0, "firm.promo_bonus": 0.0}


def test(lab: Lab) -> Iterator[Finding]:
    """Values by channel, in the packaged shops, with baskets alike, and where channels bring the same people."""
    yield from _gaps(lab, "word-of-mouth: baskets differ as packaged", _won(lab))
    yield from _gaps(lab, "word-of-mouth: all baskets alike", _won(lab, alike=True))
    where = "word-of-mouth, baskets alike: words bring no bond and fit nobody better, promotion has no bonus"
    yield from _gaps(lab, where, _won(lab, alike=True).with_(**NOTHING_SPECIAL), limit=True)


def _won(lab: Lab, *, alike: bool = False) -> Scenario:
    """The shops with three times the money, most of it to win, so that every channel wins enough to be measured."""
    money = {
        "retention_share": 0.2,
        "winning": {"advertising": 0.7, "promotion": 0.3, "referral": 0.0},
        "monthly": 7200.0,
    }
    scenario = lab.load("word-of-mouth", customers=6000, horizon=30.0, budget=money)
    return scenario.with_(**{f"segments.{s}.traits.spend": 1.0 for s in scenario.segments}) if alike else scenario


def _gaps(lab: Lab, where: str, scenario: Scenario, *, limit: bool = False) -> Iterator[Finding]:
    found = lab.each(scenario, _values)
    for channel, gap in zip(EFFECT, found.T, strict=True):
        yield finding(where, EFFECT[channel], gap, "EUR", above=0.0, limit=limit)


def _values(run: Run) -> list[float]:
    """Money within the horizon, before what winning cost: who comes early has longer to pay, so month by month."""
    found = lifetimes(run)
    heads, values = found.heads[:MONTHS].sum(axis=1), found.values[:MONTHS].sum(axis=1)
    return [_gap(heads, values, Channel.WORD), -_gap(heads, values, Channel.PROMOTION)]


def _gap(heads: np.ndarray, values: np.ndarray, channel: Channel) -> float:
    """Mean value of a channel's customers less that of the advertised of the same month, weighted by their numbers."""
    pair = [channel, Channel.ADVERTISING]
    both = (heads[:, pair] > 0).all(axis=1)
    n = heads[both][:, pair]
    means = values[both][:, pair] / n
    return float(np.average(means[:, 0] - means[:, 1], weights=n.prod(axis=1) / n.sum(axis=1)))


CLAIM = Claim(
    "word-of-mouth",
    "Customers won by word of mouth are worth more than those won by advertising, those won by promotion less.",
    "Schmitt, Skiera & Van den Bulte (2011); Villanueva, Yoo & Hanssens (2008); model pattern 9",
    test,
    "fails where words bring no bond and no better fit, and where promotion offers nothing that draws others",
)

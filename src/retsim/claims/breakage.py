"""Pattern 10, third part: points costed wrongly are a profit first and a loss later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from retsim.claims.claim import Claim, Finding, finding

if TYPE_CHECKING:
    from retsim.claims.lab import Lab

__all__ = ["CLAIM"]

EXPECTED = {"hoped": 0.8, "true": 0.2, "feared": 0.0}
YEAR = 12
FIRST = "profit of the first year"
CHANGE = "change of yearly profit from the first year to the third to fifth, less that in books that are right"


def test(lab: Lab) -> Iterator[Finding]:
    """The same customers and the same cash; the books expect eight, two and none of ten points to lapse."""
    scenario = lab.load("points-gone-wrong")
    study = lab.compare({key: scenario.with_(**{"firm.assumed_breakage": s}) for key, s in EXPECTED.items()})
    profit = {key: lab.paths(study, key, "profit") / lab.size for key in EXPECTED}
    first = {key: path[:, :YEAR].sum(axis=1) for key, path in profit.items()}
    later = {key: path[:, 2 * YEAR :].sum(axis=1) / 3.0 for key, path in profit.items()}
    fall = {key: later[key] - first[key] for key in EXPECTED}
    where = "points-gone-wrong: eight in ten points are expected to lapse, two do"
    yield finding(where, FIRST, first["hoped"], "EUR", above=0.0)
    yield finding(where, "profit a year in the third to fifth", later["hoped"], "EUR", below=0.0)
    yield finding(where, CHANGE, fall["hoped"] - fall["true"], "EUR", below=0.0)
    yield finding("points-gone-wrong: the books are right", FIRST, first["true"], "EUR", above=0.0, limit=True)
    where = "points-gone-wrong: none is expected to lapse"
    yield finding(where, CHANGE, fall["feared"] - fall["true"], "EUR", below=0.0, limit=True)


CLAIM = Claim(
    "points-costed-wrongly",
    "Points that are thought to lapse and do not are a profit first and a loss later.",
    "IFRS 15, B44-B47, for how they stand in the books; model pattern 10",
    test,
    "fails where no more are expected to lapse than do: the cost then shows at once, and profit in cautious books rises later",
)

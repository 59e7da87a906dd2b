"""How good the grounds of a scenario's values are: from a source, chosen, assumed, or none at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from retsim.scenario.evidence import NOT_GIVEN
from retsim.scenario.merging import UNSOURCED

SOURCED, CHOSEN, ASSUMED, NONE = KINDS = "from a source", "chosen or defined", "assumed", "without a source"

__all__ = ["KINDS", "census", "kind_of"]


def kind_of(source: str) -> str:
    """Which kind of ground a source is; a form with a value that is assumed is assumed."""
    if source in (NOT_GIVEN, UNSOURCED):
        return NONE
    text = source.lower()
    if "assum" in text:
        return ASSUMED
    return CHOSEN if text.startswith(("choice", "definition")) else SOURCED


def census(sources: Iterable[str]) -> list[str]:
    """How many of some values have which kind of ground, the best first: ["12 from a source", "79 assumed"]."""
    counts = Counter(map(kind_of, sources))
    return [f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind]]

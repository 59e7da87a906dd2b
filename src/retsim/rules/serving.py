"""R2, R19, R21: how much better than others those are served who have status, or are core customers."""

from __future__ import annotations

from retsim.jit import rule
from retsim.state import Flag


@rule
def advantage(flags, of_status, of_core):
    """Service quality that a customer gets beyond the ordinary: the sum of both advantages. Assumed."""
    better = 0.0
    if flags & Flag.STATUS:
        better += of_status
    if flags & Flag.CORE:
        better += of_core
    return better

"""Risk: bills that are never paid and purchases sent back, fewer where the firm knows its customer."""

from __future__ import annotations

from retsim.jit import rule


@rule
def p_loss(rate, known, caution):
    """Probability that a bill is lost: rate (1 - caution D). Assumed form.

    `known` is what of D is at hand; `caution` the share of the risk that full knowledge avoids.
    """
    return rate * (1.0 - caution * known)

"""R6: voice or silence after a failure, and what a good answer restores."""

from __future__ import annotations

from retsim.jit import rule
from retsim.rules.experience import clipped


@rule
def p_voice(voice, accessibility, voice_attachment, attachment):
    """Probability of complaining.

    Formula: 1 - (1 - voice x accessibility)(1 - voice_attachment x A): rises with the firm's accessibility and with
    attachment (Hirschman 1970); the form is assumed.
    """
    return 1.0 - (1.0 - voice * accessibility) * (1.0 - voice_attachment * attachment)


@rule
def recovered(before, after, strength, paradox):
    """Satisfaction after a good answer.

    Formula: clip(after + strength (before - after) + paradox). The recovery paradox (McCollough & Bharadwaj 1992) is an
    overshoot, 0 by default. R6.
    """
    return clipped(after + strength * max(before - after, 0.0) + paradox)

"""R21: who answers a questionnaire, and what they say. Those who do not answer are not like those who do."""

from __future__ import annotations

import math

from retsim.jit import rule
from retsim.rules.experience import clipped


@rule
def p_replies(satisfaction, attachment, b):
    """Probability that a questionnaire comes back.

    Formula: r w / (1 - r + r w), w = exp(pleased (2 S - 1) + extreme |2 S - 1| + attached A): the odds of the response
    r times w. The content answer more (Peterson & Wilson 1992), the attached, too; with `extreme` above 0
    those of firm opinion (Hu, Pavlou & Zhang 2009). Form assumed.
    """
    if b.survey_response >= 1.0:
        return 1.0
    tilt = 2.0 * satisfaction - 1.0
    leaning = b.survey_pleased * tilt + b.survey_extreme * abs(tilt) + b.survey_attached * attachment
    odds = b.survey_response / (1.0 - b.survey_response) * math.exp(leaning)
    return odds / (1.0 + odds)


@rule
def answer(satisfaction, error):
    """What a customer says of their satisfaction: clip(S + error). Assumed."""
    return clipped(satisfaction + error)

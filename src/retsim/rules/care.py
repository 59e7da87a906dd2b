"""R19, level 2 as a care plan, and R2, care before purchase: what money does in each, with diminishing returns."""

from __future__ import annotations

from retsim.jit import open_rule
from retsim.rules.acquisition import saturating

_STAGES = 3


@open_rule
def response(spend, stages, efficiency):
    """Response to one means of care, 0 to 1.

    Formula: the mean over the stages before, during and after purchase of 1 - exp(-3 efficiency spend share), `spend`
    in money a customer and month, `stages` the shares that go to each. Evenly divided it is 1 - exp(-efficiency spend);
    care in one stage alone reaches a third at most: care runs through the whole relation. Assumed form; diminishing
    returns as in Blattberg & Deighton (1996).
    """
    total = 0.0
    for k in range(_STAGES):
        total += saturating(spend * stages[k], 1.0, efficiency * _STAGES)
    return total / _STAGES


@open_rule
def worth(answer, efficiency):
    """What sales incentives are worth to a customer a month: response / efficiency, never more than they cost.

    The first cent of a gift is worth a cent, further ones less. Assumed.
    """
    return answer / efficiency


@open_rule
def failing(failure_rate, misunderstandings, taught):
    """Failures left by education: rate (1 - misunderstandings x taught). R2.

    A share of failures are misunderstandings; `taught` (0 to 1) is how much of them care before purchase prevents.
    """
    return failure_rate * (1.0 - misunderstandings * taught)

"""R18: morale of a firm's staff, what lifts and lowers it, and what service makes of it."""

from __future__ import annotations

import math

from retsim.jit import open_rule
from retsim.rules.experience import clipped


@open_rule
def morale_target(usual, lift, strain):
    """Where morale tends to: clip(usual + lift - strain).

    `lift` = morale_gain x (mean satisfaction - ordinary satisfaction): satisfied customers make loyal staff, the
    service-profit chain (Heskett, Jones, Loveman, Sasser & Schlesinger 1994); the linear form is assumed.
    """
    return clipped(usual + lift - strain)


@open_rule
def strain_of(ahead, stress, scale):
    """What work that piles up takes from morale: stress (1 - exp(-ahead / scale)), `ahead` in months a server. Assumed."""
    return stress * (1.0 - math.exp(-ahead / scale))


@open_rule
def morale_after(morale, target, speed, months):
    """Morale after so many months: M + (1 - exp(-speed months))(target - M), exact for any length of a tick."""
    return morale + (1.0 - math.exp(-speed * months)) * (target - morale)


@open_rule
def served(quality, above, effect):
    """Service quality that customers meet: clip(quality (1 + effect x above)), `above` = morale over the usual one."""
    return clipped(quality * (1.0 + effect * above))

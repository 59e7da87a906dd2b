"""R19, level 3: how deeply a customer's own work is tied into the firm's system."""

from __future__ import annotations

from retsim.jit import rule
from retsim.rules.bonds import kept


@rule
def grown_together(integration, rate, months):
    """Integration after so many months in the system: 1 - (1 - Z) exp(-rate months). Assumed form."""
    return 1.0 - (1.0 - integration) * kept(rate, months)


@rule
def grown_apart(integration, decay, months):
    """Integration after so many months out of it: Z exp(-decay months). Assumed form."""
    return integration * kept(decay, months)

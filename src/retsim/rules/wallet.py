"""Share of wallet: how much of what a customer could spend at this firm they do spend (R12)."""

from __future__ import annotations

from retsim.jit import rule


@rule
def share_of_wallet(multiple, b):
    """Spend as a share of the most that growth allows: multiple / min(ceiling, 1 + spend growth + satisfaction growth / 2).

    Reichheld & Sasser (1990): growth of spend is growth of the share of wallet. Without growth the firm has it all.
    """
    return multiple / min(b.growth_ceiling, 1.0 + b.spend_growth + 0.5 * b.satisfaction_growth)

"""Care before purchase: who knows the product misunderstands it less (R2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from retsim.market.programmes import spread
from retsim.rules.acquisition import saturating
from retsim.state import Account

if TYPE_CHECKING:
    from retsim.market.firms import Firm
    from retsim.market.market import Market


def educate(market: Market, firm: Firm, months: float) -> None:
    """Spend the fund for education on all customers; what it teaches holds for this tick."""
    if not firm.funds["education"] and not firm.taught:
        return
    per_head = spread(market, firm, ("education", Account.PROGRAMME_EDUCATION), months)
    firm.taught = saturating(per_head, 1.0, firm.figures["education_efficiency"])

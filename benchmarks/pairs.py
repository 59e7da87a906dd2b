"""Four standard pairs of scenarios: how much smaller is the variance of their difference with the same luck?"""

from __future__ import annotations

from typing import Any

REPLICATIONS = 60
METRIC = "discounted_profit"


def pairs() -> dict[str, tuple[Any, Any]]:
    """Pairs that a strategist compares: a price, a quality, a budget's split, a one percent change."""
    import retsim as rs

    telecom = rs.load("telecom").with_(horizon=36.0)
    retail = rs.load("retail").with_(horizon=36.0)
    saas = rs.load("saas").with_(horizon=36.0)
    return {
        "telecom: acquisition-led against retention-led": (
            telecom.with_(strategy="acquisition-led"), telecom.with_(strategy="retention-led"),
        ),
        "retail: price 2 % higher": (retail, retail.with_(firm={"price": retail.firm.price * 1.02})),
        "saas: failures a tenth fewer": (saas, saas.with_(firm={"failure_rate": saas.firm.failure_rate * 0.9})),
        "telecom: price 1 % higher": (telecom, telecom.with_(firm={"price": telecom.firm.price * 1.01})),
    }  # fmt: skip


def paired_variance_ratios() -> dict[str, float]:
    """Variance of the difference with independent seeds over that with the same luck, by pair."""
    import retsim as rs

    ratios = {}
    for name, (one, other) in pairs().items():
        study = rs.compare({"one": one, "other": other}, replications=REPLICATIONS, seed=2026, workers=1)
        runs = study.runs.pivot(index="replication", columns="scenario", values=METRIC)
        independent = runs["one"].var() + runs["other"].var()
        ratios[name] = float(independent / (runs["other"] - runs["one"]).var())
    return ratios

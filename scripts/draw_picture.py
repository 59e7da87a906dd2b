"""Draw docs/picture.png, the picture of the README, and print the result that the README quotes.

python scripts/draw_picture.py
"""

from __future__ import annotations

from pathlib import Path

import retsim as rs

ROOT = Path(__file__).resolve().parent.parent
SCENARIO, STRATEGIES = "telecom", ("acquisition-led", "retention-led")
REPLICATIONS, SEED = 50, 0


def main() -> None:
    """Compare both strategies and draw their profit paths."""
    scenario = rs.load(SCENARIO)
    study = rs.compare(
        {name: scenario.with_(strategy=name) for name in STRATEGIES},
        replications=REPLICATIONS,
        seed=SEED,
        progress=True,
    )
    rs.plots.profit_paths(study).savefig(ROOT / "docs" / "picture.png", dpi=150)
    metrics = ["discounted_profit", "customers", "retention_rate", "acquired", "acquisition_cost_per_customer", "clv"]
    print(study)
    print(study.differences(metrics).drop(columns=["scenario", "baseline"]).round(4).to_string(index=False))


if __name__ == "__main__":
    main()

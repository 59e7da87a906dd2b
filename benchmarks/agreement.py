"""Do the tools simulate the same thing? Yearly means of all series of W1, compared over seeds.

For every series and year, a tool's mean over the seeds is set against the mean of the other tools, in
standard errors (SE) of their difference. All tools have the same variance when they simulate the same
thing, so it is pooled over them. The table shows each tool's largest deviation over the years; one above
LIMIT fails (exit 1).

    python benchmarks/agreement.py            all tools at 5,000 customers, the fast ones again at 100,000
    python benchmarks/agreement.py --quick    a smoke check
"""

import argparse
import sys
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import workload as w
from tools import FAST, INDEPENDENT, TOOLS, problem, runner

LIMIT = 4.0
N_SEEDS = 8
YEAR = 12


class Agreement(NamedTuple):
    """One comparison of several tools.

    Parameters
    ----------
    n : int
        Customers at time 0.
    tools : tuple of str
        Those compared.
    means : ndarray, (series,)
        Mean of all tools, years and seeds, per period and initial customer.
    relative_se : ndarray, (series,)
        SE of one yearly difference relative to its mean, median over the years: what could be seen.
    deviations : ndarray, (tools, series, years)
        Differences from the other tools, in SE.
    """

    n: int
    tools: tuple[str, ...]
    means: np.ndarray
    relative_se: np.ndarray
    deviations: np.ndarray

    @property
    def worst(self) -> float:
        """Largest deviation, SE."""
        return float(np.abs(self.deviations).max())

    @property
    def agrees(self) -> bool:
        """Whether all tools agree within LIMIT."""
        return self.worst <= LIMIT


def yearly_means(answer: dict[str, np.ndarray], n: int) -> np.ndarray:
    """Return (series, years): means over the months of each year, per initial customer."""
    monthly = np.array([np.asarray(answer[name], float) for name in w.SERIES]) / n
    return monthly.reshape(len(w.SERIES), -1, YEAR).mean(axis=2)


def sample(key: str, n: int, periods: int) -> np.ndarray:
    """Return (seeds, series, years) of one tool."""
    print(f"agreement: {TOOLS[key].label}, N = {n:,}", file=sys.stderr)
    run = runner(key)
    return np.array([yearly_means(run(n, seed, periods), n) for seed in range(N_SEEDS)])


def deviations(samples: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compare (tools, seeds, series, years): each tool with the others.

    Returns
    -------
    deviations : ndarray, (tools, series, years)
        Difference of means in SE.
    se : ndarray, (series, years)
        The SE.
    """
    n_tools, n_seeds = samples.shape[:2]
    means = samples.mean(axis=1)
    others = (means.sum(axis=0) - means) / (n_tools - 1)
    variance = samples.var(axis=1, ddof=1).mean(axis=0)
    se = np.sqrt(variance * (1 + 1 / (n_tools - 1)) / n_seeds)
    difference = means - others
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0, 0.0, difference / se), se


def compare(keys: Sequence[str], n: int, periods: int = w.PERIODS) -> Agreement:
    """Run tools over the seeds and compare them; at least two are needed."""
    samples = np.array([sample(key, n, periods) for key in keys])
    by_tool, se = deviations(samples)
    yearly = samples.mean(axis=(0, 1))
    relative_se = np.median(se / np.abs(yearly), axis=1)
    return Agreement(n, tuple(keys), yearly.mean(axis=1), relative_se, by_tool)


def table(agreement: Agreement) -> str:
    """Return a Markdown table: a line per series, a column per tool with its largest deviation in SE."""
    lines = [
        "| series | mean per initial customer | SE | " + " | ".join(agreement.tools) + " |",
        "|---|---:|---:|" + "---:|" * len(agreement.tools),
    ]
    for i, name in enumerate(w.SERIES):
        worst = np.abs(agreement.deviations[:, i]).max(axis=1)
        cells = [f"{value:.1f}{' !' if value > LIMIT else ''}" for value in worst]
        lines.append(f"| {name} | {agreement.means[i]:.4f} | {agreement.relative_se[i]:.2%} | {' | '.join(cells)} |")
    return "\n".join(lines)


def check(*, quick: bool = False) -> list[Agreement]:
    """Compare all tools that can run here, then the fast ones among more customers."""
    for key in INDEPENDENT:
        if reason := problem(key):
            print(f"agreement: {TOOLS[key].label} left out: {reason}", file=sys.stderr)
    keys = [key for key in INDEPENDENT if problem(key) is None]
    if quick:
        return [compare(keys, 500, 24)]
    return [compare(keys, 5_000), compare([key for key in FAST if key in keys], 100_000)]


def main() -> int:
    """Print the tables; 1 when tools disagree."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few customers, two years")
    results = check(quick=parser.parse_args().quick)
    for agreement in results:
        print(f"\nN = {agreement.n:,}, {N_SEEDS} seeds: largest deviation from the others, SE; limit {LIMIT}\n")
        print(table(agreement))
    agrees = all(agreement.agrees for agreement in results)
    print("\nThe tools agree." if agrees else "\nThe tools DISAGREE: see the cells marked !")
    return 0 if agrees else 1


if __name__ == "__main__":
    sys.exit(main())
